"""The embedded server as people meet it: awkward places, kills, neighbours."""

import asyncio
import os
import shutil
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from service.store import binaries
from service.store.binaries import EmbeddedError
from service.store.embedded import DataDirectoryInUse, EmbeddedPostgres, Role

AS_ROOT = os.geteuid() == 0


@asynccontextmanager
async def login(server: EmbeddedPostgres, role: Role) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(server.dsn(role))
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_data_directory_serves_again_after_a_stop_and_after_a_kill(directory: Path) -> None:
    async with EmbeddedPostgres(directory / "pg") as server, login(server, "owner") as owner:
        assert await owner.fetchval("SHOW fsync") == "on"
        assert await owner.fetchval("SHOW listen_addresses") == ""
        await owner.execute("CREATE TABLE kept (id int)")
    async with EmbeddedPostgres(directory / "pg") as server:
        await server.restart(signal.SIGKILL)
        async with login(server, "owner") as owner:
            await owner.execute("INSERT INTO kept VALUES (1)")


async def test_a_server_whose_hub_was_killed_is_taken_over(directory: Path) -> None:
    abandoned = EmbeddedPostgres(directory / "pg")
    await abandoned.__aenter__()
    assert abandoned._lock is not None
    abandoned._lock.close()  # as the kernel does for a dead process
    orphan = abandoned.pid
    async with EmbeddedPostgres(directory / "pg") as server:
        assert server.pid == orphan
        async with login(server, "service") as service:
            assert await service.fetchval("SELECT 1") == 1
    assert server.pid is None
    await abandoned.stop()


async def test_a_data_directory_in_use_is_refused_and_stays_in_use(directory: Path) -> None:
    async with EmbeddedPostgres(directory / "pg") as server:
        with pytest.raises(DataDirectoryInUse, match="in use"):
            await EmbeddedPostgres(directory / "pg").__aenter__()
        async with login(server, "owner") as owner:
            assert await owner.fetchval("SELECT 1") == 1


async def test_two_servers_live_side_by_side_below_long_and_odd_paths(directory: Path) -> None:
    long = directory / ("long-" * 20)
    odd = directory / "with space, komma og ø"
    async with EmbeddedPostgres(long) as one, EmbeddedPostgres(odd) as two:
        async with login(one, "owner") as first, login(two, "owner") as second:
            await first.execute("CREATE TABLE mine (id int)")
            assert await second.fetchval("SELECT to_regclass('mine')") is None


async def test_what_is_secret_is_private(directory: Path) -> None:
    async with EmbeddedPostgres(directory / "pg") as server:
        for role in ("superuser", "owner", "service", "eraser"):
            assert stat.S_IMODE((directory / "pg" / f"{role}.password").stat().st_mode) == 0o600
        assert stat.S_IMODE((directory / "pg").stat().st_mode) == 0o700
        wrong = server.dsn("service").replace("samsnakk_service:", "samsnakk_owner:")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)
        assert "password" not in repr(server)


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


@pytest.mark.skipif(not AS_ROOT, reason="only root changes to another account")
async def test_as_root_a_closed_home_is_neither_opened_nor_served_from(directory: Path) -> None:
    home = directory / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match="may not enter"):
        await EmbeddedPostgres(home / "data").__aenter__()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root changes to another account")
async def test_as_root_programs_in_a_closed_home_are_copied(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = binaries.wheel_programs().parent.parent
    home = directory / "home"
    home.mkdir(mode=0o700)
    for tree in (package, package.with_suffix(".libs")):
        shutil.copytree(tree, home / tree.name, symlinks=True)
    monkeypatch.setattr(binaries, "wheel_programs", lambda: home / package.name / "pginstall" / "bin")
    async with EmbeddedPostgres(directory / "pg") as server, login(server, "service") as service:
        assert await service.fetchval("SELECT 1") == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
