"""A phone is lost, or everything is: the person reads on, whoever has the phone does not."""

import asyncio

import pytest

from crypto.device_approvals import mailbox_name
from domain.ids import DeviceId, Version
from samsnakk import Channel, Refused, Standing, Terms, Text
from samsnakk.errors import KeyringNotCurrent, NoKeyring
from samsnakk.keyring_doors import Found
from samsnakk.keyring_home import KeyringHome
from samsnakk.keyring_rings import device_names
from samsnakk.new_device import Asking, approve, recover
from samsnakk.profile import Unlocked
from tests.client.conftest import texts
from tests.journeys.keyrings.conftest import Place
from tests.journeys.who_reads.everybody import could_read


async def yes(code: str) -> bool:
    return len(code) == len("XXXX-XXXX")


async def begun(home: KeyringHome) -> None:
    """There is a keyring at the hub."""
    if (await home.state()).keyring_hash is None:
        await home.begin("Laptop")


async def let_in(place: Place, home: KeyringHome, key: bytes, name: str) -> Unlocked:
    """Another device of the same person, approved from the one whose home this is."""
    asking = Asking(place.hub.url, pause=0.02)
    run = asyncio.ensure_future(asking.run(place.folder_for(name), key, yes))
    while await home.doors.letter(mailbox_name(asking.code), "commitment") is None:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await approve(home, asking.code, name, yes, pause=0.02)
    return await run


async def room(place: Place, opener: str, *others: str) -> Channel:
    client = await place.client(place.profile(opener))
    channel = await client.open_channel()
    for name in others:
        person = place.world.person(name)
        await channel.join(0, Terms(person.id, Standing.STAFF, person.organisation, legal_basis="treatment"))
    return channel


async def read_by(place: Place, unlocked: Unlocked, channel: Channel) -> list[str]:
    client = await place.client(unlocked)
    mine = await client.channel(channel.id)
    await mine.reached(channel.version)
    return await texts(mine)


async def test_a_lost_phone_reads_nothing_more_and_the_new_one_reads_everything(place: Place, key: bytes) -> None:
    laptop = place.profile("Jon")
    home = await place.home(laptop)
    await begun(home)
    phone = await let_in(place, home, key, "Telefon")
    channel = await room(place, "Kari", "Jon")
    await channel.post(0, Text("before"))
    assert await read_by(place, phone, channel) == ["before"]

    await home.lose(DeviceId(phone.identity.device))
    await channel.post(0, Text("after"))
    await channel.reached(channel.version)
    new = await let_in(place, home, key, "Ny telefon")
    assert await read_by(place, new, channel) == ["before", "after"]
    assert await read_by(place, home.unlocked, channel) == ["before", "after"]

    # What came after is sealed for a key that the lost phone has not, and it gets no further anyway.
    jon = place.world.person("Jon").id
    keys = [{v: (one,) for v, one in device.kem_keys[jon].items()} for device in (phone, new)]
    assert [could_read(channel, jon, held) for held in keys] == [["before"], ["before", "after"]]
    assert max(home.unlocked.kem_keys[jon]) == max(phone.kem_keys[jon]) + 1
    rosters = [channel.event(Version(n)).facts for n in range(1, channel.version + 1)]
    versions = {e.key_version for f in rosters for e in getattr(f, "roster", ()) if e.principal == jon}
    assert max(versions) == max(home.unlocked.kem_keys[jon])
    lost = await place.client(phone)
    async with asyncio.timeout(20):
        while lost._connection.failure is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert lost._connection.failure.code == "device_not_valid"
    lost_home = await place.home(phone)
    with pytest.raises(Refused) as refused:
        await lost_home.fetch()
    assert refused.value.code == "device_not_valid"


async def test_another_device_that_stays_takes_the_new_keys_in(place: Place, key: bytes) -> None:
    home = await place.home(place.profile("Ingrid"))
    await begun(home)
    tablet, phone = await let_in(place, home, key, "Nettbrett"), await let_in(place, home, key, "Telefon")
    assert {"Laptop", "Nettbrett", "Telefon"} <= set(device_names((await home.fetch()).ring).values())
    await home.lose(DeviceId(phone.identity.device))
    theirs = await place.home(tablet)
    opened = await theirs.fetch()
    assert opened.ring == (await home.fetch()).ring
    assert DeviceId(phone.identity.device) not in device_names(opened.ring)


async def test_who_has_lost_every_device_comes_back_with_the_code_and_the_code_is_used_up(
    place: Place, key: bytes
) -> None:
    home = await place.home(place.profile("Elle"))
    await begun(home)
    code = await home.new_code()
    trust = place.world.trust
    again, next_code = await recover(code, place.hub.url, trust, place.folder_for("ny"), key, "Ny telefon")
    assert set(again.kem_keys) == set(home.unlocked.kem_keys)
    new_home = await place.home(again)
    assert (await new_home.fetch()).ring.seeds
    with pytest.raises(NoKeyring):
        await recover(code, place.hub.url, trust, place.folder_for("igjen"), key, "Tyv")
    third, _ = await recover(next_code, place.hub.url, trust, place.folder_for("tredje"), key, "Tredje")
    assert third.identity.person == again.identity.person


async def test_a_stranger_with_a_device_of_another_person_gets_no_keyring(place: Place) -> None:
    home = await place.home(place.profile("Kari"))
    await begun(home)
    assert (await home.fetch()).found.person == home.person
    stranger = await place.home(place.profile("Berit"))
    request = stranger.signed(f"fetch keyring {home.person.hex()}")
    with pytest.raises(NoKeyring):
        await home.doors.keyring(home.person, request)


async def test_an_old_keyring_served_by_the_hub_is_refused_with_a_text_that_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await place.home(place.profile("Ola"))
    await begun(home)
    old = (await home.fetch()).found
    await home.new_code()

    async def stale(*_: object) -> Found:
        return old

    monkeypatch.setattr(type(home.doors), "keyring", stale)
    monkeypatch.setattr(type(home.doors), "earlier", stale)
    with pytest.raises(KeyringNotCurrent, match="old keyring, or somebody else's"):
        await home.fetch()


async def test_of_two_devices_that_write_at_once_exactly_one_goes_first(place: Place, key: bytes) -> None:
    home = await place.home(place.profile("Torstein"))
    await begun(home)
    other = await place.home(await let_in(place, home, key, "Telefon"))
    mine, theirs = await home.fetch(), await other.fetch()
    assert mine.found == theirs.found
    await home.new_code()
    with pytest.raises(Refused) as refused:
        await other._keep_with_new_code(theirs.ring, theirs.found)
    assert refused.value.code == "keyring_moved"
    assert (await other.fetch()).found.generation == mine.found.generation + 1


async def test_a_device_that_stopped_between_leaving_and_naming_a_keyring_locks_nobody_out(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await place.home(place.profile("Berit"))
    await begun(home)
    before = await home.fetch()

    async def stopped(*_: object) -> None:
        raise Refused("store_unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(KeyringHome, "publish", stopped)
        with pytest.raises(Refused):
            await home.new_code()
    assert (await home.fetch()).ring == before.ring
    await home.new_code()
    assert (await home.fetch()).found.generation == before.found.generation + 2
