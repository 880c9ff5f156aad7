"""A person's profile on this machine: a folder that opens with a passphrase, or with a key from the system's keyring.

    trust.json    what is believed beforehand (public)        profile.json  who this is: ids, nothing secret
    keyring       the person's KEM seeds (crypto.keyrings)    device.key    this device's signing seed, sealed
    roles.key     seeds of the roles this person may act for  local.db      what was received, sealed row by row
    log.pin       what is believed of the hub's log, sealed

One random keyring key opens everything else; a passphrase or a raw key only opens that key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from crypto import boxes, cbor, keyrings, labels
from crypto.derivation import expand_key
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.keyring_slots import (
    PassphraseSlot,
    RecoverySlot,
    Slot,
    open_passphrase_slot,
    open_recovery_slot,
    passphrase_slot,
    recovery_slot,
)
from crypto.random import random_bytes
from crypto.recovery_codes import format_recovery_code
from crypto.shapes import SecretKey, array, blob, identifier, secret, whole
from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId, PrincipalId
from protocol.trust import BadTrustFile, Trust, decode_trust, encode_trust
from samsnakk.errors import BadProfile, CannotUnlock
from samsnakk.private_files import write_private

TRUST, PROFILE, KEYRING, DEVICE, ROLES, STORE, LOG_PIN = (
    "trust.json",
    "profile.json",
    "keyring",
    "device.key",
    "roles.key",
    "local.db",
    "log.pin",
)
SERVICE: Final = "samsnakk"
"""The name under which keys stand in the system's keyring."""

_FILE_KEY: Final = labels.Label(labels.PREFIX + b"profile-file-key")
_STORE_KEY: Final = labels.Label(labels.PREFIX + b"local-store-key")
_RAW_KEY: Final = labels.Label(labels.PREFIX + b"profile-raw-key")
_RECOVERY_LENGTH: Final = 20

Seeds = Mapping[int, bytes]
"""32-byte KEM seeds by key version."""


class _Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: bytes
    device: bytes
    organisation: bytes | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose profile it is, on which device, and for which organisation (None: a user or relative)."""

    person: PrincipalId
    device: DeviceId
    organisation: OrganisationId | None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a new profile is made of: the device's 32-byte signing seed, the person's and roles' KEM seeds."""

    signing_seed: bytes = field(repr=False)
    seeds: Seeds = field(repr=False)
    roles: Mapping[PrincipalId, Seeds] = field(default_factory=dict, repr=False)
    root_seed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """An opened profile. Shows nothing secret."""

    folder: Path
    identity: Identity
    trust: Trust = field(repr=False)
    signing_key: SigningKey
    kem_keys: Mapping[PrincipalId, Mapping[int, KemKey]] = field(repr=False)
    """The private KEM keys by version, of the person and of every role the person may act for."""
    local_key: SecretKey = field(repr=False)
    ring: keyrings.Keyring = field(repr=False)
    """What stands in the keyring file here, the root seed of a user included."""
    keyring_key: SecretKey = field(repr=False)

    @property
    def store_file(self) -> Path:
        """The encrypted local store."""
        return self.folder / STORE


