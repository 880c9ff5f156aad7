"""A client that ends, or is killed, with messages in its outbox sends them when it is back, once."""

import asyncio
import random
import shutil
import sys
from pathlib import Path

import pytest

from domain.ids import Version
from samsnakk import Client, ClientClosed, Profile, Standing, Terms
from tests.client.conftest import KEY, make_profile
from tests.conftest import HubProcess
from tests.journeys.failures import posting
from tests.journeys.failures.authors import TILLITSPERSON, USER, Author, Circle, check_numbers, numbers_of, until
from tests.journeys.failures.wire import Wire

NAMES = (TILLITSPERSON, USER)
FAR = "Ingrid"
SAID = 5


async def _far(people: Circle, url: str) -> tuple[Path, Client, Author]:
    """A client that the test closes and opens itself, in the circle's channel."""
    person = people.world.person(FAR)
    channel = people.first.channel
    await channel.join(0, Terms(person.id, Standing.STAFF, person.organisation))
    folder = people.folder / "far"
    client = await Client(make_profile(people.world, FAR, folder).unlock(key=KEY), url).__aenter__()
    theirs = await client.channel(channel.id)
    await theirs.caught_up()
    return folder, client, Author(FAR, client, theirs)


async def _write_and_end(client: Client, author: Author) -> None:
    """Messages are in the outbox; the program ends before any is acknowledged."""
    writing = [asyncio.create_task(author.say()) for _ in range(SAID)]
    outbox = author.channel._parts.sender.outbox
    await until(lambda: sum(entry.kept for entry in (*outbox.waiting, *outbox.flying)) == SAID)
    await client.__aexit__(None, None, None)
    answers = await asyncio.gather(*writing, return_exceptions=True)
    assert all(isinstance(answer, ClientClosed) for answer in answers)


async def test_what_was_written_while_offline_is_sent_after_a_restart(hub: HubProcess, people: Circle) -> None:
    await people.gather(hub.url, NAMES)
    async with Wire(hub.url) as wire:
        folder, client, author = await _far(people, wire.url)
        wire.silence()
        wire.cut()
        await until(lambda: not client.connected)
        await _write_and_end(client, author)
        wire.heal()
        before = people.first.channel.version
        async with Client(Profile.open(folder).unlock(key=KEY), wire.url) as again:
            theirs = await again.channel(people.first.channel.id)
            await theirs.reached(Version(before + SAID))
            await until(lambda: not theirs._parts.sender.outbox.flying)
        assert [number for number, _ in numbers_of(FAR, theirs)] == list(range(1, SAID + 1))
    assert people.first.channel.version == before + SAID


@pytest.mark.parametrize("copies", [1, 2], ids=["the same profile", "and a copy of it at the same time"])
async def test_what_was_sent_without_a_receipt_is_sent_again_and_recorded_once(
    hub: HubProcess, people: Circle, copies: int
) -> None:
    await people.gather(hub.url, NAMES)
    async with Wire(hub.url) as wire:
        folder, client, author = await _far(people, wire.url)
        wire.down = False
        before = people.first.channel.version
        writing = asyncio.create_task(_write_and_end(client, author))
        await people.first.channel.reached(Version(before + SAID))
        await writing
        wire.heal()
        more = [Path(shutil.copytree(folder, people.folder / f"copy-{number}")) for number in range(1, copies)]
        await asyncio.gather(*(_send_the_rest(copy, wire.url, people) for copy in [folder, *more]))
        assert [number for number, _ in numbers_of(FAR, people.first.channel)] == list(range(1, SAID + 1))
        assert people.first.channel.version == before + SAID


async def _send_the_rest(folder: Path, url: str, people: Circle) -> None:
    async with Client(Profile.open(folder).unlock(key=KEY), url) as again:
        theirs = await again.channel(people.first.channel.id)
        await theirs.caught_up()
        outbox = theirs._parts.sender.outbox
        await until(lambda: not outbox.waiting and not outbox.flying)
        assert theirs.head == people.first.channel.head


@pytest.mark.slow
async def test_a_program_killed_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(
    hub: HubProcess, people: Circle
) -> None:
    await people.gather(hub.url, NAMES)
    channel = people.first.channel
    person = people.world.person(posting.NAME)
    await channel.join(0, Terms(person.id, Standing.STAFF, person.organisation))
    folder = people.folder / "killed"
    make_profile(people.world, posting.NAME, folder)
    wanted, recorded = 0, dict[int, Version]()
    for _ in range(4):
        wanted = await _run_and_kill([str(folder), hub.url, channel.id.hex(), str(wanted + 1)], recorded)
    async with Client(Profile.open(folder).unlock(key=KEY), hub.url) as client:
        theirs = await client.channel(channel.id)
        await theirs.caught_up()
        outbox = theirs._parts.sender.outbox
        await until(lambda: not outbox.waiting and not outbox.flying)
        found = numbers_of(posting.NAME, theirs)
    assert recorded
    assert {number for number, _ in found} <= set(range(1, wanted + 1))
    check_numbers(found, recorded)


async def _run_and_kill(arguments: list[str], recorded: dict[int, Version]) -> int:
    """Run the program until a random moment after its first receipt; returns the last number it wanted to write."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", posting.__name__, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    wanted = int(arguments[-1]) - 1
    killing: asyncio.Task[None] | None = None

    async def kill() -> None:
        await asyncio.sleep(random.uniform(0, 0.3))
        program.kill()

    async for line in program.stdout:
        match line.split():
            case [b"wants", number] if line.endswith(b"\n"):
                wanted = int(number)
            case [b"recorded", number, version] if line.endswith(b"\n"):
                recorded[int(number)] = Version(int(version))
                killing = killing or asyncio.create_task(kill())
    await program.wait()
    assert killing is not None, "the program ended by itself"
    await killing
    return wanted
