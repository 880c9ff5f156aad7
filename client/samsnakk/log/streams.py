"""The streams that an end reads, as the log knows them."""

from collections.abc import Iterable
from typing import Protocol

from crypto.chain import stream_name
from domain.ids import Version
from protocol import records
from protocol.log_watch import Stream
from samsnakk.held import Held


def record_of(held: Held) -> Stream:
    """A channel's record as far as it is verified here; it must not be empty."""
    replay = held.replay
    name = stream_name(replay.channel.stream_secret, records.CHANNEL)
    served = held.receiving and held.caught_up
    return Stream(name, held.version, lambda n: replay.head_at(Version(n)), served)


class Reading(Protocol):
    """Whoever holds a channel."""

    @property
    def held(self) -> Held:
        """What is held of it."""


def records_of(channels: Iterable[Reading]) -> list[Stream]:
    """The records of all channels that are read here now."""
    held = [channel.held for channel in channels]
    return [record_of(one) for one in held if one.version and one.broken is None and one.ended is None]
