"""Keeping one channel in step with the hub: subscribe, verify everything that comes, keep it, ask for what is missing.

The hub is believed in nothing. What does not verify stops the channel for good and leaves the evidence in a file.
"""

import asyncio
from typing import Final

from crypto import cbor
from domain.channel.events import WrapFailed
from domain.channel.roster import roster
from domain.ids import Digest, Version
from protocol import frames, records
from protocol.errors import ChainBroken, ForkedHistory, ProtocolError, UncoveredContent
from protocol.replay import BEFORE_ALL, Accepted
from protocol.table import TABLE, Retry
from samsnakk.access_log import AccessLogReading
from samsnakk.asking import Reader
from samsnakk.audit_notices import Notices
from samsnakk.coverage import Asked, Covered, verify_goes_on, verify_history, verify_interval
from samsnakk.ends import Ends, Signal
from samsnakk.errors import Disconnected, HistoryBroken
from samsnakk.fresh import Fresh, Item
from samsnakk.held import Held, same_time_or_later
from samsnakk.keys import EpochId, Learned
from samsnakk.looking_up import Doubts, LookUp, Run, changes_ranges, missing
from samsnakk.pauses import jittered
from samsnakk.plans import Step
from samsnakk.private_files import write_private

BREATH: Final = 16
"""Items verified before other tasks get their turn: a few milliseconds."""
TOGETHER: Final = 256
"""Items, at the most, that are verified before they are kept and shown."""
AGAIN: Final = 0.5
"""Seconds before asking again where the hub said "later"."""
PATIENCE: Final = 60.0
"""Seconds a hub may take for a look-up while it goes on pushing."""


