"""What an act points at, looked up for deciding: other records of the same channel."""

from collections.abc import Sequence
from typing import Protocol

from domain.channel import events as e
from domain.channel.state import Target
from domain.ids import Version
from protocol.acts import Header
from protocol.targets import message_target, targets_of
from service.handle.chained import Entry

Pointed = tuple[Target | None, dict[Version, Target]]
_TOGETHER = 200
"""Records read at a time; erased together are mostly neighbours."""


class Recorded(Protocol):
    """Durable records by version."""

    async def entries(self, after: Version, limit: int) -> Sequence[Entry]:
        """Records after a version."""


async def pointed_at(live: Recorded, header: Header) -> Pointed:
    """The one record, and the several, that the act points at. Raises StoreError."""
    version = getattr(header.event, "target", None)
    if version is None and isinstance(header.event, e.MessagePosted):
        version = header.event.corrects
    one = (await _targets(live, (version,))).get(version) if version is not None else None
    return one, await _targets(live, targets_of(header.event))


async def _targets(live: Recorded, versions: Sequence[Version]) -> dict[Version, Target]:
    found: dict[Version, Target] = {}
    for version in versions:
        if version > 0 and version not in found:
            page = await live.entries(Version(version - 1), _TOGETHER if len(versions) > 1 else 1)
            found |= {entry.version: message_target(entry.version, entry.header) for entry in page}
    return {version: found[version] for version in versions if version in found}
