"""Reading: a pool of connections, every statement with a deadline, one retry after a lost connection."""

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import asyncpg

from service.store.connection import StoreSettings
from service.store.errors import FAILURES, StoreError, StoreUnavailable, is_lost, translate
from service.store.queries import sql
from service.store.records import Body, Head, Recorded, Snapshot, StoredRecord, StreamRow

NO_LIMIT: Final = (1 << 63) - 1
_READ_STREAM: Final = sql("read_stream")
_READ_POSITIONS: Final = sql("read_positions")
_READ_BODIES: Final = sql("read_bodies")
_HEADS: Final = sql("heads")
_COMMANDS: Final = sql("commands")
_STREAMS: Final = sql("streams")
_LAST_POSITION: Final = sql("last_position")
_INSERT_SNAPSHOT: Final = sql("insert_snapshot")
_LATEST_SNAPSHOT: Final = sql("latest_snapshot")


class Reader:
    """The queries of the store; owns the pool between `open` and `close`."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Connect and read once, so that a wrong address or a missing schema shows at the start; raises StoreError."""
        settings = self._settings
        try:
            async with asyncio.timeout(settings.connect_deadline):
                self._pool = await asyncpg.create_pool(
                    settings.dsn,
                    min_size=0,  # a floor would be kept up, noisily, through every restart
                    max_size=settings.readers,
                    command_timeout=settings.statement_deadline,
                    server_settings={"application_name": "samsnakk"},
                )
        except FAILURES as error:
            raise translate(error) from error
        try:
            await self.last_position()
        except StoreError:
            self.close()
            raise

    @property
    def is_closed(self) -> bool:
        """Tell whether there is no pool (any more)."""
        return self._pool is None

    def close(self) -> None:
        """Give up all connections at once."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run one statement that is safe to run twice; raises StoreError."""
        if self._pool is None:
            raise StoreUnavailable("the store is closed")
        try:
            return await self._fetch_once(self._pool, statement, arguments)
        except FAILURES as error:
            if not is_lost(error) or isinstance(error, TimeoutError):
                raise translate(error) from error
        # After a restart every pooled connection is dead: replace them all, then ask once more.
        try:
            await self._pool.expire_connections()
            return await self._fetch_once(self._pool, statement, arguments)
        except FAILURES as error:
            raise translate(error) from error

    async def _fetch_once(
        self, pool: "asyncpg.Pool[asyncpg.Record]", statement: str, arguments: tuple[object, ...]
    ) -> list[asyncpg.Record]:
        async with asyncio.timeout(self._settings.statement_deadline), pool.acquire() as connection:
            return await connection.fetch(statement, *arguments)

    async def stream(self, stream: UUID, after: int, until: int, limit: int) -> list[StoredRecord]:
        """Return events of one stream with `after` < version ≤ `until`, in order."""
        return [_stored(row) for row in await self.fetch(_READ_STREAM, stream, after, until, limit)]

    async def positions(self, after: int, limit: int) -> list[StoredRecord]:
        """Return events of all streams after a position, in order."""
        return [_stored(row) for row in await self.fetch(_READ_POSITIONS, after, limit)]

    async def bodies(self, stream: UUID, versions: Iterable[int]) -> dict[int, Body]:
        """Return the erasable parts that exist, by version."""
        rows = await self.fetch(_READ_BODIES, stream, list(versions))
        return {row[0]: Body(row[1], row[2]) for row in rows}

    async def heads(self, streams: Iterable[UUID]) -> dict[UUID, Head]:
        """Return the heads of those streams that have events."""
        return {row[0]: Head(row[1], row[2]) for row in await self.fetch(_HEADS, list(streams))}

    async def command(self, device: bytes, command_id: bytes) -> Recorded | None:
        """Return what a command recorded."""
        rows = await self.fetch(_COMMANDS, [device], [command_id])
        if not rows:
            return None
        row = rows[0]
        return Recorded((row[0], row[1]), row[2], row[3], row[4], row[5], row[6])

    async def streams(self, channel: UUID | None, kind: str | None) -> list[StreamRow]:
        """Return the streams, oldest first."""
        return [StreamRow(*row) for row in await self.fetch(_STREAMS, channel, kind)]

    async def last_position(self) -> int:
        """Return the last position, 0 if there is none."""
        return int((await self.fetch(_LAST_POSITION))[0][0])

    async def latest_snapshot(self, stream: UUID, until: int) -> Snapshot | None:
        """Return the newest snapshot not newer than version `until`."""
        rows = await self.fetch(_LATEST_SNAPSHOT, stream, until)
        return Snapshot(*rows[0]) if rows else None

    async def insert_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; one of the same version stays as it is, so this may run twice."""
        await self.fetch(_INSERT_SNAPSHOT, snapshot.stream, snapshot.version, snapshot.topic, snapshot.state)


def _stored(row: asyncpg.Record) -> StoredRecord:
    return StoredRecord(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])
