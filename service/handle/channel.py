"""One channel at work: load, decide, append, tell the pushers. One instance a channel and hub process.

Units are decided on what has been decided so far, not on what is already on disk, so that many can wait for the same
flush. If a flush fails, or another hub wrote in between, everything undecided is decided again on what is recorded.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.channel.acts import Act, Recorded
from domain.channel.decide import decide
from domain.channel.evolve import evolve
from domain.channel.state import NOTHING, Channel
from domain.channel.unit import decide_unit
from domain.errors import Refusal
from domain.ids import CommandId, DeviceId, Digest, Millis, Version
from protocol import records
from protocol.acts import Header, Place, VerifiedAct
from protocol.errors import ForkedHistory
from service.errors import UnknownChannel
from service.handle.chained import Entry, chain, command_digest, stored_entry
from service.handle.hub_acts import now
from service.handle.log_places import LogPlaces
from service.handle.order import Order
from service.handle.pointing import Pointed, pointed_at
from service.handle.snapshots import Remembered, load_snapshot, save_snapshot
from service.store import CommandReused, EventStore, StoreError, StoreUnavailable, StreamRow, Unit, VersionConflict

RECENT = 2048
"""Entries kept in memory for readers that are a little behind."""
PAGE = 500
SNAPSHOT_EVERY = 1000
ATTEMPTS = 8

Published = Sequence[Entry]
Observer = Callable[[Published], None]
Check = Callable[[], None]
Receipted = list[tuple[CommandId, Version, Digest]]


@dataclass(frozen=True, slots=True)
class _Decided:
    """A unit that may be recorded, and the state after it."""

    entries: tuple[Entry, ...]
    channel: Channel
    head: Digest


class LiveChannel:
    """A channel in memory. `channel` and `head` are what is durable; deciding runs ahead of them."""

    def __init__(self, place: Place, store: EventStore) -> None:
        self.place = place
        self.stream = UUID(bytes=place.channel)
        self.access_stream = records.access_stream(place.channel)
        self.channel: Channel = NOTHING
        self.head = Digest(bytes(32))
        self.recent: deque[Entry] = deque(maxlen=RECENT)
        self.observers: list[Observer] = []
        self._store = store
        self._decided_channel: Channel = NOTHING
        self._decided_head = self.head
        self._heads: OrderedDict[Version, Digest] = OrderedDict()
        self.places = LogPlaces()
        self._stale = True
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._reloading = asyncio.Lock()
        self._waiting: dict[Version, _Decided] = {}
        self._order = Order()
        self._snapshot_at = Version(0)

    @property
    def ahead(self) -> Channel:
        """The state that the next unit is decided on."""
        return self._decided_channel

    @property
    def is_idle(self) -> bool:
        """Nothing on its way to the disk, nobody watching: it may be forgotten."""
        return not self._in_flight and not self.observers

    async def refresh(self, recorded: Version) -> None:
        """Take in what another hub process recorded: the store's head is at `recorded`.

        Raises:
            StoreError: the store cannot be read now.

        """
        if recorded > self.channel.version and not self._in_flight:
            self._stale = True
            await self.load()

    async def load(self) -> None:
        """Bring memory up to what is recorded.

        Raises:
            StoreError: the store cannot be read now.

        """
        async with self._reloading:
            while self._stale:
                await self._idle.wait()
                await self._catch_up()
                self._stale = self._in_flight > 0

    async def _catch_up(self) -> None:
        if self.channel.version == 0:
            found = await load_snapshot(self._store, self.stream)
            if found is not None:
                self.channel, self.head = found.channel, found.head
                self._snapshot_at = found.channel.version
        while rows := await self._store.read(self.stream, self.channel.version, PAGE):
            self._publish([stored_entry(row) for row in rows])
        self._waiting.clear()
        self._decided_channel, self._decided_head = self.channel, self.head

    def _publish(self, entries: Sequence[Entry]) -> None:
        """Durable now: evolve, remember, tell."""
        for entry in entries:
            self.channel = evolve(self.channel, Recorded(entry.header.act(), entry.version, entry.recorded_at))
        self._tell(entries)

    def _tell(self, entries: Sequence[Entry]) -> None:
        self.head = entries[-1].head
        self.recent.extend(entries)
        for entry in entries:
            self._remember_head(entry.version, entry.head)
        for observer in tuple(self.observers):
            observer(entries)

    def _remember_head(self, version: Version, head: Digest) -> None:
        self._heads[version] = head
        if len(self._heads) > RECENT:
            self._heads.popitem(last=False)

    async def submit(self, acts: tuple[VerifiedAct, ...], check: Check = lambda: None) -> Receipted:
        """Record the unit, durably, or raise. `check` may still stop it, each time just before it is decided.

        Raises:
            Refusal: the rules refuse; nothing was recorded.
            ForkedHistory: the author saw another history than the recorded one.
            CommandReused, RecordRejected, StoreFull: nothing was recorded.
            StoreUnavailable: unknown; the same bytes may be sent again.

        """
        author = acts[0].header.device
        place = self._order.enter(author)
        try:
            for _ in range(ATTEMPTS):
                await self._ready(author, place)
                targets = [await pointed_at(self, act.header) for act in acts]
                try:
                    # From here to the append nothing waits, so units are decided in the order they are appended.
                    check()
                    decided = self._decide(acts, targets)
                except (Refusal, ForkedHistory):
                    first = await self._first_receipt(acts)
                    if first is None:
                        raise
                    return first
                self._order.fly(author, place)
                try:
                    return await self._append(decided)
                except VersionConflict:
                    self._order.again(author, place)
        finally:
            self._order.leave(author, place)
        raise StoreUnavailable("others keep writing to the channel")

    async def _ready(self, author: DeviceId, place: int) -> None:
        """Return when it is the unit's turn and memory holds all that is recorded."""
        await self._order.turn(author, place)
        while self._stale:
            await self.load()
            await self._order.turn(author, place)

    def _decide(self, acts: tuple[VerifiedAct, ...], targets: Sequence[Pointed]) -> _Decided:
        before = channel = self._decided_channel
        head = self._decided_head
        at = Millis(max(now(), channel.recorded_at))
        entries: list[Entry] = []
        domain_acts: list[Act] = []
        for act, pointed in zip(acts, targets, strict=True):
            domain_act = act.header.act()
            domain_acts.append(domain_act)
            self._check_seen(act.header)
            decide(channel, domain_act, at, *pointed)
            version = Version(channel.version + 1)
            channel = evolve(channel, Recorded(domain_act, version, at))
            if version == 1:
                head = records.genesis_head(self.place.deployment, channel.stream_secret, records.CHANNEL)
            entry = chain(act.signed, act.header, act.kind, version, at, head)
            head = entry.head
            entries.append(entry)
        decide_unit(before, channel, domain_acts, at)
        self._decided_channel, self._decided_head = channel, head
        return _Decided(tuple(entries), channel, head)

    def _check_seen(self, header: Header) -> None:
        seen = header.seen
        if seen.version > self._decided_channel.version:
            raise ForkedHistory("ahead of the record")
        known = self._heads.get(seen.version)
        if known is not None and known != seen.head:
            raise ForkedHistory("another head")

    async def _append(self, decided: _Decided) -> Receipted:
        entries = decided.entries
        unit = Unit(tuple(entry.row(self.stream) for entry in entries), self._new_streams(decided))
        self._in_flight += 1
        self._idle.clear()
        try:
            receipt = await self._store.append(unit)
        except BaseException:
            self._stale = True
            raise
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()
        if receipt.duplicate:
            self._stale = True
            self.places.remember(receipt.recorded[-1].version, receipt.recorded[-1].position)
            return [(CommandId(r.key[1]), Version(r.version), Digest(r.head or bytes(32))) for r in receipt.recorded]
        self.places.remember(entries[-1].version, receipt.positions[-1])
        self._settle(decided)
        return [(entry.command_id, entry.version, entry.head) for entry in entries]

    def _settle(self, decided: _Decided) -> None:
        """Durable: publish in order of version, whatever order the answers came in."""
        self._waiting[decided.entries[0].version] = decided
        while (ready := self._waiting.pop(Version(self.channel.version + 1), None)) is not None:
            self.channel = ready.channel
            self._tell(ready.entries)

    def _new_streams(self, decided: _Decided) -> tuple[StreamRow, ...]:
        first = decided.entries[0]
        if first.version != 1:
            return ()
        channel_id, secret = UUID(bytes=self.place.channel), decided.channel.stream_secret
        return tuple(
            StreamRow(stream, kind, channel_id, records.stream_name(secret, kind), first.recorded_at)
            for stream, kind in ((self.stream, records.CHANNEL), (self.access_stream, records.ACCESS))
        )

    async def _first_receipt(self, acts: tuple[VerifiedAct, ...]) -> Receipted | None:
        """What an earlier send of the same unit recorded: the same bytes get the first receipt, ever."""
        found = [await self._store.receipt_for(act.header.device, act.header.command_id) for act in acts]
        known = [recorded for recorded in found if recorded is not None]
        if not known:
            return None
        same = len(known) == len(acts) and all(
            recorded.digest == command_digest(act.signed) for recorded, act in zip(known, acts, strict=True)
        )
        if not same:
            raise CommandReused("a command id was used before with other bytes")
        self.places.remember(known[-1].version, known[-1].position)
        return [(CommandId(r.key[1]), Version(r.version), Digest(r.head or bytes(32))) for r in known]

    async def entries(self, after: Version, limit: int) -> Sequence[Entry]:
        """Durable entries after a version, from memory where it reaches back that far."""
        if self.recent and self.recent[0].version <= after + 1:
            skip = after + 1 - self.recent[0].version
            return [self.recent[i] for i in range(skip, min(skip + limit, len(self.recent)))]
        rows = await self._store.read(self.stream, after, limit, self.channel.version)
        return [stored_entry(row) for row in rows]

    def forget(self, versions: frozenset[Version]) -> None:
        """Hold no body and no blind of these versions in memory any more."""
        kept = (entry.erased() if entry.version in versions else entry for entry in self.recent)
        self.recent = deque(kept, maxlen=RECENT)

    async def snapshot(self) -> None:
        """Keep the state when enough has happened since the last one; failing costs only a longer start."""
        if self.channel.version - self._snapshot_at < SNAPSHOT_EVERY:
            return
        self._snapshot_at = self.channel.version
        try:
            await save_snapshot(self._store, self.stream, Remembered(self.channel, self.head))
        except StoreError:
            self._snapshot_at = Version(0)

    def require_open(self) -> None:
        """Raise `UnknownChannel` unless something is recorded."""
        if not self.channel.opened:
            raise UnknownChannel
