"""In which order the units of one author are decided: as they came, also when some must be decided again.

Units fly: the next is decided while those before it are still on their way to the disk. If one of them turns out to
have been decided on what was never recorded, all behind it were too. Then each waits for those before it to be over.
"""

import asyncio
from enum import Enum

from domain.ids import DeviceId


class _Stage(Enum):
    WAITING = "waiting"
    FLYING = "flying"
    AGAIN = "again"


class Order:
    """The open units of one channel, by author and place."""

    def __init__(self) -> None:
        self._places = 0
        self._open: dict[DeviceId, dict[int, _Stage]] = {}
        self._changed = asyncio.Event()

    def enter(self, author: DeviceId) -> int:
        """A unit comes; returns its place."""
        self._places += 1
        self._open.setdefault(author, {})[self._places] = _Stage.WAITING
        return self._places

    async def turn(self, author: DeviceId, place: int) -> None:
        """Return when the unit may be decided."""
        while not self._may(author, place):
            await self._changed.wait()

    def fly(self, author: DeviceId, place: int) -> None:
        """It is decided and on its way."""
        self._open[author][place] = _Stage.FLYING
        self._beat()

    def again(self, author: DeviceId, place: int) -> None:
        """It was decided on what was never recorded."""
        self._open[author][place] = _Stage.AGAIN

    def leave(self, author: DeviceId, place: int) -> None:
        """It is recorded, or given up."""
        units = self._open[author]
        del units[place]
        if not units:
            del self._open[author]
        self._beat()

    def _may(self, author: DeviceId, place: int) -> bool:
        units = self._open[author]
        earlier = [stage for other, stage in units.items() if other < place]
        if units[place] is _Stage.AGAIN:
            return not earlier
        return all(stage is _Stage.FLYING for stage in earlier)

    def _beat(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
