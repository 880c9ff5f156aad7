"""What is to be recorded, in order, until the hub has given its receipt: survives losses, restarts and refusals."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto import cbor
from crypto.errors import Malformed
from domain.ids import CommandId, Digest, ThreadNo, Version
from protocol import frames
from protocol.acts import SignedAct
from samsnakk.channel_events import Sent
from samsnakk.compose import Ground, Unit
from samsnakk.kept import Kept
from samsnakk.plans import Plan, decode_plan, encode_plan, is_light

MAX_UNIT: Final = 64 * 1024 * 1024
Recorded = list[tuple[CommandId, Version, Digest]]


@dataclass(eq=False, slots=True)
class Entry:
    """One plan on its way. `unit` None: to be built (again); `done` None: whoever asked is no longer there."""

    number: int
    plan: Plan = field(repr=False)
    done: "asyncio.Future[Sent] | None"
    unit: Unit | None = None
    light: bool = False
    kept: bool = False
    kept_built: bool = False
    rebuilt: int = 0
    delayed: int = 0
    recorded: Recorded | None = None
    refused: frames.Refused | None = None
    ahead: bool = False
    """Goes before everything that is not built yet."""

    @property
    def answered(self) -> bool:
        """Whether the hub has said yes or no."""
        return self.recorded is not None or self.refused is not None

    def sent(self) -> Sent:
        """What became of it, once recorded."""
        assert self.recorded is not None  # noqa: S101 - only asked of recorded entries
        versions = tuple(version for _, version, _ in self.recorded)
        main = self.unit.main if self.unit is not None else len(versions) - 1
        thread = self.unit.thread if self.unit is not None else None
        return Sent(versions[main], versions, self.recorded[-1][2], thread)

    def fail(self, error: Exception) -> None:
        """Tell whoever asked."""
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)


class Outbox:
    """Entries of one channel: `waiting` in order, and `flying`, sent but not all answered."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._next = 1
        self.waiting: list[Entry] = []
        self.flying: list[Entry] = []

    async def load(self) -> None:
        """Take up what an earlier run of the program left. Unreadable units are dropped: nobody can send them."""
        for number, data in await self._kept.units():
            self._next = number + 1
            try:
                entry = _decode(number, data)
            except Malformed:
                self._kept.drop_units([number])
                continue
            self.waiting.append(entry)

    def add(self, plan: Plan, done: "asyncio.Future[Sent] | None") -> Entry:
        """A new plan, behind all others."""
        entry = Entry(self._next, plan, done, light=is_light(plan))
        self._next += 1
        self.waiting.append(entry)
        return entry

    def add_first(self, plan: Plan) -> Entry:
        """A plan that goes before all that is not built yet: nothing is sealed before its failed key is reported."""
        entry = self.add(plan, None)
        entry.ahead = True
        self.waiting.remove(entry)
        # What is built was sent before, and the hub takes nothing newer until it comes again.
        built = sum(other.unit is not None for other in self.waiting)
        self.waiting.insert(built, entry)
        return entry

    def first(self) -> Entry:
        """What is sent next. Before a plan that must be built anew goes what could not pass it while it was built."""
        if self.waiting[0].unit is None:
            self.waiting.sort(key=lambda entry: not (entry.ahead and entry.unit is None))
        return self.waiting[0]

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Keep the entries as they are now; before a unit leaves for the first time this must have returned."""
        if not entries:
            return
        await self._kept.keep_units([(entry.number, _encode(entry)) for entry in entries])
        for entry in entries:
            entry.kept, entry.kept_built = True, entry.unit is not None

    def drop(self, entries: Sequence[Entry]) -> None:
        """These are over. Should this be lost, they are sent again and get the same receipt."""
        kept = [entry.number for entry in entries if entry.kept]
        if kept:
            self._kept.drop_units(kept)

    def answer(self, first: CommandId) -> Entry | None:
        """The entry that a receipt or refusal is about."""
        return next((e for e in self.flying if e.unit is not None and e.unit.first == first), None)

    def take_back(self, entries: Sequence[Entry]) -> None:
        """These must be sent once more, each in its old place."""
        self.flying = [entry for entry in self.flying if entry not in entries]
        self.waiting = sorted([*entries, *self.waiting], key=lambda entry: entry.number)


def _encode(entry: Entry) -> bytes:
    unit = entry.unit
    if unit is None:
        return cbor.encode([encode_plan(entry.plan), None])  # type: ignore[list-item]
    built = [frames.wire_acts(unit.acts), unit.command_ids, unit.main, unit.thread]
    return cbor.encode([encode_plan(entry.plan), built])  # type: ignore[list-item]


def _decode(number: int, data: bytes) -> Entry:
    match cbor.decode(data, max_size=MAX_UNIT):
        case [plan, None]:
            plan_read = decode_plan(plan)
            return Entry(number, plan_read, None, light=is_light(plan_read), kept=True)
        case [plan, [list() as acts, list() as ids, int() as main, (int() | None) as thread]]:
            unit = Unit(_acts(acts), tuple(_ids(ids)), main, None if thread is None else ThreadNo(thread), NO_GROUND)
            # Sent alone: what it was sealed on is not known any more.
            return Entry(number, decode_plan(plan), None, unit, light=False, kept=True, kept_built=True)
        case _:
            raise Malformed("unit")


NO_GROUND: Final[Ground] = frozenset()


def _acts(rows: list[object]) -> tuple[SignedAct, ...]:
    found = []
    for row in rows:
        match row:
            case [bytes() as header, bytes() as signature, (bytes() | None) as body]:
                found.append(SignedAct(header, signature, body))
            case _:
                raise Malformed("act")
    return tuple(found)


def _ids(rows: list[object]) -> list[CommandId]:
    return [CommandId(row) for row in rows if isinstance(row, bytes)]
