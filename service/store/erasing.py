"""Destroying what was decided: rows, what a database keeps of deleted rows, and its write-ahead log.

Two roles do it together, and neither can alone: the service notes which recorded decision lets what be destroyed, the
eraser destroys just that. Where somebody else runs the database, they are two processes.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import asyncpg

from service.store.connection import Reconnecting, StoreSettings
from service.store.errors import FAILURES, translate
from service.store.queries import sql
from service.store.store import EventStore

_T = TypeVar("_T")
_OPEN: Final = sql("erasures_open")
_NEWEST: Final = sql("erasures_newest")
_NOTE: Final = sql("erasures_note")
_NOTE_FILES: Final = sql("erasures_note_files")
_NOTE_DONE: Final = sql("erasures_note_done")
_NOTE_SCRUBBED: Final = sql("erasures_note_scrubbed")
_UNSCRUBBED: Final = sql("erasures_unscrubbed")
_ERASE_BODIES: Final = sql("erase_bodies")
_ERASE_FILES: Final = sql("erase_files")
_SEGMENTS: Final = sql("log_segments")
_TURN: Final = sql("log_turn")
_NOW: Final = sql("log_now")
_MINUTES: Final = 15 * 60.0
"""Seconds for writing the tables anew, or for a checkpoint: they grow with the tables."""
_TURNS: Final = 1024
"""Segments of the log, at most, that are written over: 16 GiB."""


class OpenDecision(NamedTuple):
    """A decision that is not done. `scrubbed`: the eraser left nothing of it; `present`: something is there (again)."""

    stream: UUID
    version: int
    scrubbed: bool
    present: bool


async def open_decisions(store: EventStore) -> list[OpenDecision]:
    """Decisions that are not carried out to the end, or of which something is there again. Raises StoreError."""
    return [OpenDecision(*tuple(row)[:4]) for row in await store.reader.fetch(_OPEN)]


async def newest_decision(store: EventStore) -> int:
    """The position of the newest decision, 0 if there is none. Raises StoreError."""
    return int((await store.reader.fetch(_NEWEST))[0][0])


async def note_erasures(
    store: EventStore, stream: UUID, decided_by: int, versions: Sequence[int], files: Sequence[bytes]
) -> None:
    """Note what the decision at a version of the stream lets be destroyed there; raises StoreError."""
    await store.reader.fetch(_NOTE, stream, decided_by, list(versions))
    await store.reader.fetch(_NOTE_FILES, stream, decided_by, list(files))


async def note_done(store: EventStore, stream: UUID, decided_by: int) -> None:
    """Note that the decision is carried out here to the end. Raises StoreError."""
    await store.reader.fetch(_NOTE_DONE, stream, decided_by)


class Eraser:
    """The role that destroys. `dsn` logs in as it, or as a member of it."""

    def __init__(self, dsn: str) -> None:
        self._connection = Reconnecting(StoreSettings(dsn, statement_deadline=_MINUTES))

    def close(self) -> None:
        """Give up the connection."""
        self._connection.drop()

    async def destroy(self) -> int:
        """Delete every body and file whose erasure is noted; returns how many rows there were. Raises StoreError."""
        return _count(await self._do(_ERASE_BODIES)) + _count(await self._do(_ERASE_FILES))

    async def scrub(self) -> bool:
        """Leave nothing in the database's files of what was deleted, and note it; tells whether that could be done.

        Raises:
            StoreError: somebody holds the tables up: try again.

        """
        pending = await self._run(lambda connection: connection.fetch(_UNSCRUBBED))
        await self.rewrite()
        if not await self.clean_log():
            return False
        await self._do(_NOTE_SCRUBBED, [row[0] for row in pending], [row[1] for row in pending])
        return True

    async def unscrubbed(self) -> int:
        """Of how many noted decisions something may still lie in the files. Raises StoreError."""
        return len(await self._run(lambda connection: connection.fetch(_UNSCRUBBED)))

    async def rewrite(self) -> None:
        """Write the tables anew without what was deleted. Raises StoreError where somebody holds them up."""
        await self._do("SELECT rewrite_erasable()")

    async def clean_log(self) -> bool:
        """Let nothing that was written before now remain in the write-ahead log; tells whether that is so.

        A segment that is not needed any more is removed, or kept under a later name to be written over: so that is
        done. Not so while something holds the log back: a replica or an archive that is behind, or `wal_keep_size`.
        """
        await self._do(_TURN)
        await self._do(_TURN)
        first = await self._segment_now()
        await self._do("CHECKPOINT")
        ahead = max(await self._segments())
        for _ in range(_TURNS):
            if await self._segment_now() > ahead:
                break
            await self._do(_TURN)
        else:
            return False
        await self._do("CHECKPOINT")
        return min(await self._segments()) >= first

    async def _segments(self) -> list[str]:
        return [row[0] for row in await self._run(lambda connection: connection.fetch(_SEGMENTS))]

    async def _segment_now(self) -> str:
        return str(await self._run(lambda connection: connection.fetchval(_NOW)))

    async def _do(self, statement: str, *arguments: object) -> str:
        return await self._run(lambda connection: connection.execute(statement, *arguments))

    async def _run(self, work: Callable[["asyncpg.Connection[asyncpg.Record]"], Awaitable[_T]]) -> _T:
        """One statement; each may run twice."""
        try:
            return await work(await self._connection.use())
        except FAILURES as error:
            self._connection.drop_if_lost(error)
            raise translate(error) from error


def _count(status: str) -> int:
    """How many rows a statement touched, from its command tag."""
    return int(status.rsplit(" ", 1)[-1])
