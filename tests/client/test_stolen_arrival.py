"""A stolen invitation, from the theft to the day when the right person reads the right things; against the real hub."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from domain.channel.terms import UndoReason
from domain.ids import MAIN_THREAD, Version
from samsnakk import Channel, ChannelEnded, Client, Refused, State, Terms, Text
from samsnakk.arrival import arriving
from samsnakk.arrival.arriving import Arriving
from samsnakk.demo.world import World
from tests.client.conftest import KEY, Connect, opened, texts
from tests.conftest import HubProcess

POLL = 0.02
WRONG = UndoReason.WRONG_PERSON


async def arrived(inviter: Client, channel: Channel, hub: HubProcess, folder: Path) -> Arriving:
    """Somebody answers an invitation and is let in."""
    inviting = await inviter.arrivals(channel).invite("Elle")
    arrival = await arriving.begin(folder, await arriving.look(inviting.link_at(hub.url)), key=KEY)
    await inviting.answered(POLL)
    await inviting.admit()
    await arrival.confirmed(POLL)
    return arrival


async def entered(arrival: Arriving, clients: AsyncExitStack) -> Channel:
    return await arrival.enter(await clients.enter_async_context(Client(arrival.unlocked, arrival.hub)))


async def is_out(channel: Channel) -> None:
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.ended)


async def test_a_thief_is_put_out_by_two_people_and_the_real_user_reads_what_she_should(  # noqa: PLR0915 - one story
    connect: Connect,
    terms: Callable[..., Terms],
    world: World,
    hub: HubProcess,
    tmp_path: Path,
    clients: AsyncExitStack,
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("before"))
    thief = await arrived(kari, channel, hub, tmp_path / "thief")
    stolen = await entered(thief, clients)
    await stolen.post(0, Text("by the thief"))
    nav = world.person("Berit").organisation
    assert nav is not None
    given = await stolen.consent(nav, "mer innsyn")
    await channel.reached(given.version)
    await channel.join(0, terms("Berit", basis="consent"))

    theirs = await opened(jon, channel)
    said = await theirs.undo_arrival(WRONG)
    assert theirs.state.user is not None, "one person alone undoes nothing"
    with pytest.raises(Refused) as refused:
        await theirs.undo_arrival(WRONG)
    assert refused.value.code == "already_recorded"
    await channel.reached(said.version)
    undone = await channel.undo_arrival(WRONG)
    assert channel.state.user is None
    await is_out(stolen)
    with pytest.raises((ChannelEnded, Refused)):
        await stolen.post(0, Text("once more"))
    (readable,) = channel.was_readable(stolen.me)
    assert max(span.until or 0 for span in readable.ranges) == undone.version
    assert {stolen.event(v).author for v in channel.done_by(stolen.me)} == {stolen.me}
    assert not channel.state.threads[MAIN_THREAD].consents
    assert world.person("Berit").id not in channel.state.threads[MAIN_THREAD].members
    assert await kari.arrivals(channel).safety() is None

    await channel.post(0, Text("not for the thief"))
    hers = await entered(await arrived(kari, channel, hub, tmp_path / "elle"), clients)
    sent = await hers.post(0, Text("it is me"))
    await channel.reached(sent.version)
    assert await texts(hers) == await texts(channel) == ["before", "by the thief", "not for the thief", "it is me"]
    assert await texts(stolen) == ["before", "by the thief"]
    codes = [await one.arrivals(ch).safety() for one, ch in ((kari, channel), (jon, theirs))]
    assert len({code.code for code in codes if code is not None}) == 1


async def test_the_thiefs_keys_open_nothing_that_follows_even_with_all_that_the_hub_has(
    connect: Connect,
    terms: Callable[..., Terms],
    hub: HubProcess,
    tmp_path: Path,
    clients: AsyncExitStack,
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    stolen = await entered(await arrived(kari, channel, hub, tmp_path / "thief"), clients)
    theirs = await opened(jon, channel)
    said = await theirs.undo_arrival(WRONG)
    await channel.reached(said.version)
    await channel.undo_arrival(WRONG)
    await is_out(stolen)
    sent = await channel.post(0, Text("among us"))
    epoch = channel.state.threads[MAIN_THREAD].epoch
    assert epoch is not None
    assert stolen.me not in {entry.principal for entry in epoch.roster}
    assert (MAIN_THREAD, epoch.number) not in stolen._held.keys.epochs
    assert channel.event(Version(sent.version)).state is State.READABLE


async def test_a_user_who_lost_every_key_comes_again_and_her_word_still_holds(
    connect: Connect,
    terms: Callable[..., Terms],
    world: World,
    hub: HubProcess,
    tmp_path: Path,
    clients: AsyncExitStack,
) -> None:
    kari, jon, berit = await connect("Kari"), await connect("Jon"), await connect("Berit")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    lost = await entered(await arrived(kari, channel, hub, tmp_path / "lost"), clients)
    nav = world.person("Berit").organisation
    assert nav is not None
    given = await lost.consent(nav, "NAV kan være med.")
    await channel.reached(given.version)
    await channel.join(0, terms("Berit", basis="consent"))
    theirs = await opened(jon, channel)
    said = await theirs.undo_arrival(UndoReason.LOST_KEYS)
    await channel.reached(said.version)
    await channel.undo_arrival(UndoReason.LOST_KEYS)
    nav_side = await opened(berit, channel)
    sent = await nav_side.post(0, Text("still here"))
    await channel.reached(sent.version)
    hers = await entered(await arrived(kari, channel, hub, tmp_path / "anew"), clients)
    assert await texts(hers) == ["still here"]
    withdrawn = await hers.withdraw_consent(nav)
    await is_out(nav_side)
    assert hers.version >= withdrawn.version


async def test_nobody_undoes_an_arrival_that_is_not_there(connect: Connect) -> None:
    channel = await (await connect("Kari")).open_channel()
    with pytest.raises(Refused) as refused:
        await channel.undo_arrival(WRONG)
    assert refused.value.code == "not_a_member"
