"""Make `.venv` hold exactly what `dev.txt` pins, once, whoever asks and however many ask at once.

Runs on the system's Python with nothing but the standard library. The Makefile calls it before every other target; when
nothing has changed it returns after reading one stamp file. Which package index is used is the environment's business
(`PIP_INDEX_URL`, `UV_DEFAULT_INDEX`, ...), never a file's.
"""

import fcntl
import hashlib
import os
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements"
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
# An environment copied or moved from elsewhere, or made by another Python, is made anew.
MADE_BY = VENV / "made-by"
INTERPRETER = f"{sys.version}\n{sys.executable}\n{VENV}\n"


def main() -> None:
    """Install if the stamp does not match; exit with a sentence, not a traceback, when a step fails."""
    wanted = _fingerprint()
    if _read(STAMP) == wanted:
        return
    with _only_one():
        if _read(STAMP) == wanted:  # another process did it while this one waited
            return
        try:
            _install()
        except subprocess.CalledProcessError as error:
            sys.exit(f"Installing stopped at: {' '.join(map(str, error.cmd))}")
        STAMP.write_text(wanted)


def _fingerprint() -> str:
    """Hash what decides the environment: the pins, how the project is built, the interpreter, where the tree lies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    built = {name: project[name] for name in ("build-system", "project")} | project["tool"]["hatch"]
    digest = hashlib.sha256(f"{INTERPRETER}{built}".encode())
    for path in (PINS / "dev.txt", PINS / "uv.txt", Path(__file__)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


@contextmanager
def _only_one() -> Iterator[None]:
    # A kernel lock, not a lock directory: it is gone when its holder is killed.
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install() -> None:
    print("Installing the pinned tools into .venv (once) …", file=sys.stderr, flush=True)
    STAMP.unlink(missing_ok=True)
    uv = VENV / "bin" / "uv"
    if _read(MADE_BY) != INTERPRETER or not uv.exists():
        _run(sys.executable, "-m", "venv", "--clear", VENV)
        pip = (VENV / "bin" / "python", "-m", "pip")
        _run(*pip, "install", "--quiet", "--require-hashes", "--requirement", PINS / "uv.txt")
        MADE_BY.write_text(INTERPRETER)
    # From here on uv keeps itself: it is pinned in dev.txt too, or `sync` would remove it.
    _run(uv, "pip", "sync", "--quiet", "--require-hashes", PINS / "dev.txt")
    _run(uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def _run(*command: str | os.PathLike[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=environment(os.environ))


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What the installers get to know: `given`, and for uv what pip finds out by itself."""
    known = {**given, "VIRTUAL_ENV": str(VENV)}
    if "PIP_INDEX_URL" in given:
        known.setdefault("UV_DEFAULT_INDEX", given["PIP_INDEX_URL"])
    if _system_has_certificates():
        # Unless told so, uv knows only the roots it was built with and stops at an organisation's own proxy.
        known.setdefault("UV_SYSTEM_CERTS", "1")
    return known


def _system_has_certificates() -> bool:
    """Whether the system keeps root certificates; a bare container may have none, and uv's own must do."""
    known = ssl.get_default_verify_paths()
    return bool(known.cafile) or (bool(known.capath) and any(Path(known.capath).iterdir()))


if __name__ == "__main__":
    main()
