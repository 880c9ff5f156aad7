"""The heads tree: each stream's newest head is provable, and so is that there is no such stream."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadProof, Malformed
from crypto.hashing import Digest
from crypto.heads_tree import BITS, EMPTY, HeadsTree, verify_newest, verify_unknown
from crypto.log_entries import LogEntry

# Few first bytes and long common beginnings, so that names meet deep in the tree.
NAMES = st.builds(
    lambda first, zeros, then: Digest(bytes([first]) + bytes(zeros) + bytes([then]) + bytes(30 - zeros)),
    st.sampled_from([0, 1, 128, 255]),
    st.integers(0, 30),
    st.integers(0, 255),
)
HEADS = st.binary(min_size=32, max_size=32).map(Digest)
ENTRIES = st.lists(st.builds(LogEntry, NAMES, st.integers(1, 9), HEADS), max_size=30)


def tree_of(entries: list[LogEntry]) -> HeadsTree:
    """A tree after these changes in order."""
    tree = HeadsTree()
    for entry in entries:
        tree.put(entry)
    return tree


@given(ENTRIES)
def test_the_root_depends_on_the_newest_heads_only_and_not_on_the_way_there(entries: list[LogEntry]) -> None:
    tree, newest = tree_of(entries), {entry.name: entry for entry in entries}
    shuffled = list(newest.values())
    random.Random(len(entries)).shuffle(shuffled)
    assert tree.root == tree_of(shuffled).root
    assert len(tree) == len(newest)
    assert all(tree.get(name) == entry for name, entry in newest.items())


@given(ENTRIES, NAMES)
def test_what_is_newest_is_proven_and_nothing_else(entries: list[LogEntry], name: Digest) -> None:
    tree, newest = tree_of(entries), {entry.name: entry for entry in entries}
    stands, siblings = tree.proof(name)
    if name not in newest:
        verify_unknown(tree.root, name, stands, siblings)
        with pytest.raises(BadProof):
            verify_newest(tree.root, LogEntry(name, 1, EMPTY), siblings)
        return
    assert stands == newest[name]
    verify_newest(tree.root, stands, siblings)
    with pytest.raises(BadProof):
        verify_newest(tree.root, LogEntry(name, stands.n + 1, stands.head), siblings)
    with pytest.raises(BadProof):
        verify_unknown(tree.root, name, None, siblings)
    with pytest.raises(BadProof):
        verify_unknown(tree.root, name, stands, siblings)


def test_another_streams_leaf_does_not_show_that_a_stream_is_missing() -> None:
    one, other = (LogEntry(Digest(bytes([first]) + bytes(31)), 1, EMPTY) for first in (0, 128))
    tree = tree_of([one, other])
    stands, siblings = tree.proof(other.name)
    with pytest.raises(BadProof):
        verify_unknown(tree.root, one.name, stands, siblings)


def test_no_stream_is_known_to_an_empty_tree() -> None:
    tree = HeadsTree()
    assert (tree.root, tree.proof(EMPTY)) == (EMPTY, (None, ()))
    verify_unknown(EMPTY, Digest(bytes(32)), None, ())


@pytest.mark.parametrize("siblings", [(b"short",), (EMPTY,) * (BITS + 1)])
def test_a_proof_of_another_shape_is_refused(siblings: tuple[bytes, ...]) -> None:
    with pytest.raises(BadProof, match="256 hashes"):
        verify_newest(EMPTY, LogEntry(EMPTY, 1, EMPTY), siblings)


def test_names_that_differ_in_the_last_bit_only_have_places_of_their_own() -> None:
    entries = [LogEntry(Digest(bytes(31) + bytes([last])), 1, EMPTY) for last in (0, 1)]
    tree = tree_of(entries)
    assert len(tree.proof(entries[0].name)[1]) == BITS
    for entry in entries:
        verify_newest(tree.root, entry, tree.proof(entry.name)[1])


def test_a_head_that_could_not_be_hashed_is_refused_when_it_is_put() -> None:
    tree = HeadsTree()
    with pytest.raises(Malformed):
        tree.put(LogEntry(Digest(b"short"), 1, EMPTY))
    assert tree.root == EMPTY
