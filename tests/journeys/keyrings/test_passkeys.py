"""A passkey opens the keyring; forgotten, lost, somebody else's or in a lying hub's hands it opens what it should."""

from dataclasses import replace
from typing import Any

import pytest

from crypto import cbor, keyrings
from crypto.errors import CannotOpen
from crypto.keyring_slots import PrfSlot, open_prf_slot, prf_slot, slot_items
from crypto.keyrings import MAX_SLOTS
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.ids import DeviceId, PrincipalId, Version
from samsnakk import Channel, Refused, Text
from samsnakk.demo.issuing import DemoIssuer
from samsnakk.errors import (
    KeyringNotCurrent,
    NoSuchPasskey,
    PasskeyDoesNotOpen,
    SomebodyElseSignedIn,
    TooManyWaysIn,
)
from samsnakk.keyring_doors import Found, KeyringDoors
from samsnakk.keyring_home import KeyringHome, OpenKeyring
from samsnakk.keyring_passkeys import add_passkey, names, remove_passkey
from samsnakk.new_device import NewPlace, recover
from samsnakk.passkey_page import Handed
from samsnakk.passkey_unlocking import unlock_with_passkey
from samsnakk.profile import Unlocked
from tests.journeys.keyrings.authenticator import Authenticator
from tests.journeys.keyrings.conftest import Place
from tests.journeys.keyrings.test_lost_phone import begun, read_by, room


def slot_of(found: Found, passkey: Authenticator) -> PrfSlot:
    (slot,) = [
        one
        for one in keyrings.parse_keyring_file(found.file).slots
        if isinstance(one, PrfSlot) and one.credential == passkey.credential
    ]
    return slot


async def keyring_of(place: Place, name: str) -> KeyringHome:
    home = await place.home(place.profile(name))
    await begun(home)
    return home


async def with_passkey(home: KeyringHome, name: str = "Nøkkel") -> Authenticator:
    passkey = Authenticator()
    await add_passkey(home, passkey.handover(home.person, name=name))
    return passkey


def handed(found: Found, passkey: Authenticator) -> Handed:
    """What a page hands in that was served `found`."""
    return Handed(passkey.handover(found.person, slot_of(found, passkey).salt, ""), found)


async def come_back(place: Place, what: Handed, key: bytes, name: str = "Ny") -> Unlocked:
    there = NewPlace(place.hub.url, place.world.trust, place.folder_for("ny"), key)
    return await unlock_with_passkey(what, there, name, lambda _: DemoIssuer(place.world))


async def newest(home: KeyringHome) -> Found:
    return (await home.fetch()).found


async def test_a_passkey_lets_a_new_device_in_and_every_other_way_stays(place: Place, key: bytes) -> None:
    home = await keyring_of(place, "Ingrid")
    code = await home.new_code()
    passkey = await with_passkey(home, "Nøkkel på jobb")
    assert await names(home) == ["Nøkkel på jobb"]
    channel = await room(place, "Kari", "Ingrid")
    await channel.post(0, Text("before"))
    new = await come_back(place, handed(await newest(home), passkey), key)
    await channel.post(0, Text("after"))
    await channel.reached(channel.version)
    assert await read_by(place, new, channel) == ["before", "after"]
    assert await read_by(place, home.unlocked, channel) == ["before", "after"]
    assert await names(await place.home(new)) == ["Nøkkel på jobb"]
    second = await come_back(place, handed(await newest(home), passkey), key, "Enda en")
    assert set(second.kem_keys) == set(home.unlocked.kem_keys)
    third, _ = await recover(
        code, place.hub.url, place.world.trust, place.folder_for("tredje"), key, "Tredje",
        lambda _: DemoIssuer(place.world),
    )  # fmt: skip
    assert third.identity.person == home.person


async def test_a_user_comes_back_with_her_own_root_and_nobody_vouches(place: Place, key: bytes) -> None:
    home = await keyring_of(place, "Elle")
    passkey = await with_passkey(home)
    there = NewPlace(place.hub.url, place.world.trust, place.folder_for("ny"), key)
    new = await unlock_with_passkey(handed(await newest(home), passkey), there, "Ny telefon")
    assert new.identity.organisation is None
    assert new.ring.root_seed == home.unlocked.ring.root_seed
    assert (await (await place.home(new)).fetch()).ring.seeds


