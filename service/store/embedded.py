"""A PostgreSQL of one's own: no installation, no port, durable (fsync stays on).

    async with EmbeddedPostgres(Path("/var/lib/samsnakk")) as pg:
        await migrate(pg.dsn("owner"))
        async with EventStore(StoreSettings(pg.dsn("service"))) as store: ...

Reached over a Unix socket in a private directory, with a random password for each role in a file that only we can
read. If a server of this data directory is still running (its hub was killed), it is taken over.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self
from urllib.parse import quote

import asyncpg

from service.store.binaries import (
    EmbeddedError,
    check_reach,
    is_alive,
    run_program,
    runnable_programs,
    server_account,
    spawn,
)
from service.store.queries import sql

Role = Literal["superuser", "owner", "service", "eraser"]

_LOGINS: Final[Mapping[Role, str]] = {
    "superuser": "postgres",
    "owner": "samsnakk_owner",
    "service": "samsnakk_service",
    "eraser": "samsnakk_eraser",
}
_DATABASE: Final = "samsnakk"
_SOCKET: Final = ".s.PGSQL.5432"
_SOCKET_PATH_MAX: Final = 103  # sockaddr_un holds 104 bytes on macOS, 108 on Linux, with the final NUL
_START_DEADLINE: Final = 600.0  # a long crash recovery is no failure
_STOP_DEADLINE: Final = 60.0
_PROBE_PAUSE: Final = 0.02
_PROBE_DEADLINE: Final = 5.0
_START_ATTEMPTS: Final = 20
_RETRY_PAUSE: Final = 0.25


class DataDirectoryInUse(EmbeddedError):
    """Another process runs a server on this data directory."""


class EmbeddedPostgres:
    """The server of one data directory; an asynchronous context manager that starts and stops it.

    `settings` are server settings, `programs` another directory of PostgreSQL programs than the wheel's. Raises
    EmbeddedError, DataDirectoryInUse.
    """

    def __init__(
        self, directory: Path, *, settings: Mapping[str, str] | None = None, programs: Path | None = None
    ) -> None:
        self._base = directory.absolute()
        self._data = self._base / "pgdata"
        self._log = self._base / "postgres.log"
        self._settings = dict(settings or {})
        self._wanted_programs = programs
        self._sockets = socket_directory(self._base)
        self._account = server_account()
        self._programs = Path()
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def directory(self) -> Path:
        """Where everything of this server is."""
        return self._base

    @property
    def log_file(self) -> Path:
        """Where the server writes its log."""
        return self._log

    @property
    def pid(self) -> int | None:
        """The server's process id, by its own pid file."""
        try:
            return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def dsn(self, role: Role, database: str = _DATABASE) -> str:
        """Return the address with which a role logs in. It holds a password: never log it."""
        password = quote(self._password(role), safe="")
        return f"postgresql://{_LOGINS[role]}:{password}@/{database}?host={quote(str(self._sockets), safe='')}"

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._prepare)
        try:
            await self._start()
            await self._furnish()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def restart(self, sent: signal.Signals = signal.SIGINT) -> None:
        """Stop the server with this signal (SIGINT: fast, SIGKILL: as a crash) and start it again."""
        await self._halt(sent)
        await self._start()

    async def revive(self) -> None:
        """Start the server again if it has died."""
        died = self._process is not None and self._process.poll() is not None
        if died or (self._process is None and ((pid := self.pid) is None or not is_alive(pid))):
            await self._start()

    async def stop(self) -> None:
        """Stop the server, breaking off its connections, and let go of the directory."""
        try:
            await self._halt(signal.SIGINT)
        finally:
            if self._lock is not None:
                self._lock.close()
                self._lock = None
            if self._sockets.parent != self._base:
                shutil.rmtree(self._sockets, ignore_errors=True)

    def _prepare(self) -> None:
        """Take the lock and make what is missing: directories, passwords, programs, the cluster."""
        self._base.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(self._base.iterdir()) and not (self._base / "lock").exists():
            raise EmbeddedError(f"{self._base} is not empty and no data directory of ours: choose another")
        check_reach(self._base, self._account)
        self._claim(self._base)
        self._sockets.mkdir(exist_ok=True, mode=0o700)
        self._claim(self._sockets)
        # Held until we stop or die. Python opens files close-on-exec: the server does not inherit it.
        self._lock = (self._base / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            self._lock = None
            raise DataDirectoryInUse(f"{self._base} is in use by another process") from error
        for role in _LOGINS:
            self._password(role)
        self._programs = runnable_programs(self._account, self._base, self._wanted_programs)
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()

    def _make_cluster(self) -> None:
        half = self._base / "pgdata.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        self._give(half)
        # "C" sorts and compares bytes, whatever the machine's locale is.
        login = _LOGINS["superuser"]
        arguments = ["-D", str(half), "-U", login, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-k"]
        run_program(
            self._programs / "initdb", [*arguments, f"--pwfile={self._password_file('superuser')}"], self._account
        )
        half.rename(self._data)

    def _claim(self, directory: Path) -> None:
        """Make a directory private to the server's account; never one that belongs to somebody else."""
        found = directory.lstat()
        allowed = {os.geteuid()} | ({self._account.uid} if self._account is not None else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
            raise EmbeddedError(f"{directory} belongs to somebody else")
        self._give(directory)
        directory.chmod(0o700)

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)

    def _password_file(self, role: Role) -> Path:
        return self._base / f"{role}.password"

    def _password(self, role: Role) -> str:
        file = self._password_file(role)
        if not file.exists():
            half = file.with_suffix(".half")
            half.unlink(missing_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(24))
            self._give(half)
            half.rename(file)
        return file.read_text()

    async def _start(self) -> None:
        """Start the server unless one runs; return when it accepts logins."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _START_DEADLINE
        exits = 0
        while (found := await self._probe()) != "up":
            if loop.time() > until:
                raise EmbeddedError(f"the database server did not start in time; see {self._log}")
            if self._process is not None and self._process.poll() is not None:
                # After a crash the old server's children may need a moment to notice; then a new one may start.
                self._process = None
                exits += 1
                if exits > _START_ATTEMPTS:
                    raise EmbeddedError(f"the database server does not start; see {self._log}")
                await asyncio.sleep(_RETRY_PAUSE)
            if self._process is None and found == "absent":
                self._process = self._spawn()
            await asyncio.sleep(_PROBE_PAUSE)

    async def _probe(self) -> Literal["up", "starting", "absent"]:
        """Ask the server itself: after a kill, pid files and `pg_ctl status` tell of the past."""
        try:
            async with asyncio.timeout(_PROBE_DEADLINE):
                connection = await asyncpg.connect(self.dsn("superuser", "postgres"))
        except (OSError, asyncpg.ConnectionDoesNotExistError):
            return "absent"
        except (TimeoutError, asyncpg.PostgresError) as error:
            if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
                raise EmbeddedError(f"the passwords in {self._base} are not those of its database") from error
            return "starting"
        await connection.close()
        return "up"

    def _spawn(self) -> "subprocess.Popen[bytes]":
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "50",
            **self._settings,
        }
        options = [argument for key, value in settings.items() for argument in ("-c", f"{key}={value}")]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        with os.fdopen(os.open(self._log, flags, 0o600), "ab") as log:
            return spawn([str(self._programs / "postgres"), "-D", str(self._data), *options], log, self._account)

    async def _halt(self, sent: signal.Signals) -> None:
        """Signal the server and wait until it is gone."""
        process, self._process = self._process, None
        pid = process.pid if process is not None else self.pid
        if pid is None or (process is None and await self._probe() == "absent"):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
        try:
            async with asyncio.timeout(_STOP_DEADLINE):
                if process is not None:
                    await asyncio.to_thread(process.wait)
                while self.pid == pid and is_alive(pid):  # noqa: ASYNC110 -- not our child: it can only be asked
                    await asyncio.sleep(_PROBE_PAUSE)
        except TimeoutError as error:
            raise EmbeddedError(f"the database server (process {pid}) did not stop in time") from error

    async def _furnish(self) -> None:
        """Make the login roles and the database where they are missing."""
        connection = await asyncpg.connect(self.dsn("superuser", "postgres"), command_timeout=_STOP_DEADLINE)
        try:
            for role in _LOGINS:
                await connection.execute(sql("login_set"), _LOGINS[role], self._password(role))
                await connection.execute(sql("login_make"))
            if not await connection.fetchval(sql("database_exists")):
                await connection.execute(sql("database_make"))
        finally:
            await connection.close()
        # Who destroys also writes the server's log over, and a server of ours has nobody else to allow it.
        connection = await asyncpg.connect(self.dsn("superuser"), command_timeout=_STOP_DEADLINE)
        try:
            await connection.execute(sql("eraser_grants"))
        finally:
            await connection.close()


def socket_directory(base: Path) -> Path:
    """Return where the sockets go: below `base` if that is short and plain enough, else a directory named after it."""
    wanted = base / "sockets"
    if len(os.fsencode(wanted / _SOCKET)) <= _SOCKET_PATH_MAX and not set(str(wanted)) & set(',"'):
        return wanted
    return Path(tempfile.gettempdir()) / f"samsnakk-{hashlib.sha256(os.fsencode(base)).hexdigest()[:16]}"
