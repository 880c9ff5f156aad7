"""Recorders in the library's shape (`eventsourcing.persistence`), asynchronous, on the same group commit.

The library's own recorder test cases run against these through a synchronous facade; see `tests/service/store`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from eventsourcing.persistence import (
    DatabaseError,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Tracking,
)

from service.store.errors import CommandReused, RecordRejected, StoreError, StoreUnavailable, VersionConflict
from service.store.queries import sql
from service.store.reader import NO_LIMIT
from service.store.records import Followed, NewRecord, StoredRecord, Unit
from service.store.store import EventStore

_SELECT: Final = sql("select_events")
_SELECT_DESC: Final = sql("select_events_desc")
_NOTIFICATIONS: Final = sql("select_notifications")
_MAX_TRACKING: Final = sql("max_tracking")


class Recorder:
    """Inserts and selects the library's stored events; raises the library's errors."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def insert_events(
        self, stored_events: Sequence[StoredEvent], tracking: Tracking | None = None
    ) -> list[int] | None:
        """Write the events and the tracking, all or nothing; return the positions, None if there are none."""
        records = tuple(
            NewRecord(_uuid(event.originator_id), event.originator_version, event.topic, event.state)
            for event in stored_events
        )
        followed = None if tracking is None else Followed(tracking.application_name, tracking.notification_id)
        if not records and followed is None:
            return None
        try:
            receipt = await self._store.append(Unit(records, followed=followed))
        except StoreError as error:
            raise in_library_words(error) from error
        return list(receipt.positions) or None

    async def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """Return events of one stream."""
        rows = await self._store.reader.fetch(
            _SELECT_DESC if desc else _SELECT,
            _uuid(originator_id),
            -1 if gt is None else gt,
            NO_LIMIT if lte is None else lte,
            limit,
        )
        return [StoredEvent(row[0], row[1], row[2], row[3]) for row in rows]

    async def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        """Return events of all streams by position."""
        first = (start or 0) + (0 if inclusive_of_start else 1)
        last = NO_LIMIT if stop is None else stop
        rows = await self._store.reader.fetch(_NOTIFICATIONS, first, last, list(topics) or None, limit)
        return [
            Notification(id=row[0], originator_id=row[1], originator_version=row[2], topic=row[3], state=row[4])
            for row in rows
        ]

    async def max_notification_id(self) -> int | None:
        """Return the last position, None if there is none."""
        return await self._store.max_position() or None

    async def insert_tracking(self, tracking: Tracking) -> None:
        """Note how far an application's log was followed; it only rises."""
        await self.insert_events((), tracking)

    async def max_tracking_id(self, application_name: str) -> int | None:
        """Return how far an application's log was followed."""
        rows = await self._store.reader.fetch(_MAX_TRACKING, application_name)
        found: int | None = rows[0][0]
        return found

    async def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> AsyncIterator[Notification]:
        """Yield events of all streams after a position, for ever."""
        async for batch in self._store.subscribe(gt or 0):
            for record in batch:
                if not topics or record.topic in topics:
                    yield _notification(record)


def in_library_words(error: StoreError) -> DatabaseError:
    """Return the library's error for one of the store's."""
    if isinstance(error, (VersionConflict, RecordRejected, CommandReused)):
        return IntegrityError(str(error))
    if isinstance(error, StoreUnavailable):
        return OperationalError(str(error))
    return DatabaseError(str(error))


def _uuid(originator_id: UUID | str) -> UUID:
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)


def _notification(record: StoredRecord) -> Notification:
    return Notification(
        id=record.position,
        originator_id=record.stream,
        originator_version=record.version,
        topic=record.topic,
        state=record.state,
    )
