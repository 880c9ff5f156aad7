"""What a bundle of evidence consists of: a list of its files with their hashes, and streams of items in two of them.

    bundle.json          what it is about, and length and SHA-256 of every other file
    record.items         the channel's record, each item as the hub serves it to this reader
    access.items         the access log, likewise
    keys.items           [principal, key stream] of everybody whose keys are needed, roots that were replaced first
    log.items            [checkpoint, [[name, leaf, siblings] …], proof that the last checkpoint goes on from it]
    checkpoint.txt       the last or the last but one of these checkpoints, with all its cosignatures
    names.json           what people, organisations and inboxes are called
    audit-events.ndjson  the access log as FHIR R4 AuditEvents (IHE BALP)
    les-meg.html, rapport.html, verify.py   for people: what this is, what it says, and a verifier of its own

A file of items is a row of CBOR values, each behind its length (4 bytes, big endian).
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from crypto import cbor
from crypto.errors import Malformed
from samsnakk.errors import SamsnakkError

FORMAT: Final = "samsnakk-evidence/1"
ABOUT: Final = "bundle.json"
RECORD, ACCESS, KEYS, LOG = "record.items", "access.items", "keys.items", "log.items"
CHECKPOINT, NAMES, EVENTS = "checkpoint.txt", "names.json", "audit-events.ndjson"
PAGE, REPORT, VERIFIER = "les-meg.html", "rapport.html", "verify.py"
FILES: Final = (RECORD, ACCESS, KEYS, LOG, CHECKPOINT, NAMES, EVENTS, PAGE, REPORT, VERIFIER)
MAX_BUNDLE_ITEM: Final = 4 * 1024 * 1024
"""Bytes of one item; a key stream may be 1 MiB long, a record with its body not quite as much."""
MAX_BUNDLE_LIST: Final = 64 * 1024
"""Bytes of the list of files."""
_LENGTH: Final = 4


class BadBundle(SamsnakkError):
    """A file that is no bundle, or whose parts do not fit together."""

    def __init__(self, why: str) -> None:
        super().__init__(why, "Do not rely on it. Ask whoever made it for another one.")


class FileSum(Struct, frozen=True, forbid_unknown_fields=True):
    """Length in bytes and SHA-256, in hexadecimal, of a file."""

    bytes: int
    sha256: str


class StreamEnd(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a stream goes in this bundle: its newest version and the head there, in hexadecimal."""

    version: int
    head: str


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """`bundle.json`. Ids in hexadecimal; `made_at` in milliseconds since 1970, by the clock of whoever made it.

    `reader`: for whom the hub served the record; what that reader may not have is a leaf here too. `person`: who read.
    """

    format: str
    deployment: str
    channel: str
    reader: str
    person: str
    made_at: int
    record: StreamEnd
    access: StreamEnd
    files: dict[str, FileSum]


def encode_about(about: About) -> bytes:
    """The list, in the one order and form it has."""
    return msgspec.json.format(msgspec.json.encode(about, order="deterministic"), indent=2) + b"\n"


def decode_about(data: bytes) -> About:
    """Read the list. Raises `BadBundle`."""
    if len(data) > MAX_BUNDLE_LIST:
        raise BadBundle("the list of files is too long")
    try:
        about = msgspec.json.decode(data, type=About, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadBundle("the list of files cannot be read") from None
    if about.format != FORMAT:
        raise BadBundle(f"this program reads {FORMAT}")
    if set(about.files) != set(FILES) or encode_about(about) != data:
        raise BadBundle("the list of files is not as it was written")
    return about


def item_bytes(value: cbor.CborInput) -> bytes:
    """One item of a file of items."""
    data = cbor.encode(value)
    return len(data).to_bytes(_LENGTH, "big") + data


def read_items(file: BinaryIO) -> Iterator[cbor.CborValue]:
    """The items of a file, one after the other. Raises `BadBundle`."""
    while length := file.read(_LENGTH):
        size = int.from_bytes(length, "big")
        if len(length) != _LENGTH or size > MAX_BUNDLE_ITEM:
            raise BadBundle("a file of items ends in the middle, or has an item that is too long")
        data = file.read(size)
        try:
            yield cbor.decode(data, max_size=MAX_BUNDLE_ITEM)
        except Malformed:
            raise BadBundle("an item that is not written as it must be") from None


def sum_of(pieces: Iterable[bytes]) -> FileSum:
    """Length and hash of what is read piece by piece."""
    digest, length = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        length += len(piece)
    return FileSum(length, digest.hexdigest())
