"""One server for the session and a database for each test, made from a migrated template."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from service.store.embedded import EmbeddedPostgres, Role
from service.store.migrate import migrate

# Besides the embedded server, those that the system has: the promise is PostgreSQL 15 or newer.
SYSTEM_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("1[5-9]/bin"))
SERVERS = ["embedded", *(str(programs) for programs in SYSTEM_PROGRAMS if (programs / "initdb").exists())]


@dataclass(frozen=True, slots=True)
class Database:
    """A fresh database, its server, and how to log in."""

    server: EmbeddedPostgres
    name: str

    def dsn(self, role: Role = "service") -> str:
        return self.server.dsn(role, self.name)


def short_directory() -> Path:
    """A directory that the server's account can reach: pytest's own are closed to everybody else."""
    directory = Path(tempfile.mkdtemp(prefix="sk-"))
    directory.chmod(0o711)
    return directory


async def _start(server: EmbeddedPostgres) -> None:
    await server.__aenter__()
    await migrate(server.dsn("owner"))


@contextmanager
def _running(programs: Path | None) -> Iterator[EmbeddedPostgres]:
    directory = short_directory()
    server = EmbeddedPostgres(directory / "pg", programs=programs)
    asyncio.run(_start(server))
    try:
        yield server
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[EmbeddedPostgres]:
    with _running(None) as server:
        yield server


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    if request.param == "embedded":
        yield request.getfixturevalue("embedded_server")
    else:
        with _running(Path(request.param)) as server:
            yield server


async def _as_superuser(server: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn("superuser", "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def _fresh(server: EmbeddedPostgres) -> Iterator[Database]:
    name = f"t{uuid.uuid4().hex}"
    asyncio.run(_as_superuser(server, f"CREATE DATABASE {name} TEMPLATE samsnakk OWNER samsnakk_owner"))
    yield Database(server, name)
    asyncio.run(_as_superuser(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database(server: EmbeddedPostgres) -> Iterator[Database]:
    """On each kind of server."""
    with _fresh(server) as database:
        yield database


@pytest.fixture
def embedded_database(embedded_server: EmbeddedPostgres) -> Iterator[Database]:
    """On the embedded server only: what does not depend on PostgreSQL's version, or cannot be parametrised."""
    with _fresh(embedded_server) as database:
        yield database


@pytest.fixture
def directory() -> Iterator[Path]:
    made = short_directory()
    yield made
    shutil.rmtree(made, ignore_errors=True)
