"""Units and stores for the tests of this folder."""

import hashlib
import itertools
from uuid import UUID, uuid4

from service.store import CommandKey, EventStore, NewRecord, StoreSettings, Unit
from tests.service.store.conftest import Database

_count = itertools.count(1)


def hashed(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def command(digest: bytes | None = None) -> CommandKey:
    number = next(_count)
    return CommandKey(b"device-16-bytes!", number.to_bytes(16), digest or hashed(number))


def record(stream: UUID, version: int, *, with_command: bool = True, state: bytes = b"state") -> NewRecord:
    return NewRecord(
        stream,
        version,
        "Recorded",
        state,
        inner_hash=hashed("inner", version),
        head=hashed("head", stream, version),
        body=b"body",
        blind=hashed("blind", version),
        command=command() if with_command else None,
    )


def unit(stream: UUID, *versions: int, with_command: bool = True) -> Unit:
    return Unit(tuple(record(stream, version, with_command=with_command) for version in versions))


def new_stream() -> UUID:
    return uuid4()


def open_store(database: Database, **settings: float) -> EventStore:
    return EventStore(StoreSettings(database.dsn(), **settings))  # type: ignore[arg-type]
