"""What goes into the store and what comes out of it.

msgspec's structs: they are made for every event, and several times cheaper than frozen dataclasses. What they hold is
sealed or hashed, and still does not belong in logs: their `repr` shows places only. They hold no cycles, so the garbage
collector may pass them by.
"""

from typing import NamedTuple
from uuid import UUID

import msgspec

from service.store.errors import RecordRejected


class _Quiet(msgspec.Struct, frozen=True, gc=False):
    """A struct whose `repr` names ids, versions and positions, and no other field."""

    def __rich_repr__(self) -> list[tuple[str, object]]:
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, value) for name, value in fields if isinstance(value, (UUID, int, range))]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in self.__rich_repr__())})"


class CommandKey(_Quiet, frozen=True, gc=False):
    """The idempotency key of one command: `device` and `command_id` of 16 bytes, `digest` of its bytes, 32."""

    device: bytes
    command_id: bytes
    digest: bytes

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What must be unique."""
        return (self.device, self.command_id)


class NewRecord(_Quiet, frozen=True, gc=False):
    """One event to append.

    `version` is the stream's next (first: 1). `state` is canonical CBOR. `inner_hash` and `head` (32 bytes each) belong
    to chained streams. `body` and `blind` (32 bytes) go to the erasable table. `command` is the command that this
    record answers, if any.
    """

    stream: UUID
    version: int
    topic: str
    state: bytes
    inner_hash: bytes | None = None
    head: bytes | None = None
    body: bytes | None = None
    blind: bytes | None = None
    command: CommandKey | None = None

    @property
    def size(self) -> int:
        """Bytes of content, without the fixed columns."""
        return len(self.state) + (0 if self.body is None else len(self.body))


class StreamRow(_Quiet, frozen=True, gc=False):
    """A stream of a channel: `kind` such as "channel" or "access", `name` its 32 blinded bytes, `created_at` in ms."""

    stream: UUID
    kind: str
    channel: UUID
    name: bytes
    created_at: int


class Followed(_Quiet, frozen=True, gc=False):
    """How far the process that appends has followed the log of `application`."""

    application: str
    position: int


class Span(NamedTuple):
    """The versions between which a unit moves a stream: from `first`, its head before, to `last`, its head after."""

    stream: UUID
    first: int
    last: int


class Unit(_Quiet, frozen=True, gc=False):
    """What is appended all or nothing: records of one or more streams, new streams, and a position followed."""

    records: tuple[NewRecord, ...]
    new_streams: tuple[StreamRow, ...] = ()
    followed: Followed | None = None

    def commands(self) -> tuple[CommandKey, ...]:
        """The commands that this unit answers, in order."""
        return tuple(record.command for record in self.records if record.command is not None)

    @property
    def size(self) -> int:
        """Bytes of content of all records."""
        total = 0
        for record in self.records:
            total += len(record.state)
            if record.body is not None:
                total += len(record.body)
        return total

    def spans(self) -> dict[int, Span]:
        """For each stream where it must be and where it will be.

        The keys are the streams' UUIDs as integers, which hash a good deal faster.

        Raises RecordRejected if the records of a stream are not consecutive.
        """
        if len(self.records) == 1:
            record = self.records[0]
            return {record.stream.int: Span(record.stream, record.version - 1, record.version)}
        spans: dict[int, Span] = {}
        for record in self.records:
            stream, version = record.stream, record.version
            known = spans.get(stream.int)
            if known is None:
                spans[stream.int] = Span(stream, version - 1, version)
            elif version == known.last + 1:
                spans[stream.int] = Span(stream, known.first, version)
            else:
                raise RecordRejected(f"version {version} of stream {stream} is out of sequence")
        return spans


class Recorded(_Quiet, frozen=True, gc=False):
    """Where a command's event stands; `head` is the stream's head after it (None: the stream has no chain)."""

    key: tuple[bytes, bytes]
    digest: bytes
    stream: UUID
    version: int
    head: bytes | None
    position: int


class Receipt(_Quiet, frozen=True, gc=False):
    """The proof that a unit is durable.

    `positions` are those of its events (of a duplicate: from its first to its last command's). `duplicate` says that
    it was found already recorded. `recorded` has one entry for each command, in the order of the unit.
    """

    positions: range
    duplicate: bool
    recorded: tuple[Recorded, ...]


class Body(_Quiet, frozen=True, gc=False):
    """The erasable part of an event; both are None once erased."""

    body: bytes | None
    blind: bytes | None


class StoredRecord(_Quiet, frozen=True, gc=False):
    """One recorded event. `position` is its place in the log of all streams, from 1, without gaps, in commit order."""

    stream: UUID
    version: int
    topic: str
    state: bytes
    position: int
    inner_hash: bytes | None
    head: bytes | None
    body: bytes | None
    blind: bytes | None


class Head(_Quiet, frozen=True, gc=False):
    """Where a stream ends: version 0 and no hash if it is empty."""

    version: int
    head: bytes | None


class Snapshot(_Quiet, frozen=True, gc=False):
    """A remembered state of a stream at a version; `state` is the caller's encoding."""

    stream: UUID
    version: int
    topic: str
    state: bytes
