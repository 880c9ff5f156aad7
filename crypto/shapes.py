"""Taking decoded CBOR apart, strictly: each function returns a value of one shape or raises `Malformed`.

Not msgspec.convert: it would read base64 text where bytes are asked for, so one value would have two encodings.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Final, NewType, TypeAlias, TypeVar

from msgspec import Meta

from crypto.cbor import MAX_INT, CborValue
from crypto.errors import Malformed
from crypto.hashing import DIGEST_LENGTH, Digest

ID_LENGTH: Final = 16
KEY_LENGTH: Final = 32

Id: TypeAlias = Annotated[bytes, Meta(min_length=ID_LENGTH, max_length=ID_LENGTH)]
"""Any 16-byte id. An alias, so that each caller's own id types fit without conversion."""

SecretKey = NewType("SecretKey", Annotated[bytes, Meta(min_length=KEY_LENGTH, max_length=KEY_LENGTH)])
"""32 uniformly random secret bytes: an epoch key, a message key, an attachment key, a keyring key."""


_Key = TypeVar("_Key", tuple[int, ...], bytes)


def exactly(value: CborValue, length: int) -> bytes:
    """A byte string of `length` bytes."""
    if not isinstance(value, bytes) or len(value) != length:
        raise Malformed("not a byte string of the right length")
    return value


def identifier(value: CborValue) -> Id:
    """A 16-byte id."""
    return exactly(value, ID_LENGTH)


def digest(value: CborValue) -> Digest:
    """A 32-byte hash."""
    return Digest(exactly(value, DIGEST_LENGTH))


def secret(value: CborValue) -> SecretKey:
    """A 32-byte secret key."""
    return SecretKey(exactly(value, KEY_LENGTH))


def blob(value: CborValue) -> bytes:
    """A byte string of any length."""
    if not isinstance(value, bytes):
        raise Malformed("not a byte string")
    return value


def whole(value: CborValue, minimum: int = 0, maximum: int = MAX_INT) -> int:
    """An integer from `minimum` to `maximum`."""
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise Malformed("not an integer within its bounds")
    return value


def short_text(value: CborValue, maximum: int) -> str:
    """Text of 1 to `maximum` characters."""
    if not isinstance(value, str) or not 0 < len(value) <= maximum:
        raise Malformed("not a text of the right length")
    return value


def array(value: CborValue, length: int | None = None) -> list[CborValue]:
    """An array, of exactly `length` items where one is given."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise Malformed("not an array of the right length")
    return value


def fields(value: CborValue, *names: str) -> list[CborValue]:
    """The values of a map with exactly these keys, in the order asked for."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise Malformed("not a map with the right keys")
    return [value[name] for name in names]


def strictly_rising(keys: Iterable[_Key]) -> None:
    """Raises `Malformed` unless `keys` are sorted and hold no duplicate, so that a set has one encoding."""
    if any(earlier >= later for earlier, later in pairwise(keys)):
        raise Malformed("entries out of order or repeated")
