"""A C2SP witness for logs that others run: `POST add-checkpoint` (tlog-witness), by consistency proofs alone.

Apart from the witness of the own hub's log, which recomputes everything: another key, because a cosignature does not
say whose name it was made under, and another book.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from crypto import labels
from crypto.derivation import expand_key
from crypto.errors import BadProof, BadSignature, CryptoError, Malformed
from crypto.hashing import Digest
from crypto.log_policies import parse_policy
from crypto.log_tree import EMPTY_ROOT, verify_consistency
from crypto.notes import NoteKey, NoteKind, cosignature_line, note_key, parse_note, verify_note
from crypto.signing import SigningKey
from crypto.witness_requests import TreeHead, parse_add_checkpoint, parse_tree_head
from domain.ids import Millis
from protocol.witnesses import SECOND
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode

PREFIX: Final = "/witness"
LOGS_SEEN: Final = "logs-seen.db"
_SIZE: Final = "text/x.tlog.size"
_KEY: Final = labels.Label(labels.PREFIX + b"node-log-witness")
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS logs (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, and its type."""

    status: HTTPStatus
    body: str = ""
    kind: str = "text/plain"


class LogsSeen:
    """The newest checkpoint cosigned of each log, in SQLite. Synchronous, for one thread."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_TABLE)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def newest(self, origin: str) -> tuple[int, Digest]:
        """Size and root; of nothing, where nothing was cosigned yet."""
        row = self._db.execute("SELECT size, root FROM logs WHERE origin = ?", [origin]).fetchone()
        return (0, EMPTY_ROOT) if row is None else (row[0], Digest(row[1]))

    def note(self, origin: str) -> str | None:
        """The note as it was cosigned."""
        row = self._db.execute("SELECT note FROM logs WHERE origin = ?", [origin]).fetchone()
        return None if row is None else str(row[0])

    def turn(self, old: int, head: TreeHead, note: str) -> bool:
        """Write the next one down, if `old` is (still) the newest; whether it was."""
        self._db.execute("BEGIN IMMEDIATE")
        is_newest = self.newest(head.origin)[0] == old
        if is_newest:
            self._db.execute(
                "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)", [head.origin, head.size, head.root, note]
            )
        self._db.execute("COMMIT")
        return is_newest


class LogWitness:
    """The witness: whose logs it knows, by origin, and what it signs with."""

    def __init__(self, name: str, key: SigningKey, logs: Mapping[str, NoteKey], seen: LogsSeen) -> None:
        self.vkey: Final = note_key(name, NoteKind.WITNESS, key.public)
        self._key = key
        self._logs = logs
        self._seen = seen

    def add_checkpoint(self, body: bytes, at: Millis) -> Answer:
        """What the format says to answer, for each thing that can be wrong."""
        try:
            asked = parse_add_checkpoint(body)
            note = parse_note(asked.note)
            head = parse_tree_head(note.text)
        except CryptoError:
            return Answer(HTTPStatus.BAD_REQUEST)
        log = self._logs.get(head.origin)
        if log is None:
            return Answer(HTTPStatus.NOT_FOUND)
        try:
            verify_note(note, log)
        except BadSignature:
            return Answer(HTTPStatus.FORBIDDEN)
        if asked.old > head.size:
            return Answer(HTTPStatus.BAD_REQUEST)
        size, root = self._seen.newest(head.origin)
        if asked.old != size:
            return Answer(HTTPStatus.CONFLICT, f"{size}\n", _SIZE)
        try:
            verify_consistency(size, root, head.size, head.root, asked.proof)
        except BadProof:
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY)
        line = cosignature_line(note.text, self.vkey.name, self._key, at // SECOND)
        # On disk before it leaves.
        if not self._seen.turn(asked.old, head, asked.note + line):
            return Answer(HTTPStatus.CONFLICT, f"{self._seen.newest(head.origin)[0]}\n", _SIZE)
        return Answer(HTTPStatus.OK, line)

    def newest(self, origin_hash: str) -> Answer:
        """The newest checkpoint of the log whose origin has this SHA-256, with the log's and the witness' signature."""
        for origin in self._logs:
            if Digest(sha256(origin.encode()).digest()).hex() == origin_hash:
                note = self._seen.note(origin)
                if note is not None:
                    return Answer(HTTPStatus.OK, note)
        return Answer(HTTPStatus.NOT_FOUND)


@contextmanager
def opened_log_witness(node: OpenNode) -> Iterator[LogWitness | None]:
    """The node's witness for the logs that `node.toml` names; None where it names none. Raises `BadNode`."""
    if node.configuration.witness_logs is None:
        yield None
        return
    path = node.path / node.configuration.witness_logs
    try:
        logs = {log.name: log for log in parse_policy(path.read_bytes()).logs}
    except OSError as error:
        raise BadNode(f"{path}: {error.strerror}") from None
    except Malformed as error:
        raise BadNode(f"{path}: {error}") from None
    seed = expand_key(node.identity_key, label=_KEY, context=b"")
    key = SigningKey.from_seed(seed)
    with closing(LogsSeen(node.path / LOGS_SEEN)) as seen:
        yield LogWitness(f"witness.samsnakk/logs/{sha256(key.public).hexdigest()[:16]}", key, logs, seen)
