"""Looking, now and then, whether what is known here about members' keys is entered in the channels they are in."""

import asyncio
from collections.abc import Mapping
from typing import Final

from domain.ids import ChannelId, PrincipalId
from protocol.errors import ProtocolError, UnenteredKeys
from samsnakk.channel_reading import Parts
from samsnakk.clock import HubClock
from samsnakk.entered import EnteredWatch
from samsnakk.errors import Disconnected, Refused
from samsnakk.held import same_time_or_later
from samsnakk.key_finding import KeyFinder
from samsnakk.pauses import pause

LOOK: Final = 15.0
"""Seconds between two looks at whether members' keys are entered in their channels."""
LOOKS_AT_SELF: Final = 20
"""Looks between two at the own key stream."""


class KeyLooks:
    """Looks at the channels of one client, whose person is `me`. `run` works until cancelled."""

    def __init__(
        self, finder: KeyFinder, channels: Mapping[ChannelId, Parts], me: PrincipalId, clock: HubClock
    ) -> None:
        self._finder = finder
        self._channels = channels
        self._me = me
        self._clock = clock
        self._entered = EnteredWatch(finder.at_hub)  # what it never had cannot be held against it

    async def run(self) -> None:
        """See to it that what is known here about members' keys is entered where they take part."""
        looks = 0
        while True:
            await pause(LOOK)
            looks += 1
            if looks % LOOKS_AT_SELF == 0:
                await self.look_at_self()
            self.verify_entered(asyncio.get_running_loop().time() * 1000)

    async def look_at_self(self) -> None:
        """What another device of the same person stated, such as that a phone is lost, is known here too."""
        try:
            await self._finder.learn([self._me])
        except (Disconnected, Refused):
            return
        except ProtocolError as problem:
            for parts in self._channels.values():
                if parts.held.broken is None:
                    parts.follower.break_off(problem)

    def verify_entered(self, elapsed: float) -> None:
        """One look; `elapsed` in milliseconds by a clock that the hub has no hand in."""
        for channel, parts in self._channels.items():
            held = parts.held
            state = held.replay.channel if held.caught_up and held.broken is None else None
            try:
                self._entered.verify(channel, state, same_time_or_later(held, self._clock.now()), elapsed)
            except UnenteredKeys as problem:
                parts.follower.break_off(problem)
