"""Processes of the demonstration: each ends when its standard input closes, however its parent ended."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from samsnakk.demo.beginnings import Beginning, read_beginning
from samsnakk.demo.lines import LONGEST_LINE

_CLOSING: Final = 30.0
"""Seconds a process has to end by itself: the hub drains, and its database stops."""


class ChildDied(Exception):
    """A process ended although it should go on; the text names it and where its last words are."""


class Child:
    """One process, in a group of its own so that an interrupt at the terminal is the conductor's alone to handle."""

    def __init__(self, name: str, process: Process, log: Path) -> None:
        self.name: Final = name
        self._process: Final = process
        self._log: Final = log

    @classmethod
    async def start(
        cls, name: str, module: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> Self:
        """Run `python -m module`; its standard error goes to the file `log`."""
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, *arguments),
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                limit=LONGEST_LINE,
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """The process id, which is its group's too."""
        return self._process.pid

    async def say(self, line: bytes) -> None:
        """Write a line to its standard input. Raises `ChildDied`."""
        assert self._process.stdin is not None  # noqa: S101 - made with PIPE
        try:
            self._process.stdin.write(line)
            await self._process.stdin.drain()
        except ConnectionError:
            raise self._died() from None

    async def hear(self) -> bytes:
        """The next line of its standard output. Raises `ChildDied` at its end."""
        assert self._process.stdout is not None  # noqa: S101 - made with PIPE
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        return line

    async def stop(self) -> None:
        """Ask it to end by closing its standard input; then ask its whole group less and less politely."""
        assert self._process.stdin is not None  # noqa: S101 - made with PIPE
        self._process.stdin.close()
        for sent, patience in ((None, _CLOSING), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            if sent is not None:
                self._signal(sent)
            try:
                async with asyncio.timeout(patience):
                    await self._process.wait()
            except TimeoutError:
                continue
            break
        self._signal(signal.SIGKILL)  # whatever of its group is left

    async def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def _signal(self, sent: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, sent)

    def _died(self) -> ChildDied:
        return ChildDied(f"{self.name} har stoppet; det siste den sa, står i {self._log}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Shielded: an interrupt while stopping must not leave half of them behind.
        await asyncio.shield(self.stop())


_Kind = TypeVar("_Kind", bound=Beginning)


async def heard_beginning(child: Child, kind: type[_Kind]) -> _Kind:
    """The next line of a process that is coming up, which must be of this kind. Raises `ChildDied`."""
    said = read_beginning(await child.hear())
    if not isinstance(said, kind):
        raise ChildDied(f"{child.name} sa noe annet enn {kind.__name__}")
    return said


def end_with_parent() -> None:
    """Called in a child: wait for the end of standard input, then ask this process to end as by SIGTERM."""
    while os.read(sys.stdin.fileno(), 65536):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
