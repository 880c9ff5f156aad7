"""What browsers and programs hold, and what is kept of it: 32 random bytes there, a hash and a sealed box here.

A box is sealed under a key that follows from the token, so the database alone opens none. A key seals one box in its
life: every token is drawn anew and keeps one box.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final

from crypto.boxes import ONLY_NONCE, open_box, seal_box
from crypto.derivation import expand_key
from crypto.errors import CryptoError
from crypto.hashing import Digest, hash_with
from crypto.labels import Label
from crypto.shapes import SecretKey

LENGTH: Final = 32
"""Bytes of a token."""
_TEXT: Final = 43
_PURPOSE: Final = b"samsnakk sealed beside its hash"


def written(raw: bytes) -> str:
    """A token of 32 random bytes as it travels: base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_token(text: str) -> bytes | None:
    """The 32 bytes of a token; None if it is none."""
    if len(text) != _TEXT or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text + "=")
    except (Base64Error, ValueError):
        return None
    # One token, one writing: unused bits at the end must be zero.
    return raw if written(raw) == text else None


def name_of(token: str, label: Label) -> Digest | None:
    """The hash under which a token's row stands; None if it is no token."""
    raw = read_token(token)
    return None if raw is None else hash_with(label, raw)


def seal_for(token: str, label: Label, content: bytes) -> bytes:
    """Seal something that only this token opens. Raises ValueError if it is no token."""
    raw = read_token(token)
    if raw is None:
        raise ValueError("no token")
    return seal_box(expand_key(SecretKey(raw), label=label, context=b""), ONLY_NONCE, _PURPOSE, content)


def open_with(token: str, label: Label, sealed: bytes) -> bytes | None:
    """What was sealed for this token; None if it does not open."""
    raw = read_token(token)
    if raw is None:
        return None
    try:
        return open_box(expand_key(SecretKey(raw), label=label, context=b""), ONLY_NONCE, _PURPOSE, sealed)
    except CryptoError:
        return None
