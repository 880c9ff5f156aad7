"""Listings in PostgreSQL: heads for ever, the entries of the newest version, and what they are found by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from service.store.errors import RecordRejected
from service.store.queries import sql
from service.store.store import EventStore

_PUBLISH: Final = sql("listing_publish")
_HEADS: Final = sql("listing_heads")
_LEAVES: Final = sql("listing_leaves")
_WHOLE: Final = sql("listing_whole")
_ENTRIES: Final = sql("listing_entries")
_PAGE: Final = sql("listing_page")
_NAMES: Final = sql("listing_search_names")
_WORDS: Final = sql("listing_search_words")
_LAST: Final = "\U0010ffff"

HeadRow: TypeAlias = tuple[bytes, bytes, bytes]
"""Organisation, head, signature."""
EntryRow: TypeAlias = tuple[bytes, bytes, bytes]
"""Organisation, id, the entry's bytes."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An entry with what it is found by: `name` folded, `words` as PostgreSQL writes a tsvector."""

    entry: bytes
    leaf: bytes
    data: bytes = field(repr=False)
    name: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be stored, `stored_at` in ms, and what it changes."""

    organisation: bytes
    version: int
    head: bytes
    signature: bytes
    stored_at: int
    entries: Sequence[Indexed] = field(repr=False)
    removed: Sequence[bytes]


async def publish(store: EventStore, new: NewVersion) -> None:
    """Store the version and what it changes, all or nothing; the same version again changes nothing.

    Raises:
        RecordRejected: another version of that number is there, or the database refuses an entry.
        StoreError: see there.

    """
    columns = [[getattr(one, name) for one in new.entries] for name in Indexed.__dataclass_fields__]
    row = (new.organisation, new.version, new.head, new.signature, new.stored_at)
    try:
        await store.reader.fetch(_PUBLISH, *row, list(new.removed), *columns)
    except RecordRejected:
        # Another hub was first, or the first attempt went through and its answer was lost.
        if (new.organisation, new.head, new.signature) not in await heads(store, [new.organisation]):
            raise


async def heads(store: EventStore, organisations: Sequence[bytes]) -> list[HeadRow]:
    """The newest head of each of these organisations that has one. Raises StoreError."""
    return [(row[0], row[1], row[2]) for row in await store.reader.fetch(_HEADS, list(organisations))]


async def leaves(store: EventStore, organisation: bytes) -> list[tuple[bytes, bytes]]:
    """Id and leaf hash of every entry, in order of ids. Raises StoreError."""
    return [(row[0], row[1]) for row in await store.reader.fetch(_LEAVES, organisation)]


async def whole(store: EventStore, organisation: bytes) -> dict[bytes, tuple[bytes, str, str]]:
    """Every entry's bytes, name and words, by id. Raises StoreError."""
    return {row[0]: (row[1], row[2], row[3]) for row in await store.reader.fetch(_WHOLE, organisation)}


async def entries(store: EventStore, organisation: bytes, ids: Sequence[bytes]) -> list[EntryRow]:
    """Those of these entries that are there. Raises StoreError."""
    return [(row[0], row[1], row[2]) for row in await store.reader.fetch(_ENTRIES, organisation, list(ids))]


async def page(store: EventStore, organisation: bytes, after: bytes, most: int) -> list[EntryRow]:
    """Entries in order of ids, after one. Raises StoreError."""
    return [(row[0], row[1], row[2]) for row in await store.reader.fetch(_PAGE, organisation, after, most)]


async def search_names(store: EventStore, beginning: str, most: int) -> list[EntryRow]:
    """Entries whose name begins so, the shortest first. Raises StoreError."""
    rows = await store.reader.fetch(_NAMES, beginning, beginning + _LAST, most)
    return [(row[0], row[1], row[2]) for row in rows]


async def search_words(store: EventStore, wanted: str, first: str, second: str, most: int) -> list[EntryRow]:
    """Entries that fit the query `wanted`; those that also fit `first` come first, then those that fit `second`.

    Raises StoreError.
    """
    rows = await store.reader.fetch(_WORDS, wanted, first, second, most)
    return [(row[0], row[1], row[2]) for row in rows]
