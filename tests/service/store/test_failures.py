"""Lost connections, restarts, kills, deadlines, a full disk: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.store import (
    EventStore,
    NewRecord,
    Receipt,
    RecordRejected,
    StoredRecord,
    StoreError,
    StoreFull,
    StoreUnavailable,
    Unit,
    VersionConflict,
)
from service.store.connection import Reconnecting
from tests.service.store.conftest import Database
from tests.service.store.units import command, new_stream, open_store, record, unit

HOLD_ORDER = "SELECT pg_advisory_lock(7236837)"


@asynccontextmanager
async def superuser(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.dsn("superuser"))
    try:
        yield connection
    finally:
        connection.terminate()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 -- what is waited for happens in the database
            await asyncio.sleep(0.01)


async def _persistent_author(store: EventStore, stream: UUID, stop: asyncio.Event) -> list[Receipt]:
    """Appends one command after the other, each again and again until it is acknowledged."""
    receipts: list[Receipt] = []
    while not stop.is_set():
        sent = unit(stream, len(receipts) + 1)
        acknowledged = False
        while not acknowledged:
            try:
                receipts.append(await store.append(sent))
                acknowledged = True
            except StoreUnavailable:
                await asyncio.sleep(0.01)
    return receipts


async def _follow(store: EventStore, seen: list[StoredRecord]) -> None:
    async for batch in store.subscribe(0):
        seen += batch


async def _survives(database: Database, harm: Callable[[EventStore], Awaitable[None]]) -> None:
    """Run authors and a follower through `harm`, then compare what was acknowledged, read and followed."""
    stop = asyncio.Event()
    seen: list[StoredRecord] = []
    async with open_store(database, poll=0.1) as store:
        streams = [new_stream() for _ in range(20)]
        authors = [asyncio.create_task(_persistent_author(store, stream, stop)) for stream in streams]
        following = asyncio.create_task(_follow(store, seen))
        await harm(store)
        stop.set()
        receipts = await asyncio.gather(*authors)
        total = await store.max_position()

        async def has_all() -> bool:
            return len(seen) == total

        await until(has_all)
        following.cancel()
        assert [record.position for record in seen] == list(range(1, total + 1))
        assert total == sum(len(mine) for mine in receipts)
        for stream, mine in zip(streams, receipts, strict=True):
            kept = await store.read(stream)
            assert [record.position for record in kept] == [receipt.positions[0] for receipt in mine]


async def _grows(store: EventStore) -> None:
    """Wait until ten more events are written."""
    before: int | None = None

    async def grown() -> bool:
        nonlocal before
        try:
            now = await store.max_position()
        except StoreUnavailable:
            return False
        before = now if before is None else before
        return now > before + 10

    await until(grown)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL], ids=["restart", "kill"])
async def test_a_server_restart_loses_nothing_acknowledged_and_doubles_nothing(
    database: Database, sent: signal.Signals
) -> None:
    async def restart(store: EventStore) -> None:
        for _ in range(2):
            await _grows(store)
            await database.server.restart(sent)
            await _grows(store)

    await _survives(database, restart)


async def test_terminated_backends_lose_nothing_acknowledged_and_double_nothing(database: Database) -> None:
    async def terminate(store: EventStore) -> None:
        async with superuser(database) as connection:
            for _ in range(10):
                await _grows(store)
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    await _survives(database, terminate)


async def _writer_waits(connection: "asyncpg.Connection[asyncpg.Record]") -> int | None:
    found: int | None = await connection.fetchval(
        "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database() LIMIT 1"
    )
    return found


async def _terminated_while_waiting(database: Database, store: EventStore, sent: Unit) -> "asyncio.Task[Receipt]":
    async with superuser(database) as connection:
        await connection.execute(HOLD_ORDER)
        appending = asyncio.create_task(store.append(sent))

        async def waits() -> bool:
            return await _writer_waits(connection) is not None

        await until(waits)
        await connection.execute("SELECT pg_terminate_backend($1)", await _writer_waits(connection))
        return appending


async def test_a_unit_with_commands_is_sent_again_after_its_connection_broke(database: Database) -> None:
    async with open_store(database) as store:
        receipt = await (await _terminated_while_waiting(database, store, unit(new_stream(), 1)))
        assert not receipt.duplicate
        assert await store.max_position() == 1


async def test_a_unit_without_commands_is_left_to_its_author_after_its_connection_broke(database: Database) -> None:
    async with open_store(database) as store:
        appending = await _terminated_while_waiting(database, store, unit(new_stream(), 1, with_command=False))
        with pytest.raises(StoreUnavailable):
            await appending
        assert await store.max_position() == 0


class _LosesOneAnswer:
    """A connection that breaks after the next append was committed and before its answer arrives."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def fetchrow(self, *arguments: Any) -> None:
        await self._connection.fetchrow(*arguments)
        raise ConnectionResetError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_a_commit_whose_answer_was_lost_is_found_and_not_repeated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = Reconnecting.use
    lost: list[object] = []

    async def loses_first_answer(self: Reconnecting) -> Any:
        connection = await use(self)
        if lost:
            return connection
        lost.append(connection)
        return _LosesOneAnswer(connection)

    streams = [new_stream() for _ in range(5)]
    async with open_store(database, writers=1) as store:
        # The subscription's connection must not be the one that loses its answer.
        await store.append(unit(new_stream(), 1))
        monkeypatch.setattr(Reconnecting, "use", loses_first_answer)
        answers = await asyncio.gather(
            *(store.append(unit(stream, 1)) for stream in streams),
            store.append(unit(new_stream(), 1, with_command=False)),
            return_exceptions=True,
        )
        assert isinstance(answers.pop(), StoreUnavailable)
        assert [answer.positions[0] for answer in answers if isinstance(answer, Receipt)] == [2, 3, 4, 5, 6]
        assert await store.max_position() == 7


