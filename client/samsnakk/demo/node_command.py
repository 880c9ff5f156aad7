"""`samsnakk node run` as a process of its own: what an organisation would start, started by who founded it here."""

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from samsnakk.demo.folder import NodeFolder

log: Final = logging.getLogger("samsnakk.demo.node")
_PATIENCE: Final = 20.0
"""Seconds that a node has to end by itself."""


class _Ready(msgspec.Struct, frozen=True):
    ready: str


class NodeDied(Exception):
    """The command ended although nobody asked it to; what it said stands in the log."""


class NodeCommand:
    """The command at work. `url`: its door."""

    def __init__(self, process: Process, url: str) -> None:
        self.url: Final = url
        self._process = process

    async def listen(self) -> None:
        """Write down what it says for as long as it runs. Raises `NodeDied`."""
        assert self._process.stdout is not None  # noqa: S101 - made with PIPE
        while line := await self._process.stdout.readline():
            log.info("%s", line.decode(errors="replace").rstrip())
        raise NodeDied(f"samsnakk node run: {await self._process.wait()}")


@asynccontextmanager
async def node_run(place: NodeFolder, issuer: str) -> AsyncIterator[NodeCommand]:
    """Run it in the folder for as long as the context lasts. It stays in this process's group, and ends with it.

    Raises `NodeDied` where it does not come up.
    """
    words = ("--passphrase-file", str(place.passphrase), "--development-sign-in", issuer)
    # Its standard error is this process's: the node's log.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "samsnakk", "node", "run", str(place.data), *words), stdout=PIPE
    )
    assert process.stdout is not None  # noqa: S101 - made with PIPE
    try:
        line = await process.stdout.readline()
        if not line:
            raise NodeDied(f"samsnakk node run: {await process.wait()}")
        yield NodeCommand(process, msgspec.json.decode(line, type=_Ready).ready)
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
