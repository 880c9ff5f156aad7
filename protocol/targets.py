"""What acts point at, as one reader knows it: its messages, by version."""

from collections.abc import Container

from domain.channel import events as e
from domain.channel.state import Target
from domain.ids import Version
from protocol.acts import Header


class Messages:
    """The messages of a channel that this end holds, or has held until they were erased."""

    def __init__(self) -> None:
        self._known: dict[Version, Target] = {}

    def take(self, version: Version, header: Header) -> None:
        """Note what the record at `version` is, if it is a message."""
        if isinstance(header.event, e.MessagePosted):
            self._known[version] = message_target(version, header)

    def one(self, event: object, stubs: Container[Version]) -> Target | None:
        """What an act with this event points at; None where it points at nothing, or at a stub of this end."""
        version = getattr(event, "target", None)
        if version is None and isinstance(event, e.MessagePosted):
            version = event.corrects
        return self._find(version, stubs) if version is not None else None

    def several(self, event: object, stubs: Container[Version]) -> dict[Version, Target]:
        """The same for an act that points at several; stubs are left out."""
        wanted = targets_of(event)
        found = {version: self._find(version, stubs) for version in wanted}
        return {version: target for version, target in found.items() if target is not None}

    def _find(self, version: Version, stubs: Container[Version]) -> Target | None:
        known = self._known.get(version)
        if known is not None or version in stubs:
            return known
        return Target(version, None, is_message=False, author=None)


def message_target(version: Version, header: Header) -> Target:
    """A record as what an act points at."""
    is_message = isinstance(header.event, e.MessagePosted)
    return Target(version, header.thread, is_message, header.person, header.organisation)


def targets_of(event: object) -> tuple[Version, ...]:
    """The versions that an act with this event points at, where it may be several."""
    return event.targets if isinstance(event, e.ErasureRequested | e.ErasureProposed) else ()
