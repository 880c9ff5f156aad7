"""What the eraser's role may destroy, and when the database is said to hold nothing of it any more."""

import os

import asyncpg
import pytest

from service.store import EventStore, NewRecord, StoreError, Unit
from service.store.attachments import Upload, find_attachment
from service.store.erasing import Eraser, newest_decision, note_done, note_erasures, open_decisions
from tests.service.store.conftest import Database
from tests.service.store.test_guards import login
from tests.service.store.units import hashed, new_stream, open_store, unit

DENIED = asyncpg.InsufficientPrivilegeError
SLOT = "held_back_by_a_test"


async def decided(store: EventStore) -> Unit:
    """Two records with bodies, and the decision as the third."""
    written = unit(new_stream(), 1, 2)
    await store.append(written)
    stream = written.records[0].stream
    decision = NewRecord(stream, 3, "erasure-approved/1", b"state", hashed("inner", 3), hashed("head", stream, 3))
    await store.append(Unit((decision,)))
    return written


async def still_open(store: EventStore) -> list[tuple[int, bool, bool]]:
    return [(one.version, one.scrubbed, one.present) for one in await open_decisions(store)]


async def test_a_decision_is_open_until_it_is_carried_out_and_again_when_something_is_back(database: Database) -> None:
    eraser = Eraser(database.dsn("eraser"))
    async with open_store(database) as store:
        assert (await open_decisions(store), await newest_decision(store)) == ([], 0)
        stream = (await decided(store)).records[0].stream
        assert await still_open(store) == [(3, False, False)]
        assert await newest_decision(store) == 3
        await note_erasures(store, stream, 3, [1], [])
        assert await still_open(store) == [(3, False, True)]
        assert (await eraser.destroy(), await eraser.destroy(), await eraser.unscrubbed()) == (1, 0, 1)
        assert await eraser.scrub()
        assert await still_open(store) == [(3, True, False)]
        await note_done(store, stream, 3)
        assert await still_open(store) == []
        async with login(database, "service") as service:
            await service.execute("INSERT INTO bodies VALUES ($1, 1, 'back', NULL)", stream)
        assert await still_open(store) == [(3, True, True)]
        assert await eraser.destroy() == 1
        assert await still_open(store) == []
        assert [row.body for row in await store.read(stream)] == [None, b"body", None]
    eraser.close()


async def test_nothing_is_noted_as_erased_or_done_without_a_decision(database: Database) -> None:
    async with open_store(database) as store:
        stream = (await decided(store)).records[0].stream
        for attempt in (note_erasures(store, stream, 2, [1], []), note_erasures(store, stream, 2, [], [bytes(16)])):
            with pytest.raises(StoreError, match="42501"):
                await attempt
        with pytest.raises(StoreError, match="42501"):
            await note_done(store, stream, 1)


async def test_a_file_is_destroyed_only_where_that_is_decided_and_is_not_found_any_more(database: Database) -> None:
    eraser = Eraser(database.dsn("eraser"))
    async with open_store(database) as store:
        stream = (await decided(store)).records[0].stream
        files = [os.urandom(16), os.urandom(16)]
        for file in files:
            upload = Upload(store, stream, file, os.urandom(16), 0, bytes(16))
            await upload.write(b"sealed")
            await upload.finish(1)
        assert await eraser.destroy() == 0
        async with login(database, "eraser") as role:
            with pytest.raises(DENIED, match="no recorded act"):
                await role.execute("DELETE FROM attachment_pieces")
        await note_erasures(store, stream, 3, [], files[:1])
        assert await eraser.destroy() == 1
        assert await find_attachment(store, stream, files[0]) is None
        assert await find_attachment(store, stream, files[1]) is not None
    eraser.close()


async def test_writing_the_tables_anew_keeps_what_stays_as_it_was(database: Database) -> None:
    eraser = Eraser(database.dsn("eraser"))
    async with open_store(database) as store:
        written = await decided(store)
        stream = written.records[0].stream
        before = await store.read(stream)
        await eraser.rewrite()
        assert await store.read(stream) == before
        await store.append(Unit((NewRecord(stream, 4, "Recorded", b"more", body=b"body"),)))
    eraser.close()
    async with login(database, "owner") as owner:
        stored = "SELECT attstorage FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2"
        for table, column in (("bodies", "body"), ("attachment_pieces", "data")):
            assert await owner.fetchval(stored, table, column) == b"e"


async def test_somebody_who_holds_the_tables_up_makes_it_give_up_and_try_again_later(database: Database) -> None:
    eraser = Eraser(database.dsn("eraser"))
    async with login(database, "service") as reading:
        async with reading.transaction():
            await reading.fetch("SELECT originator_version FROM bodies")
            with pytest.raises(StoreError):
                await eraser.rewrite()
        await eraser.rewrite()
    eraser.close()


async def test_only_the_eraser_writes_tables_anew(database: Database) -> None:
    async with login(database, "service") as service:
        with pytest.raises(DENIED):
            await service.execute("SELECT rewrite_erasable()")


async def test_while_something_holds_the_log_back_it_is_not_said_to_be_clean(embedded_database: Database) -> None:
    eraser = Eraser(embedded_database.dsn("eraser"))
    async with login(embedded_database, "superuser") as superuser:
        await superuser.execute("SELECT pg_create_physical_replication_slot($1, true)", SLOT)
        try:
            assert not await eraser.clean_log()
        finally:
            await superuser.execute("SELECT pg_drop_replication_slot($1)", SLOT)
        assert await eraser.clean_log()
    eraser.close()
