"""Runs of `samsnakk` as programs of their own, and what they say."""

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


def command(*arguments: str | Path) -> list[str]:
    return [str(Path(sys.executable).with_name("samsnakk")), *map(str, arguments)]


class Program:
    """One run of `samsnakk`, and what it says."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.said = ""

    async def until(self, pattern: str) -> str:
        """What the first group finds, once it was said."""
        assert self.process.stdout is not None
        while (found := re.search(pattern, self.said)) is None:
            line = await self.process.stdout.readline()
            assert line, f"{self.said}\n{await self.errors()}"
            self.said += line.decode()
        return found[1]

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def ended(self) -> tuple[int, str, str]:
        output, errors = await self.process.communicate()
        assert self.process.returncode is not None
        self.said += output.decode()
        return self.process.returncode, self.said, errors.decode()


@asynccontextmanager
async def running(*arguments: str | Path, **environment: str) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **environment},
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
