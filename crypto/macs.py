"""HMAC-SHA256 (RFC 2104) under a label: who knows the key said exactly this, in this direction."""

from hmac import compare_digest, digest
from typing import Final

from crypto.errors import BadSignature
from crypto.labels import Label, labelled
from crypto.shapes import SecretKey

MAC_LENGTH: Final = 32


def authenticate(key: SecretKey, label: Label, data: bytes) -> bytes:
    """The 32-byte code over label ‖ 0x00 ‖ data."""
    return digest(key, labelled(label, data), "sha256")


def verify_mac(key: SecretKey, label: Label, data: bytes, mac: bytes) -> None:
    """Raises `BadSignature` unless `mac` is the code of `data`. Takes the same time wherever it differs."""
    if not compare_digest(authenticate(key, label, data), mac):
        raise BadSignature("the code does not hold")
