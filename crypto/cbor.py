"""Deterministic CBOR (RFC 8949 §4.2.1), the narrow subset this protocol uses, written and read in one form only.

Values: null, true, false, integers within ±(2^53-1) (both implementations hold those exactly), byte strings, text
without U+0000 (databases and C libraries cannot hold it), arrays, and maps with text keys. No floats, no tags, no other
simple values, no indefinite lengths.

Why not a library: a general decoder first builds whatever tags ask for (regular expressions, huge
decimals) and accepts several spellings of one value, so it must be followed by a type walk and by encoding
again. Reading only what is allowed refuses everything else at its first byte and needs neither. On a
header of 20 items both ways take the same 30 µs. The tests hold this module against `cbor2` on random values.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final, TypeAlias

from crypto.errors import Malformed

CborValue: TypeAlias = "bool | int | bytes | str | list[CborValue] | dict[str, CborValue] | None"
"""What `decode` returns."""

CborInput: TypeAlias = "bool | int | bytes | str | Sequence[CborInput] | Mapping[str, CborInput] | None"
"""What `encode` takes: at run time lists, tuples and dicts, nothing lazier."""

MAX_DEPTH: Final = 16
MAX_INT: Final = 2**53 - 1

_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 0, 1, 2, 3, 4, 5, 7
_CONSTANTS: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}


def encode(value: CborInput) -> bytes:
    """The one encoding of `value`. Raises `Malformed` for anything outside the subset."""
    parts: list[bytes] = []
    _write(value, parts.append, MAX_DEPTH)
    return b"".join(parts)


def decode(data: bytes, *, max_size: int, max_depth: int = MAX_DEPTH) -> CborValue:
    """The value that `data` is the one encoding of.

    `max_size` is in bytes, `max_depth` the number of arrays and maps that may stand inside each other.
    Accepted bytes are exactly those that `encode` produces. Raises `Malformed` for everything else.
    """
    if len(data) > max_size:
        raise Malformed("too large")
    try:
        value, end = _read(data, 0, max_depth)
    except (IndexError, UnicodeDecodeError):
        raise Malformed("not deterministic CBOR") from None
    if end != len(data):
        raise Malformed("bytes after the end")
    return value


def _head(major: int, argument: int) -> bytes:
    """Initial byte and shortest argument (RFC 8949 §3)."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    width = 1 if argument < 0x100 else 2 if argument < 0x10000 else 4 if argument < 0x100000000 else 8
    return bytes((major << 5 | 23 + width.bit_length(),)) + argument.to_bytes(width, "big")


_SHORT_BYTES: Final = tuple(_head(_BYTES, length) for length in range(256))
_SHORT_TEXT: Final = tuple(_head(_TEXT, length) for length in range(256))

_Put: TypeAlias = Callable[[bytes], None]


def _write(value: CborInput, put: _Put, depth: int) -> None:
    # Booleans before integers, because Python's are integers too; otherwise in order of frequency.
    if isinstance(value, bytes):
        length = len(value)
        put(_SHORT_BYTES[length] if length < 256 else _head(_BYTES, length))
        put(value)
    elif isinstance(value, bool):
        put(b"\xf5" if value else b"\xf4")
    elif isinstance(value, int):
        _write_int(value, put)
    elif isinstance(value, str):
        _write_text(value, put)
    elif value is None:
        put(b"\xf6")
    elif depth == 0:
        raise Malformed("nested too deep, or not a value of this protocol")
    elif isinstance(value, list | tuple):
        put(_head(_ARRAY, len(value)))
        for item in value:
            _write(item, put, depth - 1)
    elif isinstance(value, dict):
        _write_map(value, put, depth - 1)
    else:
        raise Malformed("not a value of this protocol")


def _write_int(value: int, put: _Put) -> None:
    if not -MAX_INT <= value <= MAX_INT:
        raise Malformed("integer out of range")
    put(_head(_UINT, value) if value >= 0 else _head(_NEGATIVE, -1 - value))


