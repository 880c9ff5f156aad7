"""The hash chain of a stream: what a record is, what its leaf commits to, how heads follow each other (protocol §7).

Leaf and head show nothing of a record but version, thread, kind class and time: the inner hash is blinded, so a reader
who only gets the leaf (a stub) cannot test guesses of the content, and destroying the blind makes erasure final.
"""

from dataclasses import dataclass
from typing import Final

from crypto import labels
from crypto.cbor import decode, encode
from crypto.errors import Malformed
from crypto.hashing import Digest, hash_with
from crypto.shapes import Id, array, blob, digest, exactly, identifier, short_text, whole
from crypto.signing import SIGNATURE_LENGTH

BLIND_LENGTH: Final = 32
SIGNED_LENGTH: Final = 16 + SIGNATURE_LENGTH
"""A signature in a record: the signer's device id ‖ Ed25519, so that it is checked before the header is parsed."""
STREAM_SECRET_LENGTH: Final = 32
MAX_RECORD: Final = 256 * 1024
MAX_KIND: Final = 64
"""Characters of a kind class or a stream's kind."""


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded act without its body. `recorded_at` is milliseconds since the Unix epoch."""

    header: bytes
    signature: bytes
    version: int
    recorded_at: int


def record_bytes(header: bytes, signature: bytes, version: int, recorded_at: int) -> bytes:
    """The record as the CBOR array [header, signature, version, recorded_at]. Raises `Malformed`."""
    record = encode([header, exactly(signature, SIGNED_LENGTH), whole(version), whole(recorded_at)])
    if len(record) > MAX_RECORD:
        raise Malformed("record too large")
    return record


def parse_record(data: bytes) -> Record:
    """The record in `data`; its header is not parsed and its signature not checked. Raises `Malformed`."""
    header, signature, version, recorded_at = array(decode(data, max_size=MAX_RECORD, max_depth=1), 4)
    return Record(blob(header), exactly(signature, SIGNED_LENGTH), whole(version), whole(recorded_at))


def inner_hash(blind: bytes, record: bytes) -> Digest:
    """H(record; blind ‖ record). `blind` is 32 fresh random bytes, so nothing can be guessed from the hash."""
    return hash_with(labels.RECORD, exactly(blind, BLIND_LENGTH) + record)


def leaf(version: int, thread: int | None, kind_class: str, recorded_at: int, inner: Digest) -> Digest:
    """What the head commits to for one record. `thread` is None for what belongs to no thread. Raises `Malformed`."""
    fields = encode(
        [
            whole(version),
            None if thread is None else whole(thread),
            short_text(kind_class, MAX_KIND),
            whole(recorded_at),
            digest(inner),
        ]
    )
    return hash_with(labels.LEAF, fields)


def genesis_head(deployment: Id, name: Digest) -> Digest:
    """The head of a stream before its first record. `name` is its `stream_name`. Raises `Malformed`."""
    return hash_with(labels.GENESIS, encode([identifier(deployment), digest(name)]))


def next_head(head: Digest, next_leaf: Digest) -> Digest:
    """H(head; head ‖ leaf). Raises `Malformed` on a wrong length."""
    # Both lengths are fixed, so the place where one ends and the other begins cannot be moved.
    return hash_with(labels.HEAD, digest(head) + digest(next_leaf))


def stream_name(secret: bytes, kind: str) -> Digest:
    """The public name of a stream: tells nobody without the 32-byte stream secret whose it is. Raises `Malformed`."""
    return hash_with(labels.STREAM_NAME, encode([exactly(secret, STREAM_SECRET_LENGTH), short_text(kind, MAX_KIND)]))
