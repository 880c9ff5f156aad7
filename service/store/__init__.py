"""3 of 5: events in PostgreSQL, appended in groups, in one order, and followed from any position."""

from service.store.connection import StoreSettings
from service.store.errors import (
    CommandReused,
    ReadOnlyStore,
    RecordRejected,
    StoreError,
    StoreFull,
    StoreUnavailable,
    VersionConflict,
)
from service.store.records import (
    Body,
    CommandKey,
    Followed,
    Head,
    NewRecord,
    Receipt,
    Recorded,
    Snapshot,
    StoredRecord,
    StreamRow,
    Unit,
)
from service.store.store import EventStore

__all__ = [
    "Body",
    "CommandKey",
    "CommandReused",
    "EventStore",
    "Followed",
    "Head",
    "NewRecord",
    "ReadOnlyStore",
    "Receipt",
    "RecordRejected",
    "Recorded",
    "Snapshot",
    "StoreError",
    "StoreFull",
    "StoreSettings",
    "StoreUnavailable",
    "StoredRecord",
    "StreamRow",
    "Unit",
    "VersionConflict",
]
