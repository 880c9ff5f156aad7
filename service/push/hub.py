"""Every reader of one hub process, by channel."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiohttp import web

from domain.ids import ChannelId, DeviceId, Version
from protocol.errors import ProtocolError
from protocol.readers import verify_reader
from protocol.speaking_now import verify_speaks_now
from service.handle.core import Core
from service.handle.hub_acts import now
from service.identity.errors import NoSession
from service.identity.room import Identity
from service.push.checkpoints import Checkpoints
from service.push.fanout import Fanout
from service.push.promises import Promises
from service.push.pump import Pump
from service.push.subscription import Ended
from service.store import StoreError

SWEEP = 1.0
"""Seconds between looks at terms that ran out without an event."""


TOUCH_SWEEPS: Final = 20
"""Sweeps between two notes of which sessions are in use; far below the shortest idle time."""
CLEAN_SWEEPS: Final = 60


class SignedIn(Protocol):
    """A connection, as far as the hub's sweep needs it."""

    device: DeviceId
    session: bytes | None
    active: bool

    def turn_out(self, code: str) -> None:
        """Say why and close."""


@dataclass(slots=True)
class Hub:
    """The readers of one hub process."""

    core: Core
    fanouts: dict[ChannelId, Fanout] = field(default_factory=dict)
    pumps: set[Pump] = field(default_factory=set)
    connections: list[SignedIn] = field(default_factory=list)
    empty: asyncio.Event = field(default_factory=asyncio.Event)
    identity: Identity | None = None
    checkpoints: Checkpoints | None = None
    promises: Promises | None = None
    sweeps: int = 0

    def watch(self, channel: ChannelId, pump: Pump, fanout: Fanout) -> None:
        """A subscription begins."""
        self.fanouts.setdefault(channel, fanout).add(pump)
        self.pumps.add(pump)

    def unwatch(self, channel: ChannelId, pump: Pump) -> None:
        """A subscription is over."""
        self.pumps.discard(pump)
        if not self.pumps:
            self.empty.set()
        fanout = self.fanouts.get(channel)
        if fanout is not None:
            fanout.remove(pump)
            if not fanout.pumps:
                del self.fanouts[channel]

    def notice(self, channel: ChannelId, line: list[Any]) -> None:
        """Tell the channel's user, where she is connected, that an auditor looks."""
        if (fanout := self.fanouts.get(channel)) is not None:
            fanout.notice(line)

    async def expire_for_ever(self) -> None:
        """Stop delivery when a term or certificate runs out, although nothing happens in the channel."""
        while True:
            await asyncio.sleep(SWEEP)
            for fanout in tuple(self.fanouts.values()):
                fanout.expire()
            self.turn_out_the_revoked()
            await self.core.channels.enter_what_is_owed()
            with suppress(StoreError):
                await self.follow_other_hubs()
            with suppress(StoreError):
                await self.follow_sessions()

    async def follow_other_hubs(self) -> None:
        """Push what another hub process recorded in channels that are read here. Raises `StoreError`."""
        watched = {fanout.live.stream: fanout.live for fanout in self.fanouts.values()}
        for stream, head in (await self.core.store.heads(watched)).items():
            await watched[stream].refresh(Version(head.version))

    def end_sessions(self, ended: frozenset[bytes]) -> None:
        """Hang up on every connection that rests on one of these sessions."""
        for connection in tuple(self.connections):
            if connection.session in ended:
                connection.turn_out(NoSession.code)

    async def follow_sessions(self) -> None:
        """Keep sessions in use alive, and end what rests on others, wherever they were ended. Raises `StoreError`."""
        if self.identity is None:
            return
        self.sweeps += 1
        if self.sweeps % TOUCH_SWEEPS == 0:
            used = {c.session for c in self.connections if c.session is not None and c.active}
            for connection in self.connections:
                connection.active = False
            if used:
                await self.identity.sessions.touch(used)
        if self.sweeps % CLEAN_SWEEPS == 0:
            await self.identity.sweep()
        held = {c.session for c in self.connections if c.session is not None}
        self.end_sessions(await self.identity.sessions.ended_among(held))

    def turn_out_the_revoked(self) -> None:
        """End what rests on a certificate or an eligibility that holds no longer."""
        directory, at = self.core.keys.directory, now()
        for connection in tuple(self.connections):
            try:
                verify_speaks_now(directory, connection.device, at)
            except ProtocolError as error:
                connection.turn_out(error.code)
        for pump in tuple(self.pumps):
            asked = pump.subscription.request
            try:
                verify_reader(asked, directory, at)
            except ProtocolError:
                pump.stop(Ended.DEVICE_NOT_VALID)

    def drain(self) -> None:
        """Take nothing new; end every subscription with a closing line."""
        self.core.draining = True
        self.empty.clear()
        for pump in tuple(self.pumps):
            pump.stop(Ended.DRAINED)
        if not self.pumps:
            self.empty.set()


HUB: Final[web.AppKey[Hub]] = web.AppKey("hub", Hub)
