"""What is recorded stays: the grants, and the triggers behind them, for every role up to the superuser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.store import Body, Unit
from service.store.embedded import Role
from tests.service.store.conftest import Database
from tests.service.store.units import new_stream, open_store, record, unit

KEPT = ["stored_events", "streams", "commands", "snapshots", "erasures", "sign_in_bindings"]
UPDATE, TRUNCATE, DELETE = "UPDATE {table} SET {column} = {column}", "TRUNCATE {table} CASCADE", "DELETE FROM {table}"
DENIED = asyncpg.InsufficientPrivilegeError


@asynccontextmanager
async def login(database: Database, role: Role) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.dsn(role))
    try:
        yield connection
    finally:
        await connection.close()


async def _write(database: Database) -> Unit:
    written = unit(new_stream(), 1, 2)
    async with open_store(database) as store:
        await store.append(written)
    return written


@pytest.mark.parametrize("role", ["superuser", "owner", "service", "eraser"])
async def test_nobody_changes_or_empties_a_table(database: Database, role: Role) -> None:
    await _write(database)
    async with login(database, role) as connection:
        if role == "superuser":
            await connection.execute("SET session_replication_role = replica")  # switches ordinary triggers off
        for table in (*KEPT, "bodies"):
            column = {"streams": "stream", "commands": "device", "sign_in_bindings": "subject"}.get(
                table, "originator_id"
            )
            statements = [UPDATE.format(table=table, column=column), TRUNCATE.format(table=table)]
            for statement in statements if table == "bodies" else [*statements, DELETE.format(table=table)]:
                with pytest.raises(DENIED):
                    await connection.execute(statement)


@pytest.mark.parametrize("role", ["superuser", "owner", "eraser"])
async def test_no_body_is_destroyed_without_a_decision(database: Database, role: Role) -> None:
    await _write(database)
    async with login(database, role) as connection:
        with pytest.raises(DENIED, match="no recorded act decides"):
            await connection.execute("DELETE FROM bodies")


async def test_the_service_destroys_no_body(database: Database) -> None:
    await _write(database)
    async with login(database, "service") as connection:
        with pytest.raises(DENIED, match="permission denied"):
            await connection.execute("DELETE FROM bodies")


async def test_a_recorded_decision_lets_the_eraser_destroy_exactly_that_body(database: Database) -> None:
    written = await _write(database)
    stream = written.records[0].stream
    async with login(database, "owner") as owner:
        await owner.execute("INSERT INTO erasing_topics VALUES ('ErasureApproved')")
    decision = record(stream, 3)
    async with open_store(database) as store:
        await store.append(Unit((type(decision)(stream, 3, "ErasureApproved", b"state"),)))
    insert = "INSERT INTO erasures VALUES ($1, $2, $1, $3)"
    async with login(database, "service") as service, login(database, "eraser") as eraser:
        with pytest.raises(DENIED):
            await eraser.execute(insert, stream, 1, 3)
        with pytest.raises(DENIED, match="no recorded act"):
            await service.execute(insert, stream, 1, 2)  # an event, but no approval
        with pytest.raises(DENIED, match="no recorded act"):
            await service.execute(insert, stream, 1, 4)  # no event
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await service.execute(insert, stream, 9, 3)
        await service.execute(insert, stream, 1, 3)
        with pytest.raises(DENIED, match="no recorded act"):
            await eraser.execute("DELETE FROM bodies WHERE originator_id = $1", stream)
        await eraser.execute("DELETE FROM bodies WHERE originator_id = $1 AND originator_version = 1", stream)
    async with open_store(database) as store:
        kept = await store.read(stream)
        assert [(seen.version, seen.body, seen.blind is None) for seen in kept] == [
            (1, None, True),
            (2, b"body", False),
            (3, None, True),
        ]
        assert [seen.inner_hash for seen in kept[:2]] == [sent.inner_hash for sent in written.records]
        assert list(await store.read_bodies(stream, [1, 2])) == [2]
        assert isinstance((await store.read_bodies(stream, [2]))[2], Body)


async def test_the_eraser_sees_no_content(database: Database) -> None:
    await _write(database)
    forbidden = [
        "SELECT body FROM bodies",
        "SELECT blind FROM bodies",
        "SELECT state FROM stored_events",
        "SELECT digest FROM commands",
        "SELECT state FROM snapshots",
    ]
    async with login(database, "eraser") as connection:
        for statement in forbidden:
            with pytest.raises(DENIED):
                await connection.execute(statement)


async def test_the_service_makes_no_tables_and_names_no_erasing_topics(database: Database) -> None:
    async with login(database, "service") as connection:
        for statement in ("CREATE TABLE own (id int)", "INSERT INTO erasing_topics VALUES ('Anything')"):
            with pytest.raises(DENIED):
                await connection.execute(statement)
