"""The Merkle tree over a listing's entries: RFC 6962 §2.1, with labels of its own. Leaves stand in order of entry id,
so that each id has one place, and two neighbours can show that nothing stands between them."""

from collections.abc import Sequence
from typing import Final

from crypto import labels
from crypto.errors import BadProof
from crypto.hashing import hash_with
from crypto.log_tree import root_by
from domain.ids import Digest
from protocol.listings.errors import ForgedListing

MAX_PROOF: Final = 20
"""Hashes in a proof: enough for a million entries."""
EMPTY: Final = Digest(hash_with(labels.LISTING_LEAF, b""))
"""The root of a listing without entries; no entry is empty, so this is nobody's leaf."""


def leaf_hash(entry: bytes) -> Digest:
    """H(listing-leaf; the entry's bytes)."""
    return Digest(hash_with(labels.LISTING_LEAF, entry))


def node_hash(left: bytes, right: bytes) -> Digest:
    """H(listing-node; left ‖ right)."""
    return Digest(hash_with(labels.LISTING_NODE, left + right))


class Tree:
    """All levels of the tree over these leaf hashes. About 64 bytes a leaf."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels: Final[list[list[bytes]]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_above(self._levels[-1]))

    def __len__(self) -> int:
        return len(self._levels[0])

    @property
    def root(self) -> Digest:
        """What stands in the head."""
        return Digest(self._levels[-1][0]) if self._levels[-1] else EMPTY

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf."""
        return self._levels[0][index]

    def proof(self, index: int) -> tuple[Digest, ...]:
        """The siblings on the way from leaf `index` to the root, nearest first (RFC 6962 §2.1.1)."""
        found = []
        for level in self._levels[:-1]:
            # The last node of an odd level has no sibling: it is its own parent.
            if (sibling := index ^ 1) < len(level):
                found.append(Digest(level[sibling]))
            index >>= 1
        return tuple(found)


def _above(level: list[bytes]) -> list[bytes]:
    pairs: list[bytes] = [node_hash(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def verify_inclusion(entry: bytes, index: int, count: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `entry` is leaf `index` of the `count` leaves under `root` (RFC 9162 §2.1.3.2).

    Raises:
        ForgedListing: it is not.

    """
    try:
        found = root_by(leaf_hash(entry), index, count, proof, node_hash)
    except BadProof as error:
        raise ForgedListing(str(error)) from None
    if found != root:
        raise ForgedListing("an entry that is not in the signed listing")
