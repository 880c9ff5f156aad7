"""A full disk, lost sessions and a restarted database, as the people at the other end of the SDK see them: not at all."""

import asyncio
import signal

import pytest

from samsnakk import Audience, Channel, Topic
from tests.conftest import HubProcess
from tests.journeys.failures.authors import TILLITSPERSON, USER, Circle, until
from tests.journeys.failures.database import Harmed

NAMES = (TILLITSPERSON, "Ingrid", USER)
LARGE = "x" * (60 * 1024)
FULL = 17 << 20
"""Bytes. The files of the write-ahead log have 16 MiB and stay below."""


def threads_opened(channel: Channel) -> list[int]:
    """The classes of acts tell whole units from halves: every thread with its members, its key and its title."""
    return [number for number, thread in channel.state.threads.items() if thread.epoch is not None and thread.members]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_full_disk_stops_everybody_until_there_is_room_and_then_nothing_is_missing(
    own_hub: HubProcess, people: Circle
) -> None:
    await people.gather(own_hub.url, NAMES)
    first = people.first
    with Harmed(own_hub).disk_full_at(FULL):
        pending: list[asyncio.Task[None]] = []
        while b'samsnakk_refused_total{code="store_full"}' not in await _metrics(own_hub):
            settled = sum(task.done() for task in pending)
            pending += [asyncio.create_task(a.say(LARGE)) for a in people.authors for _ in range(8)]
            await until(lambda done=settled: sum(task.done() for task in pending) > done or _is_full(own_hub))
        opening = asyncio.create_task(first.channel.open_thread(Audience.WITH_USER, Topic.HOUSING, LARGE))
        await until(lambda: first.channel._parts.sender.outbox.flying)
        assert own_hub.get("/healthz")[0] == 200
        assert not opening.done()
    await asyncio.gather(opening, *pending)
    await people.verify(own_hub.url)
    assert len(first.channel.state.threads) == 2, "a thread was opened twice"
    assert threads_opened(first.channel) == [0, 1]
    assert own_hub.stop() == 0


def _is_full(hub: HubProcess) -> bool:
    return b'samsnakk_refused_total{code="store_full"}' in hub.get("/metrics")[1]


async def _metrics(hub: HubProcess) -> bytes:
    return (await asyncio.to_thread(hub.get, "/metrics"))[1]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_lost_sessions_and_restarts_of_the_database_lose_and_double_nothing(
    own_hub: HubProcess, people: Circle
) -> None:
    async def harm() -> None:
        database = Harmed(own_hub)
        for _ in range(3):
            await people.all_get_on()
            await database.end_sessions()
        await people.all_get_on()
        database.send(signal.SIGINT)
        await people.all_get_on()

    await people.gather(own_hub.url, NAMES)
    await people.while_writing(harm())
    await people.verify(own_hub.url)
    assert own_hub.stop() == 0