async def test_an_append_that_cannot_be_answered_in_time_says_so(database: Database) -> None:
    sent = unit(new_stream(), 1)
    async with open_store(database, append_deadline=0.3, statement_deadline=0.2) as store, superuser(database) as other:
        await other.execute(HOLD_ORDER)
        with pytest.raises(StoreUnavailable):
            await store.append(sent)
        await other.execute("SELECT pg_advisory_unlock_all()")
    async with open_store(database) as store:
        await store.append(sent)
        assert await store.max_position() == 1


async def test_readers_and_authors_are_told_when_there_is_no_server(database: Database) -> None:
    missing = open_store(Database(database.server, "no_such_database"))
    with pytest.raises(StoreError):
        await missing.__aenter__()
    async with open_store(database) as store:
        pass
    with pytest.raises(StoreUnavailable):
        await store.append(unit(new_stream(), 1))
    with pytest.raises(StoreUnavailable):
        await store.read(new_stream())


async def test_a_closing_store_answers_those_who_wait(database: Database) -> None:
    async with superuser(database) as other:
        await other.execute(HOLD_ORDER)
        async with open_store(database) as store:
            appending = asyncio.create_task(store.append(unit(new_stream(), 1)))

            async def waits() -> bool:
                return await _writer_waits(other) is not None

            await until(waits)
        with pytest.raises(StoreUnavailable):
            await appending


async def _restart_with_file_limit(database: Database, limit: int) -> None:
    """A limit on file sizes fails the same writes as a full disk does, and needs no privileges.

    The server inherits it from us. The files of its write-ahead log have 16 MiB and stay below.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        await database.server.restart()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_named_and_leaves_no_half_unit(database: Database) -> None:
    async with open_store(database) as before:
        await before.append(unit(new_stream(), 1))
    await _restart_with_file_limit(database, 20 << 20)
    written = 0
    full: list[UUID] = []
    try:
        async with open_store(database) as store:
            while not full:
                stream = new_stream()
                large = NewRecord(stream, 2, "Recorded", b"state", body=bytes(3 << 20), command=command())
                try:
                    await store.append(Unit((record(stream, 1), large)))
                    written += 1
                except StoreFull:
                    full.append(stream)
    finally:
        await database.server.restart()
    assert written > 0
    async with open_store(database) as store:
        assert await store.read(full[0]) == []
        assert await store.max_position() == 1 + 2 * written
        assert (await store.append(unit(full[0], 1))).positions == range(2 + 2 * written, 3 + 2 * written)


async def test_an_abandoned_append_disturbs_nobody(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        leaving = [asyncio.create_task(store.append(unit(new_stream(), 1))) for _ in range(20)]
        staying = [asyncio.create_task(store.append(unit(stream, version))) for version in range(1, 21)]
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        assert len(await asyncio.gather(*staying)) == 20
        answers = await asyncio.gather(*leaving, return_exceptions=True)
        assert not any(isinstance(answer, (RecordRejected, VersionConflict)) for answer in answers)
