"""The hub of a demonstration: the real one, with the embedded PostgreSQL, in a process of its own.

Run as a module it is that process. `samsnakk` never imports `service`; it starts it as anybody would.
"""

import contextlib
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Final

import msgspec

from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from samsnakk.demo.beginnings import HubMade, Trusted, read_beginning
from samsnakk.demo.children import Child, ChildDied, end_with_parent
from samsnakk.demo.folder import OURS, DemoFolder
from samsnakk.demo.lines import encode_line
from samsnakk.node.sign_in.development import SETTING, WORDS
from samsnakk.private_files import write_private

HUB_MODULE: Final = "service.app"
TRUST_FILE: Final = "trust.json"
KEY_FILE: Final = "hub.key"
DEVICE_FILE: Final = "hub.device"
_SEED: Final = 32


async def start_hub(folder: DemoFolder, users: Sequence[str]) -> Child:
    """Start the hub's process. It says who it is, gets the trust file, and says its address."""
    environment = {
        "SAMSNAKK_LISTEN": "127.0.0.1:0",
        "SAMSNAKK_DATA": str(folder.database),
        "SAMSNAKK_TRUST_FILE": str(folder.hub / TRUST_FILE),
        "SAMSNAKK_HUB_KEY_FILE": str(folder.hub / KEY_FILE),
        "SAMSNAKK_LOG_LEVEL": "warning",
        # Everybody here is invented: `samsnakk login` and /sign-in let anybody on this machine be any of them.
        SETTING: WORDS,
        "SAMSNAKK_DEVELOPMENT_USERS": ",".join(users),
        "SAMSNAKK_SIGN_IN_FILE": "",
        "SAMSNAKK_ALLOWED_ORIGINS": "",
        # The demonstration always uses its own database, whatever the shell it is started from uses.
        "DATABASE_URL": "",
        "SAMSNAKK_OWNER_DATABASE_URL": "",
    }
    folder.hub.mkdir(exist_ok=True)
    folder.hub.chmod(OURS)
    # Named on the command line for whoever looks at the list of processes; the hub reads its settings only.
    arguments = [str(folder.hub)]
    return await Child.start("huben", "samsnakk.demo.hub", arguments, folder.hub / "hub.log", environment)


class Serving(msgspec.Struct, frozen=True):
    """What the hub says once it serves: its address, and the development provider's."""

    ready: str
    sign_in: str


def serving_in(line: bytes) -> Serving:
    """The hub's own first line. Raises `ChildDied`."""
    try:
        return msgspec.json.decode(line, type=Serving)
    except msgspec.MsgspecError:
        raise ChildDied(f"huben sa {line[:200]!r} og ikke adressen sin") from None


def stop_database(base: Path) -> None:
    """Stop a server that its hub left behind (it was killed). Does nothing where none runs."""
    pid_file = base / "pgdata" / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError):
        pid = int(pid_file.read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        # A pid file may tell of the past: only a process that names this very folder is ours.
        if os.fsencode(base / "pgdata") in command.split(b"\0"):
            os.kill(pid, signal.SIGINT)


def run_hub(command: str = "hub") -> None:
    """Become the hub (or its `migrate` or `scrub`): the program `service.app`, exactly as it runs anywhere else."""
    sys.argv = [f"samsnakk {command}", command]
    runpy.run_module(HUB_MODULE, run_name="__main__", alter_sys=True)


def made_in(folder: Path) -> HubMade:
    """The hub's own key, made at the first start; it never leaves this folder."""
    key, device = folder / KEY_FILE, folder / DEVICE_FILE
    if not key.exists():
        device.write_bytes(new_id())
        write_private(key, random_bytes(_SEED))
    return HubMade(device.read_bytes(), SigningKey.from_seed(key.read_bytes()).public)


def main() -> None:
    """Say who this hub is, take the trust file, and become the hub."""
    folder = Path(sys.argv[1])
    os.write(sys.stdout.fileno(), encode_line(made_in(folder)))
    trusted = read_beginning(sys.stdin.buffer.readline() or encode_line(Trusted(b"")))
    if isinstance(trusted, Trusted) and trusted.trust:
        (folder / TRUST_FILE).write_bytes(trusted.trust)
        Thread(target=end_with_parent, daemon=True).start()
        run_hub()


if __name__ == "__main__":
    main()
