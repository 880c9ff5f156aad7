"""One more record on a chained stream: blind, leaf, head, and the row that is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from crypto.hashing import hash_with
from crypto.labels import COMMAND
from crypto.random import random_bytes
from domain.channel.kinds import Kind
from domain.channel.terms import KindClass
from domain.ids import CommandId, Digest, Millis, ThreadNo, Version
from protocol import records
from protocol.acts import Header, SignedAct, parse_header
from protocol.records import BLIND, Record, Stub
from service.store import CommandKey, NewRecord, StoredRecord

PAGE_BYTES = 512 * 1024
"""Bytes of one page of records: half a frame."""
_AROUND = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with everything derived from it once: parsed header, leaf, head, what travels."""

    record: Record
    header: Header
    kind: Kind
    inner: Digest
    head: Digest
    encoded: bytes = field(repr=False)

    @property
    def version(self) -> Version:
        """Place in the stream."""
        return self.record.version

    @property
    def recorded_at(self) -> Millis:
        """Recorded time, UTC milliseconds."""
        return self.record.recorded_at

    @property
    def thread(self) -> ThreadNo | None:
        """The thread it belongs to."""
        return self.header.thread

    @property
    def kind_class(self) -> KindClass:
        """The class that stands in its leaf."""
        return self.kind.kind_class

    @property
    def command_id(self) -> CommandId:
        """The author's id of the act."""
        return self.header.command_id

    @property
    def size(self) -> int:
        """Bytes it takes in a frame, roughly."""
        return len(self.encoded) + len(self.record.signed.body or b"") + _AROUND

    def item(self) -> list[Any]:
        """The whole record as it travels; only its leaf where body and blind are gone, decided or not."""
        if not self.record.blind:
            return self.stub()
        return [self.record.blind, self.encoded, self.record.signed.body]

    def erased(self) -> "Entry":
        """The same without what an erasure destroys."""
        signed = replace(self.record.signed, body=None)
        return replace(self, record=replace(self.record, signed=signed, blind=b""))

    def stub(self) -> list[Any]:
        """Only its leaf."""
        return [self.version, self.thread, self.kind_class.value, self.recorded_at, self.inner]

    def row(self, stream: UUID) -> NewRecord:
        """What the store keeps."""
        signed = self.record.signed
        return NewRecord(
            stream=stream,
            version=self.version,
            topic=self.kind.name,
            state=self.encoded,
            inner_hash=self.inner,
            head=self.head,
            body=signed.body,
            blind=self.record.blind,
            command=CommandKey(self.header.device, self.header.command_id, command_digest(signed)),
        )


def command_digest(signed: SignedAct) -> bytes:
    """What makes two sends of one command id the same command: header (which binds the body) and signature."""
    return hash_with(COMMAND, signed.header + signed.signature)


def chain(signed: SignedAct, header: Header, kind: Kind, version: Version, at: Millis, head: Digest) -> Entry:
    """The next entry after `head`, with a fresh blind."""
    record = Record(signed, version, at, random_bytes(BLIND))
    encoded = record.encoded()
    return _entry(record, header, kind, encoded, head)


def _entry(record: Record, header: Header, kind: Kind, encoded: bytes, before: Digest) -> Entry:
    inner = record.inner_of(encoded)
    leaf = records.leaf(Stub(record.version, header.thread, kind.kind_class, record.recorded_at, inner))
    return Entry(record, header, kind, inner, records.next_head(before, leaf), encoded)


def stored_entry(row: StoredRecord) -> Entry:
    """An entry out of the store; body and blind are empty once erased."""
    parsed = records.parse_stored(row.state, row.body, row.blind)
    header, kind = parse_header(parsed.signed.header)
    inner = Digest(row.inner_hash or bytes(32))
    return Entry(parsed, header, kind, inner, Digest(row.head or bytes(32)), row.state)


def page_of(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of the entries as fit into one frame, at least one."""
    size = 0
    for number, entry in enumerate(entries):
        size += entry.size
        if size > PAGE_BYTES and number:
            return entries[:number]
    return entries
