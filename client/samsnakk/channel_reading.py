"""Reading a channel: its verified events in order, its state, and its access log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from domain.channel.state import Channel as State
from domain.ids import ChannelId, DeviceId, Digest, PrincipalId, ThreadNo, Version
from protocol import frames
from protocol.acts import Place
from protocol.errors import ProtocolError, UnjustifiedStub
from samsnakk.access_log import AccessLine, AccessLogReading
from samsnakk.asking import Reader
from samsnakk.audit_notices import Looked, look_in, verify_look
from samsnakk.channel_events import ChannelEvent
from samsnakk.connection import Connection
from samsnakk.doors import Doors
from samsnakk.ends import Signal
from samsnakk.errors import ChannelEnded, HistoryBroken, NotInTime, SignInRefused
from samsnakk.follower import Follower
from samsnakk.held import Held
from samsnakk.joining import Registry
from samsnakk.kept import Kept
from samsnakk.key_finding import KeyFinder
from samsnakk.sender import Sender
from samsnakk.who_read import WhoRead, history_of

BREATH: Final = 64
"""Events given out before other tasks get their turn."""
LOG_DEADLINE: Final = 60.0
BEGINNING: Final = Version(0)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a channel is made of; the client puts it together."""

    held: Held
    reader: Reader
    follower: Follower
    sender: Sender
    kept: Kept
    registry: Registry
    finder: KeyFinder
    connection: Connection
    doors: Doors


