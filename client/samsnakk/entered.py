"""Whether the hub enters in a channel what key streams say: a revocation, a new key, an end.

A channel judges everybody by what was entered there. A hub that has a revocation and never enters it would let a
stolen phone, or a colleague who left, read on. Who knows the key stream can tell: the node that signed it, the person
who cut off her own phone, whoever fetched it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from domain.channel.roster import on_rosters
from domain.channel.state import Channel
from domain.ids import ChannelId, Millis, PrincipalId
from protocol.errors import UnenteredKeys

PATIENCE: Final = 60_000
"""Milliseconds of unbroken following within which an honest hub has entered what it serves."""
Stated = Callable[[PrincipalId], int]
"""How many statements of a principal are known here."""


def not_entered(channel: Channel, stated: Stated, at: Millis) -> set[tuple[PrincipalId, int]]:
    """Members at recorded time `at` of whom more was stated than the channel knows, and how much."""
    members = on_rosters(channel, at) | ({channel.user.principal} if channel.user is not None else set())
    found = {(principal, stated(principal)) for principal in members}
    return {(principal, n) for principal, n in found if n > channel.key_streams.get(principal, 0)}


@dataclass(slots=True)
class EnteredWatch:
    """Watches the channels of a client; to be asked again and again. `stated`: how much the hub is known to have."""

    stated: Stated
    _since: dict[tuple[ChannelId, PrincipalId, int], float] = field(default_factory=dict)

    def verify(self, place: ChannelId, channel: Channel | None, at: Millis, elapsed: float) -> None:
        """Check one channel, as it stands now; None where nothing new arrives from there.

        Args:
            place: which channel.
            channel: its verified state.
            at: recorded time, for expiry.
            elapsed: milliseconds by a clock that the hub has no hand in.

        Raises:
            UnenteredKeys: something has been missing there for too long.

        """
        missing = not_entered(channel, self.stated, at) if channel is not None else set()
        absent = {(place, *one) for one in missing}
        for gone in {one for one in self._since if one[0] == place} - absent:
            del self._since[gone]
        if any(elapsed - self._since.setdefault(one, elapsed) >= PATIENCE for one in sorted(absent)):
            raise UnenteredKeys
