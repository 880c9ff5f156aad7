"""What commits the hub to log what it has receipted: records with their places in the log, signed beforehand.

All records that were flushed together are promised with one signature, over the root of a small tree of them (the shape
of RFC 6962's, under labels of its own). Whoever holds such a promise, and a checkpoint of a log that reaches that far
and has something else there, holds two statements of the hub of which one is false.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto import labels
from crypto.cbor import CborInput, decode, encode
from crypto.errors import BadProof, Malformed
from crypto.hashing import DIGEST_LENGTH, Digest, hash_with
from crypto.log_entries import LogEntry
from crypto.log_tree import MAX_LOG, root_by
from crypto.shapes import Id, array, blob, digest, exactly, identifier, whole
from crypto.signing import SIGNATURE_LENGTH, Signature, SigningKey, verify

MAX_PROMISED: Final = 4096
"""Records under one signature."""
MAX_PROMISE: Final = 2048


@dataclass(frozen=True, slots=True)
class Promised:
    """Record `entry.n` of a stream, with this head after it, is leaf `position` - 1 of the log."""

    entry: LogEntry
    position: int


@dataclass(frozen=True, slots=True)
class Promise:
    """One record's part of what was signed.

    `statement`: CBOR [deployment, root, records, due]; all of it is in a signed checkpoint by `due`, in milliseconds
    since 1970. `index` and `siblings`: where the record stands in the tree of the promised.
    """

    statement: bytes
    signature: Signature
    promised: Promised
    index: int
    siblings: tuple[Digest, ...]


def make_promises(records: Sequence[Promised], deployment: Id, due: int, key: SigningKey) -> list[Promise]:
    """A promise for each of these, with one signature. Raises `Malformed`."""
    if not 0 < len(records) <= MAX_PROMISED:
        raise Malformed("so many records are not promised at once")
    levels: list[list[bytes]] = [[_leaf(one) for one in records]]
    while len(levels[-1]) > 1:
        levels.append(_above(levels[-1]))
    count, root = len(records), levels[-1][0]
    statement = encode([identifier(deployment), root, count, whole(due)])
    signature = key.sign(labels.LOG_PROMISE, statement)
    return [Promise(statement, signature, one, n, _path(levels, n)) for n, one in enumerate(records)]


def verify_promise(promise: Promise, deployment: Id, key: bytes) -> int:
    """By when, in milliseconds since 1970, the record is in a signed log.

    Raises:
        BadSignature, BadKey: `key` did not sign it.
        BadProof: another record was promised.
        Malformed: it is no promise, or one of another deployment.

    """
    verify(key, labels.LOG_PROMISE, promise.statement, promise.signature)
    place, root, count, due = array(decode(promise.statement, max_size=MAX_PROMISE, max_depth=1), 4)
    if identifier(place) != deployment:
        raise Malformed("a promise of another deployment")
    records = whole(count, 1, MAX_PROMISED)
    if root_by(_leaf(promise.promised), promise.index, records, promise.siblings, _node) != digest(root):
        raise BadProof("another record was promised")
    return whole(due)


def encode_promise(promise: Promise) -> bytes:
    """CBOR [statement, signature, name, n, head, position, index, [sibling…]]."""
    entry, position = promise.promised.entry, promise.promised.position
    siblings: list[CborInput] = [*promise.siblings]
    fields: list[CborInput] = [promise.statement, promise.signature, entry.name, entry.n, entry.head, position]
    return encode([*fields, promise.index, siblings])


def parse_promise(data: bytes) -> Promise:
    """Read it; nothing of it is checked yet. Raises `Malformed`."""
    statement, signature, name, n, head, position, index, siblings = array(
        decode(data, max_size=MAX_PROMISE, max_depth=2), 8
    )
    entry = LogEntry(digest(name), whole(n, 1), digest(head))
    return Promise(
        blob(statement),
        Signature(exactly(signature, SIGNATURE_LENGTH)),
        Promised(entry, whole(position, 1, MAX_LOG)),
        whole(index, 0, MAX_PROMISED - 1),
        tuple(Digest(exactly(one, DIGEST_LENGTH)) for one in array(siblings)),
    )


def _above(level: list[bytes]) -> list[bytes]:
    pairs: list[bytes] = [_node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _path(levels: Sequence[Sequence[bytes]], index: int) -> tuple[Digest, ...]:
    found = []
    for level in levels[:-1]:
        # The last node of an odd level has no sibling: it is its own parent.
        if (sibling := index ^ 1) < len(level):
            found.append(Digest(level[sibling]))
        index >>= 1
    return tuple(found)


def _leaf(promised: Promised) -> Digest:
    entry = promised.entry
    name, head, position = digest(entry.name), digest(entry.head), whole(promised.position, 1, MAX_LOG)
    return hash_with(labels.LOG_PROMISE_LEAF, encode([name, whole(entry.n, 1), head, position]))


def _node(left: bytes, right: bytes) -> Digest:
    return hash_with(labels.LOG_PROMISE_NODE, left + right)
