"""Checkpoints: the text of the note in which the hub commits to its log (C2SP tlog-checkpoint).

Four lines: the log's origin, how many leaves it has, its root, and an extension line of ours, `heads ` and the root of
the heads tree over the newest heads of exactly these leaves. Witnesses that know nothing of it cosign it with the rest.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from crypto.errors import Malformed
from crypto.hashing import Digest
from crypto.log_tree import MAX_LOG
from crypto.notes import MAX_NOTE_NAME, from_base64
from crypto.shapes import digest

_HEADS: Final = "heads "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` has `size` leaves under `root`, and under `heads` the newest heads of their streams."""

    origin: str
    size: int
    root: Digest
    heads: Digest


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The note's text."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{_base64(checkpoint.root)}\n{_HEADS}{_base64(checkpoint.heads)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text. Raises `Malformed` on everything that `checkpoint_text` does not make."""
    match text.split("\n"):
        case [origin, size, root, heads, ""] if heads.startswith(_HEADS):
            pass
        case _:
            raise Malformed("not a checkpoint of this kind of log")
    if not size.isascii() or not size.isdigit() or len(size) > len(str(MAX_LOG)) or int(size) > MAX_LOG:
        raise Malformed("a checkpoint's size is a number")
    if not 0 < len(origin) <= MAX_NOTE_NAME:
        raise Malformed("a checkpoint names its log")
    found = Checkpoint(origin, int(size), _digest(root), _digest(heads.removeprefix(_HEADS)))
    if checkpoint_text(found) != text:
        raise Malformed("a checkpoint in a second form")
    return found


def _base64(value: Digest) -> str:
    return b64encode(value).decode()


def _digest(text: str) -> Digest:
    return digest(from_base64(text))
