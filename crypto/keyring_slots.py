"""The ways into a keyring: its 32-byte key, wrapped once for each device, passkey, passphrase and recovery code.

Each slot is a CBOR array led by its kind: ["passphrase", salt, [memory, iterations, lanes], wrapped], ["device",
device id, sealed], ["prf", credential id, salt, wrapped], ["recovery", salt, wrapped]. Each is bound to its person.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never
from unicodedata import normalize

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import labels
from crypto.boxes import ONLY_NONCE, TAG_LENGTH, open_box, seal_box
from crypto.cbor import CborInput, CborValue, encode
from crypto.derivation import derive_key
from crypto.errors import BadKey, Malformed
from crypto.kem import OVERHEAD, KemKey, hpke_open, hpke_seal
from crypto.labels import Label, labelled
from crypto.recovery_codes import parse_recovery_code
from crypto.shapes import KEY_LENGTH, Id, SecretKey, array, blob, exactly, identifier, secret, short_text, whole

SALT_LENGTH: Final = 32
MAX_CREDENTIAL: Final = 1023
"""Bytes of a credential id (WebAuthn Level 3 §4)."""

_WRAPPED_LENGTH: Final = KEY_LENGTH + TAG_LENGTH
_MEMORY_KIB: Final = (64 * 1024, 1024 * 1024)
_ITERATIONS: Final = (3, 16)
_LANES: Final = (1, 16)


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """What guessing costs: Argon2id's memory in KiB, iterations and lanes.

    The parameters travel with the slot. Below the default a forged file could make guessing cheap, far above it one
    could exhaust the reader's memory: both raise `Malformed`.
    """

    memory_kib: int = _MEMORY_KIB[0]
    iterations: int = _ITERATIONS[0]
    lanes: int = 4

    def __post_init__(self) -> None:
        whole(self.memory_kib, *_MEMORY_KIB)
        whole(self.iterations, *_ITERATIONS)
        whole(self.lanes, *_LANES)


RECOMMENDED_COST: Final = PassphraseCost()
"""RFC 9106 §4, second recommended option: 64 MiB, 3 iterations, 4 lanes."""


@dataclass(frozen=True, slots=True)
class PassphraseSlot:
    """For whoever knows the passphrase."""

    salt: bytes
    cost: PassphraseCost
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class DeviceSlot:
    """For the device with this KEM key."""

    device: Id
    sealed: bytes


@dataclass(frozen=True, slots=True)
class PrfSlot:
    """For the passkey with this credential id, by its PRF evaluated on `salt` (WebAuthn Level 3 §10.1.4)."""

    credential: bytes
    salt: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class RecoverySlot:
    """For whoever has the recovery code."""

    salt: bytes
    wrapped: bytes


Slot: TypeAlias = PassphraseSlot | DeviceSlot | PrfSlot | RecoverySlot


def passphrase_slot(
    person: Id, keyring_key: SecretKey, passphrase: str, salt: bytes, cost: PassphraseCost = RECOMMENDED_COST
) -> PassphraseSlot:
    """A slot for a passphrase. `salt` is 32 fresh random bytes. Raises `Malformed` if there is no passphrase."""
    key = _passphrase_key(person, passphrase, exactly(salt, SALT_LENGTH), cost)
    return PassphraseSlot(salt, cost, _wrap(key, keyring_key))


def open_passphrase_slot(person: Id, slot: PassphraseSlot, passphrase: str) -> SecretKey:
    """The keyring key. Raises `CannotOpen`."""
    return _unwrap(_passphrase_key(person, passphrase, slot.salt, slot.cost), slot.wrapped)


def device_slot(person: Id, keyring_key: SecretKey, device: Id, public: bytes) -> DeviceSlot:
    """A slot for a device by its public KEM key. Raises `BadKey`."""
    return DeviceSlot(device, hpke_seal(public, _device_info(person, device), keyring_key))


def open_device_slot(person: Id, slot: DeviceSlot, key: KemKey) -> SecretKey:
    """The keyring key. Raises `CannotOpen`.

    Anyone can seal to a device. So check `crypto.keyrings.verify_keyring_hash` first, or this may be a stranger's.
    """
    return SecretKey(hpke_open(key, _device_info(person, slot.device), slot.sealed))


def prf_slot_key(person: Id, credential: bytes, prf_output: bytes, salt: bytes) -> SecretKey:
    """The key of a passkey's slot, from the 32-byte output of its PRF on `salt`. Raises `BadKey`, `Malformed`.

    This, not the output, is what a page hands to a program: it opens the slot with this salt and nothing else.
    """
    if not 0 < len(credential) <= MAX_CREDENTIAL:
        raise Malformed("not a credential id")
    if len(prf_output) != KEY_LENGTH:
        raise BadKey("a PRF output is 32 bytes")
    return _derived(prf_output, exactly(salt, SALT_LENGTH), labels.KEYRING_PRF, [person, credential])


def prf_slot(person: Id, keyring_key: SecretKey, credential: bytes, prf_output: bytes, salt: bytes) -> PrfSlot:
    """A slot for a passkey by the 32-byte output of its PRF on `salt`, 32 fresh random bytes. Raises `BadKey`."""
    return prf_slot_with(prf_slot_key(person, credential, prf_output, salt), keyring_key, credential, salt)


def prf_slot_with(slot_key: SecretKey, keyring_key: SecretKey, credential: bytes, salt: bytes) -> PrfSlot:
    """The same by `prf_slot_key`, which is good for this one slot: `salt` must be fresh."""
    return PrfSlot(credential, salt, _wrap(slot_key, keyring_key))


def open_prf_slot(person: Id, slot: PrfSlot, prf_output: bytes) -> SecretKey:
    """The keyring key. Raises `CannotOpen`, `BadKey`."""
    return open_prf_slot_with(prf_slot_key(person, slot.credential, prf_output, slot.salt), slot)


def open_prf_slot_with(slot_key: SecretKey, slot: PrfSlot) -> SecretKey:
    """The keyring key by `prf_slot_key`. Raises `CannotOpen`."""
    return _unwrap(slot_key, slot.wrapped)


def recovery_slot(person: Id, keyring_key: SecretKey, code: str, salt: bytes) -> RecoverySlot:
    """A slot for a recovery code. `salt` is 32 fresh random bytes. Raises `Malformed` if `code` is none."""
    key = _recovery_key(person, code, exactly(salt, SALT_LENGTH))
    return RecoverySlot(salt, _wrap(key, keyring_key))


def open_recovery_slot(person: Id, slot: RecoverySlot, code: str) -> SecretKey:
    """The keyring key. Raises `CannotOpen`, or `Malformed` if `code` is no recovery code."""
    return _unwrap(_recovery_key(person, code, slot.salt), slot.wrapped)


def slot_items(slot: Slot) -> list[CborInput]:
    """The slot as it stands in the file."""
    match slot:
        case PassphraseSlot(salt, cost, wrapped):
            return ["passphrase", salt, [cost.memory_kib, cost.iterations, cost.lanes], wrapped]
        case DeviceSlot(device, sealed):
            return ["device", device, sealed]
        case PrfSlot(credential, salt, wrapped):
            return ["prf", credential, salt, wrapped]
        case RecoverySlot(salt, wrapped):
            return ["recovery", salt, wrapped]
        case _:
            assert_never(slot)


def parse_slot(value: CborValue) -> Slot:
    """The slot in a decoded array. Raises `Malformed`, also for kinds it does not know."""
    match array(value):
        case ["passphrase", salt, cost, wrapped]:
            memory, iterations, lanes = (whole(item) for item in array(cost, 3))
            return PassphraseSlot(
                exactly(salt, SALT_LENGTH), PassphraseCost(memory, iterations, lanes), exactly(wrapped, _WRAPPED_LENGTH)
            )
        case ["device", device, sealed]:
            return DeviceSlot(identifier(device), exactly(sealed, KEY_LENGTH + OVERHEAD))
        case ["prf", credential, salt, wrapped]:
            if not 0 < len(blob(credential)) <= MAX_CREDENTIAL:
                raise Malformed("not a credential id")
            return PrfSlot(blob(credential), exactly(salt, SALT_LENGTH), exactly(wrapped, _WRAPPED_LENGTH))
        case ["recovery", salt, wrapped]:
            return RecoverySlot(exactly(salt, SALT_LENGTH), exactly(wrapped, _WRAPPED_LENGTH))
        case _:
            raise Malformed("unknown kind of slot")


def _wrap(key: SecretKey, keyring_key: SecretKey) -> bytes:
    # The nonce may be constant because `key` comes from a fresh salt and wraps this one key.
    return seal_box(key, ONLY_NONCE, b"", secret(keyring_key))


def _unwrap(key: SecretKey, wrapped: bytes) -> SecretKey:
    return SecretKey(open_box(key, ONLY_NONCE, b"", wrapped))


def _passphrase_key(person: Id, passphrase: str, salt: bytes, cost: PassphraseCost) -> SecretKey:
    # NFC, because keyboards differ in how they spell "å" (RFC 8265 §4.2.2, OpaqueString).
    typed = normalize("NFC", short_text(passphrase, 1024)).encode()
    argon2id = Argon2id(
        salt=salt, length=KEY_LENGTH, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return _derived(argon2id.derive(typed), salt, labels.KEYRING_PASSPHRASE, [person])


def _recovery_key(person: Id, code: str, salt: bytes) -> SecretKey:
    # 160 random bits need no slow hash: there is nothing to guess.
    return _derived(parse_recovery_code(code), salt, labels.KEYRING_RECOVERY, [person])


def _derived(source: bytes, salt: bytes, label: Label, context: list[CborInput]) -> SecretKey:
    return derive_key(source, salt=salt, label=label, context=encode(context))


def _device_info(person: Id, device: Id) -> bytes:
    return labelled(labels.KEYRING_DEVICE, encode([person, identifier(device)]))
