"""The network is cut, goes silent or slow: clients come back by themselves, resume, and disturb nobody."""

import asyncio
import time

import pytest

from samsnakk import connection
from tests.conftest import HubProcess
from tests.journeys.failures.authors import TILLITSPERSON, USER, Circle, until
from tests.journeys.failures.wire import Wire

NAMES = (TILLITSPERSON, "Ingrid", USER)
FAR = "Ingrid"
SLOW = 2048
"""Bytes a second."""
BEARABLE = 2.0
"""Seconds for one message among people with a good connection; on a quiet machine it is 0.01."""


async def test_after_every_cut_the_client_resumes_where_it_was(hub: HubProcess, people: Circle) -> None:
    async with Wire(hub.url) as wire:
        await people.gather(hub.url, NAMES, {FAR: wire.url})

        async def harm() -> None:
            for _ in range(5):
                await people.all_get_on()
                wire.cut()
            await people.all_get_on()

        await people.while_writing(harm())
        await people.verify(hub.url)
        await people.stack.aclose()


async def test_a_silent_network_is_noticed_and_what_was_written_meanwhile_arrives_once(
    hub: HubProcess, people: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ALIVE", 0.5)
    async with Wire(hub.url) as wire:
        await people.gather(hub.url, NAMES, {FAR: wire.url})
        far = next(author for author in people.authors if author.name == FAR)
        wire.silence()
        writing = asyncio.gather(*(author.say() for author in people.authors for _ in range(5)))
        await until(lambda: not far.client.connected)
        assert not far.recorded
        wire.heal()
        await writing
        await people.verify(hub.url)
        await people.stack.aclose()


async def test_receipts_that_got_lost_are_given_again(hub: HubProcess, people: Circle) -> None:
    async with Wire(hub.url) as wire:
        await people.gather(hub.url, NAMES, {FAR: wire.url})
        far = next(author for author in people.authors if author.name == FAR)
        wire.down = False
        before = people.first.channel.version
        writing = asyncio.gather(*(far.say() for _ in range(5)))
        await until(lambda: people.first.channel.version == before + 5)
        assert not far.recorded
        wire.heal()
        await writing
        assert people.first.channel.version == before + 5
        await people.verify(hub.url)
        await people.stack.aclose()


@pytest.mark.slow
async def test_one_slow_network_slows_nobody_else(hub: HubProcess, people: Circle) -> None:
    async with Wire(hub.url) as wire:
        await people.gather(hub.url, NAMES, {FAR: wire.url})
        near = [author for author in people.authors if author.name != FAR]
        far = next(author for author in people.authors if author.name == FAR)
        wire.rate = SLOW
        took: list[float] = []
        for _ in range(30):
            for author in near:
                began = time.monotonic()
                await author.say("x" * 10_000)
                await asyncio.gather(*(other.channel.reached(author.channel.version) for other in near))
                took.append(time.monotonic() - began)
        assert far.channel.version < near[0].channel.version
        assert sorted(took)[len(took) * 9 // 10] < BEARABLE
        wire.heal()
        await people.verify(hub.url)
        await people.stack.aclose()
