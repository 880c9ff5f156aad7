"""What evidence about a log proves, to whoever has the hub's key and nothing else.

Proven is only what follows from two statements that the hub signed and that cannot both be true. All other evidence
shows what one end saw: the hub can be asked to explain it, and cannot be convicted of it.
"""

from dataclasses import dataclass
from enum import StrEnum

from crypto.checkpoints import Checkpoint
from crypto.errors import BadProof, CryptoError
from crypto.hashing import Digest
from crypto.log_promises import Promise, parse_promise, verify_promise
from crypto.log_tree import roots_by, verify_consistency
from crypto.notes import NoteKey
from protocol.errors import ForgedCheckpoint, ProtocolError
from protocol.global_log import SignedCheckpoint, log_before, logged_head, read_checkpoint
from protocol.log_evidence import LogEvidence, StreamSeen


class Finding(StrEnum):
    """What the evidence says. The first three are proofs against the hub."""

    TWO_LOGS = "two_logs"
    """The hub signed two logs of one size."""
    REWRITTEN = "rewritten"
    """The newer log has other records where the older one, signed too, had its own."""
    PROMISE_BROKEN = "promise_broken"
    """The hub signed that a record has a place in the log, and a log that has another there."""
    NOT_SIGNED = "not_signed"
    """What came is not signed with the hub's key: whoever sent it, it was not this log."""
    NOT_SHOWN = "not_shown"
    """The newer log was not shown to go on from the older one."""
    SEEN_OTHERWISE = "seen_otherwise"
    """The log says something else of a stream than this end was served."""
    NO_CONTRADICTION = "no_contradiction"
    """Everything in the file fits together."""

    @property
    def is_proof(self) -> bool:
        """Whether it convicts the hub."""
        return self in (Finding.TWO_LOGS, Finding.REWRITTEN, Finding.PROMISE_BROKEN)


@dataclass(frozen=True, slots=True)
class _Notes:
    older: Checkpoint
    newer: Checkpoint


def judge(evidence: LogEvidence, key: NoteKey) -> Finding:
    """What follows from the evidence under the log's key, which comes from elsewhere than the file."""
    try:
        notes = _notes(evidence, key)
    except ForgedCheckpoint:
        return Finding.NOT_SIGNED
    if notes is None:
        return Finding.NOT_SHOWN
    return _about_logs(notes, evidence) or _about_stream(notes.newer, evidence, key) or Finding.NO_CONTRADICTION


def _notes(evidence: LogEvidence, key: NoteKey) -> _Notes | None:
    older = _read(evidence.older, key)
    if not evidence.newer:
        return None
    return _Notes((older or log_before(key)).checkpoint, read_checkpoint(evidence.newer, key).checkpoint)


def _read(note: str, key: NoteKey) -> SignedCheckpoint | None:
    return read_checkpoint(note, key) if note else None


def _about_logs(notes: _Notes, evidence: LogEvidence) -> Finding | None:
    older, newer = notes.older, notes.newer
    if newer.size < older.size:
        return Finding.NOT_SHOWN
    if newer.size == older.size:
        return Finding.TWO_LOGS if (older.root, older.heads) != (newer.root, newer.heads) else None
    try:
        verify_consistency(older.size, older.root, newer.size, newer.root, evidence.consistency)
    except BadProof:
        return Finding.REWRITTEN if _is_rewritten(notes, evidence) else Finding.NOT_SHOWN
    return None


def _is_rewritten(notes: _Notes, evidence: LogEvidence) -> bool:
    """The proof leads to the newer root, so what it leads to at the older size is what the newer log has there."""
    older, newer = notes.older, notes.newer
    try:
        was, now = roots_by(older.size, older.root, newer.size, evidence.consistency)
    except BadProof:
        return False
    return now == newer.root and was != older.root


def _about_stream(checkpoint: Checkpoint, evidence: LogEvidence, key: NoteKey) -> Finding | None:
    seen = evidence.stream
    if seen is None:
        return None
    try:
        entry = logged_head(checkpoint, Digest(seen.name), seen.leaf, seen.siblings)
    except ProtocolError:
        return Finding.NOT_SHOWN
    n, head = (0, b"") if entry is None else (entry.n, bytes(entry.head))
    promise = _promise(evidence, key)
    if promise is not None and promise.promised.entry.name == seen.name:
        promised = promise.promised
        other = n == promised.entry.n and head != promised.entry.head
        if checkpoint.size >= promised.position and (n < promised.entry.n or other):
            return Finding.PROMISE_BROKEN
    return Finding.SEEN_OTHERWISE if _differs(seen, n, head) else None


def _promise(evidence: LogEvidence, key: NoteKey) -> Promise | None:
    if evidence.promise is None:
        return None
    try:
        promise = parse_promise(evidence.promise)
        verify_promise(promise, evidence.deployment, key.public)
    except CryptoError:
        return None
    return promise


def _differs(seen: StreamSeen, n: int, head: bytes) -> bool:
    """Whether the log has more, less or something else than this end."""
    return (n, head) != (seen.n, seen.head)
