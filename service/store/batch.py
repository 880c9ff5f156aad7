"""Which waiting units go to the database together, and what its answer means for each. No I/O here.

Units of one batch that share a stream form a group: the database writes a group whole or not at all, and every other
group regardless. Within a group the units build on each other, so one that finds its stream moved takes those after it
along; these are asked again in the next batch and get an answer of their own.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.store.records import NewRecord, Receipt, Recorded, Span, Unit


@dataclass(slots=True, eq=False)
class Pending:
    """A unit that waits for its receipt, until `deadline` (the loop's time). Streams are keys as in `Unit.spans`."""

    unit: Unit
    done: "asyncio.Future[Receipt]"
    spans: dict[int, Span]
    keys: tuple[tuple[bytes, bytes], ...]
    size: int
    deadline: float

    @classmethod
    def of(cls, unit: Unit, done: "asyncio.Future[Receipt]", deadline: float) -> "Pending":
        """Check that the unit is in sequence (raises RecordRejected) and weigh it."""
        keys = tuple([record.command.key for record in unit.records if record.command is not None])
        return cls(unit, done, unit.spans(), keys, unit.size, deadline)

    def succeed(self, receipt: Receipt) -> None:
        """Hand over the receipt, unless the caller has left."""
        if not self.done.done():
            self.done.set_result(receipt)

    def fail(self, error: Exception) -> None:
        """Hand over the error, unless the caller has left."""
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(slots=True)
class Batch:
    """Units for one call, with the streams they build on."""

    units: list[Pending] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    expected: dict[int, Span] = field(default_factory=dict)
    tips: dict[int, int] = field(default_factory=dict)
    group_of: dict[int, int] = field(default_factory=dict)
    keys: set[tuple[bytes, bytes]] = field(default_factory=set)
    events: int = 0
    size: int = 0

    def takes(self, pending: Pending) -> bool:
        """Tell whether the unit builds exactly on what the batch already holds."""
        tips = self.tips
        for stream, span in pending.spans.items():  # noqa: SIM110 -- runs for every event, and all() costs twice as much
            if tips.get(stream, span.first) != span.first:
                return False
        return True

    def add(self, pending: Pending) -> None:
        """Add a unit that `takes` accepted."""
        group = len(self.units)
        for stream, span in pending.spans.items():
            if stream in self.tips:
                self._merge(self.group_of[stream], group)
            else:
                self.expected[stream] = span
            self.tips[stream] = span.last
            self.group_of[stream] = group
        self.units.append(pending)
        self.groups.append(group)
        self.keys.update(pending.keys)
        self.events += len(pending.unit.records)
        self.size += pending.size

    def _merge(self, old: int, new: int) -> None:
        self.groups = [new if group == old else group for group in self.groups]
        for stream, group in self.group_of.items():
            if group == old:
                self.group_of[stream] = new

    def arguments(self) -> list[list[object]]:
        """Return the arguments of `append_batch`, column by column."""
        grouped = list(zip(self.groups, (pending.unit for pending in self.units), strict=True))
        records = [record for _, unit in grouped for record in unit.records]
        streams = [(group, row) for group, unit in grouped for row in unit.new_streams]
        followed = [(group, unit.followed) for group, unit in grouped if unit.followed is not None]
        return [
            [span.stream for span in self.expected.values()],
            [span.first for span in self.expected.values()],
            [self.group_of[stream] for stream in self.expected],
            *_columns(records),
            [group for group, _ in streams],
            [row.stream for _, row in streams],
            [row.kind for _, row in streams],
            [row.channel for _, row in streams],
            [row.name for _, row in streams],
            [row.created_at for _, row in streams],
            [group for group, _ in followed],
            [follow.application for _, follow in followed],
            [follow.position for _, follow in followed],
        ]

    def split(self, after: int, moved: Sequence[int]) -> "Answer":
        """Sort the units by the database's answer.

        `after` is the position before the first new event, `moved` the streams (from 1) that were elsewhere.
        """
        answer = Answer()
        streams = list(self.expected)
        moved_streams = {streams[number - 1] for number in moved}
        refused = {self.group_of[stream] for stream in moved_streams}
        gone: set[int] = set()
        for group, pending in zip(self.groups, self.units, strict=True):
            if group not in refused:
                answer.written.append((pending, after))
                after += len(pending.unit.records)
                continue
            stale = next((s for s in pending.spans if s in moved_streams and s not in gone), None)
            gone.update(pending.spans)
            if stale is None:
                answer.again.append(pending)
            else:
                answer.stale.append((pending, stale))
        return answer


@dataclass(slots=True)
class Answer:
    """What became of a batch: written (with the position before), built on a moved stream, or to be asked again."""

    written: list[tuple[Pending, int]] = field(default_factory=list)
    stale: list[tuple[Pending, int]] = field(default_factory=list)
    again: list[Pending] = field(default_factory=list)


def _columns(records: list[NewRecord]) -> list[list[object]]:
    commands = [record.command for record in records]
    return [
        [record.stream for record in records],
        [record.version for record in records],
        [record.topic for record in records],
        [record.state for record in records],
        [record.inner_hash for record in records],
        [record.head for record in records],
        [record.body for record in records],
        [record.blind for record in records],
        [None if command is None else command.device for command in commands],
        [None if command is None else command.command_id for command in commands],
        [None if command is None else command.digest for command in commands],
    ]


def written_receipt(unit: Unit, after: int) -> Receipt:
    """Return the receipt of a unit whose first event follows position `after`."""
    recorded = tuple(
        [
            Recorded(command.key, command.digest, record.stream, record.version, record.head, position)
            for position, record in enumerate(unit.records, after + 1)
            if (command := record.command) is not None
        ]
    )
    return Receipt(range(after + 1, after + 1 + len(unit.records)), duplicate=False, recorded=recorded)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes into one batch: events, and bytes of content."""

    events: int = 512
    size: int = 8 << 20

    def exceeded(self, batch: Batch, pending: Pending) -> bool:
        """Tell whether the unit is too much for the batch; an empty batch takes any."""
        if not batch.units:
            return False
        return batch.events + len(pending.unit.records) > self.events or batch.size + pending.size > self.size


@dataclass(slots=True)
class InFlight:
    """What the writer knows: streams and commands on their way, and versions that streams have surely reached.

    A version in `reached` is a lower bound (another node may have written since), so a unit that expects less is stale
    without asking, and one that expects as much or more still has to be checked.
    """

    streams: set[int] = field(default_factory=set)
    keys: set[tuple[bytes, bytes]] = field(default_factory=set)
    reached: dict[int, int] = field(default_factory=dict)
    remembered: int = 16384

    def hold(self, batch: Batch) -> None:
        """Note that the batch is on its way."""
        self.streams.update(batch.tips)
        self.keys.update(batch.keys)

    def release(self, batch: Batch) -> None:
        """Note that the batch has its answer."""
        self.streams.difference_update(batch.tips)
        self.keys.difference_update(batch.keys)

    def reach(self, stream: int, version: int) -> None:
        """Remember that the stream holds this version, forgetting the stream that was reached longest ago."""
        version = max(version, self.reached.pop(stream, 0))
        self.reached[stream] = version
        if len(self.reached) > self.remembered:
            del self.reached[next(iter(self.reached))]

    def stale(self, pending: Pending) -> int | None:
        """Return a stream that has surely moved past what the unit expects."""
        reached = self.reached
        for stream, span in pending.spans.items():
            if reached.get(stream, 0) > span.first >= 0:
                return stream
        return None


@dataclass(slots=True)
class Taken:
    """The next batch, the units that are stale already, and those that wait on; each in order.

    `full` says that some of those could have gone, had there been room.
    """

    batch: Batch = field(default_factory=Batch)
    stale: list[tuple[Pending, int]] = field(default_factory=list)
    later: list[Pending] = field(default_factory=list)
    full: bool = False


def take(waiting: Sequence[Pending], limits: Limits, in_flight: InFlight) -> Taken:
    """Choose the next batch.

    A unit waits when a stream or command of it is on its way, when it does not build on the batch's own tip (it is
    asked afresh afterwards), when an earlier unit of its stream waits, or when the batch is full.
    """
    taken = Taken()
    batch, later = taken.batch, taken.later
    held = set(in_flight.streams)
    for index, pending in enumerate(waiting):
        if pending.done.done():
            continue  # the caller left before it was sent
        if limits.exceeded(batch, pending):
            later.extend(waiting[index:])
            taken.full = True
            break
        keys = pending.keys
        if held.isdisjoint(pending.spans) and in_flight.keys.isdisjoint(keys) and batch.keys.isdisjoint(keys):
            stale = in_flight.stale(pending)
            if stale is not None:
                taken.stale.append((pending, stale))
                continue
            if batch.takes(pending):
                batch.add(pending)
                continue
        later.append(pending)
        held.update(pending.spans)
    return taken
