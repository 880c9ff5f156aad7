"""Checking a whole log in parts that do not need one another, so that every processor can take one.

A part is some entry bundles in a row. What it gives is short: the roots of its full tiles, and for each stream the
first record and the newest. Joining the parts in order costs a hash a tile and a comparison a stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.checkpoints import Checkpoint
from crypto.errors import BadProof
from crypto.hashing import Digest
from crypto.heads_tree import HeadsTree
from crypto.log_entries import LogEntry, parse_entry
from crypto.log_tiles import TILE_WIDTH, decode_bundle
from crypto.log_tree import Frontier, leaf_hash


@dataclass(frozen=True, slots=True)
class Part:
    """Some bundles: `tail` are the leaves of a bundle that is not full, which only the log's last part has.

    `streams`: the number of the first record here, and the newest record.
    """

    tiles: tuple[Digest, ...]
    tail: tuple[Digest, ...]
    streams: Mapping[Digest, tuple[int, LogEntry]]


def read_part(bundles: Sequence[bytes]) -> Part:
    """Hash the entries and see that each stream's records follow one another.

    Raises:
        Malformed: not bundles of entries.
        BadProof: a record that does not follow the one before it, or a bundle within that is not full.

    """
    tiles: list[Digest] = []
    tail: tuple[Digest, ...] = ()
    streams: dict[Digest, tuple[int, LogEntry]] = {}
    for bundle in bundles:
        if tail:
            raise BadProof("entries are missing")
        entries = decode_bundle(bundle)
        for data in entries:
            _take(streams, parse_entry(data))
        leaves = tuple(leaf_hash(data) for data in entries)
        if len(leaves) == TILE_WIDTH:
            tiles.append(Frontier().with_leaves(leaves).root)
        else:
            tail = leaves
    return Part(tuple(tiles), tail, streams)


def _take(streams: dict[Digest, tuple[int, LogEntry]], entry: LogEntry) -> None:
    before = streams.get(entry.name)
    if before is None:
        streams[entry.name] = (entry.n, entry)
        return
    first, newest = before
    if entry.n != newest.n + 1:
        raise BadProof("a stream's record that does not follow the one before it")
    streams[entry.name] = (first, entry)


@dataclass(slots=True)
class JoinedLog:
    """The parts so far, in order."""

    heads: HeadsTree = field(default_factory=HeadsTree)
    _tiles: Frontier = field(default_factory=Frontier)
    _tail: tuple[Digest, ...] = ()

    @property
    def size(self) -> int:
        """Leaves."""
        return self._tiles.size * TILE_WIDTH + len(self._tail)

    @property
    def root(self) -> Digest:
        """The tree's root."""
        # A full tile is a subtree of 256 leaves, so the roots of both levels stand beside each other.
        peaks = (*self._tiles.peaks, *Frontier().with_leaves(self._tail).peaks)
        return Frontier(self.size, peaks).root

    def add(self, part: Part) -> None:
        """The next part. Raises `BadProof` where it does not follow."""
        if self._tail:
            raise BadProof("entries are missing")
        for name, (first, newest) in part.streams.items():
            before = self.heads.get(name)
            if first != (0 if before is None else before.n) + 1:
                raise BadProof("a stream's record that does not follow the one before it")
            self.heads.put(newest)
        self._tiles, self._tail = self._tiles.with_leaves(part.tiles), part.tail

    def verify(self, checkpoint: Checkpoint) -> None:
        """Check that this is the log of the checkpoint. Raises `BadProof`."""
        if self.size != checkpoint.size or self.root != checkpoint.root:
            raise BadProof("the entries are not those that were signed")
        if self.heads.root != checkpoint.heads:
            raise BadProof("the heads tree does not hold the newest records")
