"""A new version of a listing on its way into PostgreSQL: pieces of it as they come, then its rows, then the switch.

Rows are written under a version that nobody reads yet, some thousand at a time, so that each statement is short; one
small statement then makes it the current one. What was begun and not finished is forgotten by whoever begins next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.store.errors import RecordRejected
from service.store.listings import PAGE, Indexed, heads
from service.store.queries import sql
from service.store.store import EventStore

_BEGIN: Final = sql("listing_stage_begin")
_PIECE: Final = sql("listing_piece")
_PIECES: Final = sql("listing_piece_count")
_DATA: Final = sql("listing_piece_data")
_WRITE: Final = sql("listing_write")
_SWITCH: Final = sql("listing_switch")
_FORGET: Final = sql("listing_forget")
ABANDONED: Final = 60 * 60 * 1000
"""Milliseconds after which pieces that nobody finished are in nobody's way any more."""
BUSY: Final = 30_000
"""Milliseconds for which a version that is being written is left alone after each step."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be stored; `hash` of its head, `at` in UTC milliseconds."""

    organisation: bytes
    version: int
    head: bytes
    hash: bytes
    signature: bytes
    at: int


async def begin_stage(store: EventStore, organisation: bytes, head: bytes, at: int, *, take_over: bool = False) -> bool:
    """The version with this head hash is begun, in place of another one; only one of them is ever written.

    `take_over`: also of one that is just being written. False where it is and may not be. Raises StoreError.
    """
    return bool(await store.reader.fetch(_BEGIN, organisation, head, at, at - ABANDONED, take_over))


async def keep_piece(store: EventStore, organisation: bytes, head: bytes, piece: int, data: bytes) -> bool:
    """Keep a piece; False where another version took the place. Raises StoreError."""
    return bool(await store.reader.fetch(_PIECE, organisation, head, piece, data))


async def pieces_kept(store: EventStore, organisation: bytes, head: bytes) -> int:
    """How many pieces are there. Raises StoreError."""
    return int((await store.reader.fetch(_PIECES, organisation, head))[0][0])


async def piece_data(store: EventStore, organisation: bytes, head: bytes, piece: int) -> bytes | None:
    """One piece; None where it is not there (any more). Raises StoreError."""
    rows = await store.reader.fetch(_DATA, organisation, head, piece)
    return bytes(rows[0][0]) if rows else None


async def write_rows(
    store: EventStore, new: NewVersion, entries: Sequence[Indexed], removed: Sequence[bytes], at: int
) -> bool:
    """Write some rows of the version; who was there before ends with it. Twice is once.

    False where another version was begun meanwhile. Raises StoreError.
    """
    columns = [[getattr(one, name) for one in entries] for name in Indexed.__dataclass_fields__]
    ended = [*(one.entry for one in entries), *removed]
    rows = await store.reader.fetch(_WRITE, new.organisation, new.version, ended, *columns, new.hash, at + BUSY)
    return bool(rows)


async def switch(store: EventStore, new: NewVersion) -> bool:
    """From here on this version is read; the same version again changes nothing.

    False where another version was begun or stored meanwhile. Raises StoreError.
    """
    try:
        row = (new.organisation, new.version, new.head, new.signature, new.at, new.hash)
        if await store.reader.fetch(_SWITCH, *row):
            return True
    except RecordRejected:
        pass  # of that number there is one
    # Another hub was first, or the first attempt went through and its answer was lost.
    return (new.organisation, new.head, new.signature) in await heads(store, [new.organisation])


async def forget_some(store: EventStore, organisation: bytes) -> int:
    """Remove some rows of versions that are not read (any more, or ever); returns how many. Raises StoreError."""
    return int((await store.reader.fetch(_FORGET, organisation, PAGE))[0][0])
