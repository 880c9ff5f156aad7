"""Who works with a node's folder now: many at once, or one alone while the root is replaced."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from samsnakk.node.configuration import BadNode

LOCK: Final = "in-use.lock"


@contextmanager
def used(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the folder. The kernel lets go of it whenever the process ends. Raises `BadNode` where it cannot be had."""
    with (path / LOCK).open("ab") as file:
        (path / LOCK).chmod(0o600)
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadNode(f"{path}: in use by another process; stop the node first") from None
        yield
