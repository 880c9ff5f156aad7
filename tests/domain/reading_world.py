"""A channel that people read while it grows: lines as a hub writes them, and beside them what truly left."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.access.events import DisclosureMade, IntervalClosed, IntervalOpened, Purpose, Reach, ThreadBasis
from domain.access.history import History, Place
from domain.access.readings import Line, Reading, readings
from domain.access.state import AccessLog, evolve_line
from domain.channel.terms import KindClass
from domain.channel.visibility import served_threads
from domain.ids import Digest, Millis, PrincipalId, ThreadNo, Version
from tests.domain.cast import Someone, named
from tests.domain.channel_builder import Story, kind_class, reads_record

Pair = tuple[Version, Version]
"""A line and a message that it let out."""
LEASE = 12 * 60 * 60 * 1000


@dataclass
class Subscribed:
    """An open interval, as the hub keeps it in memory."""

    who: Someone
    line: Version
    covered: frozenset[ThreadNo]
    sent: Version


@dataclass
class ReadingWorld:
    """`story` grows by `grew`; everything here is what an honest hub does about it."""

    story: Story
    lines: list[Line] = field(default_factory=list)
    left: set[Pair] = field(default_factory=set)
    held: dict[PrincipalId, Version] = field(default_factory=dict)
    open: dict[PrincipalId, Subscribed] = field(default_factory=dict)
    log: AccessLog = field(default_factory=AccessLog)

    def subscribe(self, who: Someone) -> bool:
        """Begin or go on reading, if the reader is served at all."""
        covered = served_threads(self.story.channel, who.principal, self.story.at)
        if who.principal in self.open or not covered:
            return False
        after = self.held.get(who.principal, Version(0))
        line = self._write(self._opening(who, covered, after), who)
        self.open[who.principal] = Subscribed(who, line, covered, after)
        self._send(self.open[who.principal])
        return True

    def grew(self) -> None:
        """Records were added: push them; who may read elsewhere now gets a new line first, or none."""
        for one in list(self.open.values()):
            covered = served_threads(self.story.channel, one.who.principal, self.story.at)
            if covered == one.covered:
                self._send(one)
            else:
                self.close(one.who, "threads_changed")
                self.subscribe(one.who)

    def close(self, who: Someone, reason: str = "asked") -> None:
        """The interval ends with the last version sent."""
        one = self.open.pop(who.principal, None)
        if one is not None:
            self._write(IntervalClosed(one.line, one.sent, reason), None)
            self.held[who.principal] = one.sent

    def crash(self) -> None:
        """The hub dies without a word; its next life closes what it finds open, at what is recorded by then."""
        for one in self.open.values():
            self.held[one.who.principal] = one.sent
        self.open.clear()

    def come_back(self) -> None:
        """The next life of the hub takes the channel up."""
        for ref in sorted(set(self.log.open) - {one.line for one in self.open.values()}):
            self._write(IntervalClosed(ref, self.story.channel.version, "lease_ended"), None)

    def fetch(self, who: Someone, thread: int, start: int, until: int) -> bool:
        """Look older history up."""
        channel, last = self.story.channel, min(until, self.story.channel.version)
        number = ThreadNo(thread)
        if number not in served_threads(channel, who.principal, self.story.at) or not 0 < start <= last:
            return False
        line = self._write(self._disclosure(who, number, Version(start), Version(last)), who)
        for recorded in self.story.records[start - 1 : last]:
            if recorded.act.thread == number and reads_record(channel, who.principal, recorded, self.story.at):
                self._left(line, recorded.version)
        return True

    def readings(self) -> list[Reading]:
        return readings(self.lines, self.story.channel.version)

    def history(self, viewer: PrincipalId, *, all_seeing: bool = True) -> History:
        return History(self._places(viewer, all_seeing=all_seeing), viewer)

    def _places(self, viewer: PrincipalId, *, all_seeing: bool) -> Iterator[Place]:
        for recorded in self.story.records:
            whole = all_seeing or reads_record(self.story.channel, viewer, recorded, self.story.at)
            yield Place(
                recorded.version,
                recorded.act.thread,
                kind_class(recorded),
                recorded.recorded_at,
                recorded if whole else None,
            )

    def _send(self, one: Subscribed) -> None:
        for recorded in self.story.records[one.sent :]:
            readable = reads_record(self.story.channel, one.who.principal, recorded, self.story.at)
            if readable and recorded.act.thread in one.covered:
                self._left(one.line, recorded.version)
        one.sent = self.story.channel.version

    def _left(self, line: Version, version: Version) -> None:
        if kind_class(self.story.records[version - 1]) is KindClass.CONTENT:
            self.left.add((line, version))

    def _write(self, event: IntervalOpened | IntervalClosed | DisclosureMade, who: Someone | None) -> Version:
        version = Version(len(self.lines) + 1)
        person = PrincipalId(named(who.name)) if who is not None else None
        self.lines.append(Line(version, self.story.at, event, self.story.channel.version, person))
        self.log = evolve_line(self.log, event, version, self.story.at)
        return version

    def _opening(self, who: Someone, covered: frozenset[ThreadNo], after: Version) -> IntervalOpened:
        return IntervalOpened(
            reader=who.principal,
            device=who.author.device,
            organisation=who.organisation,
            role=who.author.role,
            purpose=Purpose.COORDINATION,
            threads=tuple(ThreadBasis(number, "treatment") for number in sorted(covered)),
            after=after,
            head_version=self.story.channel.version,
            head=Digest(bytes(32)),
            lease=named("lease"),
            lease_until=Millis(self.story.at + LEASE),
            request=b"",
        )

    def _disclosure(self, who: Someone, thread: ThreadNo, start: Version, until: Version) -> DisclosureMade:
        return DisclosureMade(
            reader=who.principal,
            device=who.author.device,
            organisation=who.organisation,
            role=who.author.role,
            purpose=Purpose.COORDINATION,
            legal_basis="treatment",
            reach=Reach.HISTORY,
            thread=thread,
            start=start,
            until=until,
            file=None,
            request=b"",
        )
