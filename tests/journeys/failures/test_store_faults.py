"""A full disk, lost sessions and a restarted database, as the people at the other end see them: not at all."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from domain.ids import Version
from samsnakk import Audience, Channel, Title, Topic
from service.store.embedded import EmbeddedPostgres
from service.store.migrate import migrate
from tests.conftest import HubProcess
from tests.journeys.failures.authors import TILLITSPERSON, USER, Circle, until
from tests.journeys.failures.database import Harmed, restart_with_file_limit

NAMES = (TILLITSPERSON, "Ingrid", USER)
LARGE = "x" * (60 * 1024)
AHEAD = 24
"""Messages on their way at the same time."""
FULL = 17 << 20
"""Bytes. The files of the write-ahead log have 16 MiB and stay below."""


def whole_threads(channel: Channel) -> list[int]:
    """Threads with all that one unit brings: members, key and title."""
    titled = {channel.event(Version(v)).thread for v in range(1, channel.version + 1) if _is_title(channel, v)} | {0}
    threads = channel.state.threads.items()
    return [number for number, t in threads if t.epoch is not None and t.members and number in titled]


def _is_title(channel: Channel, version: int) -> bool:
    return isinstance(channel.event(Version(version)).content, Title)


@pytest.fixture
async def server(open_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A database that is not the hub's own, as in production."""
    async with EmbeddedPostgres(open_folder / "full") as server:
        await migrate(server.dsn("owner"))
        yield server


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_full_disk_stops_everybody_until_there_is_room_and_then_nothing_is_missing(
    server: EmbeddedPostgres, start_hub: Callable[..., HubProcess], people: Circle
) -> None:
    hub = await asyncio.to_thread(start_hub, people.world, DATABASE_URL=server.dsn("service"))
    await people.gather(hub.url, NAMES)
    first = people.first
    await restart_with_file_limit(server, FULL)
    pending: list[asyncio.Task[None]] = []
    while not _is_full(hub):
        pending += [asyncio.create_task(author.say(LARGE)) for author in people.authors]
        await until(lambda: people.open < AHEAD or _is_full(hub))
    opening = asyncio.create_task(first.channel.open_thread(Audience.WITH_USER, Topic.HOUSING, LARGE))
    await until(lambda: _is_stuck(first.channel))
    assert hub.get("/healthz")[0] == 200
    assert not opening.done()
    await server.restart()
    await asyncio.gather(opening, *pending)
    await people.verify(hub.url)
    assert whole_threads(first.channel) == list(first.channel.state.threads) == [0, 1]
    assert hub.stop() == 0


def _is_stuck(channel: Channel) -> bool:
    """Something was sent, refused for want of room, and is kept to be sent again."""
    outbox = channel._parts.sender.outbox
    return any(entry.delayed for entry in (*outbox.flying, *outbox.waiting))


def _is_full(hub: HubProcess) -> bool:
    return b'samsnakk_refused_total{code="store_full"}' in hub.get("/metrics")[1]


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
