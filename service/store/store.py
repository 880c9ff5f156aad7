"""The event store: append, read, follow."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self
from uuid import UUID

from service.store.connection import StoreSettings
from service.store.errors import StoreUnavailable
from service.store.reader import NO_LIMIT, Reader
from service.store.records import Body, Head, Receipt, Recorded, Snapshot, StoredRecord, StreamRow, Unit
from service.store.tail import Bell, listen
from service.store.writer import Writer


class EventStore:
    """Events in PostgreSQL, of all streams of a deployment.

    An asynchronous context manager; its tasks end with it. Several stores, also of other processes, may serve one
    database. Every method raises StoreUnavailable when the database does not answer in time.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._bell = Bell()
        self._reader = Reader(settings)
        self._writer = Writer(settings, lambda _: self._bell.ring())
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    @property
    def reader(self) -> Reader:
        """The plain queries, for recorders in the library's shape."""
        return self._reader

    async def __aenter__(self) -> Self:
        await self._reader.open()
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._tasks = [
            group.create_task(self._writer.run(), name="store-writer"),
            group.create_task(listen(self._settings, self._bell), name="store-listen"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        try:
            await self._stack.__aexit__(kind, error, trace)
        finally:
            self._writer.close()
            self._reader.close()
            self._bell.ring()

    async def append(self, unit: Unit) -> Receipt:
        """Write all of the unit or nothing, and return when it is durable.

        A unit whose commands are recorded already gets their first receipt, whatever the streams' heads are now.
        Raises VersionConflict, CommandReused, RecordRejected, StoreFull (nothing was written) or StoreUnavailable
        (unknown: append the same unit again; its commands keep it from being written twice).
        """
        return await self._writer.append(unit)

    async def read(
        self, stream: UUID, after_version: int = 0, limit: int = NO_LIMIT, until: int = NO_LIMIT
    ) -> list[StoredRecord]:
        """Return the stream's events with `after_version` < version ≤ `until`, in order, with their bodies."""
        return await self._reader.stream(stream, after_version, until, limit)

    async def read_bodies(self, stream: UUID, versions: Iterable[int]) -> dict[int, Body]:
        """Return the erasable parts of these versions that (still) exist."""
        return await self._reader.bodies(stream, versions)

    async def head(self, stream: UUID) -> Head:
        """Return where the stream ends; version 0 if it is empty."""
        return (await self._reader.heads([stream])).get(stream, Head(0, None))

    async def heads(self, streams: Iterable[UUID]) -> dict[UUID, Head]:
        """Return where these streams end; empty ones are left out."""
        return await self._reader.heads(streams)

    async def receipt_for(self, device: bytes, command_id: bytes) -> Recorded | None:
        """Return what a command of a device recorded, or None."""
        return await self._reader.command(device, command_id)

    async def streams(self, channel: UUID | None = None, kind: str | None = None) -> list[StreamRow]:
        """Return the streams, of one channel or kind if named, oldest first."""
        return await self._reader.streams(channel, kind)

    async def latest_snapshot(self, stream: UUID, until: int = NO_LIMIT) -> Snapshot | None:
        """Return the newest snapshot of the stream that is not newer than version `until`."""
        return await self._reader.latest_snapshot(stream, until)

    async def insert_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; one of the same version stays as it is."""
        await self._reader.insert_snapshot(snapshot)

    async def max_position(self) -> int:
        """Return the position of the last event, 0 if there is none."""
        return await self._reader.last_position()

    async def read_positions(self, after_position: int, limit: int) -> list[StoredRecord]:
        """Return events of all streams after a position, in order."""
        return await self._reader.positions(after_position, limit)

    def rung(self) -> asyncio.Event:
        """What is set when something may be new. Take it before reading, so that nothing falls in between."""
        return self._bell.listen()

    async def subscribe(self, after_position: int, limit: int = 500) -> AsyncIterator[list[StoredRecord]]:
        """Yield every event after a position, in batches, for ever; none is left out or repeated.

        Resume with the position of the last event received. While the database is away it waits.
        """
        while True:
            bell = self._bell.listen()
            try:
                records = await self._reader.positions(after_position, limit)
            except StoreUnavailable:
                if self._reader.is_closed:
                    raise
                await asyncio.sleep(self._settings.poll)
                continue
            if records:
                yield records
                after_position = records[-1].position
            else:
                await _rings(bell, self._settings.poll)


async def _rings(bell: asyncio.Event, poll: float) -> None:
    try:
        async with asyncio.timeout(poll):
            await bell.wait()
    except TimeoutError:
        return  # looks by itself