class Follower:
    """One channel's verification. Frames and signals go into `inbox`; `run` takes them one by one, in order."""

    def __init__(self, held: Held, reader: Reader, ends: Ends, *, following: bool) -> None:
        self.held = held
        self.reader = reader
        self.inbox: asyncio.Queue[frames.HubFrame | Signal] = asyncio.Queue()
        self.following = following
        self.access_log: AccessLogReading | None = None
        self.notices = Notices(held, reader, ends)
        self._ends = ends
        self._asked: Asked | None = None
        self._covered = Covered()
        self._promised: tuple[Version, Digest] = (Version(0), held.replay.head)
        self._look_ups: dict[bytes, LookUp] = {}
        self._reported: set[EpochId] = set()
        self._fresh = Fresh()
        self._look: Version | None = None
        """Where to look from once nothing newer is missing; None while there is no reason to."""
        self._doubts = Doubts()

    async def run(self) -> None:
        """Work until cancelled, or until the history turns out to be broken."""
        while not self.held.is_stopped():
            frame = await self.inbox.get()
            try:
                if not self.held.is_stopped():  # from elsewhere, meanwhile
                    await self._take(frame)
            except Disconnected:
                self._begin_anew()
            except ProtocolError as problem:
                self.break_off(problem, frame)
        await self._keep()  # what was verified before it broke

    def _begin_anew(self) -> None:
        """Something could not be had: nothing more is taken in; the next connection begins at the newest version."""
        self._asked, self._covered = None, Covered()
        self.held.receiving = self.held.caught_up = False
        self._ends.connection.renew()

    async def _take(self, frame: frames.HubFrame | Signal) -> None:
        """Handle the frame. What lies in events that wait behind each other is kept and shown together."""
        if not isinstance(frame, frames.Events):
            await self._settle()
        await self._handle(frame)
        self.notices.settle()
        if not isinstance(frame, frames.Events) or self.inbox.empty() or len(self._fresh.items) >= TOGETHER:
            await self._settle()
            self.held.pulse.beat()

    def break_off(self, problem: ProtocolError, frame: frames.HubFrame | Signal | None = None) -> None:
        """Stop believing: nothing more is taken in; the frame as it came is kept as evidence."""
        if self.held.broken is not None:
            return
        seen = frames.encode(frame) if isinstance(frame, frames.Frame) else None
        place = self.reader.place
        where: list[bytes | int] = [place.deployment, place.channel, self.held.version, self.held.replay.head]
        evidence = self._ends.evidence / f"evidence-{place.channel.hex()[:8]}-{self.reader.clock.now()}.cbor"
        write_private(evidence, cbor.encode([problem.code, problem.detail, where, seen]))
        self.held.stop(HistoryBroken(problem, evidence))

    async def _handle(self, frame: frames.HubFrame | Signal) -> None:
        match frame:
            case Signal():
                await self._signal(frame)
            case frames.Subscribed():
                await self._subscribed(frame)
            case frames.Events(stream=records.ACCESS):
                if self.access_log is not None:
                    await self.access_log.take_page(frame, self._ends.finder.learn)
            case frames.Events():
                await self._events(frame)
            case frames.Fetched():
                await self._fetched(frame)
            case frames.Noticed(line=line):
                await self.notices.take(line)
            case frames.Unsubscribed(code=code):
                self._over(code)
            case frames.Refused():
                await self._refused(frame)
            case _:
                pass

    async def _signal(self, signal: Signal) -> None:
        if signal is Signal.LOOK_AGAIN:
            await self._look_for_hidden(BEFORE_ALL)
            return
        if signal is Signal.NEW_KEYS:
            await self._ends.kept.keep_filled(self.held.keys, [], self.held.take_again())
            return
        if signal is not Signal.SUBSCRIBE:
            # Frames of an earlier connection lie before this signal; nothing of them is waited for any more.
            self._asked, self._covered = None, Covered()
            self._look_ups.clear()
            self.held.receiving = self.held.caught_up = False
            self._look = BEFORE_ALL
        if signal is Signal.CONNECTED:
            self._doubts.connected()
        if signal is not Signal.LOST and self.following and self.held.ended is None and self._asked is None:
            asked = self.reader.ask("subscribe")
            await self._ends.connection.send(frames.Subscribe(asked.signed, self.held.version))
            self._asked = asked

    def mine(self, frame: frames.Refused) -> bool:
        """Whether the refusal answers something this follower asked; zeros stand for what the hub could not read."""
        waiting = self._asked is not None and not self.held.receiving
        known = {*self._look_ups}
        known |= {self._asked.request.request_id} if self._asked is not None else set()
        known |= {self.access_log.request_id} if self.access_log is not None else set()
        return frame.command_id in known or (waiting and not any(frame.command_id))

    async def _refused(self, frame: frames.Refused) -> None:
        if self.access_log is not None and frame.command_id == self.access_log.request_id:
            self.access_log.refuse(frame.code)
            return
        for_good = frame.code not in TABLE or TABLE[frame.code].retry in (Retry.NEVER, Retry.SIGN_IN)
        look_up = self._look_ups.pop(frame.command_id, None)
        if frame.code == "history_behind":
            raise ForkedHistory("the hub holds less than this end has seen")
        if look_up is None:
            self._over(frame.code, for_good=for_good)
        elif for_good:
            self._verify_given(look_up.run)
        else:
            self._later(Signal.LOOK_AGAIN)

    def _over(self, code: str, *, for_good: bool | None = None) -> None:
        """The subscription has ended."""
        self._asked, self._covered = None, Covered()
        self.held.receiving = self.held.caught_up = False
        if code in ("asked", "not_a_participant") or for_good:
            self.held.ended = code
            self.following = False
        else:
            self._later(Signal.SUBSCRIBE)

    def _later(self, signal: Signal) -> None:
        asyncio.get_running_loop().call_later(jittered(AGAIN), self.inbox.put_nowait, signal)

    async def _subscribed(self, frame: frames.Subscribed) -> None:
        if self._asked is None or frame.request_id != self._asked.request.request_id:
            return
        place, finder = self.reader.place, self._ends.finder
        interval = verify_interval(frame.line, self._asked, place, finder.directory)
        verify_goes_on(interval, self.held.version, self.held.replay.head)
        self._promised = (interval.head_version, interval.head)
        self._covered = Covered(interval)
        self.held.receiving = True
        await self._ends.kept.keep_line(records.read_item(frame.line).version, frame.line)

    async def _events(self, frame: frames.Events) -> None:
        if not self.held.receiving:
            # Frames of an ended subscription may still be on their way, but none lie between asking and the line.
            if self._asked is not None and frame.items:
                raise UncoveredContent("content before its access line")
            return
        items: list[Item] = []
        learned: list[Learned] = []
        look = self.held.version if frame.items else BEFORE_ALL
        for item in frame.items:
            try:
                accepted = await self._ends.finder.taking(self.held.replay.accept, item)
            except Disconnected:
                self._fresh.add(items, learned, self.held.replay.head, look, live=False)  # so far it is verified
                raise
            self._verify_promised(accepted)
            items.append((accepted.version, item))
            learned.append(self.held.append(accepted))
            look = BEFORE_ALL if changes_ranges(accepted) else look
            if accepted.version % BREATH == 0:
                await asyncio.sleep(0)
        if frame.items and self.held.replay.head != frame.head:
            raise ChainBroken("the head is not the one that was announced")
        if frame.live and self.held.version < self._promised[0]:
            raise ChainBroken("less than the head that the access line names")
        self._fresh.add(items, learned, self.held.replay.head, look, live=frame.live)
        self._fresh.erased += self.held.erased
        self._covered.verify_erased(self.held.take_erased())

    def _verify_promised(self, accepted: Accepted) -> None:
        self._covered.verify(accepted)
        version, head = self._promised
        if accepted.version == version and self.held.replay.head != head:
            raise ForkedHistory(f"not the head that the access line names for {version}")

    async def _keep(self) -> Fresh:
        """Write down what was verified; returns it."""
        fresh, self._fresh = self._fresh, Fresh()
        await self._ends.kept.keep(self.held.keys, fresh)
        return fresh

    async def _settle(self) -> None:
        """Keep what was verified; if nothing promised is missing, report broken wraps and look for what is hidden."""
        fresh = await self._keep()
        if fresh.look is not None:
            self._look = fresh.look if self._look is None else min(self._look, fresh.look)
        if not fresh.live or self._look is None:
            return
        after, self._look = self._look, None
        self.held.caught_up = True
        for epoch in self.held.keys.broken - self._reported:
            self._report(epoch)
        overdue = asyncio.get_running_loop().time() - PATIENCE
        for look_up in self._look_ups.values():
            if look_up.asked_at < overdue:
                self._verify_given(look_up.run)
        await self._look_for_hidden(after)

    def _report(self, epoch: EpochId) -> None:
        """Our wrap does not open: say so, once, while we are in the thread; whoever holds the key will grant it."""
        channel, me = self.held.replay.channel, self.reader.principal
        thread = channel.threads.get(epoch[0])
        if thread is None or self.held.owed.is_owed(epoch, me):
            return
        if any(entry.principal == me for entry in roster(channel, thread, self.reader.clock.now())):
            self._reported.add(epoch)
            self._ends.submit((Step(WrapFailed(epoch[1]), epoch[0]),))

    async def _look_for_hidden(self, after: Version) -> None:
        now = self.reader.clock.now()
        for run in missing(self.held, self._look_ups.values(), same_time_or_later(self.held, now), after):
            await self._ask(run)

    async def _ask(self, run: Run) -> None:
        asked = self.reader.ask("history")
        await self._ends.connection.send(frames.Fetch(asked.signed, run.thread, run.start, run.until))
        self._look_ups[asked.request.request_id] = LookUp(run, asked, asyncio.get_running_loop().time())

    async def _fetched(self, frame: frames.Fetched) -> None:
        look_up = self._look_ups.get(frame.request_id)
        if look_up is None:
            return
        run, place, finder = look_up.run, self.reader.place, self._ends.finder
        line = verify_history(frame.line, look_up.asked, run.thread, run.start, place, finder.directory)
        await self._ends.kept.keep_line(records.read_item(frame.line).version, frame.line)
        del self._look_ups[frame.request_id]  # only now: until its line was written, it was still on its way
        filled: list[Item] = []
        learned: list[Learned] = []
        for item in frame.items:
            entry = records.read_item(item)
            stub = self.held.replay.stub_at(entry.version)
            if stub is None:
                continue
            if not run.start <= entry.version <= line.until or stub.thread != run.thread:
                raise UncoveredContent(f"version {entry.version} lies outside the look-up")
            accepted = await finder.taking(self.held.replay.fill, item)
            if accepted.act is not None:
                learned.append(self.held.fill(accepted))
                filled.append((accepted.version, item))
        await self._ends.kept.keep_filled(self.held.keys, filled, learned)
        self._verify_given(Run(run.thread, run.start, line.until))
        if frame.more and line.until < run.until:
            await self._ask(Run(run.thread, Version(line.until + 1), run.until))
        if learned and not self._look_ups:
            self.held.evolve_anew()

    def _verify_given(self, run: Run) -> None:
        """The hub has answered: what this reader may have of the run must be here now, or when asked once more."""
        if self._doubts.fall_on(self.held, run, same_time_or_later(self.held, self.reader.clock.now())):
            self._ends.connection.renew()
