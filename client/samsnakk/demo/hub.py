"""The hub of a demonstration: the real one, with the embedded PostgreSQL, in a process of its own.

Run as a module it is that process. `samsnakk` never imports `service`; it starts it as anybody would.
"""

import contextlib
import json
import os
import runpy
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Final

from samsnakk.demo.children import Child, ChildDied, end_with_parent
from samsnakk.demo.folder import DemoFolder
from samsnakk.demo.world import World

HUB_MODULE: Final = "service.app"


@asynccontextmanager
async def running_hub(folder: DemoFolder, world: World) -> AsyncIterator[tuple[Child, str]]:
    """The hub's process and its address, once it serves. Raises `ChildDied`."""
    environment = {
        "SAMSNAKK_LISTEN": "127.0.0.1:0",
        "SAMSNAKK_DATA": str(folder.database),
        "SAMSNAKK_TRUST_FILE": str(world.trust_file),
        "SAMSNAKK_HUB_KEY_FILE": str(world.hub_key_file),
        "SAMSNAKK_LOG_LEVEL": "warning",
        # Everybody here is invented: `samsnakk login` and /sign-in let anybody on this machine be any of them.
        "SAMSNAKK_DEVELOPMENT_SIGN_IN": "only-on-this-machine",
        "SAMSNAKK_SIGN_IN_FILE": "",
        "SAMSNAKK_ALLOWED_ORIGINS": "",
        # The demonstration always uses its own database, whatever the shell it is started from uses.
        "DATABASE_URL": "",
        "SAMSNAKK_OWNER_DATABASE_URL": "",
    }
    # Named on the command line for whoever looks at the list of processes; the hub reads its settings only.
    hub = await Child.start(
        "the hub", "samsnakk.demo.hub", [str(folder.database)], folder.logs / "hub.log", environment
    )
    try:
        async with hub:
            yield hub, _address(await hub.hear())
    finally:
        stop_database(folder.database)


def _address(line: bytes) -> str:
    ready = json.loads(line)
    if not isinstance(ready, dict) or not isinstance(url := ready.get("ready"), str):
        raise ChildDied(f"the hub said {line[:200]!r} instead of its address")
    return url


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
    """Become the hub (or its `migrate`): the program `service.app`, exactly as it runs anywhere else."""
    sys.argv = [f"samsnakk {command}", command]
    runpy.run_module(HUB_MODULE, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    Thread(target=end_with_parent, daemon=True).start()
    run_hub()
