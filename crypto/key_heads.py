"""The heads of a key stream: what stands before each statement is bound by the hash in it."""

from collections.abc import Iterable

from crypto import labels
from crypto.cbor import encode
from crypto.hashing import Digest, hash_with
from crypto.key_statements import SignedStatement
from crypto.shapes import Id, identifier


def genesis_head(deployment: Id, principal: Id) -> Digest:
    """The head of a key stream before its first statement."""
    return hash_with(labels.KEY_STREAM_GENESIS, encode([identifier(deployment), identifier(principal)]))


def next_head(head: Digest, entry: SignedStatement) -> Digest:
    """H(key-stream; head ‖ cbor [statement, signature])."""
    return hash_with(labels.KEY_STREAM, head + encode([entry.statement, entry.signature]))


def heads_after(deployment: Id, principal: Id, entries: Iterable[SignedStatement]) -> list[Digest]:
    """The head after each of these statements, which must be the stream's from the first one on."""
    head = genesis_head(deployment, principal)
    return [head := next_head(head, entry) for entry in entries]


def log_name(principal: Id) -> Digest:
    """The name of a key stream in the global log. It is not blinded: key streams are public."""
    return hash_with(labels.STREAM_NAME, identifier(principal))
