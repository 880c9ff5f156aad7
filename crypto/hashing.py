"""SHA-256 under a domain label, the only hash of suite 1."""

from hashlib import sha256
from typing import Annotated, Final, NewType

from msgspec import Meta

from crypto.labels import Label, labelled

DIGEST_LENGTH: Final = 32

Digest = NewType("Digest", Annotated[bytes, Meta(min_length=DIGEST_LENGTH, max_length=DIGEST_LENGTH)])
"""A labelled SHA-256: 32 bytes."""


def hash_with(label: Label, data: bytes) -> Digest:
    """SHA-256(label ‖ 0x00 ‖ data)."""
    return Digest(sha256(labelled(label, data)).digest())
