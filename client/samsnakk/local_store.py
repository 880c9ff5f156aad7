"""The encrypted local store, asynchronous: one thread does the writing, and everything that waits goes in together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from samsnakk.profile import Unlocked
from samsnakk.sealed_rows import Row, SealedRows

T = TypeVar("T")
DEADLINE = 60.0
"""Seconds for one batch; a disk that takes longer is broken."""


@dataclass(frozen=True, slots=True)
class Put:
    """Rows to write."""

    table: str
    owner: bytes
    rows: Sequence[Row] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Drop:
    """A row to remove."""

    table: str
    owner: bytes
    a: int


@dataclass(frozen=True, slots=True)
class Purge:
    """Let nothing of what was removed or replaced remain in the files."""


Change = Put | Drop | Purge


class LocalStore:
    """What this device keeps of its channels. Each `write` is all or nothing; those that meet share a transaction."""

    def __init__(self, unlocked: Unlocked) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="samsnakk-store")
        self._rows = SealedRows(unlocked.store_file, unlocked.local_key)
        self._waiting: list[Change] = []
        self._written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flying = self._written
        self._writing = False

    async def write(self, *changes: Change) -> None:
        """Make the changes, in one transaction."""
        written = self._written
        self.write_soon(*changes)
        async with asyncio.timeout(DEADLINE):
            # Shielded, because others wait for the same transaction.
            await asyncio.shield(written)

    def write_soon(self, *changes: Change) -> None:
        """Make the changes without anybody waiting for it, in order with all others."""
        self._waiting += changes
        if not self._writing:
            self._begin()

    async def rows(self, table: str, owner: bytes, after: int = -1, limit: int = -1) -> list[Row]:
        """The rows of an owner behind the place `after`, at most `limit` (-1: all). Raises `BadProfile`."""
        return await self._do(lambda: self._rows.rows(table, owner, after, limit))

    async def close(self) -> None:
        """Wait for what is being written, then close."""
        async with asyncio.timeout(DEADLINE):
            while self._writing:
                await asyncio.wait({self._flying})
        await self._do(self._rows.close)
        self._executor.shutdown(wait=False)

    def _begin(self) -> None:
        changes, written = self._waiting, self._written
        self._flying = written
        loop = asyncio.get_running_loop()
        self._waiting, self._written, self._writing = [], loop.create_future(), True
        job = loop.run_in_executor(self._executor, self._write, changes)
        job.add_done_callback(lambda done: self._finished(done, written))

    def _finished(self, done: "asyncio.Future[None]", written: "asyncio.Future[None]") -> None:
        error = done.exception()
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
        self._writing = False
        if self._waiting:
            self._begin()

    def _write(self, changes: Sequence[Change]) -> None:
        self._rows.begin()
        try:
            for change in changes:
                match change:
                    case Put(table, owner, rows):
                        self._rows.put(table, owner, rows)
                    case Drop(table, owner, a):
                        self._rows.drop(table, owner, a)
                    case Purge():
                        pass  # after the transaction
        except BaseException:
            self._rows.roll_back()
            raise
        self._rows.commit()
        if any(isinstance(change, Purge) for change in changes):
            self._rows.purge()

    async def _do(self, work: Callable[[], T]) -> T:
        async with asyncio.timeout(DEADLINE):
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
