"""A log that grows: leaves go in, tiles fall out when they are full, the root and any tile are at hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.heads_tree import HeadsTree
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_tiles import MAX_TILE_LEVEL, TILE_WIDTH, tile_root
from crypto.log_tree import Frontier, leaf_hash

FullTile = tuple[int, int, bytes]
"""Level, number, hashes."""


@dataclass(slots=True)
class GrowingLog:
    """The unfinished tile of each level and the newest heads: some kilobytes besides the heads."""

    size: int = 0
    tails: list[list[Digest]] = field(default_factory=lambda: [[] for _ in range(MAX_TILE_LEVEL)])
    heads: HeadsTree = field(default_factory=HeadsTree)

    @property
    def frontier(self) -> Frontier:
        """The roots of the full subtrees, out of the unfinished tiles: up to 1,530 hashes are made for it."""
        peaks = [peak for tail in reversed(self.tails) for peak in Frontier().with_leaves(tail).peaks]
        return Frontier(self.size, tuple(peaks))

    def append(self, entries: Iterable[LogEntry]) -> list[FullTile]:
        """Take in the next entries; returns the tiles that are full now."""
        full: list[FullTile] = []
        for entry in entries:
            leaf = leaf_hash(entry_bytes(entry))
            self.heads.put(entry)
            full += self._push(0, leaf, self.size)
            self.size += 1
        return full

    def _push(self, level: int, digest: Digest, index: int) -> list[FullTile]:
        tail = self.tails[level]
        tail.append(digest)
        if len(tail) < TILE_WIDTH:
            return []
        number, hashes = index // TILE_WIDTH, b"".join(tail)
        tail.clear()
        above = [] if level + 1 == MAX_TILE_LEVEL else self._push(level + 1, tile_root(hashes), number)
        return [(level, number, hashes), *above]

    def tail(self, level: int) -> tuple[int, bytes]:
        """Number and hashes of the unfinished tile of a level."""
        covered = TILE_WIDTH ** (level + 1)
        return self.size // covered, b"".join(self.tails[level])


def subtree_of(tile: Callable[[int, int], bytes]) -> Callable[[int, int], Digest]:
    """The hash of any full subtree, out of tiles: `tile(level, n)` gives its hashes, full or not."""

    def subtree(level: int, index: int) -> Digest:
        high, inside = divmod(level, 8)
        first = index << inside
        number, at = divmod(first, TILE_WIDTH)
        hashes = tile(high, number)[at * DIGEST_LENGTH : (at + (1 << inside)) * DIGEST_LENGTH]
        leaves = [Digest(hashes[o : o + DIGEST_LENGTH]) for o in range(0, len(hashes), DIGEST_LENGTH)]
        return Frontier().with_leaves(leaves).root

    return subtree
