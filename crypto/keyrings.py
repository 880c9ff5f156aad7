"""A person's keyring: KEM seeds and pins, encrypted, kept by the hub for the person's own devices (protocol §3).

A file is the CBOR array [1, slots, nonce, ciphertext] under a random 32-byte keyring key; `crypto.keyring_slots` are
the ways to that key. All slots are bound into the encryption, so nobody without the key adds, removes or changes one.
The whole file's hash stands in the person's key stream: that, not the encryption, says it is theirs and the newest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from crypto import labels
from crypto.boxes import NONCE_LENGTH, TAG_LENGTH, open_box, seal_box
from crypto.cbor import CborInput, CborValue, decode, encode
from crypto.errors import CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.keyring_slots import Slot, parse_slot, slot_items
from crypto.labels import labelled
from crypto.shapes import (
    Id,
    SecretKey,
    array,
    blob,
    exactly,
    fields,
    identifier,
    secret,
    short_text,
    strictly_rising,
    whole,
)

FORMAT: Final = 1
MAX_SLOTS: Final = 32
MAX_CONTENT: Final = 1024 * 1024
MAX_FILE: Final = MAX_CONTENT + 64 * 1024
MAX_PIN_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Keyring:
    """What the person's devices share.

    `seeds` are the 32-byte KEM seeds by key version; `root_seed` is the signing seed of a user's own root, None for
    staff; `pins` are heads, roots and checkpoints by name, which a new device trusts. Never a device's signing key.
    """

    person: Id
    seeds: tuple[tuple[int, SecretKey], ...] = field(repr=False)
    root_seed: SecretKey | None = field(repr=False)
    pins: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyringFile:
    """A file, parsed but not opened."""

    slots: tuple[Slot, ...]
    nonce: bytes
    ciphertext: bytes


def seal_keyring(keyring: Keyring, keyring_key: SecretKey, slots: Sequence[Slot], *, nonce: bytes) -> bytes:
    """The file. `nonce` is 12 fresh random bytes. Raises `Malformed`, `BadKey`.

    Sealing again with the same key is how the content changes; a slot is taken away for good only by a new key. One
    key seals a few hundred times in its life, so random nonces do not meet (NIST SP 800-38D §8.3 allows 2^32).
    """
    listed = [slot_items(slot) for slot in slots]
    ciphertext = seal_box(keyring_key, nonce, _aad(keyring.person, listed), _encode(keyring))
    data = encode([FORMAT, listed, nonce, ciphertext])
    parse_keyring_file(data)
    return data


def parse_keyring_file(data: bytes) -> KeyringFile:
    """The file's slots, among which the reader finds its own. Raises `Malformed`."""
    form, slots, nonce, ciphertext = array(decode(data, max_size=MAX_FILE, max_depth=4), 4)
    whole(form, FORMAT, FORMAT)
    parsed = tuple(parse_slot(slot) for slot in array(slots))
    if not 0 < len(parsed) <= MAX_SLOTS:
        raise Malformed("no way in, or too many")
    return KeyringFile(parsed, exactly(nonce, NONCE_LENGTH), blob(ciphertext))


def open_keyring(file: KeyringFile, person: Id, keyring_key: SecretKey) -> Keyring:
    """The person's keyring, by the key that one of its slots gave. Raises `CannotOpen`, `Malformed`, `BadKey`."""
    listed = [slot_items(slot) for slot in file.slots]
    keyring = _decode(open_box(keyring_key, file.nonce, _aad(person, listed), file.ciphertext))
    if keyring.person != person:
        raise Malformed("another person's keyring")
    return keyring


def keyring_hash(data: bytes) -> Digest:
    """The hash of a keyring file, as it stands in the person's key stream."""
    return hash_with(labels.KEYRING_FILE, data)


def verify_keyring_hash(data: bytes, expected: Digest) -> None:
    """Raises `CannotOpen` unless `data` is the keyring file that the person's key stream names."""
    if not compare_digest(keyring_hash(data), expected):
        raise CannotOpen("not the keyring that the key stream names")


def _aad(person: Id, slots: list[list[CborInput]]) -> bytes:
    slots_hash = hash_with(labels.KEYRING_SLOTS, encode(slots))
    return labelled(labels.KEYRING, encode([FORMAT, identifier(person), slots_hash]))


def _encode(keyring: Keyring) -> bytes:
    content = encode(
        {
            "person": keyring.person,
            "seeds": keyring.seeds,
            "root_seed": keyring.root_seed,
            "pins": dict(keyring.pins),
        }
    )
    _decode(content)
    return content


def _decode(content: bytes) -> Keyring:
    value = decode(content, max_size=MAX_CONTENT - TAG_LENGTH, max_depth=3)
    person, seeds, root_seed, pins = fields(value, "person", "seeds", "root_seed", "pins")
    versions = tuple(_seed(row) for row in array(seeds))
    strictly_rising((version,) for version, _ in versions)
    root = None if root_seed is None else secret(root_seed)
    return Keyring(identifier(person), versions, root, _pins(pins))


def _seed(row: CborValue) -> tuple[int, SecretKey]:
    version, seed = array(row, 2)
    return whole(version, 1), secret(seed)


def _pins(value: CborValue) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise Malformed("pins are a map")
    return {short_text(name, MAX_PIN_NAME): blob(pin) for name, pin in value.items()}
