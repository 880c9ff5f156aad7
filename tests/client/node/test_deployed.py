"""What `deploy/` starts as an organisation's node: the unit's own command, confined as the hub is."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from samsnakk.demo.world import World
from samsnakk.node.folder import create_node

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
PROGRAM = "/opt/samsnakk/bin/samsnakk "
CONFINING = (
    *("NoNewPrivileges", "Capability", "Ambient", "Protect", "Private", "Proc", "Restrict", "Lock", "Memory"),
    *("RemoveIPC", "SystemCall", "LimitCORE", "UMask", "StateDirectoryMode"),
)


def lines_of(unit: str) -> list[str]:
    return (DEPLOY / unit).read_text().splitlines()


def value(unit: str, key: str) -> str:
    [found] = [line.partition("=")[2] for line in lines_of(unit) if line.startswith(f"{key}=")]
    return found


def test_the_nodes_unit_is_confined_as_tightly_as_the_hubs() -> None:
    hub, node = (
        {line for line in lines_of(unit) if line.startswith(CONFINING) and not line.startswith("RestartP")}
        for unit in ("samsnakk-hub.service", "samsnakk-node.service")
    )
    assert hub
    assert hub <= node
    assert value("samsnakk-node.service", "StateDirectory") == value("samsnakk-node.service", "User")


def test_a_node_that_found_the_hub_lying_is_not_started_again_by_itself() -> None:
    assert value("samsnakk-node.service", "RestartPreventExitStatus").split() == ["2", "3"]


@pytest.mark.timeout(120)
def test_the_unit_starts_a_node_that_answers_and_stops(world: World, tmp_path: Path) -> None:
    dps = world.organisation("dps")
    state, credentials = tmp_path / "state", tmp_path / "credentials"
    credentials.mkdir()
    passphrase = credentials / value("samsnakk-node.service", "LoadCredential").partition(":")[0]
    passphrase.write_text("bare til prøve\n")
    passphrase.chmod(0o400)
    folder = state / value("samsnakk-node.service", "StateDirectory") / "node"
    create_node(folder, world.trust, "http://127.0.0.1:1", {dps.id: dps.root_seed}, "bare til prøve", "127.0.0.1:0")
    started = value("samsnakk-node.service", "ExecStart").replace("%S", str(state)).replace("%d", str(credentials))
    assert started.startswith(PROGRAM)
    program = [sys.executable, "-c", "import sys; from samsnakk.cli import main; sys.exit(main())"]
    command = [*program, *started.removeprefix(PROGRAM).split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as node:
        assert node.stdout is not None
        url = json.loads(node.stdout.readline())["ready"]
        with urllib.request.urlopen(f"{url}/node/v1/health", timeout=10) as answer:  # noqa: S310 - our own node
            assert json.load(answer) == {"node": "up"}
        node.send_signal(signal.SIGTERM)
        assert node.wait(60) == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.iterdir()])


def test_the_container_runs_the_same_command_and_can_write_to_its_volume_only() -> None:
    compose = (DEPLOY / "compose.node.yaml").read_text()
    for line in ("read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "core: 0"):
        assert f"    {line}" in compose.replace("      core", "    core")
    [said] = [line.partition(": ")[2] for line in compose.splitlines() if line.startswith("    command:")]
    command = json.loads(said)
    of_unit = value("samsnakk-node.service", "ExecStart").removeprefix("/opt/samsnakk/bin/").split()
    assert [part for part in command if "/" not in part] == [part for part in of_unit if "/" not in part]
    assert "/node/v1/health" in compose
