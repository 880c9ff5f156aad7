import asyncio

import asyncpg
import pytest

from service.store.migrate import Migration, MigrationError, migrate, shipped
from service.store.queries import sql
from tests.service.store.conftest import Database


@pytest.fixture
async def empty(embedded_database: Database) -> Database:
    """A database without a schema."""
    connection = await asyncpg.connect(embedded_database.dsn("superuser"))
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION samsnakk_owner")
    await connection.close()
    return embedded_database


async def test_migrations_run_once_in_order_also_when_several_nodes_start_at_once(empty: Database) -> None:
    done = await asyncio.gather(*(migrate(empty.dsn("owner")) for _ in range(4)))
    names = [migration.name for migration in shipped()]
    assert sorted(done) == [[], [], [], names]
    assert names == sorted(names)


async def test_an_applied_migration_that_was_edited_is_refused(empty: Database) -> None:
    first = Migration("0001_first.sql", "CREATE TABLE first (id int)")
    await migrate(empty.dsn("owner"), (first,))
    with pytest.raises(MigrationError, match=r"0001_first\.sql was edited"):
        await migrate(empty.dsn("owner"), (Migration(first.name, first.text + " "),))


async def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    await migrate(empty.dsn("owner"), (Migration("0009_later.sql", "CREATE TABLE later (id int)"),))
    with pytest.raises(MigrationError, match="newer"):
        await migrate(empty.dsn("owner"), ())


async def test_a_failing_migration_leaves_nothing_behind(empty: Database) -> None:
    broken = Migration("0001_broken.sql", "CREATE TABLE half (id int); SELECT 1 / 0")
    whole = Migration("0001_broken.sql", "CREATE TABLE half (id int)")
    with pytest.raises(Exception, match="rejected"):
        await migrate(empty.dsn("owner"), (broken,))
    assert await migrate(empty.dsn("owner"), (whole,)) == ["0001_broken.sql"]


async def test_roles_that_cannot_be_made_are_asked_for(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "service.store.migrate.sql",
        lambda name: "CREATE ROLE samsnakk_never" if name == "roles" else sql(name),
    )
    with pytest.raises(MigrationError, match="let an administrator run"):
        await migrate(empty.dsn("owner"))
