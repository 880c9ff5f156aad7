"""What `deploy/` hands to the hub is what the hub reads: the units' own settings, the secrets as files, three roles."""

import configparser
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections import OrderedDict
from pathlib import Path

import asyncpg
import pytest

from samsnakk.demo.world import World
from tests.service.store.conftest import Database

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
PROGRAM = "/opt/samsnakk/bin/"


class _Several(OrderedDict[str, object]):
    """A unit may say one thing several times; all of them count."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and isinstance(self.get(key), list):
            self[key].extend(value)  # type: ignore[attr-defined]
        else:
            super().__setitem__(key, value)


def service_of(unit: str) -> dict[str, list[str]]:
    parser = configparser.RawConfigParser(strict=False, dict_type=_Several)  # type: ignore[arg-type]
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / unit)
    return {key: value.split("\n") for key, value in parser["Service"].items()}


def started_by(unit: str, credentials: Path, state: Path) -> subprocess.Popen[str]:
    """Start what the unit starts, with the settings and credentials that the unit gives it, and no others."""
    service = service_of(unit)
    handed = [line.partition(":")[0] for line in service["LoadCredential"]]
    assert {path.name for path in credentials.iterdir()} >= set(handed)
    settings = dict(line.split("=", 1) for line in service["Environment"])
    filled = {key: value.replace("%d", str(credentials)).replace("%S", str(state)) for key, value in settings.items()}
    through, program, command = service["ExecStart"][0].split()
    assert (through, program) == (f"{PROGRAM}with-secrets", f"{PROGRAM}samsnakk")
    return subprocess.Popen(
        [str(DEPLOY / "with-secrets"), sys.executable, "-m", "service.app", command],
        env={"PATH": os.environ["PATH"], "SAMSNAKK_LISTEN": "127.0.0.1:0", **filled},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def credentials(database: Database, world: World, directory: Path) -> Path:
    folder = directory / "credentials"
    folder.mkdir()
    for role in ("owner", "service", "eraser"):
        (folder / f"{role}_url").write_text(database.dsn(role))
    (folder / "trust.json").write_bytes(world.trust_file.read_bytes())
    (folder / "hub.key").write_bytes(world.hub_key_file.read_bytes())
    return folder


@pytest.mark.timeout(120)
async def test_the_units_start_a_hub_that_is_ready_and_drains(
    credentials: Path, directory: Path, database: Database
) -> None:
    administrator = await asyncpg.connect(database.dsn("superuser"))
    await administrator.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION samsnakk_owner")
    await administrator.close()
    with started_by("samsnakk-migrate.service", credentials, directory) as migrating:
        assert migrating.wait(60) == 0
    (credentials / "owner_url").unlink()  # the hub is never handed the owner's password
    with started_by("samsnakk-hub.service", credentials, directory) as hub:
        assert hub.stdout is not None
        url = json.loads(hub.stdout.readline())["ready"]
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:  # noqa: S310, ASYNC210 - our own hub
            assert json.load(answer)["status"] == "ready"
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(30) == 0


@pytest.mark.timeout(120)
async def test_the_unit_that_destroys_what_is_decided_runs_with_the_erasers_password_alone(
    credentials: Path, directory: Path
) -> None:
    for other in ("owner_url", "service_url", "trust.json", "hub.key"):
        (credentials / other).unlink()
    with started_by("samsnakk-scrub.service", credentials, directory) as scrubbing:
        assert scrubbing.wait(60) == 0
