"""What every participant's process has reported so far, and whether that is what the script expects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from protocol.contents import KnownContent
from samsnakk.demo.lines import Saw
from samsnakk.demo.script import Expectation


class Mark(Enum):
    """How one message stands with one participant."""

    READ = "●"
    SEALED = "○"
    ABSENT = "–"


@dataclass(slots=True)
class View:
    """One participant's process: what it holds (`places`) and what it has ever decrypted (`read`), by version."""

    places: dict[int, Saw] = field(default_factory=dict)
    read: dict[int, KnownContent] = field(default_factory=dict)
    served: bool = False

    @property
    def version(self) -> int:
        """The newest version it has verified."""
        return max(self.places, default=0)


@dataclass(frozen=True, slots=True)
class Message:
    """Something that can be read. `sent`: what the script's author sealed; None for what people write afterwards."""

    version: int
    author: str
    sent: KnownContent | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expectation and what speaks against it; nothing if it holds."""

    expectation: Expectation
    problems: tuple[str, ...]


class Board:
    """All views side by side."""

    def __init__(self, participants: Iterable[str]) -> None:
        self.views: dict[str, View] = {key: View() for key in participants}
        self.messages: dict[int, Message] = {}

    def saw(self, key: str, saw: Saw) -> bool:
        """Take in a report; returns whether the participant reads more than before."""
        view = self.views[key]
        view.places[saw.version] = saw
        if saw.content is None or saw.version in view.read:
            return False
        view.read[saw.version] = saw.content
        return True

    def mark(self, key: str, version: int) -> Mark:
        """How the message stands with the participant."""
        view = self.views[key]
        if version in view.read:
            return Mark.READ
        return Mark.SEALED if version in view.places else Mark.ABSENT

    def marks(self, version: int) -> dict[str, Mark]:
        """How the message stands with everybody."""
        return {key: self.mark(key, version) for key in self.views}

    def place(self, version: int) -> Saw | None:
        """The record as somebody holds it whole; a stub only where nobody does."""
        found = [view.places[version] for view in self.views.values() if version in view.places]
        whole = (saw for saw in found if saw.author is not None)
        return next(whole, found[0] if found else None)

    def behind(self, version: int) -> list[str]:
        """Those whom the hub serves and who have not verified this version yet."""
        return [key for key, view in self.views.items() if view.served and view.version < version]

    def waiting(self) -> list[str]:
        """Those who hold something whose key is still on its way."""
        pending = "on_its_way"
        return [
            key
            for key, view in self.views.items()
            if view.served and any(saw.state == pending for saw in view.places.values())
        ]

    def judge(self, expectation: Expectation, labels: Mapping[str, int]) -> Verdict:
        """Whether exactly those who should have decrypted the message have, word for word."""
        version = labels[expectation.message]
        message = self.messages[version]
        problems = []
        for key in expectation.readable_by:
            found = self.views[key].read.get(version)
            if found is None:
                problems.append(f"{key} kan ikke lese den")
            elif message.sent is not None and found != message.sent:
                problems.append(f"{key} leser noe annet enn {message.author} skrev")
        problems += [f"{key} kan lese den" for key in expectation.not_by if version in self.views[key].read]
        return Verdict(expectation, tuple(problems))
