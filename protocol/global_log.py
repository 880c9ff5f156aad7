"""What an end checks of the hub's global log: whose checkpoint it is, that it goes on, what it says of a stream.

The key is pinned in the trust file. A checkpoint is compared with the newest one that was accepted before: an end that
has accepted one never goes back, and a hub that shows two logs cannot prove that one goes on from the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.checkpoints import Checkpoint, parse_checkpoint
from crypto.errors import BadProof, CryptoError, Malformed
from crypto.hashing import Digest
from crypto.heads_tree import EMPTY, verify_newest, verify_unknown
from crypto.log_entries import LogEntry, parse_entry
from crypto.log_promises import Promise, parse_promise, verify_promise
from crypto.log_tree import EMPTY_ROOT, verify_consistency
from crypto.notes import NoteKey, parse_note, verify_note
from domain.ids import DeploymentId
from protocol.errors import FalseLogProof, ForgedCheckpoint, ForkedLog
from protocol.trust import Trust
from protocol.witnesses import log_origin


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint, and the signed note it came in; an empty note stands for the log before its first record."""

    note: str
    checkpoint: Checkpoint


def empty_log(deployment: DeploymentId) -> SignedCheckpoint:
    """Every log before its first record. Whoever knows no more than the pinned key begins here, and goes on from it."""
    return _before(log_origin(deployment))


def log_before(key: NoteKey) -> SignedCheckpoint:
    """The same, of the log that this key signs."""
    return _before(key.name)


def _before(origin: str) -> SignedCheckpoint:
    return SignedCheckpoint("", Checkpoint(origin, 0, EMPTY_ROOT, EMPTY))


def read_checkpoint(note: str, key: NoteKey) -> SignedCheckpoint:
    """A checkpoint, if `key` signed it.

    Raises:
        ForgedCheckpoint: it did not, or it is a checkpoint of another log, or none.

    """
    try:
        parsed = parse_note(note)
        verify_note(parsed, key)
        checkpoint = parse_checkpoint(parsed.text)
    except CryptoError:
        raise ForgedCheckpoint("not signed by the log's pinned key") from None
    if checkpoint.origin != key.name:
        raise ForgedCheckpoint("a checkpoint of another log")
    return SignedCheckpoint(note, checkpoint)


def verify_goes_on(before: Checkpoint, after: Checkpoint, proof: Sequence[bytes]) -> None:
    """Check that the log of `after` begins with the whole of `before`.

    Raises:
        ForkedLog: it does not, or nothing shows that it does.

    """
    if after.size < before.size:
        raise ForkedLog("a checkpoint of a shorter log than was seen before")
    try:
        verify_consistency(before.size, before.root, after.size, after.root, proof)
    except BadProof:
        raise ForkedLog("the log does not go on from the one that was seen before") from None
    if before.size == after.size and before.heads != after.heads:
        raise ForkedLog("two trees of heads over one log")


def logged_head(checkpoint: Checkpoint, name: Digest, leaf: bytes | None, siblings: Sequence[bytes]) -> LogEntry | None:
    """The newest head of stream `name` at this checkpoint, as its proof shows; None where it has none.

    `leaf`: the leaf that stands where the name belongs, its own or a neighbour's.

    Raises:
        FalseLogProof: nothing of the kind is shown.

    """
    try:
        stands = None if leaf is None else parse_entry(leaf)
        if stands is not None and stands.name == name:
            verify_newest(checkpoint.heads, stands, siblings)
            return stands
        verify_unknown(checkpoint.heads, name, stands, siblings)
    except (BadProof, Malformed):
        raise FalseLogProof("a proof about a stream that does not hold") from None
    return None


def read_promise(data: bytes, trust: Trust, key: NoteKey) -> Promise:
    """A promise to log a record, if the log's key signed it. Raises `ForgedCheckpoint`."""
    try:
        promise = parse_promise(data)
        verify_promise(promise, trust.deployment, key.public)
    except CryptoError:
        raise ForgedCheckpoint("a promise that is not signed by the log's pinned key") from None
    return promise