class ChannelReading:
    """What a channel shows to its reader."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._held = parts.held
        self.when_typing: Callable[[DeviceId, ThreadNo], None] = lambda _device, _thread: None
        """Called when somebody else is writing."""

    def when_audited(self, told: Callable[[Looked], None]) -> None:
        """Call `told` whenever an auditor looks; only the user is told."""
        self._parts.follower.notices.told = told

    @property
    def id(self) -> ChannelId:
        """The channel's id."""
        return self._parts.reader.place.channel

    @property
    def place(self) -> Place:
        """Deployment and channel."""
        return self._parts.reader.place

    @property
    def state(self) -> State:
        """The verified state: members, threads, questions, epochs."""
        return self._held.replay.channel

    @property
    def version(self) -> Version:
        """The newest version held."""
        return self._held.version

    @property
    def head(self) -> Digest:
        """The head of the record after the newest version."""
        return self._held.replay.head

    @property
    def me(self) -> PrincipalId:
        """The principal that reads and acts here: the role if acting for one, else the person."""
        return self._parts.reader.principal

    @property
    def live(self) -> bool:
        """Whether everything recorded so far is here and new events are pushed."""
        return self._held.caught_up

    @property
    def ended(self) -> str | None:
        """Why the hub serves this reader no longer; None while it does."""
        return self._held.ended

    @property
    def broken(self) -> HistoryBroken | None:
        """What was wrong with the history; None while it holds."""
        return self._held.broken

    def event(self, version: Version) -> ChannelEvent:
        """What there is to see of one version now. Raises `IndexError` beyond the newest."""
        if not 0 < version <= self._held.version:
            raise IndexError(version)
        return self._held.event(version)

    def items(self, until: Version) -> list[list[Any]]:
        """The record from the first version to `until` as it is served, for whoever has to verify it again."""
        return [self._held.item(Version(version)) for version in range(1, min(until, self.version) + 1)]

    def head_at(self, version: Version) -> Digest | None:
        """The record's head after a version; None beyond the newest."""
        return self._held.replay.head_at(version)

    async def caught_up(self, deadline: float = 30.0) -> None:
        """Wait until everything recorded so far is here.

        Raises:
            NotInTime: not within `deadline` seconds.
            HistoryBroken, ChannelEnded, SignInRefused: it never will be.

        """

        def over() -> bool:
            return self._held.ended is not None or self._held.broken is not None

        connection = self._parts.connection
        try:
            await self._held.pulse.wait_for(lambda: self._held.caught_up or over() or connection.failure, deadline)
        except TimeoutError:
            raise NotInTime from None
        if self._held.caught_up:
            return
        raise self._held.broken or connection.failure or ChannelEnded(self._held.ended or "")

    async def reached(self, version: Version, deadline: float = 30.0) -> None:
        """Wait until a version is here. Raises `NotInTime`, `HistoryBroken`, `SignInRefused`."""
        try:
            await self._held.pulse.wait_for(lambda: self._held.version >= version or self._failure, deadline)
        except TimeoutError:
            raise NotInTime from None
        if self._held.broken is not None:
            raise self._held.broken
        if self._held.version < version and self._failure is not None:
            raise self._failure

    @property
    def _failure(self) -> HistoryBroken | SignInRefused | None:
        """Why nothing more will ever come: the hub was caught, or it does not let this device in any more."""
        return self._held.broken or self._parts.connection.failure

    async def events(self, after: Version = BEGINNING, *, follow: bool = True) -> AsyncIterator[ChannelEvent]:
        """Every verified place after `after`, in order; with `follow` it goes on with what is yet to come.

        A place that could not be read yet is given out again, `late`, as soon as it can. Ends when the hub serves
        this reader no longer (`ended` says why), or without `follow` at the newest place held.

        Raises:
            HistoryBroken: the hub was caught; everything given out before still holds.
            SignInRefused: the hub does not let this device in any more, such as after it was revoked.

        """
        given, late_given = after, len(self._held.late)
        while True:
            while given < self._held.version:
                given = Version(given + 1)
                yield self._held.event(given)
                if given % BREATH == 0:
                    await asyncio.sleep(0)
            while late_given < len(self._held.late):
                version = self._held.late[late_given]
                late_given += 1
                if after < version <= given:
                    yield self._held.event(version, late=True)
            if self._has_more(given, late_given):
                continue
            if self._held.broken is not None:
                raise self._held.broken
            if not follow or self._held.ended is not None:
                return
            if self._failure is not None:
                raise self._failure
            await self._held.pulse.wait_for(partial(self._has_news, given, late_given))

    def _has_more(self, given: Version, late_given: int) -> bool:
        return self._held.version > given or len(self._held.late) > late_given

    def _has_news(self, given: Version, late_given: int) -> bool:
        return self._has_more(given, late_given) or self._failure is not None or self._held.ended is not None

    async def access_log(self) -> list[AccessLine]:
        """Who read what: every line for the user, own lines whole for others, verified from the first.

        Every line that this end was given before it got content must stand in it.

        Raises:
            Disconnected, NotInTime, SignInRefused: it cannot be had now.
            HistoryBroken: the log is not what it must be.

        """
        return (await self._read_access_log()).lines

    async def who_read(self) -> WhoRead:
        """Who got which message, to whom it was shown, and on which basis: the access log held against the record.

        Raises:
            Disconnected, NotInTime, HistoryBroken: as for `access_log`.

        """
        reading = await self._read_access_log()
        return WhoRead(history_of(self._held), self._held.replay.head, reading)

    async def _read_access_log(self) -> AccessLogReading:
        parts = self._parts
        asked = parts.reader.ask("access-log")
        place, secret = parts.reader.place, self.state.stream_secret
        reading = AccessLogReading(asked.request.request_id, place, secret, parts.finder.directory)
        parts.follower.access_log = reading
        await parts.connection.send(frames.ReadAccessLog(asked.signed, Version(0)))
        try:
            await self._held.pulse.wait_for(lambda: reading.done.done() or self._failure, LOG_DEADLINE)
        except TimeoutError:
            raise NotInTime from None
        finally:
            parts.follower.access_log = None
        if self._held.broken is not None:
            raise self._held.broken
        if not reading.done.done() and self._failure is not None:
            raise self._failure
        reading.done.result()
        await self._verify_against_own(reading)
        return reading

    async def _verify_against_own(self, reading: AccessLogReading) -> None:
        kept = self._parts.kept
        try:
            reading.verify_heads(self._held.replay.head_at)
            self._verify_audits(reading)
            reading.verify_kept(await kept.lines(), *await kept.access_mark())
        except ProtocolError as problem:
            self._parts.follower.break_off(problem)
            raise self._held.broken or problem from None
        await kept.keep_access_mark(Version(len(reading.items)), reading.head)

    def _verify_audits(self, reading: AccessLogReading) -> None:
        """Each look rests on a case that stood; and nothing of the log is kept from the user. Raises `Attack`."""
        user = self.state.user
        if user is not None and user.principal == self.me and any(line.event is None for line in reading.lines):
            raise UnjustifiedStub("a line of the access log")
        for looked in filter(None, map(look_in, reading.lines)):
            verify_look(looked, self.state)

    async def resume(self) -> None:
        """Ask the hub again after `ended`: somebody may have invited this reader again."""
        self._held.ended = None
        self._parts.follower.following = True
        self._parts.follower.inbox.put_nowait(Signal.SUBSCRIBE)
