"""What a follower has verified and not kept yet: the frames that came while others were being verified.

A transaction of the local store costs a switch to its thread and back, which is more than verifying a message. Who
falls behind pays for it once for everything that waits, and so catches up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.ids import Digest, Version
from samsnakk.keys import Learned

Item = tuple[Version, list[Any]]
"""An item of the stream as it came, with its version."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that a decision has erased, and the leaf that is left of it."""

    version: Version
    decision: Version
    leaf: list[Any]


@dataclass(slots=True)
class Fresh:
    """Whole frames, one after the other; of a frame that does not verify nothing is ever in here, and of one that
    cannot be judged yet, because a key stream is out of reach, what comes before that.

    `head`: of the record after the newest item; None while nothing is here. `live`: a frame said that nothing older is
    missing. `erased`: leaves that take the place of records on the disk. `look`: the version after which something may
    be readable by now that came as a leaf.
    """

    items: list[Item] = field(default_factory=list)
    learned: list[Learned] = field(default_factory=list)
    erased: list[Gone] = field(default_factory=list)
    head: Digest | None = None
    live: bool = False
    look: Version | None = None

    def add(
        self, items: Sequence[Item], learned: Sequence[Learned], head: Digest, look: Version, *, live: bool
    ) -> None:
        """Take in a frame."""
        self.items += items
        self.learned += learned
        self.head = head
        self.live = self.live or live
        self.look = look if self.look is None else min(self.look, look)
