"""The processes of the members, as the author's side sees them."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from protocol.acts import Place
from tests.bench.procfs import cpu_seconds
from tests.bench.stage import Stage

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 64 << 20
_PATIENCE = 60.0


class Crew:
    """One process of members. `done` is how many messages all of them have decrypted."""

    def __init__(self, process: asyncio.subprocess.Process, size: int, advanced: Callable[[], None]) -> None:
        self.process = process
        self.size = size
        self.done = 0
        self._advanced = advanced
        self._report: asyncio.Future[str] | None = None

    @property
    def cpu(self) -> float:
        return cpu_seconds(self.process.pid)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if line.startswith(b"{"):
                assert self._report is not None
                self._report.set_result(line.decode())
            else:
                self.done = int(line)
                self._advanced()

    async def done_at(self) -> dict[int, int]:
        """When (monotonic nanoseconds) each message was with all members of this process, since the last call."""
        self._report = asyncio.get_running_loop().create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(b"report\n")
        async with asyncio.timeout(_PATIENCE):
            told = json.loads(await self._report)
        return {int(index): at for index, at in told["done_at"].items()}


async def _start(stage: Stage, place: Place, names: list[str], advanced: Callable[[], None]) -> Crew:
    order = {"world": str(stage.world.folder), "url": stage.url, "channel": place.channel.hex(), "names": names}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.crew",
        json.dumps(order),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        assert await process.stdout.readline() == b"ready\n"
    return Crew(process, len(names), advanced)


@contextlib.asynccontextmanager
async def crews(
    stage: Stage, place: Place, names: list[str], advanced: Callable[[], None]
) -> AsyncIterator[list[Crew]]:
    """Members spread over as many processes as there are processors."""
    processes = min(os.cpu_count() or 1, len(names))
    found: list[Crew] = []
    listening: list[asyncio.Task[None]] = []
    try:
        starting = (_start(stage, place, names[number::processes], advanced) for number in range(processes))
        found += await asyncio.gather(*starting)
        listening += [asyncio.create_task(crew.listen()) for crew in found]
        yield found
    finally:
        for crew in found:
            assert crew.process.stdin is not None
            crew.process.stdin.close()
            await crew.process.wait()
        for task in listening:
            await task
