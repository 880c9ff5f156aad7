"""With somebody else's database the hub holds no password that destroys: another program does what it has noted."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from samsnakk import State, Terms
from samsnakk.demo.searching import found_below
from samsnakk.demo.world import World
from service.store.embedded import EmbeddedPostgres
from service.store.migrate import migrate
from tests.client.conftest import Connect, opened
from tests.conftest import HubProcess
from tests.journeys.erasure.conftest import Room


@pytest.fixture
async def database(open_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(open_folder / "elsewhere") as server:
        await migrate(server.dsn("owner"))
        yield server


@pytest.fixture
def hub(world: World, start_hub: Callable[..., HubProcess], database: EmbeddedPostgres) -> HubProcess:
    return start_hub(world, DATABASE_URL=database.dsn("service"))


async def scrubbed(database: EmbeddedPostgres) -> int:
    """`samsnakk scrub`, with the eraser's password and nothing else."""
    environment = {"PATH": os.environ["PATH"], "SAMSNAKK_ERASER_DATABASE_URL": database.dsn("eraser")}
    program = [sys.executable, "-m", "service.app", "scrub"]
    done = await asyncio.to_thread(subprocess.run, program, env=environment, check=False, timeout=120)
    return done.returncode


async def test_the_hub_notes_another_program_destroys_and_only_then_the_hub_says_so(
    hub: HubProcess, database: EmbeddedPostgres, connect: Connect, terms: Callable[..., Terms]
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    room = Room(hub, channel, await opened(jon, channel))
    version = await room.said("dette skal bort")
    place = channel._held.places[version - 1]
    assert place.body is not None
    wanted = {"body": place.body[20:84], "blind": place.blind}
    ref = await room.decided(version)
    assert channel.event(version).state is State.ERASED
    assert found_below(database.directory, wanted) == set(wanted)
    assert channel.erasures().decisions[0].decision.hub_at is None
    async with asyncio.timeout(60):
        while found_below(database.directory, wanted):
            assert await scrubbed(database) == 0  # the hub may not have noted it yet
            await asyncio.sleep(0)
    await room.confirmed(ref)
