"""What changes in a profile on disk: keys that the person's other devices brought, and this device's own KEM key."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copy2

from crypto import boxes, keyrings
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.keyrings import Keyring
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.ids import PrincipalId
from samsnakk.errors import BadProfile
from samsnakk.keyring_rings import roles_of
from samsnakk.private_files import write_private
from samsnakk.profile import (
    KEYRING,
    ROLES,
    STORE,
    Seeds,
    Unlocked,
    decode_roles,
    encode_roles,
    open_from_profile,
    seal_for_profile,
)

DEVICE_KEM = "device-kem.key"
"""The file with the seed of the device's own KEM key: its way into the shared keyring."""


def device_kem_key(unlocked: Unlocked) -> KemKey:
    """The device's own KEM key, made at its first use. Raises `BadProfile`."""
    path = unlocked.folder / DEVICE_KEM
    if not path.exists():
        keep_device_kem_seed(unlocked, SecretKey(random_bytes(32)))
    try:
        return KemKey.from_seed(open_from_profile(unlocked.keyring_key, DEVICE_KEM, path.read_bytes()))
    except (OSError, CryptoError) as error:
        raise BadProfile(type(error).__name__) from None


def keep_device_kem_seed(unlocked: Unlocked, seed: SecretKey) -> None:
    """Write the seed of the device's KEM key, sealed."""
    write_private(unlocked.folder / DEVICE_KEM, seal_for_profile(unlocked.keyring_key, DEVICE_KEM, seed))


def roles_in_profile(unlocked: Unlocked) -> Mapping[PrincipalId, Seeds]:
    """The seeds of the inboxes that this profile may act for."""
    try:
        sealed = (unlocked.folder / ROLES).read_bytes()
        return decode_roles(open_from_profile(unlocked.keyring_key, ROLES, sealed))
    except (OSError, CryptoError) as error:
        raise BadProfile(type(error).__name__) from None


def without_memory(unlocked: Unlocked, folder: Path) -> Unlocked:
    """The profile in an empty folder, with nothing of what it received: keys, and how far the log was accepted."""
    for file in unlocked.folder.iterdir():
        if file.is_file() and not file.name.startswith(STORE):
            copy2(file, folder / file.name)
    return replace(unlocked, folder=folder)


def take_in(unlocked: Unlocked, ring: Keyring) -> Unlocked:
    """Keep the seeds that the shared keyring brought; the ways into this profile stay as they are."""
    path = unlocked.folder / KEYRING
    slots = keyrings.parse_keyring_file(path.read_bytes()).slots
    mine = replace(ring, pins={})
    sealed = keyrings.seal_keyring(mine, unlocked.keyring_key, slots, nonce=random_bytes(boxes.NONCE_LENGTH))
    write_private(path, sealed)
    roles = _merged(roles_of(ring), roles_in_profile(unlocked))
    return _with_roles(replace(unlocked, ring=mine), roles)


def keep_role_seeds(unlocked: Unlocked, role: PrincipalId, seeds: Seeds) -> Unlocked:
    """Keep an inbox's seeds, which its key stream names, beside all others; what other programs kept is there, too."""
    if not seeds:
        return unlocked
    before = roles_in_profile(unlocked)
    roles = _merged(before, {role: seeds})
    if roles != before:
        return _with_roles(unlocked, roles)
    known = unlocked.kem_keys.get(role, {}).keys()
    return unlocked if known == roles[role].keys() else _opened(unlocked, roles)


def _merged(
    before: Mapping[PrincipalId, Seeds], after: Mapping[PrincipalId, Seeds]
) -> dict[PrincipalId, dict[int, bytes]]:
    """The seeds of both; where both know a version, the later word counts."""
    return {role: {**before.get(role, {}), **after.get(role, {})} for role in {**before, **after}}


def _with_roles(unlocked: Unlocked, roles: Mapping[PrincipalId, Seeds]) -> Unlocked:
    write_private(unlocked.folder / ROLES, seal_for_profile(unlocked.keyring_key, ROLES, encode_roles(roles)))
    return _opened(unlocked, roles)


def _opened(unlocked: Unlocked, roles: Mapping[PrincipalId, Seeds]) -> Unlocked:
    seeds: Mapping[PrincipalId, Seeds] = {unlocked.identity.person: dict(unlocked.ring.seeds), **roles}
    kem = {who: {version: KemKey.from_seed(seed) for version, seed in found.items()} for who, found in seeds.items()}
    return replace(unlocked, kem_keys=kem)
