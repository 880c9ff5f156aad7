"""Following the log: every checkpoint must go on from the last one, and say of every stream what was served here.

Asks the hub seldom, and only about what is new: a checkpoint that is pushed shows by itself that it goes on; the heads
of streams are asked for while something that was read or written here is not shown yet, and else once in a while. A
lie ends all trust for good: it is written down, and every later run of the program knows.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.log_promises import encode_promise
from crypto.random import random_bytes
from protocol import frames
from protocol.errors import ForgedCheckpoint, ForkedLog, PromiseBroken, ProtocolError
from protocol.global_log import SignedCheckpoint, logged_head, read_checkpoint, verify_goes_on
from protocol.log_watch import MAX_MERGE_DELAY, Stream, StreamWatch
from protocol.witnesses import log_key
from samsnakk.connection import Connection
from samsnakk.errors import Disconnected, LogBroken
from samsnakk.local_store import LocalStore
from samsnakk.log.asked import AGAIN, LOOK, ROUND, SOON, Asked
from samsnakk.log.cosigned import Cosigned
from samsnakk.log.evidence import Seen, broken_before, write_evidence
from samsnakk.log.pinning import LogMemory, checkpoint_of
from samsnakk.log.promised import Promised
from samsnakk.pauses import jittered
from samsnakk.profile import Unlocked
from samsnakk.pulse import Pulse

Told = frames.LogFrame | frames.Refused | None
"""What comes in; nothing at all means to look whether something should be asked."""


class LogFollower:
    """One connection's view of the log. `streams` gives what is read here now; `told` is called when trust ends."""

    def __init__(
        self,
        unlocked: Unlocked,
        connection: Connection,
        store: LocalStore,
        streams: Callable[[], Iterable[Stream]],
        told: Callable[[LogBroken], None],
        evidence: Path,
        cosigned: Cosigned,
    ) -> None:
        self.patience = MAX_MERGE_DELAY
        self.cosigned: Final = cosigned
        self.pulse: Final = Pulse()
        self.broken: LogBroken | None = None
        self.late = False
        """Whether something has waited for longer than it may."""
        self.pin: SignedCheckpoint
        self._key = log_key(unlocked.trust)
        self._trust = unlocked.trust
        self._connection = connection
        self._memory = LogMemory(store, unlocked)
        self._promises = Promised(self._memory, unlocked.trust, self._key, self._watch)
        self._streams = streams
        self._told = told
        self._evidence = evidence
        self._inbox: asyncio.Queue[Told] = asyncio.Queue()
        self._watches: dict[Digest, StreamWatch] = {}
        self._checked: dict[Digest, float] = {}
        self._asked: Asked | None = None
        self._asked_at = 0.0
        self._connected_at: float | None = None
        self._seen = Seen()
        self._unmatched: dict[Digest, Seen] = {}
        self._time, self._looked = 1.0, 0.0
        self._others: list[SignedCheckpoint] = []
        self._newer = self._apart = False

    async def load(self) -> None:
        """Take up what was accepted before.

        Raises:
            NoLogPin: nothing is pinned; there is nothing to hold the hub's log against.
            BadProfile: what is kept is damaged.
            ForgedCheckpoint: the pinned checkpoint is not signed with the key that the trust file pins.

        """
        self.pin = checkpoint_of(await self._memory.newest(), self._trust, self._key)
        for entry in await self._memory.entries():
            self._watches[entry.name] = StreamWatch(self.patience, entry)
        await self._promises.load()
        kept = await self._memory.broken()
        if kept is not None:
            self.broken = broken_before(kept, self._evidence)

    @property
    def logged(self) -> dict[Digest, LogEntry]:
        """The newest head that the log has shown, by the stream's name."""
        return {name: watch.logged for name, watch in self._watches.items() if watch.logged is not None}

    def compare(self, note: str) -> None:
        """Somebody else has accepted this: the log must go on from it too. Raises `ForgedCheckpoint` if unsigned."""
        other = read_checkpoint(note, self._key)
        if other != self.pin and len(self._others) < frames.MAX_LOG_SIZES - 1:
            self._others.append(other)
            self._inbox.put_nowait(None)

    # ── what the connection tells ────────────────────────────────────────────────────────────────────────────────────
    def takes(self, frame: frames.HubFrame) -> bool:
        """Whether the frame is about the log; then it is taken in."""
        self._promises.heard(frame, self._time)
        match frame:
            case frames.PushedCheckpoint() | frames.LogProof() | frames.LogPromised():
                self._inbox.put_nowait(frame)
            case frames.Refused(command_id=asked) if self._asked is not None and asked == self._asked.request_id:
                self._inbox.put_nowait(frame)
            case _:
                return False
        return True

    def changed(self) -> None:
        """There is a connection, or there is none any more."""
        self._asked, self._asked_at = None, 0.0
        self._promises.connected()
        self._connected_at = self._time if self._connection.connected else None
        self._inbox.put_nowait(None)

    # ── the work ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def run(self) -> None:
        """Work until cancelled, or until the hub is found to lie."""
        while self.broken is None:
            try:
                async with asyncio.timeout(LOOK):
                    frame = await self._inbox.get()
            except TimeoutError:
                frame = None
            try:
                self._take(frame)
                await self._look()
            except Disconnected:
                continue
            except ProtocolError as problem:
                await self._break_off(problem)

    def _take(self, frame: Told) -> None:
        match frame:
            case None:
                pass
            case frames.PushedCheckpoint():
                self._pushed(frame)
            case frames.LogProof():
                self._shown(frame)
            case frames.LogPromised():
                self._promises.take(frame)
            case frames.Refused(code=code):
                self._asked = None
                if code == "history_behind":
                    self._seen = Seen(max((self.pin, *self._others), key=lambda one: one.checkpoint.size).note)
                    raise ForkedLog("the hub's log is shorter than the one that was seen before")

    def _pushed(self, frame: frames.PushedCheckpoint) -> None:
        self._seen = Seen(self.pin.note, frame.note, tuple(frame.consistency))
        came = read_checkpoint(frame.note, self._key)
        before, after = self.pin.checkpoint, came.checkpoint
        self._newer = self._newer or after.size > before.size
        if after.size <= before.size:
            verify_goes_on(before, after, ())
        elif frame.after == before.size and self._asked is None:
            verify_goes_on(before, after, frame.consistency)
            self._accept(came)
        else:
            self._apart = True  # it is shown to go on from another one; to be asked about

    def _shown(self, frame: frames.LogProof) -> None:
        asked = self._asked
        if asked is None or frame.request_id != asked.request_id:
            return
        self._asked = None
        came = self._goes_on(asked.anchors, frame)
        self.cosigned.settle(asked.anchors[1:])
        self._newer = self._apart = False
        self._others = [one for one in self._others if one not in asked.anchors]
        self._judge(asked, came, frame.heads)
        self._accept(came)

    def _goes_on(self, anchors: Sequence[SignedCheckpoint], frame: frames.LogProof) -> SignedCheckpoint:
        """The checkpoint in the answer, which goes on from all of these."""
        self._seen = Seen(self.pin.note, frame.note)
        came = read_checkpoint(frame.note, self._key)
        if len(frame.consistency) != len(anchors):
            raise ForkedLog("another number of proofs than was asked for")
        for anchor, proof in zip(anchors, frame.consistency, strict=True):
            self._seen = Seen(anchor.note, frame.note, tuple(proof))
            verify_goes_on(anchor.checkpoint, came.checkpoint, proof)
        return came

    def _judge(
        self, asked: Asked, came: SignedCheckpoint, heads: Sequence[tuple[bytes | None, Sequence[bytes]]]
    ) -> None:
        if len(heads) != len(asked.names):
            raise ForkedLog("another number of streams than was asked for")
        streams = {stream.name: stream for stream in self._streams()}
        said: list[LogEntry] = []
        for name, (leaf, siblings) in zip(asked.names, heads, strict=True):
            stream, watch = streams.get(name), self._watches[name]
            self._seen = self._seen.of_stream(name, stream, (leaf, siblings), watch.logged)
            entry = logged_head(came.checkpoint, name, leaf, siblings)
            self._hold_to_promises(watch, entry, came.checkpoint.size)
            before = watch.logged
            if stream is not None:
                watch.judge(stream, entry, came.checkpoint.size, asked.at)
            if entry is not None and entry != before:
                said.append(entry)
            if stream is not None and entry is not None and entry.n > stream.version:
                self._unmatched[name] = self._seen  # until that version is here to be compared
            else:
                self._unmatched.pop(name, None)
            self._checked[name] = asked.at
        if said:
            self._memory.keep_entries(said)

    def _hold_to_promises(self, watch: StreamWatch, entry: LogEntry | None, size: int) -> None:
        broken = watch.broken_promise(entry, size)
        if broken is not None:
            self._seen = replace(self._seen, promise=encode_promise(broken))
            raise PromiseBroken("a record that the hub promised to log is not there")
        self._promises.settle(watch, entry)

    def _accept(self, came: SignedCheckpoint) -> None:
        if came.checkpoint.size > self.pin.checkpoint.size:
            self.pin = came
            self._memory.keep_newest(came)
        self.pulse.beat()

    async def _look(self) -> None:
        now = self._tick()
        if (lie := self.cosigned.lie()) is not None:
            self._seen = Seen(self.pin.note, lie)
            raise ForgedCheckpoint("a signature under a checkpoint that does not hold")
        streams = list(self._streams())
        for stream in streams:
            self._seen = self._unmatched.get(stream.name, self._seen)
            self._watch(stream.name).hold(stream, now)
        if self._asked is not None and now - self._asked.at > self.patience:
            self._asked = None  # no answer is coming
        self._warn(streams, now)
        if self._connected_at is not None and self._asked is None and self._is_due(streams, now):
            await self._ask(streams, now)

    def _tick(self) -> float:
        """Seconds of work so far. What was slept through counts for little: nobody is late while nobody looks."""
        now = asyncio.get_running_loop().time()
        self._time += min(now - self._looked, 2 * LOOK)
        self._looked = now
        return self._time

    def _watch(self, name: Digest) -> StreamWatch:
        return self._watches.setdefault(name, StreamWatch(self.patience))

    def _warn(self, streams: Sequence[Stream], now: float) -> None:
        waited = self._connected_at is not None and now - self._connected_at > self.patience
        unpromised = self._promises.is_late(now, self.patience)
        late = waited and (unpromised or any(self._watches[stream.name].is_late(now) for stream in streams))
        if late != self.late:
            self.late = late
            self.pulse.beat()

    def _is_due(self, streams: Sequence[Stream], now: float) -> bool:
        since = now - self._asked_at
        if not self._asked_at or (self._others and since > SOON):
            return True
        if any(self._watches[stream.name].is_open for stream in streams):
            return since > (SOON if self._newer else 5 * SOON)
        return since > (AGAIN if self._apart or self.cosigned.open else ROUND)

    async def _ask(self, streams: Sequence[Stream], now: float) -> None:
        """Ask about what waits to be shown, then about what was not compared for longest."""

        def rank(stream: Stream) -> tuple[bool, float]:
            return not self._watches[stream.name].is_open, self._checked.get(stream.name, 0.0)

        chosen = sorted(streams, key=rank)[: frames.MAX_LOG_NAMES]
        asked = Asked(
            random_bytes(16),
            (self.pin, *self.cosigned.open, *self._others),
            tuple(stream.name for stream in chosen),
            now,
        )
        self._asked, self._asked_at = asked, now + jittered(0.2)
        sizes, names = [one.checkpoint.size for one in asked.anchors], [bytes(name) for name in asked.names]
        await self._connection.send(frames.AskLog(asked.request_id, sizes, names))

    async def _break_off(self, problem: ProtocolError) -> None:
        """Stop believing anything of this hub, and leave the evidence."""
        file = write_evidence(self._evidence, problem, self._seen, self._trust)
        await self._memory.keep_broken(problem.code, problem.detail, file.name)
        self.broken = LogBroken(problem, file)
        self._told(self.broken)
        self.pulse.beat()
