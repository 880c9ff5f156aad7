"""Bring a database's schema up to date, as its owner.

Migrations are applied in the order of their names, each in a transaction of its own, under a lock: several nodes may
start at once. An applied migration that has been edited since is refused; write a new one instead.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import asyncpg

from service.store.errors import FAILURES, StoreError, translate
from service.store.queries import sql

_DEADLINE: Final = 300.0
_NOT_ALLOWED: Final = "42501"


class MigrationError(StoreError):
    """The schema cannot be brought up to date; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration: its file name and its text."""

    name: str
    text: str

    @property
    def sha256(self) -> bytes:
        """What is kept to notice later edits."""
        return hashlib.sha256(self.text.encode()).digest()


def shipped() -> tuple[Migration, ...]:
    """Return the migrations of this version, in order."""
    folder = files(__package__) / "migrations"
    found = (Migration(file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple(sorted(found, key=lambda migration: migration.name))


async def migrate(owner_dsn: str, migrations: tuple[Migration, ...] | None = None) -> list[str]:
    """Apply what is missing and return its names.

    `owner_dsn` must log in as the owner of the database. Raises MigrationError, or StoreUnavailable.
    """
    try:
        async with asyncio.timeout(_DEADLINE):
            connection = await asyncpg.connect(owner_dsn)
            try:
                return await _migrate(connection, shipped() if migrations is None else migrations)
            finally:
                await connection.close()
    except FAILURES as error:
        raise translate(error) from error


async def _migrate(connection: "asyncpg.Connection[asyncpg.Record]", migrations: tuple[Migration, ...]) -> list[str]:
    await connection.execute(sql("migrations_lock"))  # released with the connection
    await connection.execute(sql("migrations_table"))
    await _make_roles(connection)
    applied = {row[0]: row[1] for row in await connection.fetch(sql("migrations_applied"))}
    unknown = applied.keys() - {migration.name for migration in migrations}
    if unknown:
        raise MigrationError(f"the database is newer than this version: it has {', '.join(sorted(unknown))}")
    done = []
    for migration in migrations:
        if migration.name not in applied:
            await _apply(connection, migration)
            done.append(migration.name)
        elif applied[migration.name] != migration.sha256:
            raise MigrationError(
                f"{migration.name} was edited after it was applied; undo that and write a new migration"
            )
    return done


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.text)
        await connection.execute(sql("migration_insert"), migration.name, migration.sha256)


async def _make_roles(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        await connection.execute(sql("roles"))
    except asyncpg.PostgresError as error:
        if error.sqlstate != _NOT_ALLOWED:
            raise
        raise MigrationError(
            "the owner may not create roles: let an administrator run "
            "CREATE ROLE samsnakk_service NOLOGIN; CREATE ROLE samsnakk_eraser NOLOGIN; and migrate again"
        ) from error
