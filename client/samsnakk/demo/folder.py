"""The folder a demonstration lives in: a temporary one, or one that is kept and can be gone on with."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import msgspec

MARKER: Final = "demo.json"
LOCK: Final = "demo.lock"
SCRIPT_DEVICE: Final = "script"
CHAT_DEVICE: Final = "chat"
OURS: Final = 0o711
"""Others may pass through, because PostgreSQL runs as another account where we are root; what is inside is private."""


class FolderError(Exception):
    """The folder cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the script was played. `labels`: versions by label, `threads`: numbers by key.

    `people`, `organisations` and `inboxes` are ids by key; the user's stands there once she has arrived.
    """

    script: str
    channel: bytes
    deployment: bytes
    steps_done: int = 0
    opened: bool = False
    labels: dict[str, int] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)
    people: dict[str, bytes] = field(default_factory=dict)
    organisations: dict[str, bytes] = field(default_factory=dict)
    inboxes: dict[str, bytes] = field(default_factory=dict)
    departed: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """What belongs to one node."""

    path: Path

    @property
    def data(self) -> Path:
        """The node's own folder, as `samsnakk node` takes it."""
        return self.path / "node"

    @property
    def passphrase(self) -> Path:
        """The passphrase that opens it; beside it only because this is a demonstration."""
        return self.path / "passphrase.txt"

    @property
    def made(self) -> Path:
        """What it told when it was founded; public."""
        return self.path / "made.json"

    @property
    def log(self) -> Path:
        """What its process wrote to its standard error."""
        return self.path / "node.log"


class DemoFolder:
    """One demonstration's files. Made by `demo_folder`."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    @property
    def hub(self) -> Path:
        """The hub's: its signing key, the trust file, its database and its log."""
        return self.path / "hub"

    @property
    def database(self) -> Path:
        """The embedded PostgreSQL's folder."""
        return self.hub / "database"

    @property
    def trust_file(self) -> Path:
        """The trust file as everybody got it; public."""
        return self.path / "trust.json"

    def node(self, organisation: str) -> "NodeFolder":
        """The node of an organisation."""
        return NodeFolder(self.path / "nodes" / organisation)

    @property
    def officers(self) -> Path:
        """A folder for each organisation, with the cards and group files of those who hold its vault's keys."""
        return self.path / "officers"

    def person(self, name: str) -> Path:
        """Everything of one person: both profiles and the log of their process."""
        return self.path / "people" / name

    def profile(self, name: str, device: str) -> Path:
        """A person's profile on one of their two devices."""
        return self.person(name) / device

    def people(self, device: str) -> list[str]:
        """Everybody who has a profile on such a device."""
        return sorted(place.parent.name for place in (self.path / "people").glob(f"*/{device}"))

    def save(self, progress: Progress) -> None:
        """Keep the progress; replaced whole or not at all."""
        beside = self.path / f"{MARKER}.new"
        beside.write_bytes(msgspec.json.encode(progress))
        beside.replace(self.path / MARKER)

    def progress(self) -> Progress:
        """How far it got. Raises `FolderError`."""
        try:
            return msgspec.json.decode((self.path / MARKER).read_bytes(), type=Progress)
        except OSError:
            raise FolderError(f"{self.path} holds no demonstration") from None
        except msgspec.MsgspecError:
            raise FolderError(f"{self.path}: {MARKER} cannot be read; choose another folder") from None


@contextmanager
def demo_folder(data: Path | None, *, resume: bool) -> Iterator[DemoFolder]:
    """The folder to play in, locked. A temporary one (`data` None) is removed afterwards. Raises `FolderError`."""
    if data is None:
        if resume:
            raise FolderError("--resume needs --data: a demonstration without a folder of its own is not kept")
        with _temporary() as path:
            yield DemoFolder(path)
        return
    path = data.absolute()
    _check(path, resume=resume)
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(OURS)
    with _locked(path):
        yield DemoFolder(path)


@contextmanager
def _temporary() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="samsnakk-demo-"))
    path.chmod(OURS)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _check(path: Path, *, resume: bool) -> None:
    if path.exists() and not path.is_dir():
        raise FolderError(f"{path} is not a folder")
    used = path.exists() and any(path.iterdir())
    ours = (path / MARKER).exists()
    if resume and not ours:
        raise FolderError(f"{path} holds no demonstration to go on with; leave --resume out to begin one there")
    if used and not ours:
        raise FolderError(f"{path} is not empty, and no demonstration of ours is in it; choose another folder")
    if used and not resume:
        raise FolderError(f"{path} holds a demonstration already; add --resume to go on with it, or choose another")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with (path / LOCK).open("ab") as lock:
        try:
            _lock(lock)
        except OSError:
            raise FolderError(f"{path} is in use by another demonstration that is running") from None
        yield


def _lock(lock: IO[bytes]) -> None:
    # Python opens files close-on-exec, so the lock goes with this process and no child keeps it.
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def pointer_file() -> Path:
    """Where the newest running demonstration is noted, so that `samsnakk chat` finds it without --data."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "samsnakk" / "demo"
