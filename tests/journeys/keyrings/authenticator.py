"""A passkey without a browser: a credential, and a PRF as authenticators have it (WebAuthn Level 3 §10.1.4)."""

from hashlib import sha256
from hmac import digest

from crypto.browser_handovers import SlotHandover
from crypto.keyring_slots import prf_slot_key
from crypto.random import random_bytes
from crypto.shapes import Id


def prf(secret: bytes, salt: bytes) -> bytes:
    """What a passkey with this secret gives for a salt."""
    return digest(secret, sha256(b"WebAuthn PRF\0" + salt).digest(), "sha256")


class Authenticator:
    """One passkey with its secret."""

    def __init__(self) -> None:
        self.credential = random_bytes(32)
        self.secret = random_bytes(32)

    def prf(self, salt: bytes) -> bytes:
        return prf(self.secret, salt)

    def handover(self, person: Id, salt: bytes | None = None, name: str = "Nøkkel") -> SlotHandover:
        """What the page makes of it."""
        used = random_bytes(32) if salt is None else salt
        key = prf_slot_key(person, self.credential, self.prf(used), used)
        return SlotHandover(person, self.credential, used, name, key)
