"""Speaking with an officer: telling, asking for a passphrase, and asking for a word before something is done."""

import getpass
import sys
from pathlib import Path

from samsnakk.cli.vault_texts import FAULTS, TEXTS
from samsnakk.private_files import write_private


class Stopped(Exception):
    """The officer said no, or named something that is not there; nothing was done."""


def say(text: str) -> None:
    """Tell it."""
    sys.stdout.write(f"{text}\n")


def confirm(question: str, word: str) -> None:
    """Go on only if the officer types the word. Raises `Stopped`."""
    say(question)
    sys.stdout.flush()
    if sys.stdin.readline().strip().casefold() != word.casefold():
        raise Stopped(FAULTS["stopped"])


def passphrase(file: Path | None) -> str:
    """The passphrase of a card. Raises `OSError`."""
    if file is not None:
        return file.read_text("utf-8").splitlines()[0]
    return getpass.getpass(TEXTS["passphrase"])


def new_passphrase(file: Path | None) -> str:
    """A passphrase for a new card, typed twice. Raises `Stopped`, `OSError`."""
    first = passphrase(file)
    if file is None and getpass.getpass(TEXTS["again"]) != first:
        raise Stopped(FAULTS["not_twice"])
    return first


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet. Raises `FileExistsError`."""
    if path.exists():
        raise FileExistsError(path)
    write_private(path, data)
