"""What a client offers around the arrival of a channel's user: to invite her, to go on with it, to compare codes."""

from collections.abc import Sequence

from crypto.key_statements import SignedStatement
from domain.ids import Digest, PrincipalId
from protocol.trust import Trust
from samsnakk.arrival import inviting, kept, safety
from samsnakk.arrival.inviting import WEEK, Admit, Inviting
from samsnakk.arrival.safety import Safety
from samsnakk.channel_reading import Parts


class Arrivals:
    """The arrival of one channel's user, as one member sees it. Made by `Client.arrivals`."""

    def __init__(self, parts: Parts, trust: Trust, admit: Admit) -> None:
        self._parts = parts
        self._trust = trust
        self._admit = admit

    async def invite(self, name: str = "", *, valid_for: int = WEEK) -> Inviting:
        """A new invitation, good for `valid_for` milliseconds; an earlier one of this channel ends.

        `name` is what the user is called; she alone gets to see it. Raises as `inviting.begin`.
        """
        return await inviting.begin(self._parts, self._trust, self._admit, name, valid_for)

    async def going_on(self) -> Inviting | None:
        """The invitation that this device has out; None if there is none. Raises `BadProfile`."""
        return await inviting.going_on(self._parts, self._admit)

    async def vouch(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Make a relative known to the hub, who has a root of their own. Raises as `inviting.vouch`."""
        await inviting.vouch(self._parts, principal, entries)

    async def finish(self, transcript: Digest) -> None:
        """The user is in: keep what her safety code comes from, forget the link. Raises `BadProfile`."""
        await self._parts.kept.keep_arrival(kept.Place.SAFETY, kept.encode_safety(kept.KeptSafety(transcript)))
        self._parts.kept.drop_arrival(kept.Place.ARRIVING)

    async def safety(self) -> Safety | None:
        """The channel's safety code; None before the user is there. Raises `BadProfile`."""
        return await safety.safety_of(self._parts)

    async def compared(self) -> Safety | None:
        """Note on this device that the codes were compared and are alike. Raises `BadProfile`."""
        return await safety.keep_compared(self._parts)
