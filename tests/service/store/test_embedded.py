"""The embedded server as people meet it: awkward places, kills, neighbours."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from service.store import binaries
from service.store.binaries import Account, EmbeddedError, check_reach
from service.store.embedded import DataDirectoryInUse, EmbeddedPostgres, Role

STRANGER = Account("stranger", 54321, 54321)


@asynccontextmanager
async def login(server: EmbeddedPostgres, role: Role) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(server.dsn(role))
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_data_directory_serves_again_also_when_its_hub_was_killed(directory: Path) -> None:
    async with EmbeddedPostgres(directory / "pg") as server, login(server, "owner") as owner:
        await owner.execute("CREATE TABLE kept (id int)")
    abandoned = EmbeddedPostgres(directory / "pg")
    await abandoned.__aenter__()
    assert abandoned._lock is not None
    abandoned._lock.close()  # as the kernel does for a dead process
    orphan = abandoned.pid
    async with EmbeddedPostgres(directory / "pg") as server:
        assert server.pid == orphan
        async with login(server, "owner") as owner:
            await owner.execute("INSERT INTO kept VALUES (1)")
    assert server.pid is None
    await abandoned.stop()


async def test_a_data_directory_in_use_is_refused_and_stays_in_use(embedded_server: EmbeddedPostgres) -> None:
    with pytest.raises(DataDirectoryInUse, match="in use"):
        await EmbeddedPostgres(embedded_server.directory).__aenter__()
    async with login(embedded_server, "owner") as owner:
        assert await owner.fetchval("SELECT 1") == 1


async def test_two_servers_live_side_by_side_also_below_a_long_and_odd_path(
    embedded_server: EmbeddedPostgres, directory: Path
) -> None:
    other = EmbeddedPostgres(directory / ("ø, and space " * 10))
    async with other, login(embedded_server, "superuser") as first, login(other, "superuser") as second:
        assert await first.fetchval("SHOW data_directory") != await second.fetchval("SHOW data_directory")


async def test_it_is_durable_and_private(embedded_server: EmbeddedPostgres) -> None:
    base = embedded_server.directory
    for role in ("superuser", "owner", "service", "eraser"):
        assert stat.S_IMODE((base / f"{role}.password").stat().st_mode) == 0o600
    assert stat.S_IMODE(base.stat().st_mode) == 0o700
    wrong = embedded_server.dsn("service").replace("samsnakk_service:", "samsnakk_owner:")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    async with login(embedded_server, "service") as service:
        assert await service.fetchval("SHOW fsync") == "on"
        assert await service.fetchval("SHOW listen_addresses") == ""


async def test_a_directory_with_other_things_in_it_is_left_alone(directory: Path) -> None:
    (directory / "letter.txt").write_text("mine")
    before = directory.stat()
    with pytest.raises(EmbeddedError, match="not empty"):
        await EmbeddedPostgres(directory).__aenter__()
    assert (directory.stat().st_uid, directory.stat().st_mode) == (before.st_uid, before.st_mode)


async def test_a_server_that_cannot_start_says_where_to_look(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.embedded._RETRY_PAUSE", 0.0)
    server = EmbeddedPostgres(directory / "pg", settings={"shared_buffers": "no number"})
    async with asyncio.timeout(60):
        with pytest.raises(EmbeddedError, match=r"postgres\.log"):
            await server.__aenter__()


def test_a_closed_home_is_named_and_not_opened(directory: Path) -> None:
    home = directory / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=f"may not enter {home}"):
        check_reach(home / "data", STRANGER)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    check_reach(directory / "data", STRANGER)


def test_programs_that_the_account_cannot_run_are_copied_with_their_libraries(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = binaries.wheel_programs()
    monkeypatch.setattr(binaries, "_can_run", lambda programs, _: programs != source)
    copied = binaries.runnable_programs(STRANGER, directory)
    assert copied.is_relative_to(directory)
    binaries.run_program(copied / "postgres", ["--version"], None)
    binaries.run_program(copied / "initdb", ["--version"], None)
