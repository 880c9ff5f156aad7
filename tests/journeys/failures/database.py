"""The hub's own PostgreSQL seen from outside, to harm it: its processes, its files, its sessions."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from service.store.embedded import EmbeddedPostgres
from tests.conftest import HubProcess

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


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

    @contextmanager
    def disk_full_at(self, size: int) -> Iterator[None]:
        """No file may grow beyond `size` bytes: the same writes fail as on a full disk, and no privilege is needed."""
        self._limit((size, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            self._limit(UNLIMITED)

    def _limit(self, limits: tuple[int, int]) -> None:
        for process in (self.pid, *_children(self.pid)):
            resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
