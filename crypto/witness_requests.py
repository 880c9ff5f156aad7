"""What a log asks a witness, in the form of C2SP tlog-witness: cosign this checkpoint, here is why it goes on.

    old SIZE            the checkpoint that the witness cosigned last
    BASE64 …            the consistency proof from there, a hash a line
    (an empty line)
    the signed note

A witness that others wrote judges the first three lines of a checkpoint; what stands behind them is the log's own.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from crypto.errors import Malformed
from crypto.hashing import Digest
from crypto.log_tree import MAX_LOG
from crypto.notes import MAX_NOTE, MAX_NOTE_NAME, from_base64
from crypto.shapes import digest

MAX_ASKED_PROOF: Final = 63
"""Hashes in the proof of a request, says the format."""
MAX_ASKED: Final = MAX_NOTE + 4096
"""Bytes of a request."""
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_OLD: Final = "old "
_HEAD_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request: cosigned up to `old`, and a proof from there to the checkpoint in `note`."""

    old: int
    proof: tuple[Digest, ...]
    note: str


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The part of any log's checkpoint that a witness vouches for."""

    origin: str
    size: int
    root: Digest


def encode_add_checkpoint(asked: AddCheckpoint) -> bytes:
    """The body of the request."""
    proof = "".join(f"{b64encode(one).decode()}\n" for one in asked.proof)
    return f"{_OLD}{asked.old}\n{proof}\n{asked.note}".encode()


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Read the body of a request. Raises `Malformed`."""
    if len(data) > MAX_ASKED:
        raise Malformed("a request that is too long")
    try:
        head, split, note = data.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("a request that is no UTF-8") from None
    first, *proof = head.split("\n")
    if not split or not first.startswith(_OLD) or len(proof) > MAX_ASKED_PROOF:
        raise Malformed("not a request to cosign")
    hashes = tuple(digest(from_base64(line)) for line in proof)
    return AddCheckpoint(tree_size(first.removeprefix(_OLD)), hashes, note)


def parse_tree_head(text: str) -> TreeHead:
    """The tree in the text of any log's note; lines behind the third may say anything. Raises `Malformed`."""
    lines = text.split("\n")
    if len(lines) <= _HEAD_LINES or lines[-1] or not all(lines[:-1]):
        raise Malformed("a checkpoint has three lines at least, and no empty one")
    origin, size, root = lines[:_HEAD_LINES]
    if len(origin) > MAX_NOTE_NAME:
        raise Malformed("an origin that is too long")
    return TreeHead(origin, tree_size(size), digest(from_base64(root)))


def tree_size(text: str) -> int:
    """A number of leaves in the one way to write it. Raises `Malformed`."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_LOG:
        raise Malformed("a number of leaves is expected")
    return int(text)
