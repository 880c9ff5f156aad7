"""Every reader of one hub process, by channel."""

import asyncio
from dataclasses import dataclass, field

from domain.ids import ChannelId
from service.handle.core import Core
from service.push.fanout import Fanout
from service.push.pump import Pump
from service.push.subscription import Ended

SWEEP = 1.0
"""Seconds between looks at terms that ran out without an event."""


@dataclass(slots=True)
class Hub:
    """The readers of one hub process."""

    core: Core
    fanouts: dict[ChannelId, Fanout] = field(default_factory=dict)
    pumps: set[Pump] = field(default_factory=set)
    empty: asyncio.Event = field(default_factory=asyncio.Event)

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

    async def expire_for_ever(self) -> None:
        """Stop delivery when a term runs out, although nothing happens in the channel."""
        while True:
            await asyncio.sleep(SWEEP)
            for fanout in tuple(self.fanouts.values()):
                fanout.expire()

    def drain(self) -> None:
        """Take nothing new; end every subscription with a closing line."""
        self.core.draining = True
        self.empty.clear()
        for pump in tuple(self.pumps):
            pump.stop(Ended.DRAINED)
        if not self.pumps:
            self.empty.set()
