"""PostgreSQL seen from outside, to harm it: its process, its sessions, its disk."""

import os
import resource
import signal

import asyncpg

from service.store.embedded import EmbeddedPostgres
from tests.conftest import HubProcess


class Harmed:
    """The embedded server of a running hub."""

    def __init__(self, hub: HubProcess) -> None:
        self._server = EmbeddedPostgres(hub.data / "postgres")

    @property
    def pid(self) -> int:
        pid = self._server.pid
        assert pid is not None
        return pid

    def send(self, number: signal.Signals) -> None:
        """A signal to the postmaster; SIGINT is a fast shutdown, SIGKILL a crash."""
        os.kill(self.pid, number)

    async def end_sessions(self) -> None:
        """Every connection to the database is lost at once."""
        connection = await asyncpg.connect(self._server.dsn("superuser"))
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()


async def restart_with_file_limit(server: EmbeddedPostgres, limit: int) -> None:
    """A limit on file sizes fails the same writes as a full disk does, and needs no privileges.

    The server inherits it from us. The files of its write-ahead log have 16 MiB and stay below.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        await server.restart()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
