"""Lies about a history, from clumsy to thorough. The hub's own key is the liar's to use; nobody else's is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from crypto import labels
from crypto.signing import SigningKey
from domain.channel.events import ChannelOpened
from domain.ids import Digest, Millis, Version
from protocol import frames, records
from protocol.acts import Header, parse_header, sign_act
from protocol.records import Record, Stub, read_item, record_item, stub_item
from samsnakk.demo.world import World
from tests.journeys.lying_hub.liar import Lie

Entry = Record | Stub
Alter = Callable[[Entry], list[Entry]]
Item = list[Any]


def item_of(entry: Entry) -> Item:
    return record_item(entry) if isinstance(entry, Record) else stub_item(entry)


def altered(entry: Entry, **fields: Any) -> Entry:
    """The entry with other fields around the same act, and nothing remembered of its bytes."""
    return replace(entry, **fields, known=b"") if isinstance(entry, Record) else replace(entry, **fields)


def header_of(entry: Entry) -> Header:
    assert isinstance(entry, Record)
    return parse_header(entry.signed.header)[0]


def stub_of(entry: Entry) -> Stub:
    """The leaf of a record: exactly what the hub would serve to somebody who may not have it."""
    if isinstance(entry, Stub):
        return entry
    header, kind = parse_header(entry.signed.header)
    return Stub(entry.version, header.thread, kind.kind_class, entry.recorded_at, entry.inner())


def resigned(item: Item, key: SigningKey, **changes: Any) -> Item:
    """An access line that says something else, signed anew."""
    record = read_item(item)
    header = header_of(record)
    changed = replace(header, event=replace(header.event, **changes), core=b"")
    return item_of(altered(record, signed=sign_act(changed, None, key, labels.HUB_ACT)))


class Clumsy(Lie):
    """Changes the entries and lets everything else stand."""

    def __init__(self, alter: Alter) -> None:
        self.alter = alter

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        if isinstance(frame, frames.Events | frames.Fetched):
            entries = [forged for item in frame.items for forged in self.alter(read_item(item))]
            return [msgspec.structs.replace(frame, items=[item_of(entry) for entry in entries])]
        return [frame]


class Thorough(Lie):
    """Serves another history from version 1 on and makes everything fit: versions, heads, and the lines it signs."""

    def __init__(self, world: World, alter: Alter) -> None:
        self.world = world
        self.alter = alter
        self.version = 0
        self.head = Digest(bytes(32))
        self.recorded_at = Millis(0)
        self._line: frames.Subscribed | None = None
        self._held_back: list[frames.Frame] = []

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        match frame:
            case frames.Subscribed():
                self._line = frame
                return []
            case frames.Events(stream=records.CHANNEL):
                self._held_back.append(self._forged(frame))
                return self._release() if frame.live else []
            case _:
                return [frame]

    def _release(self) -> list[frames.Frame]:
        told, self._held_back = self._held_back, []
        if self._line is not None:
            line = resigned(self._line.line, self.world.hub_key, head_version=Version(self.version), head=self.head)
            told = [msgspec.structs.replace(self._line, line=line), *told]
            self._line = None
        return told

    def _forged(self, frame: frames.Events) -> frames.Events:
        items = [self._add(entry) for item in frame.items for entry in self.alter(read_item(item))]
        return msgspec.structs.replace(frame, items=items, head=self.head)

    def _add(self, entry: Entry) -> Item:
        self.version += 1
        self.recorded_at = Millis(max(self.recorded_at, entry.recorded_at))
        forged = altered(entry, version=Version(self.version), recorded_at=self.recorded_at)
        if self.version == 1:
            header = header_of(forged)
            assert isinstance(header.event, ChannelOpened)
            self.head = records.genesis_head(header.place.deployment, header.event.stream_secret, records.CHANNEL)
        self.head = records.next_head(self.head, stub_of(forged).leaf())
        return item_of(forged)
