"""The safety code: what inviter and user compare when they meet, and what every member can derive from the record."""

from dataclasses import dataclass

from domain.channel.events import UserArrived
from domain.ids import Digest, Millis
from protocol.arrival.exchange import safety_code
from samsnakk.arrival import kept as k
from samsnakk.channel_reading import Parts


@dataclass(frozen=True, slots=True)
class Safety:
    """`code`: 24 digits in groups. `took_part`: this end was itself inviter or user, and holds what it saw then, not
    only what is recorded. `compared_at`: when this end was told that the codes are alike (ms)."""

    code: str
    took_part: bool
    compared_at: Millis | None


def recorded_transcript(parts: Parts) -> Digest | None:
    """The transcript that stands in the record; None before the arrival, or where the user came without one."""
    channel = parts.held.replay.channel
    if channel.user is None:
        return None
    facts = parts.held.event(channel.user.arrived_at).facts
    return facts.transcript if isinstance(facts, UserArrived) else None


async def safety_of(parts: Parts) -> Safety | None:
    """The channel's safety code as this end knows it; None where there is none. Raises `BadProfile`."""
    own, recorded = await _own(parts), recorded_transcript(parts)
    if own is not None and own.transcript == recorded:
        return Safety(safety_code(own.transcript), took_part=True, compared_at=own.compared_at)
    # What this end took part in may have been undone since; what is recorded is the inviter's signed word.
    return None if recorded is None else Safety(safety_code(recorded), took_part=False, compared_at=None)


async def keep_compared(parts: Parts) -> Safety | None:
    """Note, on this device only, that the codes were compared and are alike. Raises `BadProfile`."""
    recorded = recorded_transcript(parts)
    if recorded is None:
        return None
    compared = k.KeptSafety(recorded, compared_at=parts.reader.clock.now())
    await parts.kept.keep_arrival(k.Place.SAFETY, k.encode_safety(compared))
    return await safety_of(parts)


async def _own(parts: Parts) -> k.KeptSafety | None:
    data = await parts.kept.arrival(k.Place.SAFETY)
    return None if data is None else k.decode_safety(data)
