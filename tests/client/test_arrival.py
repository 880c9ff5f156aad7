"""The user's arrival through the SDK, against the real hub; each end with its own profile."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from domain.channel.terms import Audience, Topic
from domain.ids import ChannelId, Millis
from protocol.arrival.errors import BadInvitation
from protocol.arrival.link import encode_fragment
from samsnakk import Channel, Client, Profile, Purpose, Refused, Terms, Text
from samsnakk.arrival import arriving
from samsnakk.arrival.arriving import Arriving
from samsnakk.arrival.inviting import Inviting
from samsnakk.arrival.mailboxes import Mailbox
from samsnakk.asking import Reader
from samsnakk.demo.world import World, now_ms
from tests.client.conftest import KEY, Connect, opened, texts
from tests.conftest import HubProcess

POLL = 0.02


async def answered(inviting: Inviting, hub: HubProcess, folder: Path) -> Arriving:
    """The user looks and says yes."""
    welcome = await arriving.look(inviting.link_at(hub.url))
    return await arriving.begin(folder, welcome, key=KEY)


async def entered(arrival: Arriving, clients: AsyncExitStack) -> Channel:
    await arrival.confirmed(POLL)
    client = await clients.enter_async_context(Client(arrival.unlocked, arrival.hub))
    return await arrival.enter(client)


async def test_the_user_arrives_with_a_link_and_reads_all_that_was_said_with_her_and_nothing_else(
    connect: Connect,
    terms: Callable[..., Terms],
    world: World,
    hub: HubProcess,
    tmp_path: Path,
    clients: AsyncExitStack,
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel(title="Samtaler")
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("before her"))
    staff = await channel.open_thread(
        Audience.STAFF_ONLY,
        Topic.TREATMENT,
        "Internt",
        [terms("Jon")],
        reason_for_user="Vi planlegger et møte.",
        review_at=Millis(now_ms() + 86_400_000),
    )
    assert staff.thread is not None
    await channel.post(staff.thread, Text("among staff"))
    theirs = await opened(jon, channel)

    inviting = await kari.arrivals(channel).invite("Elle")
    welcome = await arriving.look(inviting.link_at(hub.url))
    shown = welcome.invited.opening
    assert shown.name == "Elle"
    assert [welcome.invited.trust.name_of(m.principal) for m in shown.team] == [
        world.person("Kari").name,
        world.person("Jon").name,
    ]
    assert [m.is_tillitsperson for m in shown.team] == [True, False]
    assert (shown.threads, shown.staff_only) == (("Samtaler",), 1)

    arrival = await arriving.begin(tmp_path / "elle", welcome, key=KEY)
    await inviting.answered(POLL)
    arrived = await inviting.admit()
    hers = await entered(arrival, clients)
    assert arrived.user == hers.me == arrival.unlocked.identity.person
    assert await texts(hers) == ["before her"]
    sent = await hers.post(0, Text("hei, det er meg"))
    await theirs.reached(sent.version)
    assert (await texts(theirs))[-1] == "hei, det er meg"

    codes = [await c.arrivals(ch).safety() for c, ch in ((kari, channel), (jon, theirs))]
    assert {code.code for code in codes if code is not None} == {arrived.safety_code} == {arrival.safety_code}


@pytest.fixture
async def channel(connect: Connect) -> Channel:
    return await (await connect("Kari")).open_channel(title="Samtaler")


async def invited(connect: Connect, channel: Channel, name: str = "Kari") -> Inviting:
    client = await connect(name)
    theirs = await opened(client, channel)
    return await client.arrivals(theirs).invite("Elle")


async def test_both_ends_go_on_after_a_restart_at_every_step(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path, clients: AsyncExitStack
) -> None:
    kari = await connect("Kari")

    async def restarted() -> Inviting:
        found = await kari.arrivals(await opened(kari, channel)).going_on()
        assert found is not None
        return found

    first = await invited(connect, channel)
    assert (await restarted()).link == first.link
    await (await restarted()).offer()
    arrival = await answered(first, hub, tmp_path / "elle")
    again = await arriving.take_up(Profile.open(tmp_path / "elle").unlock(key=KEY))
    await again.answer()
    assert again.safety_code == arrival.safety_code
    await (await restarted()).answered(POLL)
    interrupted = await restarted()
    await interrupted._record(await interrupted.answered(POLL), arrival.transcript)
    arrived = await (await restarted()).admit()
    assert arrived.safety_code == again.safety_code
    hers = await entered(again, clients)
    assert hers.state.user is not None
    assert await kari.arrivals(await opened(kari, channel)).going_on() is None


async def test_a_stolen_link_used_first_is_told_to_the_user_and_shows_in_the_safety_code(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    inviting = await invited(connect, channel)
    mine = await arriving.look(inviting.link_at(hub.url))
    thief = await answered(inviting, hub, tmp_path / "thief")
    for late in (arriving.begin(tmp_path / "elle", mine, key=KEY), arriving.look(inviting.link_at(hub.url))):
        with pytest.raises(Refused) as refused:
            await late
        assert refused.value.code == "invitation_used"
    await inviting.answered(POLL)
    arrived = await inviting.admit()
    hers = await arriving.take_up(Profile.open(tmp_path / "elle").unlock(key=KEY))
    assert arrived.safety_code == thief.safety_code != hers.safety_code


async def test_a_cancelled_or_replaced_invitation_lets_nobody_in(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    first = await invited(connect, channel)
    early = await arriving.look(first.link_at(hub.url))
    second = await invited(connect, channel)
    await second.cancel()
    for attempt in (
        arriving.begin(tmp_path / "elle", early, key=KEY),
        arriving.look(first.link_at(hub.url)),
        arriving.look(second.link_at(hub.url)),
    ):
        with pytest.raises(Refused) as refused:
            await attempt
        assert refused.value.code == "invitation_cancelled"


async def test_an_answer_that_the_hub_swapped_is_refused_by_the_inviter(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    inviting = await invited(connect, channel)
    await answered(inviting, hub, tmp_path / "elle")
    database = await asyncpg.connect(hub.database_url("superuser"))
    await database.execute("UPDATE invitations SET answer = overlay(answer placing '\\x00'::bytea from 40)")
    await database.close()
    with pytest.raises(BadInvitation):
        await inviting.look()
    assert channel.state.user is None


async def test_nobody_but_the_inviter_gets_the_answer_and_guessing_gives_nothing(
    connect: Connect, terms: Callable[..., Terms], channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    inviting = await invited(connect, channel)
    await channel.join(0, terms("Jon"))
    await answered(inviting, hub, tmp_path / "elle")
    jon = await connect("Jon")
    await opened(jon, channel)
    reader = jon._channels[channel.id].reader
    with pytest.raises(Refused) as refused:
        await Mailbox(jon._doors, inviting.link.id).take_answer(reader)
    assert refused.value.code == "unknown_invitation"
    assert hub.get(f"/api/v1/invitations/{inviting.link.id.hex()}/answer")[0] == 400
    for guess in (bytes(16), inviting.link.secret[:16], inviting.link.card):
        assert hub.get(f"/api/v1/invitations/{guess.hex()}")[0] == 404


async def test_only_staff_of_the_channel_open_a_mailbox_and_not_once_the_user_is_there(
    connect: Connect, channel: Channel, world: World
) -> None:
    await invited(connect, channel)
    ola = await connect("Ola")
    reader = replace((await opened_by_nobody(ola)), place=channel._parts.reader.place)
    with pytest.raises(Refused) as refused:
        await Mailbox(ola._doors, bytes(16)).open(reader, b"x", Millis(now_ms() + 60_000))
    assert refused.value.code == "not_found"
    await channel.user_arrived(world.person("Elle").id)
    with pytest.raises(Refused) as refused:
        await invited(connect, channel)
    assert refused.value.code == "user_already_arrived"


async def opened_by_nobody(client: Client) -> Reader:
    return client._reader(ChannelId(bytes(16)), None, Purpose.COORDINATION)


async def test_a_stranger_cannot_publish_a_key_stream_under_a_root_of_its_own(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    inviting = await invited(connect, channel)
    arrival = await answered(inviting, hub, tmp_path / "elle")
    bundle = await inviting.answered(POLL)
    async with Client(arrival.unlocked, hub.url) as hers:
        with pytest.raises(Refused) as refused:
            await hers.publish(bundle.principal, bundle.entries)
    assert refused.value.code == "malformed_frame"
    assert hub.get(f"/api/v1/key-streams/{bundle.principal.hex()}")[0] == 404


async def test_the_hubs_disk_and_log_hold_neither_secret_nor_name_nor_keys_before_the_arrival(
    connect: Connect, channel: Channel, hub: HubProcess, tmp_path: Path
) -> None:
    inviting = await invited(connect, channel)
    arrival = await answered(inviting, hub, tmp_path / "elle")
    database = await asyncpg.connect(hub.database_url("superuser"))
    rows = await database.fetch("SELECT row_to_json(i)::text FROM invitations i")
    await database.close()
    kept = "".join(row[0] for row in rows) + hub.log_file.read_text()
    secret, person = inviting.link.secret.hex(), arrival.unlocked.identity.person.hex()
    assert inviting.link.id.hex() in kept, "the search finds what is there"
    for canary in (secret, encode_fragment(inviting.link)[4:30], person, "Elle", b"Elle".hex()):
        assert canary not in kept
