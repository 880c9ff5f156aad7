"""Answers that give less than this reader may have: honest ones overtake what explains them, lies repeat themselves."""

import asyncio
from collections.abc import Callable

import pytest

from domain.channel.events import HistoryGranted
from protocol import frames
from protocol.errors import UnjustifiedStub
from samsnakk import Channel, HistoryBroken, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts
from tests.client.relay import Relay, relay
from tests.conftest import HubProcess

PATIENCE = 30.0


class Refusing:
    """Say of the first look-ups what a hub says to those who have just left."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = asyncio.Event()

    def __call__(self, frame: frames.HubFrame) -> list[frames.HubFrame]:
        if not isinstance(frame, frames.Fetched) or not self.left:
            return [frame]
        self.left -= 1
        self.asked.set()
        return [frames.Refused(frame.request_id, "not_found", "")]


async def granted(kari: Channel, jons: Channel, world: World) -> None:
    """Jon is granted what was written before he came, and his client has seen the grant."""
    sent = await kari.grant_history(0, world.person("Jon").id)
    await jons._held.pulse.wait_for(lambda: jons.version >= sent.version or jons.broken or jons.ended, PATIENCE)


@pytest.fixture
async def channel(connect: Connect, terms: Callable[..., Terms]) -> Channel:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.post(0, Text("before Jon"))
    await channel.join(0, terms("Jon"))
    return channel


async def jons_view(connect: Connect, channel: Channel, between: Relay) -> Channel:
    return await opened(await connect("Jon", between.url), channel)


async def test_who_is_answered_short_once_asks_again_and_reads(
    connect: Connect, hub: HubProcess, channel: Channel, world: World
) -> None:
    async with relay(hub.url) as between:
        theirs = await jons_view(connect, channel, between)
        assert await texts(theirs) == []
        between.change = refusing = Refusing(times=1)
        await granted(channel, theirs, world)
        async with asyncio.timeout(PATIENCE):
            await refusing.asked.wait()
            async for event in theirs.events():
                if event.content == Text("before Jon"):
                    break
        assert theirs.broken is None


async def test_who_has_left_when_the_answer_comes_does_not_accuse_the_hub(
    connect: Connect, hub: HubProcess, channel: Channel, world: World
) -> None:
    async with relay(hub.url) as between:
        theirs = await jons_view(connect, channel, between)
        refusing = Refusing(times=1)

        def held_back(frame: frames.HubFrame) -> list[frames.HubFrame]:
            """What comes behind the grant stays on its way until the connection is given up."""
            late = isinstance(frame, frames.Events | frames.Unsubscribed) and refusing.asked.is_set()
            return [] if late else refusing(frame)

        between.change = held_back
        sent = await channel.grant_history(0, world.person("Jon").id)
        async with asyncio.timeout(PATIENCE):
            await refusing.asked.wait()
        await channel.remove(world.person("Jon").id)
        between.change = lambda frame: [frame]
        await theirs._held.pulse.wait_for(lambda: theirs.ended or theirs.broken, PATIENCE)
        assert theirs.broken is None
        assert theirs.version >= sent.version


async def test_who_is_answered_short_again_after_catching_up_is_being_lied_to(
    connect: Connect, hub: HubProcess, channel: Channel, world: World
) -> None:
    async with relay(hub.url) as between:
        theirs = await jons_view(connect, channel, between)
        between.change = Refusing(times=100)
        await granted(channel, theirs, world)
        await theirs._held.pulse.wait_for(lambda: theirs.broken, PATIENCE)
        assert isinstance(theirs.broken, HistoryBroken)
        assert isinstance(theirs.broken.problem, UnjustifiedStub)


async def test_what_was_asked_for_when_the_connection_broke_is_asked_for_again(
    connect: Connect, hub: HubProcess, channel: Channel, world: World
) -> None:
    """Also when nothing that comes afterwards says that there is something to look for."""
    async with relay(hub.url) as between:
        theirs = await jons_view(connect, channel, between)
        lost = asyncio.Event()

        def unanswered(frame: frames.HubFrame) -> list[frames.HubFrame]:
            if isinstance(frame, frames.Fetched):
                lost.set()
                return []
            return [frame]

        between.change = unanswered
        sent = await channel.grant_history(0, world.person("Jon").id)
        async with asyncio.timeout(PATIENCE):
            await lost.wait()
        between.deaf = True
        between.hang_up()
        newest = await channel.post(0, Text("meanwhile"))
        between.change, between.deaf = (lambda frame: [frame]), False
        async with asyncio.timeout(PATIENCE):
            async for event in theirs.events():
                if event.content == Text("before Jon"):
                    break
        assert theirs.version >= newest.version > sent.version
        assert isinstance(channel.event(sent.version).facts, HistoryGranted)
