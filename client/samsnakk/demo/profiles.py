"""Profiles of a demonstration: they open with a key that lies beside them, so that everybody can be anybody."""

from pathlib import Path
from typing import Final

from crypto.random import random_bytes
from protocol.trust import Trust
from samsnakk.demo.authority import SEED, Holder, Person
from samsnakk.private_files import write_private
from samsnakk.profile import Identity, Profile, Seeds, Unlocked
from samsnakk.profile import Secrets as ProfileSecrets

UNLOCK_FILE: Final = "unlock.key"
"""32 bytes that open the profile. No profile of a real person has such a file."""


def make_profile(folder: Path, trust: Trust, person: Person, inboxes: tuple[Holder, ...]) -> Profile:
    """A profile for the person's present device, who may act for `inboxes`."""
    secrets = ProfileSecrets(
        signing_seed=person.device_seed,
        seeds=_seeds(person.holder),
        roles={inbox.id: _seeds(inbox) for inbox in inboxes},
        root_seed=person.root_seed,
    )
    return new_profile(folder, trust, Identity(person.id, person.device, person.organisation), secrets)


def new_profile(folder: Path, trust: Trust, identity: Identity, secrets: ProfileSecrets) -> Profile:
    """A profile with a fresh key beside it."""
    key = random_bytes(SEED)
    profile = Profile.create(folder, trust, identity, secrets, key=key)
    write_private(folder / UNLOCK_FILE, key)
    return profile


def unlock_profile(folder: Path) -> Unlocked:
    """The profile, opened with the key beside it. Raises `BadProfile`, `CannotUnlock`, `FileNotFoundError`."""
    return Profile.open(folder).unlock(key=(folder / UNLOCK_FILE).read_bytes())


def _seeds(holder: Holder) -> Seeds:
    return dict(enumerate((seeds[0] for seeds in holder.seeds), 1))
