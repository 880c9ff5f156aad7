"""The Merkle tree of the global log: RFC 6962 §2.1 to the letter, so that verifiers that others wrote can check it.

Leaf and node are told apart by their first byte (0x00, 0x01), as the RFC says, and not by a label of ours; the label
stands inside each leaf's data instead (`crypto.log_entries`). A hash is 32 bytes everywhere, and a proof that holds any
other length is refused: concatenations would have two readings.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from crypto.errors import BadProof, Malformed
from crypto.hashing import DIGEST_LENGTH, Digest

MAX_LOG: Final = 2**48
"""Leaves: what a proof, a tile's address and a checkpoint can speak of."""
MAX_LOG_PROOF: Final = 96
"""Hashes in a proof: a consistency proof holds at most two for each level."""
EMPTY_ROOT: Final = Digest(sha256(b"").digest())
"""The root of a log without leaves (RFC 6962 §2.1)."""
Node = Callable[[bytes, bytes], bytes]
"""Hashes two children."""


def leaf_hash(data: bytes) -> Digest:
    """SHA-256(0x00 ‖ data)."""
    return Digest(sha256(b"\x00" + data).digest())


def node_hash(left: bytes, right: bytes) -> Digest:
    """SHA-256(0x01 ‖ left ‖ right); both are 32 bytes."""
    return Digest(sha256(b"\x01" + left + right).digest())


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees of a log, largest first: all that appending needs, at most 48 hashes.

    `size` counts the leaves; `peaks` has one hash for each bit set in it.
    """

    size: int = 0
    peaks: tuple[Digest, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_LOG or len(self.peaks) != self.size.bit_count():
            raise Malformed("a frontier of another size")
        _only_hashes(self.peaks, Malformed)

    def with_leaves(self, leaves: Iterable[Digest]) -> "Frontier":
        """The frontier after these leaf hashes: two hashes a leaf on average."""
        peaks, size = list(self.peaks), self.size
        for leaf in leaves:
            found, level = leaf, size
            while level & 1:
                found = node_hash(peaks.pop(), found)
                level >>= 1
            peaks.append(found)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> Digest:
        """The tree's root."""
        if not self.peaks:
            return EMPTY_ROOT
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root_of(leaves: Iterable[Digest]) -> Digest:
    """The root over leaf hashes in order."""
    return Frontier().with_leaves(leaves).root


def verify_inclusion(leaf: Digest, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162 §2.1.3.2).

    Raises:
        BadProof: it is not, or the proof is none.

    """
    if root_by(leaf, index, size, proof, node_hash) != root:
        raise BadProof("the leaf is not in the log at this place")


def root_by(leaf: bytes, index: int, size: int, proof: Sequence[bytes], node: Node) -> bytes:
    """The root of the tree of `size` leaves in which `leaf` is number `index`, by the siblings on the way up.

    `node` hashes two children, so that trees of the same shape under labels of their own share this walk.

    Raises:
        BadProof: the proof is none: of another length, or of a leaf outside the tree.

    """
    _check_proof(proof)
    if not 0 <= index < size <= MAX_LOG:
        raise BadProof("a leaf outside the log")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise BadProof("a proof that is too long")
        if place & 1 or place == last:
            found = node(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("a proof that is too short")
    return found


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the log of `size` leaves begins with the one of `old_size` leaves (RFC 9162 §2.1.4.2).

    Raises:
        BadProof: it does not, or the proof is none.

    """
    _check_proof(proof)
    if not 0 <= old_size <= size <= MAX_LOG:
        raise BadProof("a log that has shrunk")
    if old_size in (0, size):
        old = EMPTY_ROOT if old_size == 0 else root
        if proof or old_root != old or (size == 0 and root != EMPTY_ROOT):
            raise BadProof("two logs of one size")
        return
    _climb(old_size, old_root, size, root, proof)


def _climb(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    if roots_by(old_size, old_root, size, proof) != (old_root, root):
        raise BadProof("the newer log does not begin with the older one")


def roots_by(old_size: int, old_root: bytes, size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the first `old_size` leaves and of all `size`, which grow from the same hashes (RFC 9162 §2.1.4.2).

    Where the second one is a log's signed root, the first is what that log had at the older size.

    Raises:
        BadProof: the proof is none: of another length, or between other sizes.

    """
    _check_proof(proof)
    if not 0 < old_size < size <= MAX_LOG:
        raise BadProof("no older log to prove")
    # Where the old log is one full subtree, its root is where the walk begins and is left out of the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise BadProof("an empty proof")
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    of_old = of_new = Digest(path[0])
    for sibling in path[1:]:
        if last == 0:
            raise BadProof("a proof that is too long")
        if place & 1 or place == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            of_new = node_hash(of_new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("a proof that is too short")
    return of_old, of_new


def _check_proof(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_LOG_PROOF:
        raise BadProof("a proof that is too long")
    _only_hashes(proof, BadProof)


def _only_hashes(hashes: Iterable[bytes], error: type[Malformed] | type[BadProof]) -> None:
    if any(len(one) != DIGEST_LENGTH for one in hashes):
        raise error("a hash is 32 bytes")
