from pathlib import Path

import pytest

from crypto.errors import BadChain
from protocol.directory import Directory, Speaker
from protocol.errors import DeviceNotValid
from protocol.trust import decode_trust
from samsnakk.demo.world import UnknownName, World, now_ms


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.create(tmp_path / "world")


def test_everything_in_the_trust_file_is_signed_by_a_pinned_root(world: World) -> None:
    directory = Directory(decode_trust(world.trust_file.read_bytes()))
    holders = {p.id for p in world.people} | {o.inbox.id for o in world.organisations}
    assert set(directory.principals()) == holders | {o.vault.id for o in world.organisations}


def test_a_device_speaks_for_its_person_and_organisation(world: World) -> None:
    kari, directory = world.person("Kari"), Directory(world.trust)
    directory.verify_speaker(Speaker(kari.device, kari.id, kari.organisation, None), now_ms())
    assert directory.signer(kari.device)[0] == kari.signing_key.public


def test_staff_are_eligible_for_the_inbox_of_their_own_organisation_only(world: World) -> None:
    kari, directory = world.person("Kari"), Directory(world.trust)
    dps, nav = world.organisation("dps"), world.organisation("nav")
    assert directory.is_eligible(dps.inbox.id, kari.id, dps.id)
    assert not directory.is_eligible(nav.inbox.id, kari.id, nav.id)


def test_the_user_stands_on_her_own_root(world: World) -> None:
    elle, directory = world.person("Elle"), Directory(world.trust)
    assert directory.state(elle.id).owner == elle.id
    directory.verify_speaker(Speaker(elle.device, elle.id, None, None), now_ms())


def test_private_keys_fit_the_certified_ones(world: World) -> None:
    directory = Directory(world.trust)
    for holder in [p.holder for p in world.people] + [o.vault for o in world.organisations]:
        assert directory.public_keys(holder.id, 1) == tuple(key.public for key in holder.kem_keys(1))


def test_a_world_opened_again_is_the_same(world: World) -> None:
    world.add_key_version("Jon")
    again = World.open(world.folder)
    assert again.trust == world.trust
    assert again.hub_key.public == world.hub_key.public
    assert again.person("Jon").kem_keys.keys() == {1, 2}


def test_two_worlds_share_names_and_no_keys(world: World, tmp_path: Path) -> None:
    other = World.create(tmp_path / "other")
    assert [p.name for p in other.people] == [p.name for p in world.people]
    assert not {p.id for p in other.people} & {p.id for p in world.people}
    assert other.hub_key.public != world.hub_key.public


def test_a_revoked_device_no_longer_speaks(world: World) -> None:
    kari = world.person("Kari")
    directory = Directory(world.trust)
    directory.add(kari.id, world.revoke_device("Kari"))
    with pytest.raises(DeviceNotValid):
        directory.verify_speaker(Speaker(kari.device, kari.id, kari.organisation, None), now_ms())


def test_a_new_device_speaks_where_the_old_one_was_revoked(world: World) -> None:
    world.revoke_device("Kari")
    directory = Directory(world.trust)
    directory.add(world.person("Kari").id, world.certify_new_device("Kari"))
    kari = world.person("Kari")
    directory.verify_speaker(Speaker(kari.device, kari.id, kari.organisation, None), now_ms())


def test_eligibility_can_change(world: World) -> None:
    dps = world.organisation("dps")
    directory = Directory(world.trust)
    directory.add(dps.inbox.id, world.set_eligible("dps", ["Jon"]))
    assert not directory.is_eligible(dps.inbox.id, world.person("Kari").id, dps.id)


def test_nothing_follows_the_end_of_a_person(world: World) -> None:
    world.end_person("Kari")
    with pytest.raises(BadChain):
        world.add_key_version("Kari")


def test_secrets_are_for_their_owner_only_and_never_shown(world: World) -> None:
    assert all(
        path.stat().st_mode & 0o077 == 0
        for path in world.folder.iterdir()
        if path.is_file() and path != world.trust_file
    )
    kari = world.person("Kari")
    assert repr(kari.device_seed)[2:-1] not in repr(kari)
    assert "seed" not in repr(world.organisation("dps"))


def test_a_channel_keeps_the_name_it_was_given_last(world: World) -> None:
    world.name_channel(bytes(16), "elle")
    world.name_channel(bytes(15) + b"1", "elle")
    assert [(c.id, c.name) for c in world.trust.channels] == [(bytes(15) + b"1", "elle")]


def test_an_unknown_name_is_answered_with_the_known_ones(world: World) -> None:
    with pytest.raises(UnknownName, match="Kari"):
        world.person("Karri")
