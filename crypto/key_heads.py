"""The heads of a key stream: what stands before each statement is bound by the hash in it."""

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