async def test_a_forgotten_passkey_opens_no_later_keyring_and_nothing_that_comes(place: Place, key: bytes) -> None:
    """She comes back by the code on paper, lets her other passkey open again, and takes the forgotten one away."""
    home = await keyring_of(place, "Jon")
    forgotten, kept = Authenticator(), Authenticator()
    code = await home.new_code()
    await add_passkey(home, forgotten.handover(home.person, name="Glemt"))
    channel = await room(place, "Kari", "Jon")
    await channel.post(0, Text("before"))
    old = await newest(home)

    back = await place.home(await by_code(place, code, key))
    assert await names(back) == [], "a used code gives the keyring a new key, in which passkeys have no part"
    await remove_passkey(back, None)
    versions = len((await back.state()).key_versions)
    assert versions == len((await home.state()).key_versions) > len(home.unlocked.kem_keys[home.person])
    await add_passkey(back, forgotten.handover(back.person, name="Glemt"))
    await add_passkey(back, kept.handover(back.person, name="Beholdt"))
    before = await newest(back)
    await remove_passkey(back, "Glemt")
    after = await newest(back)
    assert await names(back) == []

    known = opened_afterwards([old.file, before.file], after.file, back.person, forgotten)
    with pytest.raises(KeyringNotCurrent):
        await come_back(place, handed(before, forgotten), key)

    # What comes is sealed for a key that those keyrings do not hold. She reads all of it.
    await channel.post(0, Text("after"))
    await channel.reached(channel.version)
    assert await read_by(place, back.unlocked, channel) == ["before", "after"]
    ring = keyrings.open_keyring(keyrings.parse_keyring_file(before.file), back.person, known[before.file])
    assert newest_version_in(channel, back.person) == max(version for version, _ in ring.seeds) + 1

    # The one that she still has is added again, and opens everything.
    await add_passkey(back, kept.handover(back.person, name="Beholdt"))
    again = await come_back(place, handed(await newest(back), kept), key)
    assert await read_by(place, again, channel) == ["before", "after"]


async def by_code(place: Place, code: str, key: bytes) -> Unlocked:
    found, _ = await recover(
        code, place.hub.url, place.world.trust, place.folder_for("ny"), key, "Ny", lambda _: DemoIssuer(place.world)
    )
    return found


def passkey_slots(file: bytes) -> list[PrfSlot]:
    return [slot for slot in keyrings.parse_keyring_file(file).slots if isinstance(slot, PrfSlot)]


def opened_offline(file: bytes, person: PrincipalId, passkey: Authenticator) -> SecretKey:
    """What whoever has the passkey and a copy of the file gets."""
    (mine,) = [slot for slot in passkey_slots(file) if slot.credential == passkey.credential]
    keyring_key = open_prf_slot(person, mine, passkey.prf(mine.salt))
    assert keyrings.open_keyring(keyrings.parse_keyring_file(file), person, keyring_key).seeds
    return keyring_key


def opened_afterwards(
    earlier: list[bytes], later: bytes, person: PrincipalId, passkey: Authenticator
) -> dict[bytes, SecretKey]:
    """With every keyring there ever was, the passkey opens those that were, and with their keys no later one."""
    known = {file: opened_offline(file, person, passkey) for file in earlier}
    assert all(slot.credential != passkey.credential for slot in passkey_slots(later))
    for keyring_key in known.values():
        with pytest.raises(CannotOpen):
            keyrings.open_keyring(keyrings.parse_keyring_file(later), person, keyring_key)
    return known


def newest_version_in(channel: Channel, person: PrincipalId) -> int:
    """The newest key of the person's that the channel was sealed for."""
    facts = [channel.event(Version(n)).facts for n in range(1, channel.version + 1)]
    return max(entry.key_version for f in facts for entry in getattr(f, "roster", ()) if entry.principal == person)


async def test_a_lost_device_and_a_seen_sheet_drop_the_passkeys_too(place: Place, key: bytes) -> None:
    """Whoever had the keyring's key could open a slot that stayed."""
    home = await keyring_of(place, "Ola")
    passkey = await with_passkey(home)
    phone = await come_back(place, handed(await newest(home), passkey), key, "Telefon")
    await home.lose(DeviceId(phone.identity.device))
    assert passkey_slots((await newest(home)).file) == []
    await add_passkey(home, passkey.handover(home.person))
    await home.new_code()
    opened = await home.fetch()
    assert passkey_slots(opened.found.file) == []
    assert not any(name.startswith("passkey-name/") for name in opened.ring.pins)


