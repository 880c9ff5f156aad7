"""What a person's shared keyring holds by name: her devices' KEM keys, and the seeds of the inboxes she may act for."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from crypto.keyring_slots import DeviceSlot, PrfSlot, Slot, device_slot
from crypto.keyrings import Keyring
from crypto.shapes import SecretKey
from domain.ids import DeviceId, PrincipalId

MAX_DEVICE_NAME: Final = 60
"""Characters of what a person calls a device."""
_DEVICE, _NAME, _ROLE, _PASSKEY = "device/", "device-name/", "role/", "passkey-name/"


def with_device(ring: Keyring, device: DeviceId, kem_key: bytes, name: str) -> Keyring:
    """The keyring with one device more; `name` is what the person calls it."""
    text = name.strip()[:MAX_DEVICE_NAME].encode() or b"?"
    return replace(ring, pins={**ring.pins, _DEVICE + device.hex(): kem_key, _NAME + device.hex(): text})


def without_device(ring: Keyring, device: DeviceId) -> Keyring:
    """The keyring without that device."""
    gone = {_DEVICE + device.hex(), _NAME + device.hex()}
    return replace(ring, pins={name: pin for name, pin in ring.pins.items() if name not in gone})


def device_names(ring: Keyring) -> dict[DeviceId, str]:
    """What the person calls each of her devices."""
    return {
        DeviceId(bytes.fromhex(name.removeprefix(_NAME))): pin.decode(errors="replace")
        for name, pin in ring.pins.items()
        if name.startswith(_NAME)
    }


def slots_of_devices(ring: Keyring, keyring_key: SecretKey) -> list[DeviceSlot]:
    """A way in for every device in the keyring."""
    return [
        device_slot(ring.person, keyring_key, bytes.fromhex(name.removeprefix(_DEVICE)), pin)
        for name, pin in sorted(ring.pins.items())
        if name.startswith(_DEVICE)
    ]


def with_passkey(ring: Keyring, salt: bytes, name: str) -> Keyring:
    """The keyring with the name of one passkey more; its slot is known by its salt."""
    text = name.strip()[:MAX_DEVICE_NAME].encode() or b"?"
    return replace(ring, pins={**ring.pins, _PASSKEY + salt.hex(): text})


def with_passkeys_of(ring: Keyring, slots: Iterable[Slot]) -> Keyring:
    """The keyring without the names of passkeys that have no slot among these."""
    stay = {_PASSKEY + slot.salt.hex() for slot in slots if isinstance(slot, PrfSlot)}
    pins = {name: pin for name, pin in ring.pins.items() if not name.startswith(_PASSKEY) or name in stay}
    return replace(ring, pins=pins)


def passkey_names(ring: Keyring, slots: Iterable[Slot]) -> dict[bytes, str]:
    """What the person calls the passkeys that open the keyring, by the salts of their slots."""
    found = (slot.salt for slot in slots if isinstance(slot, PrfSlot))
    return {salt: ring.pins.get(_PASSKEY + salt.hex(), b"?").decode(errors="replace") for salt in found}


def with_roles(ring: Keyring, roles: Mapping[PrincipalId, Mapping[int, bytes]]) -> Keyring:
    """The keyring with the seeds of these inboxes."""
    pins = {f"{_ROLE}{role.hex()}/{version}": seed for role, found in roles.items() for version, seed in found.items()}
    return replace(ring, pins={**ring.pins, **pins})


def roles_of(ring: Keyring) -> dict[PrincipalId, dict[int, bytes]]:
    """The seeds of inboxes by version."""
    found: dict[PrincipalId, dict[int, bytes]] = {}
    for name, pin in ring.pins.items():
        if name.startswith(_ROLE):
            role, version = name.removeprefix(_ROLE).split("/")
            found.setdefault(PrincipalId(bytes.fromhex(role)), {})[int(version)] = pin
    return found
