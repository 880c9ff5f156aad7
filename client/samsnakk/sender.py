"""Sending what is in the outbox: sealed and kept first, in order, until it is recorded or refused for good.

Plain messages fly several at a time as long as they rest on the same epoch and members; everything else flies alone,
and what comes behind it waits until this end has seen it recorded. So the outbox's order is the recorded one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from domain.ids import CommandId, Version
from protocol import frames
from protocol.errors import ForkedHistory, ProtocolError, UnknownKey
from protocol.table import Retry
from samsnakk.channel_events import Sent
from samsnakk.compose import Unit, Writer, build, same_ground
from samsnakk.connection import Connection
from samsnakk.errors import ChannelEnded, Disconnected, Refused
from samsnakk.held import Held
from samsnakk.key_finding import KeyFinder
from samsnakk.outbox import Entry, Outbox
from samsnakk.pauses import pause
from samsnakk.plans import Plan, opens_channel

WINDOW: Final = 16
"""Messages sent ahead of their receipts."""
REBUILDS: Final = 16
"""How often a plan is built anew before its author is told."""
NEWER: Final = 2.0
"""Seconds to wait for what refused a unit to arrive here; the pause grows with every rebuilding."""
LONGEST_DELAY: Final = 5.0
_UNKNOWN_KEY_DELAYS: Final = 6


class Sender:
    """One channel's way out. `run` works until cancelled; `receipt` and `refused` take the hub's answers."""

    def __init__(self, held: Held, writer: Writer, outbox: Outbox, connection: Connection, finder: KeyFinder) -> None:
        self.held = held
        self.writer = writer
        self.outbox = outbox
        self.opened: Callable[[], None] = lambda: None
        """Called when the unit that opens the channel is recorded."""
        self.attacked: Callable[[ProtocolError], None] = lambda _: None
        """Called when a receipt does not fit the record."""
        self._connection = connection
        self._finder = finder
        self._need = Version(0)
        self._settling: deque[tuple[Entry, Sent]] = deque()

    def submit(self, plan: Plan) -> "asyncio.Future[Sent]":
        """Put a plan into the outbox; the future says what became of it."""
        done: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        self.outbox.add(plan, done)
        self.held.pulse.beat()
        return done

    def note(self, plan: Plan) -> None:
        """Put a plan into the outbox that nobody waits for, before what may be waiting for just this."""
        self.outbox.add_first(plan)
        self.held.pulse.beat()

    async def keep_if_offline(self) -> None:
        """While there is no connection nothing is built, so what waits is kept as it was meant."""
        if not self._connection.connected:
            await self.outbox.keep([entry for entry in self.outbox.waiting if not entry.kept])

    def receipt(self, frame: frames.Receipt) -> None:
        """Durable at the hub."""
        entry = self.outbox.answer(frame.recorded[0][0]) if frame.recorded else None
        if entry is None or entry.unit is None or entry.recorded is not None:
            return
        commands = tuple(command for command, _, _ in frame.recorded)
        versions = [version for _, version, _ in frame.recorded]
        if commands != entry.unit.command_ids or versions != sorted({*versions} - {0}):
            self.attacked(ForkedHistory("a receipt for another unit than was sent"))
            return
        entry.recorded = frame.recorded
        self.held.pulse.beat()

    def refused(self, frame: frames.Refused) -> bool:
        """Nothing was recorded; whether it was about a unit of this channel."""
        entry = self.outbox.answer(CommandId(frame.command_id))
        if entry is None:
            return False
        entry.refused = frame
        self.held.pulse.beat()
        return True

    def lost(self) -> None:
        """The connection is gone: what has no answer is sent again, the same bytes, first of all."""
        unanswered = [entry for entry in self.outbox.flying if not entry.answered]
        self.outbox.take_back(unanswered)
        self.held.pulse.beat()

    def stop_waiting(self, error: Exception) -> None:
        """Tell everybody who waits why nobody will answer any more; what was kept stays kept."""
        for entry in [*self.outbox.waiting, *self.outbox.flying, *(e for e, _ in self._settling)]:
            entry.fail(error)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._settle()
            await self._clear_flying()
            await self._give_up_if_over()
            if self._may_send() and await self._send_some():
                continue
            await self.held.pulse.wait_for(self._has_work)

    def _has_work(self) -> bool:
        return (
            any(entry.recorded is not None for entry in self.outbox.flying)
            or (bool(self.outbox.flying) and all(entry.answered for entry in self.outbox.flying))
            or (bool(self._settling) and self._is_settled(self._settling[0][1]))
            or (self._is_over() and bool(self.outbox.waiting))
            or self._may_send()
        )

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _clear_flying(self) -> None:
        recorded = [entry for entry in self.outbox.flying if entry.recorded is not None]
        for entry in recorded:
            self.outbox.flying.remove(entry)
            self._note(entry)
        self.outbox.drop(recorded)
        if any(not entry.answered for entry in self.outbox.flying):
            return
        refused = [entry for entry in self.outbox.flying if entry.refused is not None]
        for number, entry in enumerate(refused):
            await self._decide_about(entry, entry.refused, first=not number)
        self.outbox.take_back([entry for entry in refused if entry in self.outbox.flying])

    def _note(self, entry: Entry) -> None:
        sent = entry.sent()
        if not entry.light:
            self._need = Version(max(self._need, sent.versions[-1]))
        self._settling.append((entry, sent))
        if opens_channel(entry.plan):
            self.opened()

    async def _settle(self) -> None:
        """Whoever asked is told once this end has verified what was recorded, so that reading follows writing."""
        while self._settling and self._is_settled(self._settling[0][1]):
            entry, sent = self._settling.popleft()
            if self.held.broken is None and not self._is_true(entry, sent):
                self.attacked(ForkedHistory(f"the receipt for {sent.versions[-1]} is not what was recorded"))
            if self.held.broken is not None:
                entry.fail(self.held.broken)
            elif entry.done is not None and not entry.done.done():
                entry.done.set_result(sent)

    def _is_settled(self, sent: Sent) -> bool:
        return self.held.version >= sent.versions[-1] or self._is_over()

    def _is_true(self, entry: Entry, sent: Sent) -> bool:
        """Whether the record holds at these versions what was sent; true as long as it does not go that far."""
        if self.held.version < sent.versions[-1]:
            return True
        places = [self.held.places[version - 1] for _, version, _ in entry.recorded or ()]
        acts = zip(places, entry.unit.command_ids if entry.unit is not None else (), strict=False)
        return self.held.replay.head_at(sent.versions[-1]) == sent.head and all(
            place.act is None or place.header.command_id == command for place, command in acts
        )

    def _is_over(self) -> bool:
        return self.held.broken is not None or self.held.ended is not None

    async def _decide_about(self, entry: Entry, refused: frames.Refused | None, *, first: bool) -> None:
        """A refused unit: build it anew, send it again later, or tell its author."""
        assert refused is not None  # noqa: S101 - the caller has looked
        error = Refused(refused.code, refused.detail)
        entry.refused = None
        if error.retry is Retry.REBUILD and entry.rebuilt < REBUILDS:
            await self._wait_for_newer(entry)
            entry.unit = None
        elif error.retry is Retry.LATER and not (error.code == UnknownKey.code and entry.delayed > _UNKNOWN_KEY_DELAYS):
            if first:
                await pause(min(0.05 * 2**entry.delayed, LONGEST_DELAY))
            entry.delayed = min(entry.delayed + 1, 10)
        else:
            await self._give_up(entry, error)

    async def _wait_for_newer(self, entry: Entry) -> None:
        """What refused the unit is on its way here, or (an expired term) comes with time alone."""
        entry.rebuilt += 1
        entry.light = False
        version = self.held.version
        try:
            patience = min(0.02 * 2**entry.rebuilt, NEWER)
            await self.held.pulse.wait_for(lambda: self.held.version > version or self._is_over(), patience)
        except TimeoutError:
            return

    async def _give_up(self, entry: Entry, error: Exception) -> None:
        for entries in (self.outbox.flying, self.outbox.waiting):
            if entry in entries:
                entries.remove(entry)
        self.outbox.drop([entry])
        entry.fail(error)

    async def _give_up_if_over(self) -> None:
        if not self._is_over():
            return
        error = self.held.broken or ChannelEnded(self.held.ended or "")
        over, self.outbox.waiting = self.outbox.waiting, []
        for entry in over:
            entry.fail(error)
        # Nothing of it is to appear should this reader ever be invited again.
        self.outbox.drop(over)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _may_send(self) -> bool:
        if not self.outbox.waiting or not self._connection.connected or self._is_over():
            return False
        entry, flying = self.outbox.first(), self.outbox.flying
        if any(e.refused is not None for e in flying) or len(flying) >= WINDOW:
            return False
        if flying and not (entry.light and entry.unit is None and all(e.light for e in flying)):
            return False
        if entry.unit is not None or opens_channel(entry.plan):
            return True
        return self.held.caught_up and self.held.version >= self._need

    async def _send_some(self) -> bool:
        """Build, keep and send the first waiting entries; False where they must wait for those that fly."""
        losses = self._connection.losses
        batch, go_on = await self._build_some()
        await self.outbox.keep([entry for entry in batch if not entry.kept_built])
        if self._connection.losses != losses or self.outbox.waiting[: len(batch)] != batch:
            return True  # what was flying came back meanwhile and goes first
        for entry in batch:
            self.outbox.waiting.remove(entry)
            self.outbox.flying.append(entry)
        for entry in batch:
            await self._transmit(entry)
        return go_on

    async def _transmit(self, entry: Entry) -> None:
        if entry.unit is None or entry not in self.outbox.flying:
            return  # it came back when the connection was lost
        try:
            await self._connection.send(frames.Send(self.held.replay.place.channel, frames.wire_acts(entry.unit.acts)))
        except Disconnected:
            if entry in self.outbox.flying:
                self.outbox.take_back([entry])

    async def _build_some(self) -> tuple[list[Entry], bool]:
        """The first waiting entry and as many behind it as may fly along; and whether anything was done at all."""
        batch: list[Entry] = []
        for entry in self.outbox.waiting[:WINDOW]:
            together = [*self.outbox.flying, *batch]
            if batch and not (entry.light and entry.unit is None and all(other.light for other in together)):
                break
            if len(together) >= WINDOW:
                break
            if entry.unit is None:
                unit = await self._build(entry)
                if unit is None:
                    return batch, True
                if not self._may_join(entry, unit, together):
                    return batch, bool(batch)
                entry.unit = unit
            batch.append(entry)
        return batch, True

    def _may_join(self, entry: Entry, unit: Unit, flying: Sequence[Entry]) -> bool:
        """Whether the unit may fly with those before it: nothing new under it, and nothing that they rest on."""
        if len(unit.acts) > len(entry.plan):
            entry.light = False
        if any(other.unit is not None and not same_ground(other.unit, unit) for other in flying):
            entry.light = False
        return entry.light or not flying

    async def _build(self, entry: Entry) -> Unit | None:
        """The unit; None where the rules refuse it (its author is told) or the state must move on first."""
        try:
            return build(entry.plan, self.held, self.writer)
        except UnknownKey:
            await self._find_keys(entry)
        except Refused as error:
            if error.retry is not Retry.REBUILD or entry.rebuilt >= REBUILDS:
                await self._give_up(entry, error)
            else:
                await self._wait_for_newer(entry)
        return None

    async def _find_keys(self, entry: Entry) -> None:
        try:
            await self._finder.learn(self.held.on_rosters())
        except ProtocolError as problem:
            self.attacked(problem)
            return
        except (Disconnected, Refused):
            pass  # asked again below, until it has been long enough
        entry.delayed += 1
        if entry.delayed > _UNKNOWN_KEY_DELAYS:
            await self._give_up(entry, Refused(UnknownKey.code))
        await pause(0.1 * entry.delayed)