class Profile:
    """A profile folder, still locked."""

    def __init__(self, folder: Path, identity: Identity) -> None:
        self.folder: Final = folder
        self.identity: Final = identity

    @classmethod
    def create(
        cls,
        folder: Path,
        trust: Trust,
        identity: Identity,
        secrets: Secrets,
        *,
        passphrase: str | None = None,
        key: bytes | None = None,
    ) -> "Profile":
        """Make a profile in `folder`, to be opened with `passphrase`, or else with `key` (32 bytes).

        With neither, a fresh key is put into the system's keyring. Raises `CannotUnlock` if there is none.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        keyring_key = SecretKey(random_bytes(32))
        slot = _new_slot(identity, keyring_key, passphrase, key)
        ring = keyrings.Keyring(
            person=identity.person,
            seeds=tuple((version, SecretKey(seed)) for version, seed in sorted(secrets.seeds.items())),
            root_seed=None if secrets.root_seed is None else SecretKey(secrets.root_seed),
            pins={},
        )
        sealed = keyrings.seal_keyring(ring, keyring_key, [slot], nonce=random_bytes(boxes.NONCE_LENGTH))
        write_private(folder / TRUST, encode_trust(trust))
        write_private(folder / KEYRING, sealed)
        write_private(folder / DEVICE, seal_for_profile(keyring_key, DEVICE, secrets.signing_seed))
        write_private(folder / ROLES, seal_for_profile(keyring_key, ROLES, encode_roles(secrets.roles)))
        keep_log_pin(folder, keyring_key, "")
        who = _Who(identity.person, identity.device, identity.organisation)
        write_private(folder / PROFILE, msgspec.json.encode(who))
        return cls(folder, identity)

    @classmethod
    def open(cls, folder: Path) -> "Profile":
        """The profile in `folder`. Raises `BadProfile`."""
        try:
            who = msgspec.json.decode((folder / PROFILE).read_bytes(), type=_Who)
        except (OSError, msgspec.MsgspecError) as error:
            raise BadProfile(type(error).__name__) from None
        organisation = None if who.organisation is None else OrganisationId(who.organisation)
        return cls(folder, Identity(PrincipalId(who.person), DeviceId(who.device), organisation))

    def update_trust(self, trust: Trust) -> None:
        """Replace the trust file by a newer one that came out of band."""
        write_private(self.folder / TRUST, encode_trust(trust))

    def unlock(self, passphrase: str | None = None, *, key: bytes | None = None) -> Unlocked:
        """Open the profile with the passphrase, the raw key, or else the key in the system's keyring.

        Takes about 0.2 s with a passphrase, on purpose (Argon2id).

        Raises:
            CannotUnlock: wrong passphrase or key.
            BadProfile: a file is missing or damaged.

        """
        try:
            trust = decode_trust((self.folder / TRUST).read_bytes())
            file = keyrings.parse_keyring_file((self.folder / KEYRING).read_bytes())
            device, roles = (self.folder / DEVICE).read_bytes(), (self.folder / ROLES).read_bytes()
        except (OSError, BadTrustFile, CryptoError) as error:
            raise BadProfile(type(error).__name__) from None
        try:
            keyring_key = _keyring_key(self.identity, file.slots, passphrase, key)
            ring = keyrings.open_keyring(file, self.identity.person, keyring_key)
            signing_key = SigningKey.from_seed(open_from_profile(keyring_key, DEVICE, device))
            seeds = {
                self.identity.person: dict(ring.seeds),
                **decode_roles(open_from_profile(keyring_key, ROLES, roles)),
            }
        except CryptoError:
            raise CannotUnlock from None
        kem = {who: {version: KemKey.from_seed(s) for version, s in found.items()} for who, found in seeds.items()}
        local_key = expand_key(keyring_key, label=_STORE_KEY, context=b"")
        return Unlocked(self.folder, self.identity, trust, signing_key, kem, local_key, ring, keyring_key)

    def __repr__(self) -> str:
        return f"Profile({str(self.folder)!r})"


def _new_slot(identity: Identity, keyring_key: SecretKey, passphrase: str | None, key: bytes | None) -> Slot:
    salt = random_bytes(32)
    if passphrase is not None:
        return passphrase_slot(identity.person, keyring_key, passphrase, salt)
    if key is None:
        key = random_bytes(32)
        _keep_in_system_keyring(identity, key)
    return recovery_slot(identity.person, keyring_key, _code(key), salt)


def _keyring_key(identity: Identity, slots: tuple[Slot, ...], passphrase: str | None, key: bytes | None) -> SecretKey:
    for slot in slots:
        if isinstance(slot, PassphraseSlot) and passphrase is not None:
            return open_passphrase_slot(identity.person, slot, passphrase)
        if isinstance(slot, RecoverySlot) and passphrase is None:
            return open_recovery_slot(identity.person, slot, _code(key or _system_key(identity)))
    raise CannotUnlock


def _keep_in_system_keyring(identity: Identity, key: bytes) -> None:
    import keyring as system_keyring  # noqa: PLC0415 - finding its backends is slow; few need them
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        system_keyring.set_password(SERVICE, identity.device.hex(), key.hex())
    except KeyringError:
        raise CannotUnlock from None


def _system_key(identity: Identity) -> bytes:
    import keyring as system_keyring  # noqa: PLC0415 - as above
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        found = system_keyring.get_password(SERVICE, identity.device.hex())
    except KeyringError:
        found = None
    if found is None:
        raise CannotUnlock
    return bytes.fromhex(found)


def _code(key: bytes) -> str:
    """A raw key takes the door that a recovery code takes: both are random, so neither needs a slow hash."""
    return format_recovery_code(expand_key(SecretKey(key), label=_RAW_KEY, context=b"")[:_RECOVERY_LENGTH])


def keep_log_pin(folder: Path, keyring_key: SecretKey, note: str) -> None:
    """Pin the log at this checkpoint; an empty note pins its beginning, which every later checkpoint goes on from."""
    write_private(folder / LOG_PIN, seal_for_profile(keyring_key, LOG_PIN, note.encode()))


def seal_for_profile(keyring_key: SecretKey, name: str, data: bytes) -> bytes:
    """What is to lie in the profile's file `name`."""
    nonce = random_bytes(boxes.NONCE_LENGTH)
    return nonce + boxes.seal_box(_file_key(keyring_key), nonce, name.encode(), data)


def open_from_profile(keyring_key: SecretKey, name: str, sealed: bytes) -> bytes:
    """What lies in the profile's file `name`. Raises `CannotOpen`, `BadKey`."""
    nonce, box = sealed[: boxes.NONCE_LENGTH], sealed[boxes.NONCE_LENGTH :]
    return boxes.open_box(_file_key(keyring_key), nonce, name.encode(), box)


def _file_key(keyring_key: SecretKey) -> SecretKey:
    return expand_key(keyring_key, label=_FILE_KEY, context=b"")


def encode_roles(roles: Mapping[PrincipalId, Seeds]) -> bytes:
    """Seeds of inboxes as they stand in `roles.key`."""
    return cbor.encode([[role, version, seed] for role, seeds in roles.items() for version, seed in seeds.items()])


def decode_roles(data: bytes) -> dict[PrincipalId, dict[int, SecretKey]]:
    """The seeds by inbox and version. Raises `Malformed`."""
    found: dict[PrincipalId, dict[int, SecretKey]] = {}
    for row in array(cbor.decode(data, max_size=len(data), max_depth=2)):
        role, version, seed = array(row, 3)
        found.setdefault(PrincipalId(identifier(role)), {})[whole(version, 1)] = secret(blob(seed))
    return found
