"""What the tests of several rooms share: a trust world and real hubs, each a process on its own PostgreSQL."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from samsnakk.demo.world import World
from service.store.embedded import EmbeddedPostgres, Role
from tests.browsing import browser  # noqa: F401 - the fixture of every test that opens a page

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

GENEROUS = {"SAMSNAKK_DEVICE_BURST": "1000000", "SAMSNAKK_ORGANISATION_BURST": "1000000"}


@dataclass
class HubProcess:
    """A real hub. `kill` is kill -9; `start` brings it back on the same data and the same port."""

    world: World
    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def log_file(self) -> Path:
        return self.data / "hub.log"

    def start(self) -> "HubProcess":
        listen = self.url.removeprefix("http://") or "127.0.0.1:0"
        environment = {
            **os.environ,
            **GENEROUS,
            "SAMSNAKK_LISTEN": listen,
            "SAMSNAKK_DATA": str(self.data / "postgres"),
            "SAMSNAKK_TRUST_FILE": str(self.world.trust_file),
            "SAMSNAKK_HUB_KEY_FILE": str(self.world.hub_key_file),
            **self.environment,
        }
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service.app", "hub"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the hub did not start: {self.log_file.read_text()}"
        said = json.loads(line)
        self.url, self.sign_in = said["ready"], said.get("sign_in")
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        code = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    def database_url(self, role: Role) -> str:
        """The address of its embedded database."""
        return EmbeddedPostgres(self.data / "postgres").dsn(role)

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - our own hub
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that an unprivileged database server may enter, whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="sk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def world(open_folder: Path) -> World:
    """Four organisations, a surgery and their people; one for all tests of a process."""
    return World.create(open_folder / "world")


@pytest.fixture(scope="session")
def start_hub(open_folder: Path) -> Iterator[Callable[..., HubProcess]]:
    """Start another hub: `start_hub(world, SETTING="value")`. All are stopped at the end."""
    hubs: list[HubProcess] = []

    def start(world: World, **environment: str) -> HubProcess:
        data = open_folder / f"hub-{len(hubs)}"
        data.mkdir()
        hubs.append(HubProcess(world, data, environment))
        return hubs[-1].start()

    yield start
    for hub in hubs:
        if hub.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                hub.stop()
        stop_database(hub.data / "postgres")


def stop_database(folder: Path) -> None:
    """A hub that was killed leaves its database server running; do not leave it behind."""
    pid_file = folder / "pgdata" / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGINT)
        deadline = time.monotonic() + 10
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)


@pytest.fixture(scope="session")
def hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    """One hub for all tests that do not break it."""
    return start_hub(world)
