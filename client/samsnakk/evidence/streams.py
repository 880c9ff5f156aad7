"""The streams of a bundle as the hub's log knows them: by blinded name, how long they are and what their head is."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto import labels
from crypto.hashing import Digest, hash_with
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import SignedStatement
from domain.ids import DeploymentId, PrincipalId


@dataclass(frozen=True, slots=True)
class StreamKey:
    """How far a stream goes: `n` records, and the head after them."""

    n: int
    head: bytes


def name_of_keys(principal: PrincipalId) -> Digest:
    """The name of a key stream in the log. It is not blinded: key streams are public."""
    return hash_with(labels.STREAM_NAME, principal)


def head_of_keys(deployment: DeploymentId, principal: PrincipalId, entries: Sequence[SignedStatement]) -> Digest:
    """The head of a key stream after these statements."""
    head = genesis_head(deployment, principal)
    for entry in entries:
        head = next_head(head, entry)
    return head
