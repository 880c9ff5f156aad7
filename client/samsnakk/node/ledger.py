"""Every key stream the node has issued for, in SQLite: a statement is here, on disk, before anybody else sees it.

So a node that dies between signing and publishing never signs another statement for the same place.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from crypto.key_statements import SignedStatement
from crypto.signing import Signature
from domain.ids import DeviceId, Millis, PrincipalId
from samsnakk.errors import SamsnakkError


class LedgerMoved(SamsnakkError):
    """Another process of this node signed for the same place of a stream at the same moment."""

    def __init__(self) -> None:
        super().__init__("somebody else signed in this stream just now", "Look at it again and repeat the command.")


class Ledger:
    """The file. Synchronous, for one thread; a statement once written is never changed."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS statements (principal BLOB, n INTEGER, statement BLOB NOT NULL,"
            " signature BLOB NOT NULL, PRIMARY KEY (principal, n)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS wishes (id BLOB PRIMARY KEY, used_at INTEGER NOT NULL) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def principals(self) -> list[PrincipalId]:
        """Whose streams are here."""
        return [PrincipalId(row[0]) for row in self._db.execute("SELECT DISTINCT principal FROM statements")]

    def naming(self, device: DeviceId) -> list[PrincipalId]:
        """In whose streams these bytes stand: certificates of the device, and whatever else looks so."""
        rows = self._db.execute("SELECT DISTINCT principal FROM statements WHERE instr(statement, ?) > 0", [device])
        return [PrincipalId(row[0]) for row in rows]

    def entries(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """A stream from its first statement; empty if there is none."""
        rows = self._db.execute(
            "SELECT statement, signature FROM statements WHERE principal = ? ORDER BY n", [principal]
        )
        return tuple(SignedStatement(statement, Signature(signature)) for statement, signature in rows)

    def use_once(self, wish: bytes, at: Millis, forget: Millis) -> bool:
        """Note that a wish is used; False if it was already, also elsewhere. Those of before `forget` are gone."""
        self._db.execute("DELETE FROM wishes WHERE used_at < ?", [forget])
        done = self._db.execute("INSERT OR IGNORE INTO wishes VALUES (?, ?)", [wish, at])
        return done.rowcount == 1

    def append(self, principal: PrincipalId, entries: Sequence[SignedStatement], *, after: int) -> None:
        """Statements `after` + 1 onwards, all or none. Raises `LedgerMoved`."""
        rows = [(principal, n, e.statement, e.signature) for n, e in enumerate(entries, after + 1)]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT INTO statements VALUES (?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError:
            self._db.execute("ROLLBACK")
            raise LedgerMoved from None
        except sqlite3.Error:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
