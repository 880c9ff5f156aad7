"""Rows in SQLite whose contents are sealed: the file shows how many there are and how long, and nothing else.

Every payload is AES-256-GCM under a key derived from the profile's; the associated data is the row's own place, so a
row moved, renamed or taken from another profile does not open. Whose rows they are is blinded by a keyed derivation.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from crypto import boxes, cbor, labels
from crypto.derivation import expand_key
from crypto.errors import CryptoError
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from samsnakk.errors import BadProfile

TABLES: Final = (
    "items",
    "filled",
    "lines",
    "epoch_keys",
    "message_keys",
    "marks",
    "outbox",
    "drafts",
    "key_streams",
    "arrivals",
    "copied",
    "exported",
    "log",
)
_ROW: Final = labels.Label(labels.PREFIX + b"local-row")
_OWNER: Final = labels.Label(labels.PREFIX + b"local-owner")
_BUSY_MS: Final = 5000

Row = tuple[int, int, bytes]
"""The two numbers that place a row among its owner's, and its payload."""


class SealedRows:
    """One open store. Synchronous, to be used from one thread."""

    def __init__(self, path: Path, key: SecretKey) -> None:
        self._key = expand_key(key, label=_ROW, context=b"")
        self._owner_key = expand_key(key, label=_OWNER, context=b"")
        self._owners: dict[bytes, bytes] = {}
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        # A killed process loses nothing; only a power cut may lose the last rows, which the hub then sends again.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA journal_mode=WAL")
        # What is removed or replaced is written over with zeros.
        self._db.execute("PRAGMA secure_delete=ON")
        self.begin()
        for table in TABLES:
            self._db.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (owner BLOB, a INTEGER, b INTEGER, sealed BLOB,"
                " PRIMARY KEY (owner, a, b)) WITHOUT ROWID"
            )
        self.commit()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self) -> None:
        """Begin a transaction."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Everything since `begin` is kept."""
        self._db.execute("COMMIT")

    def roll_back(self) -> None:
        """Nothing since `begin` is kept."""
        self._db.execute("ROLLBACK")

    def purge(self) -> None:
        """Empty the write-ahead log, in which removed rows still lie."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def put(self, table: str, owner: bytes, rows: Iterable[Row]) -> None:
        """Write rows; a row of the same place is replaced."""
        blinded = self._blinded(owner)
        self._db.executemany(
            f"INSERT OR REPLACE INTO {_known(table)} VALUES (?, ?, ?, ?)",  # noqa: S608 - one of ours
            [(blinded, a, b, self._seal(table, blinded, a, b, payload)) for a, b, payload in rows],
        )

    def drop(self, table: str, owner: bytes, a: int, b: int = 0) -> None:
        """Remove a row."""
        self._db.execute(
            f"DELETE FROM {_known(table)} WHERE owner = ? AND a = ? AND b = ?",  # noqa: S608 - one of ours
            (self._blinded(owner), a, b),
        )

    def rows(self, table: str, owner: bytes, after: int = -1, limit: int = -1) -> list[Row]:
        """The rows of an owner behind the place `after`, in order. Raises `BadProfile` where one does not open."""
        blinded = self._blinded(owner)
        found = self._db.execute(
            f"SELECT a, b, sealed FROM {_known(table)} WHERE owner = ? AND a > ? ORDER BY a, b LIMIT ?",  # noqa: S608 - one of ours
            (blinded, after, limit),
        )
        return [(a, b, self._open(table, blinded, a, b, sealed)) for a, b, sealed in found]

    def _blinded(self, owner: bytes) -> bytes:
        if owner not in self._owners:
            self._owners[owner] = expand_key(self._owner_key, label=_OWNER, context=owner)[:16]
        return self._owners[owner]

    def _seal(self, table: str, owner: bytes, a: int, b: int, payload: bytes) -> bytes:
        nonce = random_bytes(boxes.NONCE_LENGTH)
        return nonce + boxes.seal_box(self._key, nonce, _place(table, owner, a, b), payload)

    def _open(self, table: str, owner: bytes, a: int, b: int, sealed: bytes) -> bytes:
        nonce, box = sealed[: boxes.NONCE_LENGTH], sealed[boxes.NONCE_LENGTH :]
        try:
            return boxes.open_box(self._key, nonce, _place(table, owner, a, b), box)
        except CryptoError:
            raise BadProfile("a row of the local store does not open") from None


def _place(table: str, owner: bytes, a: int, b: int) -> bytes:
    return cbor.encode([_ROW.decode(), table, owner, a, b])


def _known(table: str) -> str:
    if table not in TABLES:
        raise BadProfile("no such table")
    return table
