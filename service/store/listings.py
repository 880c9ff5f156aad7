"""Listings in PostgreSQL: heads for ever, the entries of the newest version, and what they are found by.

How a new version gets there: `service.store.listing_versions`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, TypeAlias

from service.store.queries import sql
from service.store.store import EventStore

_HEADS: Final = sql("listing_heads")
_LEAVES: Final = sql("listing_leaves")
_WHOLE: Final = sql("listing_whole")
_ENTRIES: Final = sql("listing_entries")
_PAGE: Final = sql("listing_page")
_NAMES: Final = sql("listing_search_names")
_WORDS: Final = sql("listing_search_words")
_LAST: Final = "\U0010ffff"
PAGE: Final = 2000
"""Entries read or written at once."""

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

    @property
    def mark(self) -> bytes:
        """Hash of what it is found by."""
        return sha256(f"{self.name}\n{self.words}".encode()).digest()


async def heads(store: EventStore, organisations: Sequence[bytes]) -> list[HeadRow]:
    """The newest head of each of these organisations that has one. Raises StoreError."""
    return [(row[0], row[1], row[2]) for row in await store.reader.fetch(_HEADS, list(organisations))]


async def leaves(store: EventStore, organisation: bytes, version: int) -> list[tuple[bytes, bytes]]:
    """Id and leaf hash of every entry of a version, in order of ids. Raises StoreError."""
    return [(row[0], row[1]) for row in await store.reader.fetch(_LEAVES, organisation, version)]


async def whole(store: EventStore, organisation: bytes) -> AsyncIterator[list[tuple[bytes, bytes, bytes]]]:
    """Every entry's id, bytes and `Indexed.mark`, page by page. Raises StoreError."""
    after = b""
    while rows := await store.reader.fetch(_WHOLE, organisation, after, PAGE):
        yield [(row[0], row[1], row[2]) for row in rows]
        after = rows[-1][0]


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
