import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import encode
from crypto.chain import (
    MAX_RECORD,
    SIGNED_LENGTH,
    Record,
    genesis_head,
    inner_hash,
    leaf,
    next_head,
    parse_record,
    record_bytes,
    stream_name,
)
from crypto.errors import Malformed
from crypto.hashing import Digest
from tests.crypto.fixed import some_bytes, some_digest, some_id

SIGNATURE = some_bytes("device and signature", SIGNED_LENGTH)
INNER = some_digest("inner")
times = st.integers(0, 1 << 45)
signatures = st.binary(min_size=SIGNED_LENGTH, max_size=SIGNED_LENGTH)


@given(st.binary(max_size=300), signatures, times, times)
def test_a_record_is_read_back_as_it_was_written(header: bytes, signature: bytes, version: int, at: int) -> None:
    data = record_bytes(header, signature, version, at)
    record = parse_record(data)
    assert record_bytes(record.header, record.signature, record.version, record.recorded_at) == data
    assert isinstance(record, Record)
    assert (record.header, record.signature, record.version, record.recorded_at) == (header, signature, version, at)


@given(st.binary(max_size=200))
def test_other_bytes_are_no_record(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_record(data)


@pytest.mark.parametrize(
    "items",
    [
        [b"header", SIGNATURE, 1],
        [b"header", SIGNATURE, 1, 2, 3],
        ["header", SIGNATURE, 1, 2],
        [b"header", SIGNATURE[:-1], 1, 2],
        [b"header", SIGNATURE, -1, 2],
        [b"header", SIGNATURE, 1, -2],
        [b"header", SIGNATURE, True, 2],
        [b"header", SIGNATURE, 1, None],
        [[], SIGNATURE, 1, 2],
        [bytes(MAX_RECORD), SIGNATURE, 1, 2],
    ],
)
def test_a_record_of_another_shape_is_malformed(items: list[bytes | int]) -> None:
    with pytest.raises(Malformed):
        parse_record(encode(items))


@pytest.mark.parametrize(
    ("header", "signature", "version", "at"),
    [(b"", b"short", 1, 1), (b"", SIGNATURE, -1, 1), (b"", SIGNATURE, 1, -1), (bytes(MAX_RECORD), SIGNATURE, 1, 1)],
)
def test_what_could_not_be_read_back_is_not_written(header: bytes, signature: bytes, version: int, at: int) -> None:
    with pytest.raises(Malformed):
        record_bytes(header, signature, version, at)


def test_the_same_record_with_another_blind_has_another_inner_hash() -> None:
    assert inner_hash(some_bytes("blind"), b"record") != inner_hash(some_bytes("other blind"), b"record")


def test_a_blind_has_32_bytes_so_it_cannot_borrow_from_the_record() -> None:
    for length in (0, 31, 33):
        with pytest.raises(Malformed):
            inner_hash(bytes(length), b"record")


def test_every_field_of_a_leaf_changes_it() -> None:
    others = [
        leaf(2, 3, "message", 1000, INNER),
        leaf(1, 4, "message", 1000, INNER),
        leaf(1, None, "message", 1000, INNER),
        leaf(1, 3, "membership", 1000, INNER),
        leaf(1, 3, "message", 1001, INNER),
        leaf(1, 3, "message", 1000, some_digest("other")),
    ]
    assert len({leaf(1, 3, "message", 1000, INNER), *others}) == 7


@pytest.mark.parametrize(
    ("version", "thread", "kind_class", "at", "inner"),
    [
        (-1, 3, "message", 1, INNER),
        (1, -1, "message", 1, INNER),
        (1, True, "message", 1, INNER),
        (1, 3, "", 1, INNER),
        (1, 3, "x" * 65, 1, INNER),
        (1, 3, "message", -1, INNER),
        (1, 3, "message", 1, INNER[:31]),
    ],
)
def test_a_leaf_of_another_shape_is_malformed(
    version: int, thread: int, kind_class: str, at: int, inner: Digest
) -> None:
    with pytest.raises(Malformed):
        leaf(version, thread, kind_class, at, inner)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=8), st.data())
def test_a_head_tells_any_change_of_what_came_before(leaves: list[bytes], data: st.DataObject) -> None:
    def head(of: list[bytes]) -> Digest:
        current = genesis_head(some_id("deployment"), some_digest("name"))
        for one in of:
            current = next_head(current, Digest(one))
        return current

    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], bytes(one ^ 0xFF for one in leaves[at]), *leaves[at + 1 :]]
    assert len({head(leaves), head(changed), head(leaves[:at]), head([*leaves, leaves[at]])}) == 4


def test_streams_of_two_deployments_or_names_begin_differently() -> None:
    heads = {
        genesis_head(some_id("deployment"), some_digest("name")),
        genesis_head(some_id("other"), some_digest("name")),
        genesis_head(some_id("deployment"), some_digest("other")),
    }
    assert len(heads) == 3


def test_heads_and_leaves_have_32_bytes_so_the_border_between_them_stays() -> None:
    for head, one in [(INNER[:31], INNER), (INNER, INNER[:31]), (INNER + b"x", INNER[:31])]:
        with pytest.raises(Malformed):
            next_head(Digest(head), Digest(one))


def test_a_stream_name_depends_on_secret_and_kind() -> None:
    names = {
        stream_name(some_bytes("secret"), "channel"),
        stream_name(some_bytes("other"), "channel"),
        stream_name(some_bytes("secret"), "access"),
    }
    assert len(names) == 3


@pytest.mark.parametrize(("secret", "kind"), [(b"short", "channel"), (bytes(32), ""), (bytes(32), "x" * 65)])
def test_a_stream_name_of_another_shape_is_malformed(secret: bytes, kind: str) -> None:
    with pytest.raises(Malformed):
        stream_name(secret, kind)
