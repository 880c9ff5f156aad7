"""Sealing to a public key: HPKE base mode (RFC 9180) with the hybrid KEM X-Wing, open only if both its halves break.

Suite 1 is MLKEM768-X25519 (0x647a, draft-connolly-cfrg-xwing-kem), HKDF-SHA256, AES-256-GCM. HPKE's base mode does not
say who sealed, and this interface has no associated data: callers bind everything they mean in `info`.
"""

from functools import lru_cache
from hashlib import shake_256
from typing import Annotated, Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from msgspec import Meta

from crypto.errors import BadKey, CannotOpen

SUITE_NUMBER: Final = 1
KEM_ID: Final = 0x647A
SEED_LENGTH: Final = 32
PUBLIC_LENGTH: Final = 1216
ENC_LENGTH: Final = 1120
OVERHEAD: Final = ENC_LENGTH + 16
"""How many bytes longer than its plaintext something sealed is."""

KemPublic = NewType("KemPublic", Annotated[bytes, Meta(min_length=PUBLIC_LENGTH, max_length=PUBLIC_LENGTH)])
"""A public X-Wing key: ML-KEM-768 (1184 bytes) ‖ X25519 (32 bytes)."""

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_MLKEM_SEED_LENGTH: Final = 64
_MLKEM_PUBLIC_LENGTH: Final = 1184
_PROBE: Final = X25519PrivateKey.from_private_bytes(bytes(range(32)))
"""No secret: an exchange with it fails for exactly the points of small order."""


class KemKey:
    """A private X-Wing key. Shows nothing of itself."""

    __slots__ = ("_key", "public")

    def __init__(self, key: MLKEM768X25519PrivateKey, public: KemPublic) -> None:
        self._key = key
        self.public: Final = public

    @classmethod
    def from_seed(cls, seed: bytes) -> "KemKey":
        """The key of a 32-byte seed (X-Wing §5.2, expandDecapsulationKey). Raises `BadKey` on any other length."""
        if len(seed) != SEED_LENGTH:
            raise BadKey("a KEM seed is 32 bytes")
        expanded = shake_256(seed).digest(_MLKEM_SEED_LENGTH + 32)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_LENGTH])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_LENGTH:])
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return cls(MLKEM768X25519PrivateKey(mlkem, x25519), KemPublic(public))

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """As `hpke_open`."""
        try:
            return _SUITE.decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError):
            raise CannotOpen("sealed bytes do not open") from None

    def __repr__(self) -> str:
        return "KemKey(…)"


def hpke_seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seals for the holder of `public` alone: enc (1120 bytes) ‖ ciphertext. Raises `BadKey`.

    Draws its ephemeral keys inside the library, so two calls never give the same bytes.
    """
    return _SUITE.encrypt(plaintext, _public_key(public), info=info)


def hpke_open(key: KemKey, info: bytes, sealed: bytes) -> bytes:
    """The plaintext of `sealed`. Raises `CannotOpen` if the key, `info` or any byte differs."""
    return key.open(info, sealed)


def verify_kem_public(public: bytes) -> KemPublic:
    """`public`, checked. Raises `BadKey` on a wrong length, coefficients out of range or a point of small order."""
    _public_key(public)
    return KemPublic(public)


# Rekeying seals to the same people again and again; taking an ML-KEM key apart costs as much as using it.
@lru_cache(maxsize=1024)
def _public_key(raw: bytes) -> MLKEM768X25519PublicKey:
    if len(raw) != PUBLIC_LENGTH:
        raise BadKey("a public KEM key is 1216 bytes")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_LENGTH])
        x25519 = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_LENGTH:])
        _PROBE.exchange(x25519)
    except ValueError:
        raise BadKey("not a public KEM key") from None
    return MLKEM768X25519PublicKey(mlkem, x25519)
