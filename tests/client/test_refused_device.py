"""A device that the hub lets in no more: whoever reads, waits or writes is told, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.ids import Version
from protocol import frames
from samsnakk import Channel, SignInRefused, Text
from tests.client.conftest import Connect, texts
from tests.client.relay import Relay, relay
from tests.conftest import HubProcess

PATIENCE = 30.0


@pytest.fixture
async def between(hub: HubProcess) -> AsyncIterator[Relay]:
    async with relay(hub.url) as made:
        yield made


@pytest.fixture
async def channel(connect: Connect, between: Relay) -> Channel:
    kari = await connect("Kari", between.url)
    channel = await kari.open_channel()
    await channel.post(0, Text("før"))
    return channel


def turn_out(between: Relay) -> None:
    """As a hub does that learned of a revocation: hang up, and say no when the device knocks again."""

    def no(frame: frames.HubFrame) -> list[frames.HubFrame]:
        return [frames.Bye("device_not_valid", "")] if isinstance(frame, frames.Challenge) else [frame]

    between.change = no
    between.hang_up()


async def test_who_reads_gets_what_is_held_and_is_then_told(channel: Channel, between: Relay) -> None:
    turn_out(between)
    events = channel.events(Version(channel.version - 1))
    async with asyncio.timeout(PATIENCE):
        assert (await anext(events)).content == Text("før")
        with pytest.raises(SignInRefused, match="device_not_valid"):
            await anext(events)


async def test_who_waits_for_something_new_is_told(channel: Channel, between: Relay) -> None:
    newest = channel.version
    waiting = asyncio.ensure_future(channel.reached(Version(newest + 1), PATIENCE))
    await asyncio.sleep(0)
    turn_out(between)
    with pytest.raises(SignInRefused):
        await waiting
    await channel.reached(newest)  # what is here is here


async def test_what_waits_to_be_sent_is_told_and_stays_kept(channel: Channel, between: Relay) -> None:
    def lost(frame: frames.HubFrame) -> list[frames.HubFrame]:
        if isinstance(frame, frames.Receipt):
            turn_out(between)
            return []
        return [frame]

    between.change = lost
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(SignInRefused):
            await channel.post(0, Text("uvisst"))
        assert len(await channel._parts.kept.units()) == 1
        with pytest.raises(SignInRefused):  # later ones are not even taken in
            await channel.post(0, Text("etter"))
    assert len(await channel._parts.kept.units()) == 1
    assert "etter" not in await texts(channel)
