"""In which channels somebody has been on a roster, and which of them have moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.store.queries import sql
from service.store.store import EventStore

STRETCH: Final = 2_000
"""Records that one look goes through, of all channels."""
_READ: Final = sql("roster_read")
_CHANGES: Final = sql("roster_changes")
_NOTE: Final = sql("roster_note")
_READ_UPTO: Final = sql("roster_read_upto")
_MOVED: Final = sql("roster_moved")


@dataclass(frozen=True, slots=True)
class Moved:
    """Channels with their newest versions in a stretch of the record, which ends at position `upto`."""

    channels: tuple[tuple[UUID, int], ...]
    upto: int


async def read_upto(store: EventStore) -> tuple[int, int]:
    """How far the record was read for rosters, and its last position. Raises `StoreError`."""
    rows = await store.reader.fetch(_READ)
    return rows[0][0], rows[0][1]


async def roster_changes(
    store: EventStore, after: int, until: int, topics: Sequence[str], limit: int
) -> list[tuple[int, bytes]]:
    """Records of these topics at positions after `after` and up to `until`, oldest first. Raises `StoreError`."""
    rows = await store.reader.fetch(_CHANGES, after, until, list(topics), limit)
    return [(position, state) for position, state in rows]


async def note_rosters(store: EventStore, found: Sequence[tuple[bytes, UUID]], upto: int) -> None:
    """Readers and channels found in the record up to a position; noting them twice changes nothing."""
    if found:
        await store.reader.fetch(_NOTE, [reader for reader, _ in found], [channel for _, channel in found])
    await store.reader.fetch(_READ_UPTO, upto)


async def moved_channels(store: EventStore, reader: bytes, after: int) -> Moved:
    """The reader's channels in the stretch of the record behind position `after`. Raises `StoreError`."""
    rows = await store.reader.fetch(_MOVED, reader, after, STRETCH)
    upto = rows[-1][2]
    return Moved(tuple((row[0], row[1]) for row in rows if row[0] is not None), after if upto is None else upto)
