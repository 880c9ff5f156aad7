"""The time as the hub sees it: rosters and requests are judged by its clock, not by this machine's."""

from time import time_ns

from domain.ids import Millis


class HubClock:
    """This machine's clock, set by what the hub last said."""

    def __init__(self) -> None:
        self._offset = 0

    def heard(self, now: Millis) -> None:
        """The hub said what time it is."""
        self._offset = now - time_ns() // 1_000_000

    def now(self) -> Millis:
        """UTC milliseconds, the best guess of the hub's clock."""
        return Millis(time_ns() // 1_000_000 + self._offset)
