"""Ed25519 (RFC 8032 §5.1) over label ‖ 0x00 ‖ message.

Signing is done by `cryptography`, checking by PyNaCl (libsodium) in half the time, because checking is the largest
single cost of the hub and of every client. Both agree on every vector (tests/crypto/test_signing.py).

Stricter than either library in one place: public keys of small order and public keys that are not in their one
encoding are refused, because under a small-order key one signature holds for many messages. Signatures with S ≥ L
(the malleable twins) and by other encodings of R are refused by both libraries (checked in the tests and vectors).
"""

from functools import lru_cache
from typing import Annotated, Final, NewType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from crypto.errors import BadKey, BadSignature
from crypto.labels import PREFIX, Label, labelled

SEED_LENGTH: Final = 32
PUBLIC_KEY_LENGTH: Final = 32
SIGNATURE_LENGTH: Final = 64

PublicKey = NewType("PublicKey", Annotated[bytes, Meta(min_length=PUBLIC_KEY_LENGTH, max_length=PUBLIC_KEY_LENGTH)])
"""A raw Ed25519 public key: 32 bytes."""

Signature = NewType("Signature", Annotated[bytes, Meta(min_length=SIGNATURE_LENGTH, max_length=SIGNATURE_LENGTH)])
"""An Ed25519 signature R ‖ S: 64 bytes."""

_FIELD: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255
_ORDER_EIGHT: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_EIGHT, _FIELD - _ORDER_EIGHT})
"""The y coordinates of the eight points whose order divides 8."""


class SigningKey:
    """A private Ed25519 key. Shows nothing of itself."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: Final = PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed (RFC 8032 §5.1.5). Raises `BadKey` on any other length."""
        if len(seed) != SEED_LENGTH:
            raise BadKey("a signing seed is 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, label: Label, message: bytes) -> Signature:
        """The signature over label ‖ 0x00 ‖ message."""
        return Signature(self._key.sign(labelled(label, message)))

    def sign_text(self, text: bytes) -> Signature:
        """The signature over `text` as it is, for formats that others defined (`crypto.notes`).

        Raises `BadKey` where the text could be read as something under a label: this key signs no such thing here.
        """
        _no_label(text)
        return Signature(self._key.sign(text))

    def __repr__(self) -> str:
        return "SigningKey(…)"


def sign(key: SigningKey, label: Label, message: bytes) -> Signature:
    """The 64-byte signature of `key` over label ‖ 0x00 ‖ message."""
    return key.sign(label, message)


def verify(public_key: bytes, label: Label, message: bytes, signature: bytes) -> None:
    """Raises `BadSignature` unless `signature` holds, and `BadKey` where `public_key` is none."""
    _verify(public_key, labelled(label, message), signature)


def verify_text(public_key: bytes, text: bytes, signature: bytes) -> None:
    """The same for `sign_text`."""
    _no_label(text)
    _verify(public_key, text, signature)


def _no_label(text: bytes) -> None:
    if text.startswith(PREFIX):
        raise BadKey("a text that begins as a label does")


def _verify(public_key: bytes, message: bytes, signature: bytes) -> None:
    if len(signature) != SIGNATURE_LENGTH:
        raise BadSignature("a signature is 64 bytes")
    checked = verify_public_key(public_key)
    try:
        crypto_sign_open(signature + message, checked)
    except BadSignatureError:
        raise BadSignature("the signature does not hold") from None


# Checking signatures is the hub's hottest call, and a few thousand devices sign nearly all of it.
@lru_cache(maxsize=8192)
def verify_public_key(raw: bytes) -> PublicKey:
    """`raw`, checked. Raises `BadKey` if it has a wrong length, a second encoding or a small order."""
    if len(raw) != PUBLIC_KEY_LENGTH:
        raise BadKey("a public key is 32 bytes")
    y = int.from_bytes(raw, "little") & ~_SIGN_BIT
    if y >= _FIELD or y in _SMALL_ORDER:
        raise BadKey("a public key of small order or in a second encoding")
    return PublicKey(raw)
