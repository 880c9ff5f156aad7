"""The order in which somebody writes is the order that is recorded, also where a unit must be sent again.

Units of one connection fly several at a time. If one of them is refused for now (a full disk, a lost database, a spent
quota), those behind it must not slip past: they are refused too until that one has come again.
"""

from collections.abc import Callable

from domain.ids import ChannelId
from protocol.errors import UnknownKey
from protocol.table import TABLE, Retry
from service.errors import OutOfTurn
from service.outcomes import code_of

_NOT_HELD = frozenset({OutOfTurn.code, UnknownKey.code})
"""An author may give a unit up whose keys nobody ever publishes."""


class Turns:
    """The units of one connection, by channel, in the order in which they came."""

    def __init__(self) -> None:
        self._came = 0
        self._first: dict[ChannelId, tuple[int, bytes]] = {}

    def come(self, channel: ChannelId, subject: Callable[[], bytes]) -> int:
        """A unit comes; `subject` tells its first command id. Returns its place in the order."""
        self._came += 1
        held = self._first.get(channel)
        if held is not None and held[1] == subject():
            del self._first[channel]
        return self._came

    def check(self, channel: ChannelId, place: int) -> None:
        """Raise `OutOfTurn` for a unit that came after one that must come again."""
        held = self._first.get(channel)
        if held is not None and held[0] < place:
            raise OutOfTurn

    def refused(self, channel: ChannelId, place: int, subject: bytes, error: Exception) -> None:
        """A unit was refused; if the same bytes are to come again, nothing newer goes before it."""
        code = code_of(error)
        if TABLE[code].retry is not Retry.LATER or code in _NOT_HELD:
            return
        held = self._first.get(channel)
        if held is None or place < held[0]:
            self._first[channel] = (place, subject)
