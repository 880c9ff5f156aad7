"""Group commit: units that wait at the same time travel to the database in one call and share one flush.

What may go wrong, and what the writer does about it:

* a stream has moved: its unit (and those that built on it) fail, or get their first receipt if they are repeats;
* the data of one unit is at fault: the batch is halved until that unit stands alone;
* the connection is lost in mid-append: nobody knows whether the batch was committed, so its commands are looked up on
  a new connection. Found: there is the receipt. Not found: the unit is sent again; should the first transaction commit
  after all, the command's primary key makes the second one fail, and it is found then.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import asyncpg

from service.store.batch import Answer, Batch, InFlight, Limits, Pending, take, written_receipt
from service.store.connection import Reconnecting, StoreSettings
from service.store.errors import (
    FAILURES,
    CommandReused,
    RecordRejected,
    StoreError,
    StoreUnavailable,
    VersionConflict,
    is_at_fault,
    is_lost,
    translate,
)
from service.store.queries import sql
from service.store.records import Receipt, Recorded, Unit

_APPEND: Final = sql("append")
_COMMANDS: Final = sql("commands")
_SMALLEST_SHARE: Final = 64
_SWEEP: Final = 0.5

Key = tuple[bytes, bytes]


def recorded_of(row: asyncpg.Record) -> Recorded:
    """Read one row of `sql/commands.sql`."""
    return Recorded((row[0], row[1]), row[2], row[3], row[4], row[5], row[6])


class Writer:
    """Takes units, answers with receipts. `run` must be running for `append` to return.

    `committed` is called after each batch with the position of its last event.
    """

    def __init__(self, settings: StoreSettings, committed: Callable[[int], None]) -> None:
        self._settings = settings
        self._committed = committed
        self._busy = 0
        self._waiting: list[Pending] = []
        self._open: set[Pending] = set()
        self._in_flight = InFlight()
        self._wake = asyncio.Event()
        self._closed = False
        self._connections = [Reconnecting(settings) for _ in range(settings.writers)]

    async def append(self, unit: Unit) -> Receipt:
        """Make the unit durable; see `EventStore.append`."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        for record in unit.records:
            if record.size > self._settings.record_size:
                raise RecordRejected(f"a record of {record.size} bytes is more than {self._settings.record_size}")
        loop = asyncio.get_running_loop()
        pending = Pending.of(unit, loop.create_future(), loop.time() + self._settings.append_deadline)
        self._waiting.append(pending)
        self._open.add(pending)
        self._wake.set()
        try:
            return await pending.done
        finally:
            self._open.discard(pending)

    async def run(self) -> None:
        """Commit batches until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep())
            for connection in self._connections:
                group.create_task(self._serve(connection))

    def close(self) -> None:
        """Take no more units; what is unanswered fails with StoreUnavailable."""
        self._closed = True
        _fail_all(tuple(self._open), StoreUnavailable("the store is closing"))
        self._waiting.clear()

    async def _sweep(self) -> None:
        """Fail what is overdue. One task for all of them: a timer for each append costs more than the append."""
        while True:
            await asyncio.sleep(_SWEEP)
            now = asyncio.get_running_loop().time()
            overdue = [pending for pending in self._open if pending.deadline < now]
            _fail_all(overdue, StoreUnavailable("the append was not answered in time"))

    async def _serve(self, connection: Reconnecting) -> None:
        try:
            while True:
                await self._wake.wait()
                await asyncio.sleep(0)  # whoever is ready to append may still join this batch
                taken = take(self._waiting, self._share(), self._in_flight)
                self._waiting = taken.later
                if not taken.full:
                    self._wake.clear()
                if taken.stale:
                    await self._settle_stale(connection, taken.stale)
                if taken.batch.units:
                    await self._commit_held(connection, taken.batch)
        finally:
            connection.drop()

    def _share(self) -> Limits:
        """What a writer takes at once: if all took all there is, the others would idle during its flush."""
        idle = len(self._connections) - self._busy
        events = max(_SMALLEST_SHARE, -(-len(self._waiting) // idle))
        return Limits(min(events, self._settings.batch_events), self._settings.batch_size)

    async def _commit_held(self, connection: Reconnecting, batch: Batch) -> None:
        self._in_flight.hold(batch)
        self._busy += 1
        try:
            await self._commit(connection, batch)
        except StoreError as error:
            _fail_all(batch.units, error)
        finally:
            self._busy -= 1
            self._in_flight.release(batch)
            self._wake.set()

    async def _commit(self, connection: Reconnecting, batch: Batch) -> None:
        """Send the batch. Afterwards each unit has its answer or waits again; StoreError is for all that do neither."""
        until = asyncio.get_running_loop().time() + self._settings.append_deadline
        try:
            link = await connection.use_patiently(until)
            async with asyncio.timeout(self._settings.statement_deadline):
                row = await link.fetchrow(_APPEND, *batch.arguments())
        except FAILURES as error:
            connection.drop_if_lost(error)
            await self._recover(connection, batch.units, error, until)
            return
        if row is None:
            raise StoreError("the database gave no answer")
        await self._answer(connection, batch, row)

    async def _answer(self, connection: Reconnecting, batch: Batch, row: asyncpg.Record) -> None:
        after, moved, actual = row
        streams = list(batch.expected)
        for number, version in zip(moved or (), actual or (), strict=True):
            self._in_flight.reach(streams[number - 1], version)
        answer: Answer = batch.split(after, moved or ())
        for pending, position in answer.written:
            for stream, span in pending.spans.items():
                self._in_flight.reach(stream, span.last)
            pending.succeed(written_receipt(pending.unit, position))
        if answer.written:
            last_unit, position = answer.written[-1]
            self._committed(position + len(last_unit.unit.records))
        self._again(answer.again)
        if answer.stale:
            await self._settle_stale(connection, answer.stale)

    def _again(self, units: Sequence[Pending]) -> None:
        self._waiting[:0] = units
        if units:
            self._wake.set()

    async def _settle_stale(self, connection: Reconnecting, stale: Sequence[tuple[Pending, int]]) -> None:
        """Answer units whose stream moved: a repeat gets its first receipt, all others a conflict."""
        try:
            known = await self._look_up(connection, [pending for pending, _ in stale])
        except StoreError as error:
            _fail_all([pending for pending, _ in stale], error)
            return
        for pending, stream in stale:
            if not _settle(pending, known):
                span = pending.spans[stream]
                pending.fail(VersionConflict(span.stream, span.first, self._in_flight.reached.get(stream, 0)))

    async def _recover(
        self, connection: Reconnecting, units: Sequence[Pending], error: BaseException, until: float
    ) -> None:
        """Find out what became of units after `error`, and answer or retry each."""
        if not (is_lost(error) or is_at_fault(error)):
            raise translate(error) from error
        known = await self._look_up(connection, units, until)
        left = [pending for pending in units if not _settle(pending, known)]
        if is_lost(error):
            for pending in left:
                if not pending.keys:
                    pending.fail(translate(error))
            self._again([pending for pending in left if pending.keys])
        elif len(left) == 1 and len(units) == 1:
            left[0].fail(_rejection(error))
        else:
            await self._halve(connection, left)

    async def _halve(self, connection: Reconnecting, units: Sequence[Pending]) -> None:
        middle = (len(units) + 1) // 2
        for half in (units[:middle], units[middle:]):
            batch = Batch()
            for pending in half:
                if batch.takes(pending):
                    batch.add(pending)
                else:
                    self._again([pending])
            if batch.units:
                await self._commit(connection, batch)

    async def _look_up(
        self, connection: Reconnecting, units: Iterable[Pending], until: float | None = None
    ) -> dict[Key, Recorded]:
        """Return what the units' commands have recorded; asks again on a new connection until the deadline."""
        keys = [key for pending in units for key in pending.keys]
        if not keys:
            return {}
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.append_deadline if until is None else until
        while True:
            link = await connection.use_patiently(until)
            try:
                async with asyncio.timeout(self._settings.statement_deadline):
                    rows = await link.fetch(_COMMANDS, [key[0] for key in keys], [key[1] for key in keys])
            except FAILURES as error:
                if not connection.drop_if_lost(error) or loop.time() >= until:
                    raise translate(error) from error
            else:
                return {found.key: found for found in map(recorded_of, rows)}


def _settle(pending: Pending, known: dict[Key, Recorded]) -> bool:
    """Answer the unit if any of its commands is recorded; tell whether it was."""
    commands = pending.unit.commands()
    found = [known[command.key] for command in commands if command.key in known]
    if not found:
        return False
    same = len(found) == len(commands) and all(
        recorded.digest == command.digest for recorded, command in zip(found, commands, strict=True)
    )
    if same:
        positions = [recorded.position for recorded in found]
        pending.succeed(Receipt(range(min(positions), max(positions) + 1), duplicate=True, recorded=tuple(found)))
    else:
        pending.fail(CommandReused("a command id was used before with other bytes"))
    return True


def _fail_all(units: Sequence[Pending], error: Exception) -> None:
    for pending in units:
        pending.fail(error)


def _rejection(error: BaseException) -> StoreError:
    rejection = translate(error)
    rejection.__cause__ = error
    return rejection
