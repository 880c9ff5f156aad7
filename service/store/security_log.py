"""The security log in PostgreSQL: rows are added, read in order, and go when they are old."""

from collections.abc import Sequence
from typing import Any, Final

from domain.ids import Digest, Millis
from protocol.security_log import SecurityRow
from service.store.queries import sql
from service.store.store import EventStore

_APPEND: Final = sql("security_append")
_READ: Final = sql("security_read")
_NEWEST: Final = sql("security_newest")
_PRUNE: Final = sql("security_prune")


async def append_rows(store: EventStore, rows: Sequence[SecurityRow], at: Millis) -> None:
    """Add rows, all or none. Raises StoreError, also where another process has added some meanwhile."""
    columns = zip(*((row.n, at, row.before, row.encoded, row.head) for row in rows), strict=True)
    await store.reader.fetch(_APPEND, *map(list, columns))


async def read_rows(store: EventStore, after: int, limit: int) -> list[SecurityRow]:
    """Rows behind number `after`, in order. Raises StoreError."""
    return [_row(row) for row in await store.reader.fetch(_READ, after, limit)]


async def newest_row(store: EventStore) -> SecurityRow | None:
    """The newest row. Raises StoreError."""
    found = await store.reader.fetch(_NEWEST)
    return _row(found[0]) if found else None


async def prune_rows(store: EventStore, before: Millis) -> None:
    """Let go of rows that were added before a time. Raises StoreError: of some that have not stood long enough."""
    await store.reader.fetch(_PRUNE, before)


def _row(row: Any) -> SecurityRow:  # noqa: ANN401 - a database row
    return SecurityRow(row[0], Digest(bytes(row[1])), bytes(row[2]), Digest(bytes(row[3])))
