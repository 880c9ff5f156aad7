"""What this witness has seen of the log and cosigned, in SQLite: on disk before anything is signed.

A cosignature says that nothing larger and nothing else was seen. So the book is written first: a witness that dies
between writing and signing has said too little, never too much.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crypto.growing_log import GrowingLog
from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.log_tiles import MAX_TILE_LEVEL, split_tile
from samsnakk.errors import SamsnakkError

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tails (level INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS heads (name BLOB PRIMARY KEY, n INTEGER NOT NULL, head BLOB NOT NULL) WITHOUT ROWID;
"""


class WitnessedElsewhere(SamsnakkError):
    """Another process cosigned with the same book in between."""

    def __init__(self) -> None:
        super().__init__("another process works with this witness' book", "Run one node only for a folder.")


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest checkpoint that was checked: its number of leaves and its text."""

    size: int = 0
    text: str = ""


class Book:
    """The file. Synchronous, for one thread."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def seen(self) -> Seen:
        """The newest checkpoint."""
        row = self._db.execute("SELECT size, text FROM seen").fetchone()
        return Seen() if row is None else Seen(*row)

    def log(self) -> GrowingLog:
        """The log as far as it was checked."""
        log = GrowingLog(self.seen().size)
        for level, hashes in self._db.execute("SELECT level, hashes FROM tails"):
            log.tails[level] = split_tile(hashes)
        for name, n, head in self._db.execute("SELECT name, n, head FROM heads"):
            log.heads.put(LogEntry(Digest(name), n, Digest(head)))
        return log

    def head(self, name: Digest) -> LogEntry | None:
        """The newest head of a stream."""
        row = self._db.execute("SELECT n, head FROM heads WHERE name = ?", [name]).fetchone()
        return None if row is None else LogEntry(name, row[0], Digest(row[1]))

    def turn(self, before: Seen, seen: Seen, log: GrowingLog, entries: Iterable[LogEntry]) -> None:
        """Write down a checkpoint that holds, and what is new since `before`: all of it, on disk, or nothing.

        Raises `WitnessedElsewhere` where the book says another thing than `before`.
        """
        tails: Sequence[tuple[int, bytes]] = [(level, log.tail(level)[1]) for level in range(MAX_TILE_LEVEL)]
        self._db.execute("BEGIN IMMEDIATE")
        if self.seen() != before:
            self._db.execute("ROLLBACK")
            raise WitnessedElsewhere
        try:
            self._db.execute("INSERT OR REPLACE INTO seen VALUES (1, ?, ?)", [seen.size, seen.text])
            self._db.executemany("INSERT OR REPLACE INTO tails VALUES (?, ?)", tails)
            self._db.executemany(
                "INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", ((one.name, one.n, one.head) for one in entries)
            )
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
