"""The client: one device's connection, its directory of keys, and its channels.

unlocked = Profile.open(folder).unlock("passphrase")
async with Client(unlocked, "https://hub.example") as client:
channel = await client.channel(channel_id)
await channel.caught_up()
await channel.post(0, Text("God dag!"))
async for event in channel.events():
print(event.version, event.author, event.content)
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Self

from crypto.key_statements import SignedStatement
from crypto.random import new_id, random_bytes
from domain.access.events import Purpose
from domain.channel.terms import Standing
from domain.ids import ChannelId, Millis, PrincipalId
from protocol import frames
from protocol.acts import Place
from protocol.directory import Directory
from protocol.replay import Replay
from protocol.trust import Trust
from samsnakk.arrival.arrivals import Arrivals
from samsnakk.asking import Reader
from samsnakk.channel import Channel
from samsnakk.channel_reading import Parts
from samsnakk.clock import HubClock
from samsnakk.compose import Writer
from samsnakk.connection import Connection
from samsnakk.doors import Doors
from samsnakk.ends import Ends, Signal
from samsnakk.errors import ClientClosed, LogBroken, Refused
from samsnakk.follower import Follower
from samsnakk.frames_in import hand_on
from samsnakk.held import Held
from samsnakk.inbox.inboxes import Inboxes
from samsnakk.inbox.tending import Tending
from samsnakk.joining import Claim, Registry, Terms, usual_claim
from samsnakk.kept import Kept
from samsnakk.key_finding import KeyFinder
from samsnakk.key_looks import KeyLooks
from samsnakk.keys import ChannelKeys
from samsnakk.listings import Listings
from samsnakk.local_store import LocalStore
from samsnakk.log.asking import LogQuestions
from samsnakk.log.comparing import compare_for_ever
from samsnakk.log.cosigned import Cosigned
from samsnakk.log.following import LogFollower
from samsnakk.log.source import LogSource
from samsnakk.log.streams import records_of
from samsnakk.outbox import Outbox
from samsnakk.profile import Unlocked
from samsnakk.sender import Sender
from samsnakk.units import opening


class Client:
    """One device at one hub. An asynchronous context manager; leaving it ends everything it began.

    A channel is open at most once in a client, for one reader; for a role and oneself at the same time use two.
    """

    def __init__(self, unlocked: Unlocked, url: str, *, node: str | None = None, tending: bool = True) -> None:
        """`node`: else the one that the profile remembers. `tending`: see to service inboxes without being asked."""
        self._unlocked = unlocked
        self._node, self._tends = node, tending
        self._url = url
        self._clock = HubClock()
        self._directory = Directory(unlocked.trust)
        self._connection = Connection(url, unlocked, self._clock, self._on_frame, self._on_change)
        self._channels: dict[ChannelId, Parts] = {}
        self._opened: dict[ChannelId, Channel] = {}
        self._was_connected = False

    async def __aenter__(self) -> Self:
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._running: list[asyncio.Task[None]] = []
        self._store = LocalStore(self._unlocked)
        self._doors = Doors(self._url)
        self._finder = KeyFinder(self._directory, self._doors, self._store)
        self._listings = Listings(self._unlocked, self._doors, self._store, self._clock.now, self._finder)
        await self._finder.load()
        records = partial(records_of, self._channels.values())
        self._source = LogSource(self._url)
        self.questions = LogQuestions(self._connection, self._source, self._unlocked.trust)
        cosigned = Cosigned(self._unlocked.trust, self._unlocked.folder, self._source, self._finder)
        ends = (self._connection, self._store, records, self._lied, self._unlocked.folder, cosigned)
        self._log = LogFollower(self._unlocked, *ends)
        await self._log.load()
        self._registry = Registry(self._unlocked.trust, self._finder)
        inboxes = Inboxes(self._unlocked, self._doors, self._finder, self._clock, self._node)
        self._tending = Tending(inboxes, self._channels, active=self._tends)
        self._looks = KeyLooks(self._finder, self._channels, self.me, self._clock)
        comparing = compare_for_ever(self._log, self._unlocked.folder, self._node)
        logging = (self._log.run(), cosigned.run(), comparing)
        work = (self._connection.run(), self._looks.run(), self._tending.run(), *logging)
        self._running += [self._tasks.create_task(one) for one in work]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for parts in self._channels.values():
            parts.sender.stop_waiting(ClientClosed())
        for task in self._running:
            task.cancel()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            # What was raised inside `async with` goes on as it is; a group is for what went wrong beside it.
            if error is None or group.exceptions != (error,):
                raise
        finally:
            await self._doors.close()
            await self._source.close()
            await self._store.close()

    @property
    def trust(self) -> Trust:
        """The trust file; `trust.name_of` knows what people are called."""
        return self._unlocked.trust

    @property
    def directory(self) -> Directory:
        """Every key stream known here."""
        return self._directory

    @property
    def listings(self) -> Listings:
        """The organisations' own listings: whom to contact, and who is on duty."""
        return self._listings

    @property
    def inboxes(self) -> Inboxes:
        """The keys of the service inboxes that this person may answer."""
        return self._tending.inboxes

    @property
    def log(self) -> LogFollower:
        """What this end has accepted of the hub's log: `pin`, `late`, `broken`; and what enough have `cosigned`."""
        return self._log

    @property
    def finder(self) -> KeyFinder:
        """Fetching key streams and keeping them."""
        return self._finder

    @property
    def me(self) -> PrincipalId:
        """The person."""
        return self._unlocked.identity.person

    @property
    def connected(self) -> bool:
        """Whether there is a connection right now."""
        return self._connection.connected

    def now(self) -> Millis:
        """UTC milliseconds, as the hub would say."""
        return self._clock.now()

    async def channel(
        self, channel: bytes, *, role: PrincipalId | None = None, purpose: Purpose = Purpose.COORDINATION
    ) -> Channel:
        """Open a channel from the local store and keep it in step from here on; `caught_up` waits for the rest.

        Args:
            channel: its 16-byte id.
            role: the service inbox to read and act for, instead of as oneself.
            purpose: what is read for; stands in the access log.

        Raises:
            BadProfile: what was kept does not hold together.
            NotEligible, NoSeatYet, InboxHasNoKey, InboxFileNotBelieved: the inbox's keys cannot be had.
            Refused: the channel is open for another reader.

        """
        if role is not None:
            await self._tending.prepare(role)
        return await self._open(ChannelId(channel), role, purpose, following=True)

    async def open_channel(
        self,
        terms: Terms | None = None,
        *,
        title: str | None = None,
        channel: bytes | None = None,
        claim: Claim | None = None,
    ) -> Channel:
        """Begin a new channel, as its first tillitsperson; `terms` default to treatment without an end.

        `claim`: the care relation one answers for, seen by the user and by audits; else the usual one of the basis.

        Raises:
            Refused: the rules do not let this person open one, or not on this claim.

        """
        terms = terms or Terms(self.me, Standing.STAFF, self._unlocked.identity.organisation)
        joined = await self._registry.joined(terms)
        made = await self._open(ChannelId(channel or new_id()), None, Purpose.COORDINATION, following=False)
        await made.carry_out(opening(random_bytes(32), joined, title, claim or usual_claim(terms.legal_basis)))
        return made

    def arrivals(self, channel: Channel) -> Arrivals:
        """The arrival of the channel's user: invite her, or compare safety codes."""
        return Arrivals(self._channels[channel.id], self._unlocked.trust, channel.user_arrived)

    async def publish(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Hand the hub a key stream or its continuation, and take it in here. Raises `Disconnected`, `Refused`."""
        await self._doors.publish(principal, entries)
        self._directory.add_all({principal: entries})
        self._finder.taken_in(principal, len(entries))

    async def _open(
        self, channel: ChannelId, role: PrincipalId | None, purpose: Purpose, *, following: bool
    ) -> Channel:
        found = self._opened.get(channel)
        if found is not None:
            if found.me != (role or self.me):
                raise Refused("stale_request", "open for another reader")
            return found
        parts = await self._assemble(self._reader(channel, role, purpose), following=following)
        self._channels[channel] = parts
        if self._log.broken is not None:
            parts.held.stop(self._log.broken)
        self._opened[channel] = Channel(parts)
        if self.connected:
            parts.follower.inbox.put_nowait(Signal.CONNECTED)
        self._running += [self._tasks.create_task(parts.follower.run()), self._tasks.create_task(parts.sender.run())]
        return self._opened[channel]

    def _reader(self, channel: ChannelId, role: PrincipalId | None, purpose: Purpose) -> Reader:
        identity, trust = self._unlocked.identity, self._unlocked.trust
        place, key = Place(trust.deployment_id, channel), self._unlocked.signing_key
        return Reader(place, identity.person, identity.device, identity.organisation, role, purpose, key, self._clock)

    async def _assemble(self, reader: Reader, *, following: bool) -> Parts:
        kem_keys = self.inboxes.unlocked.kem_keys.get(reader.principal)
        if kem_keys is None:
            raise Refused("unknown_key", "no private keys of that role in this profile")
        replay = Replay(reader.place, reader.principal, self._directory, reader.person)
        held = Held(replay, ChannelKeys(reader.principal, kem_keys))
        if reader.role is not None:
            held.moved = self._tending.listener(reader.role)
        kept = Kept(self._store, reader.place, reader.principal)
        await kept.load(held)
        outbox = Outbox(kept)
        await outbox.load()
        sender = Sender(held, self._writer(reader), outbox, self._connection, self._finder)
        ends = Ends(self._connection, self._finder, kept, self._unlocked.folder, sender.note)
        follower = Follower(held, reader, ends, following=following)

        def opened() -> None:
            follower.following = True
            follower.inbox.put_nowait(Signal.SUBSCRIBE)

        sender.opened, sender.attacked = opened, follower.break_off
        return Parts(held, reader, follower, sender, kept, self._registry, self._finder, self._connection, self._doors)

    def _writer(self, reader: Reader) -> Writer:
        return Writer(
            reader.person,
            reader.device,
            reader.organisation,
            reader.role,
            self._unlocked.signing_key,
            self._directory.public_keys,
            self._clock.now,
        )

    # ── what the connection tells ────────────────────────────────────────────────────────────────────────────────────
    def _on_change(self) -> None:
        connected = self._connection.connected
        if connected and not self._was_connected:
            self._tending.connected()
        for parts in self._channels.values():
            if self._was_connected and not connected:
                parts.sender.lost()
            if connected != self._was_connected:
                parts.follower.inbox.put_nowait(Signal.CONNECTED if connected else Signal.LOST)
            if self._connection.failure is not None:
                parts.sender.stop_waiting(self._connection.failure)
            parts.held.pulse.beat()
        if connected != self._was_connected:
            self._log.changed()
        self._was_connected = connected

    def _lied(self, broken: LogBroken) -> None:
        for parts in self._channels.values():
            parts.held.stop(broken)

    def _on_frame(self, frame: frames.HubFrame) -> None:
        if not (self.questions.takes(frame) or self._log.takes(frame)):
            hand_on(frame, self._channels, self._opened)
