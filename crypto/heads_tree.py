"""The heads tree: the newest head of every stream, each at the one place its name gives it (protocol §7).

The log shows what was appended; this tree shows what is newest, so that leaving out a stream's last records is as
provable as changing one. A sparse Merkle tree over the bits of the name, first bit first. A part of the tree with one
stream in it is that stream's leaf, at whatever depth, so a proof for one of a million streams is about 20 hashes long.
A leaf names its stream, so standing higher does not let it stand for another name.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from crypto import labels
from crypto.errors import BadProof
from crypto.hashing import DIGEST_LENGTH, Digest, hash_with
from crypto.log_entries import LogEntry, heads_leaf, verify_entry

BITS: Final = 8 * DIGEST_LENGTH
EMPTY: Final = hash_with(labels.HEADS_LEAF, b"")
"""A part without streams; no leaf's data is empty."""


class _Fork:
    """A part with two streams or more. `digest` is None from a change on until somebody asks."""

    __slots__ = ("digest", "parts")

    def __init__(self, left: "_Part", right: "_Part") -> None:
        self.parts: Final[list[_Part]] = [left, right]
        self.digest: Digest | None = None


_Part: TypeAlias = "LogEntry | _Fork | None"


class HeadsTree:
    """The newest heads, kept in memory: about 600 bytes a stream. A change costs the hashes of one path."""

    def __init__(self) -> None:
        self._top: _Part = None
        self._streams = 0

    def __len__(self) -> int:
        return self._streams

    def put(self, entry: LogEntry) -> None:
        """Stream `entry.name` has this head now."""
        verify_entry(entry)  # what could not be hashed later
        if self._top is None:
            self._top, self._streams = entry, 1
            return
        above: _Fork | None = None
        part: _Part = self._top
        depth = 0
        while isinstance(part, _Fork):
            part.digest = None
            above, part = part, part.parts[_bit(entry.name, depth)]
            depth += 1
        self._streams += part is None or part.name != entry.name
        found = entry if part is None or part.name == entry.name else _apart(part, entry, depth)
        if above is None:
            self._top = found
        else:
            above.parts[_bit(entry.name, depth - 1)] = found

    def get(self, name: Digest) -> LogEntry | None:
        """The newest head of a stream; None where there is no such stream."""
        part, _ = self._way(name)
        return part if part is not None and part.name == name else None

    @property
    def root(self) -> Digest:
        """What stands in the checkpoint."""
        return _digest(self._top)

    def proof(self, name: Digest) -> tuple[LogEntry | None, tuple[Digest, ...]]:
        """What stands where `name` belongs, and the siblings on the way there, from the top."""
        part, forks = self._way(name)
        siblings = tuple(_digest(fork.parts[1 - _bit(name, depth)]) for depth, fork in enumerate(forks))
        return part, siblings

    def _way(self, name: Digest) -> tuple[LogEntry | None, list[_Fork]]:
        part, forks = self._top, []
        while isinstance(part, _Fork):
            forks.append(part)
            part = part.parts[_bit(name, len(forks) - 1)]
        return part, forks


def verify_newest(root: bytes, entry: LogEntry, siblings: Sequence[bytes]) -> None:
    """Check that under `root`, `entry` is the newest head of its stream.

    Raises:
        BadProof: it is not.

    """
    _verify(root, entry.name, heads_leaf(entry), siblings)


def verify_unknown(root: bytes, name: Digest, stands: LogEntry | None, siblings: Sequence[bytes]) -> None:
    """Check that under `root` there is no stream `name`; `stands`: whose leaf is where it would be.

    Raises:
        BadProof: there is one, or the proof is none.

    """
    if stands is not None and stands.name == name:
        raise BadProof("the stream is there")
    if stands is not None and any(_bit(stands.name, d) != _bit(name, d) for d in range(min(len(siblings), BITS))):
        raise BadProof("a leaf that belongs elsewhere")
    _verify(root, name, EMPTY if stands is None else heads_leaf(stands), siblings)


def _verify(root: bytes, name: Digest, found: Digest, siblings: Sequence[bytes]) -> None:
    if len(siblings) > BITS or any(len(one) != DIGEST_LENGTH for one in siblings):
        raise BadProof("a proof of the heads tree has at most 256 hashes of 32 bytes")
    for depth in range(len(siblings) - 1, -1, -1):
        sibling = siblings[depth]
        found = _node(sibling, found) if _bit(name, depth) else _node(found, sibling)
    if found != root:
        raise BadProof("the heads tree says something else of this stream")


def _apart(standing: LogEntry, new: LogEntry, depth: int) -> _Fork:
    """Forks from `depth` down to where the two names part."""
    parting = depth
    while _bit(standing.name, parting) == _bit(new.name, parting):
        parting += 1
    found = _fork(new, standing, _bit(new.name, parting))
    for level in range(parting - 1, depth - 1, -1):
        found = _fork(found, None, _bit(new.name, level))
    return found


def _fork(one: _Part, other: _Part, side: int) -> _Fork:
    """`one` on this side, `other` on the other one."""
    return _Fork(other, one) if side else _Fork(one, other)


def _digest(part: _Part) -> Digest:
    if part is None:
        return EMPTY
    if isinstance(part, LogEntry):
        return heads_leaf(part)
    if part.digest is None:
        part.digest = _node(_digest(part.parts[0]), _digest(part.parts[1]))
    return part.digest


def _node(left: bytes, right: bytes) -> Digest:
    return hash_with(labels.HEADS_NODE, left + right)


def _bit(name: bytes, depth: int) -> int:
    return name[depth >> 3] >> (7 - (depth & 7)) & 1