def _write_text(text: str, put: _Put) -> None:
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise Malformed("text with a lone surrogate") from None
    if b"\x00" in raw:
        raise Malformed("text with U+0000")
    length = len(raw)
    put(_SHORT_TEXT[length] if length < 256 else _head(_TEXT, length))
    put(raw)


def _write_map(entries: Mapping[str, CborInput], put: _Put, depth: int) -> None:
    named: list[tuple[bytes, CborInput]] = []
    for key, item in entries.items():
        if not isinstance(key, str):
            raise Malformed("map key that is not text")
        name: list[bytes] = []
        _write_text(key, name.append)
        named.append((b"".join(name), item))
    put(_head(_MAP, len(named)))
    for encoded, item in sorted(named, key=itemgetter(0)):
        put(encoded)
        _write(item, put, depth)


def _read(data: bytes, at: int, depth: int) -> tuple[CborValue, int]:
    initial = data[at]
    major, argument = initial >> 5, initial & 31
    if major == _SIMPLE:
        if argument not in _CONSTANTS:
            raise Malformed("float or simple value")
        return _CONSTANTS[argument], at + 1
    at += 1
    if argument > 23:
        argument, at = _argument(data, at, argument)
    if major == _BYTES:
        return _read_bytes(data, at, at + argument)
    if major == _TEXT:
        return _read_text(data, at, at + argument)
    if major <= _NEGATIVE:
        if argument > MAX_INT - major:  # -1-n leaves the range one n earlier
            raise Malformed("integer out of range")
        return (argument if major == _UINT else -1 - argument), at
    return _read_container(data, at, depth, major, argument)


def _read_container(data: bytes, at: int, depth: int, major: int, count: int) -> tuple[CborValue, int]:
    if depth == 0:
        raise Malformed("nested too deep")
    if major == _ARRAY:
        return _read_array(data, at, count, depth - 1)
    if major == _MAP:
        return _read_map(data, at, count, depth - 1)
    raise Malformed("tag")


def _argument(data: bytes, at: int, short: int) -> tuple[int, int]:
    """The argument whose initial byte ended in the five bits `short`, and where it ends."""
    if short == 24:
        argument = data[at]
        if argument < 24:
            raise Malformed("length or integer not in its shortest form")
        return argument, at + 1
    if short > 27:
        raise Malformed("indefinite or reserved length")
    width = 1 << (short - 24)
    end = at + width
    if end > len(data):
        raise Malformed("cut short")
    argument = int.from_bytes(data[at:end], "big")
    if argument >> (width << 2) == 0:  # it would have fitted half the width
        raise Malformed("length or integer not in its shortest form")
    return argument, end


def _read_bytes(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    # Slices never fail in Python: without this a string cut short would be accepted as a shorter one.
    if end > len(data):
        raise Malformed("cut short")
    return data[at:end], end


def _read_text(data: bytes, at: int, end: int) -> tuple[str, int]:
    raw, end = _read_bytes(data, at, end)
    if b"\x00" in raw:
        raise Malformed("text with U+0000")
    return raw.decode(), end


def _read_array(data: bytes, at: int, count: int, depth: int) -> tuple[list[CborValue], int]:
    # Each item takes at least one byte, so the loop ends with the data whatever `count` claims.
    items: list[CborValue] = []
    for _ in range(count):
        item, at = _read(data, at, depth)
        items.append(item)
    return items, at


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[str, CborValue], int]:
    entries: dict[str, CborValue] = {}
    previous = b""
    for _ in range(count):
        start = at
        key, at = _read(data, at, 0)
        if type(key) is not str:
            raise Malformed("map key that is not text")
        name = data[start:at]
        if name <= previous:
            raise Malformed("map keys out of order or repeated")
        previous = name
        entries[key], at = _read(data, at, depth)
    return entries, at
