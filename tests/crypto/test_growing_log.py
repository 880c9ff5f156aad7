"""A growing log: its tiles and roots are those of the whole tree, however it grew."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import MAX_INT, encode
from crypto.errors import Malformed
from crypto.growing_log import GrowingLog, subtree_of
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.labels import LOG_ENTRY, labelled
from crypto.log_entries import LogEntry, entry_bytes, parse_entry
from crypto.log_proofs import consistency_proof, inclusion_proof, root_at
from crypto.log_tiles import (
    TILE_WIDTH,
    TileName,
    decode_bundle,
    encode_bundle,
    parse_tile_name,
    split_tile,
    tile_root,
)
from crypto.log_tree import leaf_hash, root_of, verify_consistency, verify_inclusion

STREAMS = 50
COUNT = TILE_WIDTH * TILE_WIDTH + 700


def entry(n: int) -> LogEntry:
    """Record n of a log over fifty streams."""
    name = Digest(sha256(bytes([n % STREAMS])).digest())
    return LogEntry(name, n // STREAMS + 1, Digest(n.to_bytes(DIGEST_LENGTH, "big")))


@pytest.fixture(scope="module")
def grown() -> tuple[GrowingLog, dict[tuple[int, int], bytes], list[Digest]]:
    """A log with a full tile on its second level, its full tiles, and all leaf hashes."""
    log, entries = GrowingLog(), [entry(n) for n in range(COUNT)]
    tiles = {(level, n): hashes for level, n, hashes in log.append(entries)}
    return log, tiles, [leaf_hash(entry_bytes(one)) for one in entries]


def test_tiles_hold_all_leaves_and_each_tile_stands_in_the_one_above(
    grown: tuple[GrowingLog, dict[tuple[int, int], bytes], list[Digest]],
) -> None:
    log, tiles, leaves = grown
    for n in range(COUNT // TILE_WIDTH):
        assert split_tile(tiles[0, n]) == leaves[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]
    assert split_tile(tiles[1, 0]) == [tile_root(tiles[0, n]) for n in range(TILE_WIDTH)]
    assert log.tail(2) == (0, tile_root(tiles[1, 0]))
    assert log.frontier.root == root_of(leaves)


def test_every_proof_can_be_made_of_tiles(
    grown: tuple[GrowingLog, dict[tuple[int, int], bytes], list[Digest]],
) -> None:
    log, tiles, leaves = grown
    subtree = subtree_of(lambda level, n: tiles.get((level, n)) or log.tail(level)[1])
    for index, size in ((0, COUNT), (255, 256), (70, 300), (COUNT - 1, COUNT), (65_535, 65_536), (65_536, 65_600)):
        root = root_at(size, subtree)
        assert root == root_of(leaves[:size])
        verify_inclusion(leaves[index], index, size, inclusion_proof(index, size, subtree), root)
    for old, size in ((1, COUNT), (256, 257), (300, 65_800), (65_536, COUNT)):
        proof = consistency_proof(old, size, subtree)
        verify_consistency(old, root_of(leaves[:old]), size, root_at(size, subtree), proof)


@given(st.lists(st.integers(0, 200), max_size=4))
def test_it_makes_no_difference_in_which_portions_a_log_grows(portions: list[int]) -> None:
    log, tiles = GrowingLog(), []
    for portion in portions:
        tiles += log.append([entry(n) for n in range(log.size, log.size + portion)])
    once = GrowingLog()
    assert once.append([entry(n) for n in range(sum(portions))]) == tiles
    assert (once.frontier, once.tails, once.heads.root) == (log.frontier, log.tails, log.heads.root)


@given(st.builds(TileName, st.sampled_from([None, *range(6)]), st.integers(0, 2**48 - 1), st.integers(1, 256)))
def test_a_tiles_name_has_one_form(name: TileName) -> None:
    assert parse_tile_name(str(name)) == name


def test_a_name_is_written_as_the_format_says() -> None:
    assert str(TileName(0, 1_234_067)) == "0/x001/x234/067"
    assert str(TileName(None, 5, 12)) == "entries/005.p/12"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0/5",
        "0/x000/001",
        "6/001",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/01",
        "0/001.p/300",
        "x/001",
        "0/../001",
        "0/" + "x999/" * 30 + "999",
        "0/٠٠١",
        "0/001\n",
    ],
)
def test_another_name_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile_name(path)


@given(st.lists(st.binary(max_size=200), max_size=256))
def test_a_bundle_is_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=300))
def test_any_bytes_are_a_bundle_in_its_one_form_or_refused(data: bytes) -> None:
    try:
        assert encode_bundle(decode_bundle(data)) == data
    except Malformed:
        return


@given(st.binary(max_size=140))
def test_any_bytes_are_an_entry_in_its_one_form_or_refused(data: bytes) -> None:
    for candidate in (data, entry_bytes(entry(1)) + data, entry_bytes(entry(1))[:20] + data):
        try:
            assert entry_bytes(parse_entry(candidate)) == candidate
        except Malformed:
            continue


@given(st.binary(min_size=32, max_size=32), st.integers(1, MAX_INT), st.binary(min_size=32, max_size=32))
def test_an_entry_is_the_one_cbor_of_what_it_says(name: bytes, n: int, head: bytes) -> None:
    made = LogEntry(Digest(name), n, Digest(head))
    assert entry_bytes(made) == labelled(LOG_ENTRY, encode([name, n, head]))
    assert parse_entry(entry_bytes(made)) == made


@pytest.mark.parametrize("wrong", [(b"x" * 31, 1, b"x" * 32), (b"x" * 32, 0, b"x" * 32), (b"x" * 32, 1, b"x" * 33)])
def test_what_is_no_entry_is_refused_before_it_is_taken_in(wrong: tuple[bytes, int, bytes]) -> None:
    log = GrowingLog()
    with pytest.raises(Malformed):
        log.heads.put(LogEntry(Digest(wrong[0]), wrong[1], Digest(wrong[2])))
    assert len(log.heads) == 0
