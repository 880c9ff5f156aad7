"""Recovery codes: 160 random bits as eight groups of four letters and digits, to be written down on paper.

The alphabet is Crockford's base32, which leaves out I, L, O and U; a reader's 1 for I or l and 0 for O are understood.
"""

from typing import Final

from crypto.errors import Malformed

SECRET_LENGTH: Final = 20
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {sign: value for value, sign in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_SIGNS: Final = 32
_GROUP: Final = 4


def format_recovery_code(secret: bytes) -> str:
    """The code that shows 20 random bytes, as XXXX-XXXX-…. Raises `Malformed` on any other length."""
    if len(secret) != SECRET_LENGTH:
        raise Malformed("a recovery secret is 20 bytes")
    number = int.from_bytes(secret, "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_SIGNS - 1), -1, -5))
    return "-".join(signs[start : start + _GROUP] for start in range(0, _SIGNS, _GROUP))


def parse_recovery_code(code: str) -> bytes:
    """The 20 bytes of a code as somebody typed it; case, spaces and dashes do not matter. Raises `Malformed`."""
    signs = code.upper().replace("-", "").replace(" ", "")
    if len(signs) != _SIGNS or not all(sign in _VALUES for sign in signs):
        raise Malformed("not a recovery code")
    number = 0
    for sign in signs:
        number = number << 5 | _VALUES[sign]
    return number.to_bytes(SECRET_LENGTH, "big")
