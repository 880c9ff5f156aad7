from contextlib import suppress
from enum import StrEnum

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import MAX_DEPTH, MAX_INT, CborValue, decode, encode
from crypto.errors import Malformed

LARGE = 1 << 20

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)
scalars = st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | st.binary(max_size=300) | texts
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=30) | st.dictionaries(texts, v, max_size=30), max_leaves=40
)


def flipped_bit(data: bytes, at: int, bit: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


nearly_encoded = st.builds(flipped_bit, values.map(encode), st.integers(0, 1 << 16), st.integers(0, 7))


@given(values)
def test_what_is_written_is_read_back(value: CborValue) -> None:
    assert decode(encode(value), max_size=LARGE) == value


@given(values)
def test_a_general_library_in_canonical_mode_writes_the_same_bytes(value: CborValue) -> None:
    assert encode(value) == cbor2.dumps(value, canonical=True)


@given(st.binary(max_size=60) | nearly_encoded)
def test_any_bytes_are_refused_or_are_the_one_encoding_of_their_value(data: bytes) -> None:
    try:
        value = decode(data, max_size=LARGE)
    except Malformed:
        return
    assert encode(value) == data
    assert cbor2.loads(data) == value


@given(st.lists(st.integers(0, 255), max_size=12).map(bytes), st.integers(0, 3))
def test_nothing_but_malformed_escapes_whatever_the_limits(data: bytes, depth: int) -> None:
    with suppress(Malformed):
        decode(data, max_size=8, max_depth=depth)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="nothing"),
        pytest.param("1817", id="one-byte integer not in its shortest form"),
        pytest.param("1900ff", id="two-byte integer not in its shortest form"),
        pytest.param("1a0000ffff", id="four-byte integer not in its shortest form"),
        pytest.param("1b00000000ffffffff", id="eight-byte integer not in its shortest form"),
        pytest.param("580161", id="string length not in its shortest form"),
        pytest.param("1b0020000000000000", id="integer above 2^53-1"),
        pytest.param("3b001fffffffffffff", id="integer below -(2^53-1)"),
        pytest.param("f93c00", id="half float"),
        pytest.param("fb3ff8000000000000", id="double float"),
        pytest.param("f7", id="undefined"),
        pytest.param("e0", id="simple value"),
        pytest.param("f8ff", id="two-byte simple value"),
        pytest.param("ff", id="break"),
        pytest.param("1c", id="reserved length"),
        pytest.param("5f4101ff", id="indefinite bytes"),
        pytest.param("7f6161ff", id="indefinite text"),
        pytest.param("9f01ff", id="indefinite array"),
        pytest.param("bf616101ff", id="indefinite map"),
        pytest.param("c11a514b67b0", id="time tag"),
        pytest.param("c249010000000000000000", id="big number tag"),
        pytest.param("c4821b7fffffffffffffff01", id="huge decimal fraction tag"),
        pytest.param("d823622e2a", id="regular expression tag"),
        pytest.param("82d81c80d81d00", id="shared reference tags"),
        pytest.param("62c328", id="text that is not UTF-8"),
        pytest.param("63eda080", id="text with a lone surrogate"),
        pytest.param("62c080", id="overlong UTF-8"),
        pytest.param("63610062", id="text with U+0000"),
        pytest.param("a10102", id="integer as map key"),
        pytest.param("a1416102", id="bytes as map key"),
        pytest.param("a18001", id="array as map key"),
        pytest.param("a2616101616102", id="repeated map key"),
        pytest.param("a2616201616101", id="map keys out of order"),
        pytest.param("a262616101616201", id="longer map key before shorter"),
        pytest.param("0000", id="bytes after the end"),
        pytest.param("4261", id="bytes cut short"),
        pytest.param("59ff", id="length cut short"),
        pytest.param("8201", id="array cut short"),
        pytest.param("a16161", id="map cut short"),
        pytest.param("9bffffffffffffffff", id="huge array"),
        pytest.param("5bffffffffffffffff", id="huge bytes"),
        pytest.param("bbffffffffffffffff", id="huge map"),
    ],
)
def test_other_spellings_and_types_are_refused(data: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(data), max_size=LARGE)


def test_the_ends_of_the_integer_range_are_both_in_it() -> None:
    for number in (MAX_INT, -MAX_INT):
        assert decode(encode(number), max_size=9) == number


@pytest.mark.parametrize("number", [MAX_INT + 1, -MAX_INT - 1])
def test_an_integer_that_browsers_cannot_hold_is_not_written(number: int) -> None:
    with pytest.raises(Malformed):
        encode(number)


@pytest.mark.parametrize("value", [1.0, {1: 2}, {b"a": 1}, {1, 2}, bytearray(b"a"), "\ud800", "a\x00", object()])
def test_what_is_not_a_value_of_the_protocol_is_not_written(value: object) -> None:
    with pytest.raises(Malformed):
        encode(value)  # type: ignore[arg-type]


def test_an_enumeration_of_text_is_written_as_its_text() -> None:
    class Kind(StrEnum):
        MESSAGE = "message"

    assert encode(Kind.MESSAGE) == encode("message")


def test_nesting_is_bounded_on_both_sides() -> None:
    nested: CborValue = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]
    data = encode(nested)
    assert decode(data, max_size=LARGE) == nested
    with pytest.raises(Malformed):
        encode([nested])
    with pytest.raises(Malformed):
        decode(b"\x81" + data, max_size=LARGE)
    with pytest.raises(Malformed):
        decode(b"\x81" * 100_000, max_size=LARGE)


def test_a_depth_of_one_holds_an_array_of_scalars_only() -> None:
    assert decode(encode([1, "a"]), max_size=9, max_depth=1) == [1, "a"]
    with pytest.raises(Malformed):
        decode(encode([[]]), max_size=9, max_depth=1)


def test_what_is_too_large_is_not_even_looked_at() -> None:
    with pytest.raises(Malformed, match="too large"):
        decode(encode(b"abc"), max_size=3)
