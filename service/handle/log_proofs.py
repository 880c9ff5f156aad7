"""Proofs out of the hub's own log, for clients that ask: it goes on from where they saw it, and these are its heads.

Every answer is about one checkpoint, the newest. Full tiles never change, so the few that proofs need again and again
are kept in memory.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.growing_log import subtree_of
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_proofs import consistency_proof
from crypto.log_tiles import TILE_WIDTH
from crypto.log_tree import EMPTY_ROOT
from service.errors import HistoryBehind, NotFound
from service.handle.sequencer import Sequencer
from service.store.log import full_tile

_KEPT: Final = 64
"""Full tiles in memory, 8 KiB each."""
_INSIDE: Final = 8
"""Levels of the tree in one level of tiles."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest checkpoint of `size` records, that it goes on, and what stands in the places of some streams."""

    note: str
    size: int
    consistency: tuple[tuple[Digest, ...], ...]
    heads: tuple[tuple[bytes | None, tuple[Digest, ...]], ...] = ()


class LogProver:
    """Shows what the sequencer has signed."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.sequencer: Final = sequencer
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    async def show(self, after: Sequence[int], names: Sequence[Digest] = ()) -> Shown:
        """The newest checkpoint, that it goes on from the logs of these sizes, and the heads of these streams.

        Raises:
            HistoryBehind: the log is shorter than that.
            NotFound: nothing is signed yet.
            StoreError: the store cannot be used now.

        """
        # While this is held the log is neither ahead of its checkpoint nor of its stored tiles.
        async with self.sequencer.steady:
            note, size, log = self.sequencer.note, self.sequencer.signed, self.sequencer.log
            if note is None or size != log.size:
                raise NotFound
            if max(after, default=0) > size:
                raise HistoryBehind
            proofs = [await self._consistency(one, size) for one in after]
            heads = [log.heads.proof(name) for name in names]
        return Shown(note, size, tuple(proofs), tuple((_leaf(stands), siblings) for stands, siblings in heads))

    async def _consistency(self, after: int, size: int) -> tuple[Digest, ...]:
        needed: list[tuple[int, int]] = []

        def asked(level: int, index: int) -> Digest:
            needed.append((level, index))
            return EMPTY_ROOT

        consistency_proof(after, size, asked)  # which parts a proof is made of depends on the sizes alone
        tiles = {place: await self._tile(*place) for place in {_place(*part) for part in needed}}
        return consistency_proof(after, size, subtree_of(lambda level, n: tiles[level, n]))

    async def _tile(self, level: int, n: int) -> bytes:
        number, tail = self.sequencer.log.tail(level)
        if n == number:
            return tail
        found = self._tiles.pop((level, n), None) or await full_tile(self.sequencer.store, level, n)
        if found is None:
            raise NotFound
        self._tiles[level, n] = found
        if len(self._tiles) > _KEPT:
            self._tiles.popitem(last=False)
        return found


def _place(level: int, index: int) -> tuple[int, int]:
    """The tile in which the hash of a full subtree is found."""
    high, inside = divmod(level, _INSIDE)
    return high, (index << inside) // TILE_WIDTH


def _leaf(stands: LogEntry | None) -> bytes | None:
    return None if stands is None else entry_bytes(stands)
