"""A hub as a process with everything it needs, in a folder that goes away afterwards."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from protocol import frames
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.bench.light import LightSocket, answer, sign_in
from tests.bench.procfs import cpu_seconds, family_cpu_seconds
from tests.bench.room import MEMBERS, Author, new_world, open_room, unit_frame
from tests.conftest import HubProcess, stop_database

ENOUGH = "100000000"


@dataclass(frozen=True, slots=True)
class Stage:
    """A world and its running hub."""

    folder: Path
    world: World
    hub: HubProcess

    @property
    def url(self) -> str:
        return self.hub.url

    @property
    def hub_pid(self) -> int:
        assert self.hub.process is not None
        return self.hub.process.pid

    @property
    def database_pid(self) -> int:
        return int((self.hub.data / "postgres" / "pgdata" / "postmaster.pid").read_text().split("\n", 1)[0])

    def cpu(self) -> tuple[float, float]:
        """Seconds that the hub and its database have used so far."""
        return cpu_seconds(self.hub_pid), family_cpu_seconds(self.database_pid)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """A fresh hub on a fresh database. It runs as it is delivered, but for the quotas against flooding."""
    folder = Path(tempfile.mkdtemp(prefix="sk-"))
    folder.chmod(0o755)  # the database server's account must reach its own folder
    hub = HubProcess(
        new_world(folder / "world"),
        folder,
        dict.fromkeys(("SAMSNAKK_DEVICE_BURST", "SAMSNAKK_ORGANISATION_BURST", "SAMSNAKK_IN_FLIGHT"), ENOUGH),
    )
    try:
        hub.start()
        yield Stage(folder, hub.world, hub)
    finally:
        if hub.process is not None:
            hub.stop()
        stop_database(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


async def new_room(stage: Stage, light: LightSocket, members: int = MEMBERS) -> Author:
    """Open a channel with that many members; `light` is a connection of the first."""
    author, acts = open_room(stage.world, members)
    receipt = await answer(light, unit_frame(author, acts))
    assert isinstance(receipt, frames.Receipt), receipt
    return author


def first_person(stage: Stage) -> Person:
    return stage.world.people[0]


async def author_socket(stage: Stage) -> LightSocket:
    """A connection of the first person."""
    return await sign_in(stage.url, first_person(stage))


async def fill(light: LightSocket, author: Author, messages: int, unit: int = 32) -> None:
    """Record that many messages, in units, a few on their way at a time."""
    for start in range(0, messages, unit * 8):
        batch = range(start, min(start + unit * 8, messages), unit)
        for first in batch[:-1]:
            light.send(author.frame(first, min(unit, messages - first)))
        receipt = await answer(light, author.frame(batch[-1], min(unit, messages - batch[-1])))
        assert isinstance(receipt, frames.Receipt), receipt
