"""AES-256-GCM (NIST SP 800-38D) under one key: the box that everything symmetric lies in.

The caller owes a nonce that is never used twice under one key. `ONLY_NONCE` says that a key seals a single box in its
life; whoever uses it says there why that holds.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors import BadKey, CannotOpen
from crypto.shapes import KEY_LENGTH, SecretKey

NONCE_LENGTH: Final = 12
TAG_LENGTH: Final = 16
ONLY_NONCE: Final = bytes(NONCE_LENGTH)


def seal_box(key: SecretKey, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """Ciphertext ‖ 16-byte tag over `plaintext` and `aad`. Raises `BadKey` on a wrong key or nonce length."""
    return _cipher(key, nonce).encrypt(nonce, plaintext, aad)


def open_box(key: SecretKey, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    """The plaintext of `sealed`. Raises `CannotOpen` if key, nonce, `aad` or any byte differs, `BadKey` as above.

    AES-GCM does not commit to its key: where somebody may choose which key a reader gets, bind the key to the content
    as well (`crypto.messages` does).
    """
    cipher = _cipher(key, nonce)
    try:
        return cipher.decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise CannotOpen("sealed bytes do not open") from None


def _cipher(key: SecretKey, nonce: bytes) -> AESGCM:
    if len(key) != KEY_LENGTH or len(nonce) != NONCE_LENGTH:
        raise BadKey("wrong length of key or nonce")
    return AESGCM(key)
