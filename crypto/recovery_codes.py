"""Recovery codes: 160 random bits as eight groups of four letters and digits, to be written down on paper.

The alphabet is Crockford's base32, which leaves out I, L, O and U; a reader's 1 for I or l and 0 for O are understood.
Shorter codes, to be compared or typed at once, are written in the same way.
"""

from typing import Final

from crypto.errors import Malformed

SECRET_LENGTH: Final = 20
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {sign: value for value, sign in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_GROUP: Final = 4
_BITS: Final = 5
_BYTE: Final = 8


def format_recovery_code(secret: bytes) -> str:
    """The code that shows 20 random bytes, as XXXX-XXXX-…. Raises `Malformed` on any other length."""
    if len(secret) != SECRET_LENGTH:
        raise Malformed("a recovery secret is 20 bytes")
    return format_signs(secret)


def parse_recovery_code(code: str) -> bytes:
    """The 20 bytes of a code as somebody typed it; case, spaces and dashes do not matter. Raises `Malformed`."""
    return parse_signs(code, SECRET_LENGTH)


def format_signs(data: bytes) -> str:
    """Bytes, a multiple of five, as groups of four letters and digits. Raises `Malformed` on any other length."""
    if not data or len(data) % _BITS:
        raise Malformed("a code shows a multiple of five bytes")
    number = int.from_bytes(data, "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(len(data) * _BYTE - _BITS, -1, -_BITS))
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))


def parse_signs(code: str, length: int) -> bytes:
    """The `length` bytes of a code as somebody typed it. Raises `Malformed`."""
    signs = code.upper().replace("-", "").replace(" ", "")
    if len(signs) * _BITS != length * _BYTE or not all(sign in _VALUES for sign in signs):
        raise Malformed("not such a code")
    number = 0
    for sign in signs:
        number = number << _BITS | _VALUES[sign]
    return number.to_bytes(length, "big")
