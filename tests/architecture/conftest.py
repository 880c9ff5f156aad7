"""What the tests of the tree look at: the files people wrote, read once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_COMMANDS = {".git", ".venv", "__pycache__", "node_modules", "dist", "secrets"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Give the text of each file of the project by its path from the root; pictures and fonts are left out."""
    return dict(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in MADE_BY_COMMANDS and not name.endswith("_cache")]
        for path in (Path(folder, name) for name in names):
            try:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
            except (UnicodeDecodeError, FileNotFoundError):  # no text, or removed by a command that runs beside
                continue
