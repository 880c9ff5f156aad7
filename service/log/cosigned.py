"""Checkpoints that are out to be cosigned, without I/O: which one witnesses are asked for now, and which one is shown.

Witnesses look every few seconds, the log signs five times a second; so one checkpoint stands still until all have
cosigned it, or for a while, and then the newest takes its place.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from crypto.log_policies import fewest
from crypto.notes import NoteKey
from domain.ids import Millis

STANDS: Final = 15_000
"""Milliseconds that a checkpoint waits for who has not cosigned it: three looks of a node."""
OPEN: Final = 16
"""Checkpoints for which a late cosignature is still taken."""


@dataclass(slots=True)
class Candidate:
    """A checkpoint that the log signed; `lines`: the latest cosignature of each key, in bytes order of the keys."""

    size: int
    text: str
    signed: str
    offered_at: Millis
    lines: dict[bytes, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """The note with all cosignatures that came."""
        return self.signed + "".join(self.lines[key] for key in sorted(self.lines))

    def said(self, keys: Collection[NoteKey]) -> bool:
        """Whether one of these keys has cosigned it."""
        return any(key.public in self.lines for key in keys)

    def count(self, organisations: Collection[Collection[NoteKey]]) -> int:
        """How many organisations have cosigned it, each by any of its keys."""
        return sum(self.said(keys) for keys in organisations)


def is_due(candidate: Candidate | None, newest: int, asked: Collection[Collection[NoteKey]], at: Millis) -> bool:
    """Whether the log's newest checkpoint, of `newest` leaves, takes the candidate's place. `asked`: who can answer."""
    if candidate is None:
        return True
    if newest <= candidate.size:
        return False
    complete = bool(asked) and all(candidate.said(keys) for keys in asked)
    return complete or at - candidate.offered_at >= STANDS


def shown(candidates: Collection[Candidate], organisations: Collection[Collection[NoteKey]]) -> Candidate | None:
    """The newest that enough organisations have cosigned; where there is none, the newest that most have."""
    enough = fewest(len(organisations))

    def worth(candidate: Candidate) -> tuple[int, int]:
        return min(candidate.count(organisations), enough), candidate.size

    best = max(candidates, key=worth, default=None)
    return best if best is not None and best.lines else None
