"""One connection to PostgreSQL that opens itself again, and the settings of all of them."""

import asyncio
from dataclasses import dataclass, field

import asyncpg

from service.store.errors import FAILURES, StoreUnavailable, is_lost, translate


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How to reach the database and how long to wait. All times in seconds.

    `statement_deadline` bounds one call, `append_deadline` an append with its retries; `poll` is how often subscribers
    look by themselves. `writers` is the number of connections that commit: with two, the next batch is encoded and sent
    while the previous one is flushed.
    """

    dsn: str = field(repr=False)
    writers: int = 2
    readers: int = 4
    batch_events: int = 512
    batch_size: int = 8 << 20
    record_size: int = 16 << 20
    connect_deadline: float = 5.0
    statement_deadline: float = 10.0
    append_deadline: float = 30.0
    poll: float = 1.0


async def connect(settings: StoreSettings) -> "asyncpg.Connection[asyncpg.Record]":
    """Open a connection within the deadline; raises StoreError."""
    try:
        async with asyncio.timeout(settings.connect_deadline):
            return await asyncpg.connect(
                settings.dsn,
                command_timeout=settings.statement_deadline,
                server_settings={"application_name": "samsnakk"},
            )
    except FAILURES as error:
        raise translate(error) from error


class Reconnecting:
    """A connection of one owner: `use` returns it, opening it when needed; `drop` throws it away."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def use(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return an open connection; one attempt, raises StoreError."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._settings)
        return self._connection

    async def use_patiently(self, until: float) -> "asyncpg.Connection[asyncpg.Record]":
        """Return an open connection, trying until the loop's time `until` with growing pauses."""
        pause = 0.02
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self.use()
            except StoreUnavailable:
                if loop.time() + pause >= until:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    def drop(self) -> None:
        """Close at once, without a goodbye: whatever runs on it is given up."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def drop_if_lost(self, error: BaseException) -> bool:
        """Drop the connection if the error says that it, or the knowledge of its state, is lost."""
        lost = is_lost(error)
        if lost:
            self.drop()
        return lost
