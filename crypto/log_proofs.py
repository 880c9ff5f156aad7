"""Making the log's proofs, from a function that gives the hash of any full subtree (RFC 6962 §§2.1.1, 2.1.2).

The hashes are asked for by level and index: (0, n) is leaf n, (l, n) covers the leaves n·2^l to (n+1)·2^l - 1. So the
maker needs no tree in memory: a hub reads tiles, a verifier what it has recomputed.
"""

from collections.abc import Callable

from crypto.errors import BadProof
from crypto.hashing import Digest
from crypto.log_tree import EMPTY_ROOT, node_hash

Subtree = Callable[[int, int], Digest]


def root_at(size: int, subtree: Subtree) -> Digest:
    """The root of the first `size` leaves."""
    return _root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[Digest, ...]:
    """The siblings on the way from leaf `index` to the root of the first `size` leaves, nearest first.

    Raises:
        BadProof: there is no such leaf.

    """
    if not 0 <= index < size:
        raise BadProof("a leaf outside the log")
    found: list[Digest] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(_root(middle, end, subtree))
            end = middle
        else:
            found.append(_root(start, middle, subtree))
            start = middle
    return tuple(reversed(found))


def consistency_proof(old_size: int, size: int, subtree: Subtree) -> tuple[Digest, ...]:
    """What shows that the first `old_size` of `size` leaves stand as they stood.

    Raises:
        BadProof: the older log is larger.

    """
    if not 0 <= old_size <= size:
        raise BadProof("a log that has shrunk")
    if old_size in (0, size):
        return ()
    found: list[Digest] = []
    start, end, whole = 0, size, True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            found.append(_root(middle, end, subtree))
            end = middle
        else:
            found.append(_root(start, middle, subtree))
            start, whole = middle, False
    # What is left is the last full part of the old log; the verifier has its hash only where that is the whole of it.
    if not whole:
        found.append(_root(start, end, subtree))
    return tuple(reversed(found))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(start: int, end: int, subtree: Subtree) -> Digest:
    """The root of the leaves `start` to `end` - 1; `start` is a multiple of the subtree's size at every step."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(count)
    return node_hash(_root(start, middle, subtree), _root(middle, end, subtree))
