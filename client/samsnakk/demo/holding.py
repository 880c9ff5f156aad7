"""Which secrets a participant's folder holds: found by opening it, told as fingerprints."""

from pathlib import Path

from crypto.signing import SigningKey
from samsnakk.demo.coming import DEVICES, Home
from samsnakk.demo.lines import Holds
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.searching import fingerprint, found_below
from samsnakk.profile import DEVICE, PROFILE, ROLES, Unlocked, decode_roles, open_from_profile


def examined(home: Home, number: int, hub: Path) -> Holds:
    """Everything secret in both profiles, and whether any of it lies in the hub's folder."""
    secrets: dict[str, bytes] = {}
    publics: dict[str, bytes] = {}
    for device in DEVICES:
        folder = home.folder / device
        if (folder / PROFILE).exists():
            secrets |= _secrets(unlock_profile(folder), device)
            publics[f"public {device}"] = SigningKey.from_seed(secrets[f"enhet {device}"]).public
    found = found_below(hub, {**secrets, **publics})
    fingerprints = {name: fingerprint(secret) for name, secret in secrets.items()}
    return Holds(number, fingerprints, tuple(sorted(found & secrets.keys())), publics.keys() <= found)


def _secrets(unlocked: Unlocked, device: str) -> dict[str, bytes]:
    key, folder = unlocked.keyring_key, unlocked.folder
    held = {f"enhet {device}": open_from_profile(key, DEVICE, (folder / DEVICE).read_bytes())}
    held |= {f"nøkkel {version}": bytes(seed) for version, seed in unlocked.ring.seeds}
    if unlocked.ring.root_seed is not None:
        held["rot"] = bytes(unlocked.ring.root_seed)
    roles = decode_roles(open_from_profile(key, ROLES, (folder / ROLES).read_bytes()))
    for role, seeds in roles.items():
        held |= {f"innboks {role.hex()[:8]} {version}": bytes(seed) for version, seed in seeds.items()}
    return held
