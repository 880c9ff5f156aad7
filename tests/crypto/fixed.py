"""Fixed keys, ids and contexts by name: the same name gives the same value, so a failure repeats."""

from hashlib import shake_256

from crypto.epochs import EpochContext, RosterEntry, roster_hash
from crypto.grants import GrantContext
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.layers import kem_hash
from crypto.shapes import SecretKey
from crypto.signing import SigningKey


def some_bytes(name: str, length: int = 32) -> bytes:
    return shake_256(name.encode()).digest(length)


def some_id(name: str) -> bytes:
    return some_bytes("id of " + name, 16)


def some_digest(name: str) -> Digest:
    return Digest(some_bytes("digest of " + name))


def some_secret(name: str) -> SecretKey:
    return SecretKey(some_bytes("secret of " + name))


def signing_key(name: str) -> SigningKey:
    return SigningKey.from_seed(some_bytes("signing seed of " + name))


def kem_seed(name: str) -> bytes:
    return some_bytes("KEM seed of " + name)


def kem_key(name: str) -> KemKey:
    return KemKey.from_seed(kem_seed(name))


def flipped(data: bytes, at: int = -1) -> bytes:
    """`data` with one bit changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


KARI = kem_key("Kari")
OFFICERS = (kem_key("officer A"), kem_key("officer B"))
VAULT_KEYS = tuple(key.public for key in OFFICERS)

ENTRY = RosterEntry(some_id("Kari"), 1, kem_hash([KARI.public]))
VAULT_ENTRY = RosterEntry(some_id("vault"), 1, kem_hash(VAULT_KEYS))
ROSTER = tuple(sorted((ENTRY, VAULT_ENTRY), key=lambda entry: entry.principal))

CONTEXT = EpochContext(
    deployment=some_id("deployment"),
    channel=some_id("channel"),
    thread=3,
    epoch=7,
    committer=some_id("device"),
    membership_version=5,
    roster_hash=roster_hash(ROSTER),
)

GRANT_CONTEXT = GrantContext(
    deployment=some_id("deployment"),
    channel=some_id("channel"),
    granter=some_id("device"),
    recipient=some_id("Kari"),
    key_version=1,
    command_id=some_id("command"),
)
