"""Sealed files beside a channel: written in pieces, there only once complete, never changed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from service.store.queries import sql
from service.store.store import EventStore

_PIECE: Final = sql("attachment_piece")
_DONE: Final = sql("attachment_done")
_FOUND: Final = sql("attachment")
_DATA: Final = sql("attachment_data")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A complete file: which upload it is, its thread, who sent it, its pieces and sealed size in bytes."""

    channel: UUID
    file: bytes
    upload: bytes
    thread: int
    device: bytes
    pieces: int
    size: int


@dataclass(slots=True)
class Upload:
    """A file on its way in. `upload` (16 random bytes) keeps two attempts at one file apart."""

    store: EventStore
    channel: UUID
    file: bytes
    upload: bytes
    thread: int
    device: bytes
    pieces: int = field(default=0, init=False)
    size: int = field(default=0, init=False)

    async def write(self, data: bytes) -> None:
        """Keep the next piece. Raises StoreError."""
        await self.store.reader.fetch(_PIECE, self.channel, self.file, self.upload, self.pieces, data)
        self.pieces += 1
        self.size += len(data)

    async def finish(self, stored_at: int) -> bool:
        """Make the file exist (`stored_at` in ms); False if an earlier upload of it was complete. Raises StoreError."""
        await self.store.reader.fetch(
            _DONE, self.channel, self.file, self.upload, self.thread, self.device, self.pieces, self.size, stored_at
        )
        found = await find_attachment(self.store, self.channel, self.file)
        return found is not None and found.upload == self.upload


async def find_attachment(store: EventStore, channel: UUID, file: bytes) -> Attachment | None:
    """The complete file of that id, or None. Raises StoreError."""
    rows = await store.reader.fetch(_FOUND, channel, file)
    return Attachment(channel, file, *rows[0]) if rows else None


async def read_attachment(store: EventStore, found: Attachment) -> AsyncIterator[bytes]:
    """The file's pieces in order. Raises StoreError."""
    for piece in range(found.pieces):
        for row in await store.reader.fetch(_DATA, found.channel, found.file, found.upload, piece):
            yield row[0]
