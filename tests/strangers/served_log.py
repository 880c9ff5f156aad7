"""A real hub's log of many events, and a copy of it as any file server would hold it."""

import asyncio
import contextlib
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from crypto.checkpoints import Checkpoint, parse_checkpoint
from crypto.log_tiles import MAX_TILE_LEVEL, TILE_WIDTH, TileName
from crypto.notes import parse_note
from crypto.random import random_bytes
from domain.ids import Millis
from service.store import EventStore, StoreSettings, StreamRow, Unit
from tests.bench.appends import record
from tests.conftest import HubProcess

STREAMS, TOGETHER, WRITERS = 250, 50, 16
DEADLINE = 300.0


async def record_many(hub: HubProcess, count: int) -> None:
    """Append that many events beside the hub, as another hub of the same deployment would, over many streams."""
    each = count // STREAMS
    units = []
    for stream in (uuid4() for _ in range(STREAMS)):
        row = StreamRow(stream, "bench", UUID(int=0), random_bytes(32), Millis(0))
        for first in range(1, each + 1, TOGETHER):
            records = tuple(record(stream, n) for n in range(first, min(first + TOGETHER, each + 1)))
            units.append((stream, Unit(records, (row,) if first == 1 else ())))
    async with EventStore(StoreSettings(hub.database_url("service"))) as store:
        lanes = [[unit for stream, unit in units if stream.int % WRITERS == lane] for lane in range(WRITERS)]

        async def write(lane: list[Unit]) -> None:
            for unit in lane:
                await store.append(unit)

        await asyncio.gather(*(write(lane) for lane in lanes))


@dataclass(frozen=True)
class Mirror:
    """A folder with what `/log/` serves; knows nothing but the names of files."""

    hub: HubProcess
    folder: Path

    def checkpoint(self, size: int, name: str = "checkpoint") -> Checkpoint:
        """The first checkpoint of at least that many leaves, kept under a name."""
        until = time.monotonic() + DEADLINE
        while True:
            status, data = self.hub.get("/log/checkpoint")
            if status == 200:
                found = parse_checkpoint(parse_note(data.decode()).text)
                if found.size >= size:
                    self._keep(name, data)
                    return found
            assert time.monotonic() < until
            time.sleep(0.05)

    def fetch(self, size: int) -> None:
        """Every tile and every entry of that many leaves."""
        for level in (None, *range(MAX_TILE_LEVEL)):
            hashes = size if level is None else size // TILE_WIDTH**level
            for n in range(-(-hashes // TILE_WIDTH)):
                self._fetch(str(TileName(level, n, min(TILE_WIDTH, hashes - n * TILE_WIDTH))))

    def _fetch(self, name: str) -> None:
        with urllib.request.urlopen(f"{self.hub.url}/log/tile/{name}", timeout=30) as answer:  # noqa: S310 - our own hub
            self._keep(f"tile/{name}", answer.read())

    def _keep(self, name: str, data: bytes) -> None:
        file = self.folder / name
        with contextlib.suppress(FileExistsError):
            file.parent.mkdir(parents=True)
        file.write_bytes(data)
