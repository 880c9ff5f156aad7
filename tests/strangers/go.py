"""Debian's Go and its verifier of logs. Where they are missing the tests fail: nobody else has then checked the log."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

WITHOUT = "SAMSNAKK_TEST_WITHOUT_GO"
"""Variable that skips these tests, on purpose and never in CI: its value must be `on-purpose`."""
PACKAGES = Path("/usr/share/gocode")
_NEEDED = PACKAGES / "src/golang.org/x/mod/sumdb/tlog"
_ADVICE = (
    "no Go, or no golang.org/x/mod: install them (Debian: `apt-get install golang-go golang-golang-x-mod-dev`). "
    f"{WITHOUT}=on-purpose leaves these tests out on your own machine; CI ignores it."
)


def find_go(
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
    needed: Path = _NEEDED,
) -> str:
    """Where Go is. Fails the test where it is not, or its packages are not, unless left out on purpose."""
    if environment.get(WITHOUT) == "on-purpose" and not environment.get("CI"):
        pytest.skip(f"{WITHOUT}=on-purpose")
    found = which("go")
    if found is None or not needed.is_dir():
        pytest.fail(_ADVICE, pytrace=False)
    return found


def built(source: Path, folder: Path) -> Path:
    """The program of one file, built without the network."""
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(PACKAGES),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    program = folder / source.stem
    subprocess.run([find_go(), "build", "-o", str(program), str(source)], check=True, env=environment, timeout=300)
    return program
