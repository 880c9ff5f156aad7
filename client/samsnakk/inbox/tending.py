"""What a client does about service inboxes by itself: whenever it connects, and whenever a key stream moves.

The next eligible person's program makes the key that is due, so nobody has to think of it. What it could not do, and
why, stands in `Inboxes.troubles` until it works.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from domain.ids import ChannelId, PrincipalId
from protocol.errors import ProtocolError, UnknownKey
from samsnakk.channel_reading import Parts
from samsnakk.ends import Signal
from samsnakk.errors import Disconnected, NotEligible, SamsnakkError
from samsnakk.inbox.inboxes import Inboxes


class Tending:
    """Inboxes that wait to be looked at. `run` works until cancelled; one after the other."""

    def __init__(self, inboxes: Inboxes, channels: Mapping[ChannelId, Parts], *, active: bool) -> None:
        """`channels`: those that are open; they get new keys. Not `active`: looks at nothing by itself."""
        self.inboxes: Final = inboxes
        self._channels = channels
        self._active = active
        self._waiting: dict[PrincipalId, None] = {}
        self._woken = asyncio.Event()
        self._new_connection = False

    async def prepare(self, inbox: PrincipalId) -> None:
        """Have the keys of an inbox at hand; without a connection, those that are here do. Raises as `Inboxes.open`."""
        try:
            await self.inboxes.open(inbox)
        except (Disconnected, UnknownKey):
            if inbox not in self.inboxes.unlocked.kem_keys:
                raise
        self.ask(inbox)

    def ask(self, inbox: PrincipalId) -> None:
        """Have the inbox looked at soon."""
        if self._active:
            self._waiting[inbox] = None
            self._woken.set()

    def connected(self) -> None:
        """Look at every inbox of one's own, where there is a node to have a new key certified by."""
        if self._active and self.inboxes.node is not None:
            self._new_connection = True
            self._woken.set()

    def listener(self, inbox: PrincipalId) -> Callable[[PrincipalId], None]:
        """What to call in a channel that is read for an inbox, whenever somebody's key stream moves there."""

        def moved(principal: PrincipalId) -> None:
            if principal == inbox or self.inboxes.is_answered_by(inbox, principal):
                self.ask(inbox)

        return moved

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self._new_connection:
                self._new_connection = False
                self._waiting |= dict.fromkeys(await self.inboxes.mine())
            while self._waiting:
                inbox = next(iter(self._waiting))
                del self._waiting[inbox]
                await self._look(inbox)

    async def _look(self, inbox: PrincipalId) -> None:
        troubles = self.inboxes.troubles
        try:
            await (self.inboxes.open(inbox) if self.inboxes.node is None else self.inboxes.renew(inbox))
        except NotEligible:
            troubles.pop(inbox, None)  # most people answer only some of their organisation's inboxes
        except (SamsnakkError, ProtocolError) as error:
            is_new = type(troubles.get(inbox)) is not type(error)
            troubles[inbox] = error
            if is_new:
                self.inboxes.troubled(inbox, error)
        else:
            troubles.pop(inbox, None)
        keys = self.inboxes.unlocked.kem_keys.get(inbox, {})
        for parts in self._channels.values():
            if parts.reader.role == inbox and parts.held.keys.use(keys):
                parts.follower.inbox.put_nowait(Signal.NEW_KEYS)