async def test_a_passkey_added_again_replaces_itself(place: Place, key: bytes) -> None:
    home = await keyring_of(place, "Berit")
    passkey = await with_passkey(home, "Gammelt navn")
    first = handed(await newest(home), passkey)
    await add_passkey(home, passkey.handover(home.person, name="Nytt navn"))
    assert await names(home) == ["Nytt navn"]
    assert len(passkey_slots((await newest(home)).file)) == 1
    stale = replace(first, found=await newest(home))
    with pytest.raises(PasskeyDoesNotOpen):
        await come_back(place, stale, key)


async def test_another_persons_passkey_neither_opens_nor_is_added(place: Place, key: bytes) -> None:
    home, other = await keyring_of(place, "Berit"), await keyring_of(place, "Torstein")
    hers, his = await with_passkey(home), await with_passkey(other)
    with pytest.raises(SomebodyElseSignedIn):
        await add_passkey(home, his.handover(other.person))
    with pytest.raises(SomebodyElseSignedIn):
        await come_back(place, replace(handed(await newest(other), his), found=await newest(home)), key)
    # His passkey made to look like hers, whoever he says that he is.
    slot = slot_of(await newest(home), hers)
    posing = replace(his.handover(home.person, slot.salt), credential=hers.credential)
    with pytest.raises(PasskeyDoesNotOpen, match="Nothing was handed over"):
        await come_back(place, Handed(posing, await newest(home)), key)
    # Nor one of hers that was never added.
    with pytest.raises(PasskeyDoesNotOpen):
        await come_back(place, Handed(Authenticator().handover(home.person), await newest(home)), key)


async def test_a_hub_that_serves_an_old_keyring_or_swaps_slots_is_told_by_name(place: Place, key: bytes) -> None:
    home = await keyring_of(place, "Berit")
    mine, evil = await with_passkey(home), Authenticator()
    old = await newest(home)
    await add_passkey(home, Authenticator().handover(home.person, name="Enda en"))
    with pytest.raises(KeyringNotCurrent, match="old keyring, or somebody else's"):
        await come_back(place, handed(old, mine), key)

    now = await newest(home)
    file = keyrings.parse_keyring_file(now.file)
    bad = prf_slot(home.person, SecretKey(random_bytes(32)), evil.credential, evil.prf(bytes(32)), bytes(32))
    for slots in ((*file.slots, bad), file.slots[::-1], file.slots[1:]):
        swapped = cbor.encode([1, [slot_items(slot) for slot in slots], file.nonce, file.ciphertext])
        with pytest.raises(KeyringNotCurrent):
            await come_back(place, handed(replace(now, file=swapped), mine), key)
    assert (await come_back(place, handed(now, mine), key)).identity.person == home.person


async def test_a_hub_that_also_cuts_the_key_stream_short_is_caught_by_a_device_that_knows_more(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await keyring_of(place, "Berit")
    await with_passkey(home)
    old, entries = await newest(home), await home.doors.key_stream(home.person)
    await home.lose(DeviceId(bytes(16)))

    async def stale(*_: object) -> Any:
        return old

    async def short(*_: object) -> Any:
        return entries

    monkeypatch.setattr(KeyringDoors, "keyring", stale)
    monkeypatch.setattr(KeyringDoors, "key_stream", short)
    with pytest.raises(KeyringNotCurrent):
        await (await place.home(home.unlocked)).fetch()


async def test_of_two_devices_that_change_the_passkeys_at_once_exactly_one_goes_first(
    place: Place, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await keyring_of(place, "Torstein")
    passkey = await with_passkey(home)
    other = await place.home(await come_back(place, handed(await newest(home), passkey), key))
    theirs = await other.fetch()
    await add_passkey(home, Authenticator().handover(home.person, name="Først"))

    async def as_it_was() -> OpenKeyring:
        return theirs

    with monkeypatch.context() as patched:
        patched.setattr(other, "fetch", as_it_was)
        with pytest.raises(Refused) as refused:
            await add_passkey(other, Authenticator().handover(home.person, name="Sist"))
    assert refused.value.code == "keyring_moved"
    assert "Først" in await names(other)
    assert "Sist" not in await names(other)


async def test_names_that_are_not_there_and_a_full_keyring_are_told(place: Place) -> None:
    home = await keyring_of(place, "Torstein")
    with pytest.raises(NoSuchPasskey):
        await remove_passkey(home, "Finnes ikke")
    opened = await home.fetch()
    many = [
        prf_slot(home.person, opened.key, random_bytes(16), random_bytes(32), random_bytes(32))
        for _ in range(MAX_SLOTS - len(opened.slots))
    ]
    await home.keep_open(opened, opened.ring, [*opened.slots, *many])
    with pytest.raises(TooManyWaysIn):
        await add_passkey(home, Authenticator().handover(home.person))
    await home.new_code()
