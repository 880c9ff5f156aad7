"""How a keyring file goes to the hub, and how it is found again with nothing but a recovery code (protocol §3).

A deposit is the CBOR array [1, generation, hash of the file it replaces or null, locator hashes, file]. A device signs
its digest, so the hub cannot put one part of it beside another; the generation and the replaced hash let exactly one of
two devices that write at the same time go first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto import labels
from crypto.cbor import decode, encode
from crypto.derivation import derive_key
from crypto.errors import Malformed
from crypto.hashing import Digest, hash_with
from crypto.keyrings import MAX_FILE, parse_keyring_file
from crypto.recovery_codes import parse_recovery_code
from crypto.shapes import Id, SecretKey, array, blob, digest, identifier, strictly_rising, whole

FORMAT: Final = 1
MAX_LOCATORS: Final = 4
"""Recovery codes that find one keyring."""
MAX_DEPOSIT: Final = MAX_FILE + 1024


@dataclass(frozen=True, slots=True)
class Deposit:
    """A keyring file on its way. `generation` counts from 1; `replaces` is the hash of the one before, if any."""

    generation: int
    replaces: Digest | None
    locators: tuple[Digest, ...]
    file: bytes = field(repr=False)


def encode_deposit(deposit: Deposit) -> bytes:
    """The deposit as it travels. Raises `Malformed` if it could not be read back."""
    locators = sorted(deposit.locators)
    data = encode([FORMAT, deposit.generation, deposit.replaces, locators, deposit.file])
    parse_deposit(data)
    return data


def parse_deposit(data: bytes) -> Deposit:
    """The deposit; its keyring file has the form of one. Raises `Malformed`."""
    form, generation, replaces, locators, file = array(decode(data, max_size=MAX_DEPOSIT, max_depth=2), 5)
    whole(form, FORMAT, FORMAT)
    found = tuple(digest(locator) for locator in array(locators))
    strictly_rising(found)
    if len(found) > MAX_LOCATORS:
        raise Malformed("too many recovery codes")
    number = whole(generation, 1)
    before = None if replaces is None else digest(replaces)
    if (number == 1) is not (before is None):
        raise Malformed("the first keyring replaces none, every other one does")
    parse_keyring_file(blob(file))
    return Deposit(number, before, found, blob(file))


def deposit_digest(data: bytes) -> Digest:
    """What the device signs for."""
    return hash_with(labels.KEYRING_DEPOSIT, data)


def recovery_locator(deployment: Id, code: str) -> SecretKey:
    """32 bytes by which whoever has the code finds the keyring. They tell nothing about the code. Raises `Malformed`.

    The code has 160 random bits and the slot's key is derived under another label and salt, so the hub learns nothing
    that would help it to open the slot (RFC 5869 §3.2).
    """
    secret = parse_recovery_code(code)
    return derive_key(secret, salt=b"", label=labels.KEYRING_LOCATOR, context=encode([identifier(deployment)]))


def locator_hash(locator: bytes) -> Digest:
    """What the hub keeps of a locator: who steals its database can ask for no keyring with it."""
    return hash_with(labels.KEYRING_LOCATOR_HASH, locator)


def locator_hashes(deployment: Id, codes: Sequence[str]) -> tuple[Digest, ...]:
    """The hashes of several codes, sorted as a deposit wants them. Raises `Malformed`."""
    return tuple(sorted(locator_hash(recovery_locator(deployment, code)) for code in codes))
