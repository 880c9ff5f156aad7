"""The global log in PostgreSQL: its leaves are the record by position; tiles and checkpoints are made of them."""

from collections.abc import Sequence
from typing import Final

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from service.store.errors import StoreError
from service.store.queries import sql
from service.store.store import EventStore

CHECKPOINTS_KEPT: Final = 1024
_ENTRIES: Final = sql("log_entries")
_HEADS: Final = sql("log_heads")
_KEEP: Final = sql("log_keep")
_NEWEST: Final = sql("log_newest")
_TILE: Final = sql("log_tile")


async def log_entries(store: EventStore, after: int, until: int) -> list[LogEntry]:
    """The leaves `after` to `until` - 1 of the log: the records at the positions `after` + 1 to `until`.

    Raises:
        StoreError: the store cannot be used, or the record has a gap.

    """
    rows = await store.reader.fetch(_ENTRIES, after, until)
    if [row[0] for row in rows] != list(range(after + 1, after + 1 + len(rows))):
        raise StoreError("the record has a gap")
    return [_entry(row[1], row[2], row[3]) for row in rows]


async def newest_heads(store: EventStore, until: int) -> list[LogEntry]:
    """Every stream's newest head up to a position. Raises StoreError."""
    return [_entry(*row) for row in await store.reader.fetch(_HEADS, until)]


async def keep_checkpoint(store: EventStore, tiles: Sequence[tuple[int, int, bytes]], size: int, note: str) -> None:
    """Store the tiles that are full and the checkpoint, together. Raises StoreError."""
    levels, numbers, hashes = [tile[0] for tile in tiles], [tile[1] for tile in tiles], [tile[2] for tile in tiles]
    await store.reader.fetch(_KEEP, levels, numbers, hashes, size, note, CHECKPOINTS_KEPT)


async def newest_checkpoint(store: EventStore) -> str | None:
    """The newest signed note. Raises StoreError."""
    rows = await store.reader.fetch(_NEWEST)
    return str(rows[0][0]) if rows else None


async def full_tile(store: EventStore, level: int, n: int) -> bytes | None:
    """A full tile's hashes, if it is full. Raises StoreError."""
    rows = await store.reader.fetch(_TILE, level, n)
    return bytes(rows[0][0]) if rows else None


def _entry(name: bytes, n: int, head: bytes | None) -> LogEntry:
    if head is None:
        raise StoreError("a record without a head: this database was made by an earlier development version")
    return LogEntry(Digest(name), n, Digest(head))
