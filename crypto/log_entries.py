"""What the global log's leaves and the heads tree's leaves say: stream `name` had `head` after its record number `n`.

`name` is blinded (`crypto.chain.stream_name`), so the log shows strangers that some stream grew, and not whose.
"""

from dataclasses import dataclass
from typing import Final

from crypto import labels
from crypto.cbor import decode, encode
from crypto.errors import Malformed
from crypto.hashing import Digest, hash_with
from crypto.labels import labelled
from crypto.shapes import array, digest, whole

MAX_LOG_ENTRY: Final = 128
"""Bytes; the longest is 110."""
_NAME: Final = b"\x83\x58\x20"
"""An array of three, and in its first place 32 bytes."""
_HEAD: Final = b"\x58\x20"
_FRONT: Final = labelled(labels.LOG_ENTRY, b"")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Stream `name` has `head` after record `n` ≥ 1."""

    name: Digest
    n: int
    head: Digest


def entry_bytes(entry: LogEntry) -> bytes:
    """The leaf's data: log-entry ‖ 0x00 ‖ CBOR [name, n, head]. Raises `Malformed`."""
    return _FRONT + _fields(entry)


def parse_entry(data: bytes) -> LogEntry:
    """The entry in a leaf's data. Raises `Malformed`."""
    if not data.startswith(_FRONT) or len(data) > MAX_LOG_ENTRY:
        raise Malformed("not an entry of the log")
    name, n, head = array(decode(data[len(_FRONT) :], max_size=MAX_LOG_ENTRY, max_depth=1), 3)
    return LogEntry(digest(name), whole(n, 1), digest(head))


def heads_leaf(entry: LogEntry) -> Digest:
    """H(heads-leaf; CBOR [name, n, head]): the leaf of the heads tree. Raises `Malformed`."""
    return hash_with(labels.HEADS_LEAF, _fields(entry))


def verify_entry(entry: LogEntry) -> None:
    """Raises `Malformed` unless there is a leaf for it."""
    digest(entry.name)
    whole(entry.n, 1)
    digest(entry.head)


def _fields(entry: LogEntry) -> bytes:
    # CBOR [name, n, head], written out: the hub does this for every record, and only the number's length varies.
    return _NAME + digest(entry.name) + encode(whole(entry.n, 1)) + _HEAD + digest(entry.head)
