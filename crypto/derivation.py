"""HKDF-SHA256 (RFC 5869), `info` always led by a domain label."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from crypto.labels import Label, labelled
from crypto.shapes import KEY_LENGTH, SecretKey


def derive_key(secret: bytes, *, salt: bytes, label: Label, context: bytes) -> SecretKey:
    """A 32-byte key from a secret and a salt: HKDF with info = label ‖ 0x00 ‖ context (RFC 5869 §2)."""
    return SecretKey(HKDF(SHA256(), KEY_LENGTH, salt, labelled(label, context)).derive(secret))


def expand_key(key: SecretKey, *, label: Label, context: bytes) -> SecretKey:
    """A 32-byte key from a key that is uniformly random already: HKDF-Expand alone (RFC 5869 §2.3, §3.3)."""
    return SecretKey(HKDFExpand(SHA256(), KEY_LENGTH, labelled(label, context)).derive(key))
