"""Seeds of service inboxes, sealed, by inbox. Nothing here can be opened here."""

from dataclasses import dataclass, field
from typing import Final

from service.store.queries import sql
from service.store.store import EventStore

KEPT: Final = 8
"""Files of an inbox that stay."""

_KEEP: Final = sql("inbox_file_keep")
_NEWEST: Final = sql("inbox_file_newest")
_TRIM: Final = sql("inbox_file_trim")


@dataclass(frozen=True, slots=True)
class InboxFileRow:
    """One file of an inbox, left by `device`. `replaces`: the hash of the one before, None for the first."""

    inbox: bytes
    generation: int
    hash: bytes
    replaces: bytes | None
    device: bytes
    stored_at: int
    file: bytes = field(repr=False)


async def keep_inbox_file(store: EventStore, row: InboxFileRow) -> bool:
    """Store the next file; False if the newest one is not the one it replaces. The same again is no harm.

    Raises StoreError.
    """
    await store.reader.fetch(
        _KEEP, row.inbox, row.generation, row.hash, row.replaces, row.device, row.stored_at, row.file
    )
    newest = await store.reader.fetch(_NEWEST, row.inbox)
    kept = bool(newest) and (newest[0][0], newest[0][1]) == (row.generation, row.hash)
    if kept:
        await store.reader.fetch(_TRIM, row.inbox, row.generation - KEPT)
    return kept


async def newest_inbox_file(store: EventStore, inbox: bytes) -> bytes | None:
    """The newest file of an inbox, if there is any. Raises StoreError."""
    rows = await store.reader.fetch(_NEWEST, inbox)
    return rows[0][2] if rows else None
