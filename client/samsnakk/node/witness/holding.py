"""Holding what this node has against the log that its witness has recomputed: every channel copied, every key issued.

Nothing is asked of the hub for it. A channel of which the log has more than the copy is followed, whether or not the
hub lists it; what is served and not logged, logged and not served, or logged otherwise, is a fault with evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crypto import cbor
from crypto.chain import stream_name
from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.key_heads import heads_after, log_name
from crypto.log_entries import LogEntry
from crypto.shapes import array, digest, identifier
from domain.ids import ChannelId, Millis, PrincipalId, Version
from protocol import records
from protocol.errors import LoggedOtherwise, ProtocolError
from protocol.log_evidence import StreamSeen
from protocol.log_watch import Stream, StreamWatch
from samsnakk.local_store import Put
from samsnakk.log.evidence import Seen, keep_evidence
from samsnakk.log.streams import record_of
from samsnakk.node.faults import ChannelFault, Evidence
from samsnakk.node.ledger import Ledger
from samsnakk.node.replica.copying import Copying
from samsnakk.node.replica.shelf import Copied, moved
from samsnakk.node.watching import SUBSTITUTED, WITHHELD, Fault
from samsnakk.node.witness.witnessing import Witness

LONGEST: Final = 30.0
"""Seconds that one look counts for at most: what was slept through makes nobody late."""
_TABLE: Final = "log"
_NAMES: Final = b"names"
_ROW: Final = 128


@dataclass(slots=True)
class Pace:
    """Seconds of work: of this look, and of the one before, when the log was asked for what is compared now."""

    now: float = 0.0
    before: float = 0.0
    looked: Millis | None = None

    def tick(self, at: Millis) -> None:
        """A look begins."""
        passed = 0.0 if self.looked is None else min((at - self.looked) / 1000, LONGEST)
        self.before, self.now, self.looked = self.now, self.now + passed, at


@dataclass(slots=True)
class LoggedCopy:
    """One organisation's copy."""

    copy: Copying
    witness: Witness
    evidence: Evidence
    names: dict[ChannelId, Digest] = field(default_factory=dict)
    watches: dict[ChannelId, StreamWatch] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    async def load(self) -> None:
        """Which channel has which name in the log, as far as it was seen before."""
        for _, _, data in await self.copy.store.rows(_TABLE, _NAMES):
            try:
                channel, name = array(cbor.decode(data, max_size=_ROW, max_depth=1), 2)
                self.names[ChannelId(identifier(channel))] = digest(name)
            except CryptoError:
                continue  # it is written anew once the channel is open

    async def look(self, at: Millis) -> list[ChannelFault]:
        """Compare every channel; each fault is told once, and its channel followed no more."""
        self.pace.tick(at)
        await self._learn_names()
        faults: list[ChannelFault] = []
        ahead: list[Copied] = []
        for one in list(self.copy.shelf.channels.values()):
            name = self.names.get(one.channel)
            if name is None or one.fault or one.ended:
                continue
            entry = self.witness.newest(name)
            if entry is not None and entry.n > one.wanted:
                ahead.append(moved(one, Version(entry.n)))
            try:
                await self._compare(one, name, entry)
            except ProtocolError as problem:
                faults.append(await self._accuse(one, name, problem, at))
                ahead = [other for other in ahead if other.channel != one.channel]
        if ahead:
            await self.copy.shelf.keep(*ahead)
        return faults

    async def _learn_names(self) -> None:
        for channel, one in self.copy.open.items():
            if channel not in self.names and one.held.version:
                name = stream_name(one.held.replay.channel.stream_secret, records.CHANNEL)
                self.names[channel] = name
                row = (int.from_bytes(channel[:6]), int.from_bytes(channel[6:12]), cbor.encode([channel, name]))
                await self.copy.store.write(Put(_TABLE, _NAMES, [row]))

    async def _compare(self, one: Copied, name: Digest, entry: LogEntry | None) -> None:
        followed = self.copy.open.get(one.channel)
        watch = self.watches.setdefault(one.channel, StreamWatch())
        if followed is not None and followed.held.broken is None:
            stream = record_of(followed.held)
        elif watch.logged == entry and not watch.is_open:
            return  # nothing moved since it was compared
        else:
            stream = await self._closed(one, name)
        watch.hold(stream, self.pace.now)
        watch.judge(stream, entry, self.witness.seen.size, self.pace.before)

    async def _closed(self, one: Copied, name: Digest) -> Stream:
        """A channel that lies on disk only: its newest head is known, the ones before are not."""
        mark = await self.copy.mark_of(one.channel)
        version, head = (0, b"") if mark is None else mark
        return Stream(name, version, lambda n: head if n == version and n else None, served=False)

    async def _accuse(self, one: Copied, name: Digest, problem: ProtocolError, at: Millis) -> ChannelFault:
        followed = self.copy.open.get(one.channel)
        head = b"" if followed is None else followed.held.replay.head
        leaf, siblings = self.witness.proof(name)
        seen = Seen(newer=self.witness.note, stream=StreamSeen(name, one.held, head, leaf, siblings, None))
        fault = ChannelFault(self.copy.reader.organisation, one.channel, problem.code)
        file = self.evidence.folder / f"{fault.code}-{one.channel.hex()[:8]}-{at}.cbor"
        keep_evidence(file, problem, seen, self.copy.reader.unlocked.trust, at)
        await self.copy.give_up(one.channel, problem.code)
        return self.evidence.explain(fault)


@dataclass(slots=True)
class LoggedKeys:
    """The key streams of one node's ledger."""

    ledger: Ledger
    deployment: bytes
    witness: Witness
    watches: dict[PrincipalId, StreamWatch] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    told: set[PrincipalId] = field(default_factory=set)

    def look(self, at: Millis) -> list[Fault]:
        """What is in the log otherwise, or not at all, or there and nowhere served; each is told once."""
        self.pace.tick(at)
        return [Fault(principal, code) for principal, code in self._wrong()]

    def _wrong(self) -> Iterator[tuple[PrincipalId, str]]:
        for principal in self.ledger.principals():
            if principal in self.told:
                continue
            name = log_name(principal)
            entry, watch = self.witness.newest(name), self.watches.setdefault(principal, StreamWatch())
            try:
                stream = self._stream(principal, name)
                watch.hold(stream, self.pace.now)
                watch.judge(stream, entry, self.witness.seen.size, self.pace.before)
            except ProtocolError as problem:
                self.told.add(principal)
                yield principal, SUBSTITUTED if isinstance(problem, LoggedOtherwise) else WITHHELD

    def _stream(self, principal: PrincipalId, name: Digest) -> Stream:
        entries = self.ledger.entries(principal)

        def head_at(n: int) -> Digest | None:
            if not 0 < n <= len(entries):
                return None
            return heads_after(self.deployment, principal, entries[:n])[-1]

        return Stream(name, len(entries), head_at, served=True)
