"""A profile opens for whoever knows the passphrase or has the key, and tells nobody else anything."""

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from domain.ids import PrincipalId
from samsnakk import BadProfile, CannotUnlock, Identity, Profile, Secrets
from samsnakk.demo.world import World
from samsnakk.keyring_rings import with_roles
from samsnakk.profile_changes import keep_role_seeds, roles_in_profile, take_in
from tests.client.conftest import KEY, make_profile


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))


def parts(world: World) -> tuple[Identity, Secrets]:
    kari = world.person("Kari")
    seeds = {version: seeds[0] for version, seeds in enumerate(kari.holder.seeds, 1)}
    return Identity(kari.id, kari.device, kari.organisation), Secrets(kari.device_seed, seeds)


def test_a_passphrase_opens_it_however_the_keyboard_spells_it(world: World, tmp_path: Path) -> None:
    identity, secrets = parts(world)
    Profile.create(tmp_path, world.trust, identity, secrets, passphrase="blåbær på fjellet")
    unlocked = Profile.open(tmp_path).unlock("bla\u030abær pa\u030a fjellet")
    assert unlocked.identity == identity
    assert unlocked.signing_key.public == world.person("Kari").signing_key.public
    assert unlocked.kem_keys[identity.person][1].public == world.person("Kari").kem_keys[1].public
    with pytest.raises(CannotUnlock):
        Profile.open(tmp_path).unlock("blåbær")


def test_the_system_keyring_opens_it_without_being_asked(world: World, tmp_path: Path) -> None:
    identity, secrets = parts(world)
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    try:
        Profile.create(tmp_path, world.trust, identity, secrets)
        assert Profile.open(tmp_path).unlock().identity == identity
        keyring.set_keyring(MemoryKeyring())
        with pytest.raises(CannotUnlock):
            Profile.open(tmp_path).unlock()
    finally:
        keyring.set_keyring(before)


def test_nothing_secret_is_shown_or_left_readable(world: World, tmp_path: Path) -> None:
    identity, secrets = parts(world)
    profile = make_profile(world, "Kari", tmp_path)
    unlocked = profile.unlock(key=KEY)
    hidden = [secrets.signing_seed, secrets.seeds[1], bytes(unlocked.local_key)]
    for secret in hidden:
        assert repr(secret)[2:-1] not in repr((profile, unlocked, secrets))
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
        assert not any(secret in path.read_bytes() for secret in hidden), path.name
    assert identity.person == unlocked.identity.person


def test_another_key_opens_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(CannotUnlock):
        make_profile(world, "Kari", tmp_path).unlock(key=bytes(32))


def test_a_folder_that_is_no_profile_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(BadProfile):
        Profile.open(tmp_path)


def test_seeds_of_inboxes_are_kept_beside_each_other_wherever_they_come_from(world: World, tmp_path: Path) -> None:
    kari, desk, other = world.person("Kari"), PrincipalId(bytes(16)), PrincipalId(bytes([1] * 16))
    secrets = Secrets(kari.device_seed, {1: kari.holder.seeds[0][0]}, {desk: {1: KEY, 2: bytes(32)}})
    identity = Identity(kari.id, kari.device, kari.organisation)
    unlocked = Profile.create(tmp_path / "p", world.trust, identity, secrets, key=KEY).unlock(key=KEY)
    ring = with_roles(unlocked.ring, {desk: {2: KEY, 3: KEY}, other: {1: KEY}})
    taken = take_in(unlocked, ring)
    # What this device holds counts before an older keyring; nothing that it holds is lost.
    assert roles_in_profile(taken) == {desk: {1: KEY, 2: bytes(32), 3: KEY}, other: {1: KEY}}
    kept = keep_role_seeds(taken, desk, {2: KEY, 4: KEY})
    assert roles_in_profile(kept) == {desk: {1: KEY, 2: KEY, 3: KEY, 4: KEY}, other: {1: KEY}}
    assert kept.kem_keys[desk].keys() == {1, 2, 3, 4}
    assert keep_role_seeds(kept, desk, {4: KEY}) is kept
    assert keep_role_seeds(kept, PrincipalId(bytes([2] * 16)), {}) is kept
    # Another program of the same profile kept them: they are taken from the disk.
    assert keep_role_seeds(unlocked, other, {1: KEY}).kem_keys[desk].keys() == {1, 2, 3, 4}
