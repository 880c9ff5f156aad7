"""Where in the global log the newest units of a channel stand, for as long as their authors may ask."""

from collections import OrderedDict
from typing import Final

from crypto.hashing import Digest as Hash
from crypto.log_entries import LogEntry
from crypto.log_promises import Promised
from domain.ids import CommandId, Digest, Version
from protocol import records

REMEMBERED: Final = 2048


class LogPlaces:
    """Positions by version; the oldest are forgotten."""

    def __init__(self) -> None:
        self._positions: OrderedDict[int, int] = OrderedDict()

    def remember(self, version: int, position: int) -> None:
        """The record of this version stands there."""
        self._positions[version] = position
        if len(self._positions) > REMEMBERED:
            self._positions.popitem(last=False)

    def promised(self, secret: bytes, recorded: list[tuple[CommandId, Version, Digest]]) -> Promised | None:
        """What a receipt's last record is in the log; None where its place is forgotten. `secret`: the stream's."""
        _, version, head = recorded[-1]
        position = self._positions.get(version)
        if position is None:
            return None
        name = records.stream_name(secret, records.CHANNEL)
        return Promised(LogEntry(Hash(name), version, Hash(head)), position)
