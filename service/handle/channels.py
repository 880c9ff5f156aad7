"""Every channel that is in memory, each once; and what has to happen when one is taken up."""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from domain.channel.events import KeyMoved
from domain.channel.refusals import KeyStreamBackwards
from domain.errors import DomainError
from domain.ids import ChannelId
from protocol.acts import Place, Seen, VerifiedAct
from protocol.errors import ProtocolError
from protocol.facts import KIND_OF
from service.handle.access import AccessStream
from service.handle.channel import LiveChannel
from service.handle.hub_acts import HubSigner, now
from service.handle.keys import KeyRegistry
from service.store import EventStore, StoreError


@dataclass(frozen=True, slots=True)
class Opened:
    """A channel and its access log."""

    live: LiveChannel
    access: AccessStream


class Channels:
    """The hub's channels by id; the least recently used idle ones are forgotten beyond `capacity`."""

    def __init__(self, store: EventStore, keys: KeyRegistry, signer: HubSigner, lease: bytes, capacity: int) -> None:
        self._store = store
        self._keys = keys
        self._signer = signer
        self._lease = lease
        self._capacity = capacity
        self._open: OrderedDict[ChannelId, Opened] = OrderedDict()
        self._locks: dict[ChannelId, asyncio.Lock] = {}
        self._owed: set[ChannelId] = set()
        """Where a movement of keys is yet to be entered."""

    async def get(self, channel: ChannelId) -> Opened:
        """The channel, loaded, its key movements and abandoned intervals recorded.

        Raises:
            StoreError: it cannot be loaded now.

        """
        found = self._open.get(channel)
        if found is None:
            async with self._locks.setdefault(channel, asyncio.Lock()):
                found = self._open.get(channel) or await self._take_up(channel)
            self._locks.pop(channel, None)
        self._open.move_to_end(channel)
        return found

    async def _take_up(self, channel: ChannelId) -> Opened:
        live = LiveChannel(Place(self._keys.directory.deployment, channel), self._store)
        await live.load()
        found = Opened(live, AccessStream(live, self._store, self._signer, self._lease))
        if live.channel.opened:
            await found.access.close_abandoned()
            await self.enter_key_movements(live)
        self._open[channel] = found
        self._forget_idle()
        return found

    def _forget_idle(self) -> None:
        for channel in [c for c, opened in self._open.items() if opened.live.is_idle]:
            if len(self._open) <= self._capacity:
                return
            del self._open[channel]

    async def enter_key_movements(self, live: LiveChannel) -> None:
        """Record `KeyMoved` for every member whose key stream is further than entered, as one unit."""
        seen = Seen(live.channel.version, live.head)
        signed = [self._signer.sign(live.place, event, seen, now()) for event in self._keys.moved(live.channel)]
        # Somebody else may have been faster; then there is nothing left to enter.
        with suppress(KeyStreamBackwards):
            if signed:
                await live.submit(tuple(VerifiedAct(h, KIND_OF[KeyMoved], act) for h, act in signed))

    async def key_stream_changed(self) -> None:
        """A principal published new keys: enter the movement in every channel that is being used right now.

        Channels that nobody uses get it when they are taken up, before anything is served from them. Where it cannot
        be entered now it stays owed: the others get it all the same, and `enter_what_is_owed` tries again.
        """
        self._owed |= {channel for channel, opened in self._open.items() if opened.live.channel.opened}
        await self.enter_what_is_owed()

    async def enter_what_is_owed(self) -> None:
        """Enter the movements that are still missing in channels that are being used; what fails stays owed."""
        for channel in sorted(self._owed):
            opened = self._open.get(channel)
            try:
                if opened is not None:
                    await self.enter_key_movements(opened.live)
            except (StoreError, DomainError, ProtocolError):
                continue
            self._owed.discard(channel)
