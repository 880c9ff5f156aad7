"""The log's tree and its proofs: what is proven is so, and nothing else is ever proven."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadProof, Malformed
from crypto.hashing import Digest
from crypto.log_proofs import consistency_proof, inclusion_proof, root_at
from crypto.log_tree import (
    EMPTY_ROOT,
    MAX_LOG_PROOF,
    Frontier,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(bytes([n >> 8, n & 255])) for n in range(300)]
SIZES = st.integers(0, len(LEAVES))
OTHER = Digest(bytes(32))


def subtree(level: int, index: int) -> Digest:
    """The hash over full subtrees, the plain way."""
    if level == 0:
        return LEAVES[index]
    return node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))


def plain_root(leaves: list[Digest]) -> Digest:
    """MTH of RFC 6962 §2.1, as it is written there."""
    if not leaves:
        return Digest(sha256(b"").digest())
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


@given(SIZES)
def test_every_way_to_the_root_gives_the_roots_of_the_rfc(size: int) -> None:
    expected = plain_root(LEAVES[:size])
    assert root_of(LEAVES[:size]) == expected == root_at(size, subtree)


@given(SIZES, SIZES)
def test_appending_in_two_steps_gives_the_same_frontier_as_in_one(one: int, other: int) -> None:
    first, last = sorted((one, other))
    assert Frontier().with_leaves(LEAVES[:first]).with_leaves(LEAVES[first:last]) == Frontier().with_leaves(
        LEAVES[:last]
    )


@given(st.integers(1, len(LEAVES)), st.data())
def test_every_leaf_is_proven_at_its_place_and_at_no_other(size: int, data: st.DataObject) -> None:
    index, wrong = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, subtree), root_at(size, subtree)
    verify_inclusion(LEAVES[index], index, size, proof, root)
    if wrong != index:
        with pytest.raises(BadProof):
            verify_inclusion(LEAVES[index], wrong, size, proof, root)
    with pytest.raises(BadProof):
        verify_inclusion(OTHER, index, size, proof, root)
    with pytest.raises(BadProof):
        verify_inclusion(LEAVES[index], index, size, (*proof, OTHER), root)
    if proof:
        with pytest.raises(BadProof):
            verify_inclusion(LEAVES[index], index, size, proof[:-1], root)


@given(SIZES, SIZES, st.data())
def test_a_log_that_grew_is_consistent_and_one_that_was_changed_is_not(
    one: int, other: int, data: st.DataObject
) -> None:
    old, size = sorted((one, other))
    proof = consistency_proof(old, size, subtree)
    old_root, root = root_at(old, subtree), root_at(size, subtree)
    verify_consistency(old, old_root, size, root, proof)
    with pytest.raises(BadProof):
        verify_consistency(old, OTHER, size, root, proof)
    if old:  # everything begins with nothing
        with pytest.raises(BadProof):
            verify_consistency(old, old_root, size, OTHER, proof)
    with pytest.raises(BadProof):
        verify_consistency(old, old_root, size, root, (*proof, OTHER))
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        with pytest.raises(BadProof):
            verify_consistency(old, old_root, size, root, (*proof[:place], OTHER, *proof[place + 1 :]))
        with pytest.raises(BadProof):
            verify_consistency(old, old_root, size, root, proof[:-1])
    if old < size:
        with pytest.raises(BadProof):
            verify_consistency(size, root, old, old_root, proof)


@given(st.integers(2, len(LEAVES)), st.data())
def test_an_old_log_with_one_leaf_changed_is_never_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    other = [OTHER if n == changed else leaf for n, leaf in enumerate(LEAVES[:old])]
    with pytest.raises(BadProof):
        verify_consistency(old, root_of(other), size, root_at(size, subtree), consistency_proof(old, size, subtree))


def test_a_hash_of_another_length_is_refused_before_anything_is_hashed() -> None:
    root = root_at(4, subtree)
    proof = inclusion_proof(0, 4, subtree)
    for bad in (b"", proof[0][:-1], proof[0] + b"\x00"):
        with pytest.raises(BadProof, match="32 bytes"):
            verify_inclusion(LEAVES[0], 0, 4, (bad, *proof[1:]), root)
        with pytest.raises(BadProof, match="32 bytes"):
            verify_consistency(2, root_at(2, subtree), 4, root, (bad,))


def test_an_endless_proof_is_refused_at_once() -> None:
    with pytest.raises(BadProof, match="too long"):
        verify_inclusion(LEAVES[0], 0, 2, (OTHER,) * (MAX_LOG_PROOF + 1), OTHER)


@pytest.mark.parametrize(("size", "peaks"), [(1, ()), (0, (OTHER,)), (2, (OTHER, OTHER)), (1, (Digest(b"short"),))])
def test_a_frontier_that_does_not_fit_its_size_is_none(size: int, peaks: tuple[Digest, ...]) -> None:
    with pytest.raises(Malformed):
        Frontier(size, peaks)


def test_the_empty_log_has_the_root_of_the_rfc_and_proves_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    with pytest.raises(BadProof):
        verify_consistency(0, OTHER, 0, OTHER, ())
    with pytest.raises(BadProof):
        verify_inclusion(OTHER, 0, 0, (), EMPTY_ROOT)
