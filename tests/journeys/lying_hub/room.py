"""The conversation of these tests, and what must hold whenever a lie is found."""

import asyncio
from dataclasses import dataclass

import pytest

from protocol.errors import ProtocolError
from samsnakk import Channel, ChannelEvent, HistoryBroken, State, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect
from tests.journeys.lying_hub.liar import Lie, LyingHub

DEADLINE = 20.0


@dataclass
class Room:
    """`channel`: Kari's, through the honest hub. Whoever else comes, comes through the liar."""

    world: World
    channel: Channel
    liar: LyingHub
    connect: Connect

    async def reader(self, name: str = "Jon", lie: Lie | None = None) -> Channel:
        """Somebody opens the channel and is told whatever the liar tells."""
        self.liar.lie = lie or self.liar.lie
        client = await self.connect(name, self.liar.url)
        return await client.channel(self.channel.id)

    async def deceived(self, name: str, lie: Lie) -> Channel:
        """Somebody who has read everything and has noticed nothing so far."""
        channel = await self.reader(name, lie)
        await channel.caught_up()
        return channel

    async def caught(
        self, channel: Channel, error: type[ProtocolError], detail: str = "", *, in_place: bool = True
    ) -> list[ChannelEvent]:
        """The lie was found, named, kept as evidence; nothing more is done here; nothing false was shown.

        `in_place`: also every version shown is the true one, which no end can know of the newest ones before the
        next act crosses over.
        """
        async with asyncio.timeout(DEADLINE):
            await channel._held.pulse.wait_for(lambda: channel.broken is not None)
        shown, broken = await _all_shown(channel)
        assert type(broken.problem) is error, broken.problem
        assert detail in broken.problem.detail, broken.problem
        assert "cannot be trusted" in str(broken)
        assert "keep the evidence" in broken.advice
        truth = [event async for event in self.channel.events(follow=False)]
        _nothing_false(shown, truth, in_place=in_place)
        assert broken.evidence is not None
        kept = broken.evidence.read_bytes()
        assert kept
        assert not [text for _, text in _said(truth) if text.encode() in kept]
        with pytest.raises(HistoryBroken):
            await channel.post(0, Text("no word goes to a liar"))
        with pytest.raises(HistoryBroken):
            await channel.caught_up()
        return shown


async def _all_shown(channel: Channel) -> tuple[list[ChannelEvent], HistoryBroken]:
    """What the channel gives out, and the error that it ends with."""
    shown: list[ChannelEvent] = []
    try:
        async for event in channel.events():
            shown.append(event)  # noqa: PERF401 - what came before the error counts
    except HistoryBroken as broken:
        return shown, broken
    pytest.fail("the events ended as if nothing were wrong")


def _said(events: list[ChannelEvent]) -> set[tuple[object, str]]:
    readable = (e for e in events if e.state is State.READABLE)
    return {(e.author, e.content.text) for e in readable if isinstance(e.content, Text)}


def _nothing_false(shown: list[ChannelEvent], truth: list[ChannelEvent], *, in_place: bool) -> None:
    assert _said(shown) <= _said(truth)
    if not in_place:
        return
    for event in shown:
        true = truth[event.version - 1]
        assert (event.version, event.recorded_at, event.head) == (true.version, true.recorded_at, true.head)
        assert event.author is None or (event.author, event.kind) == (true.author, true.kind)
