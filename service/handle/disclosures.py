"""The access line of a single look-up: who got what outside a subscription, and on which basis."""

from dataclasses import dataclass

from domain.access.events import DisclosureMade, Reach
from domain.ids import ThreadNo, Version
from protocol.requests import ReadRequest
from service.handle.bases import basis_of
from service.handle.channel import LiveChannel
from service.handle.hub_acts import now


@dataclass(frozen=True, slots=True)
class Released:
    """What is about to leave: versions of a thread, or one file of it (16 bytes)."""

    reach: Reach
    thread: ThreadNo
    start: Version
    until: Version
    file: bytes | None = None


def disclosure(live: LiveChannel, asked: ReadRequest, signed: bytes, released: Released) -> DisclosureMade:
    """The line; it embeds the reader's own request as `signed`."""
    return DisclosureMade(
        reader=asked.reader,
        device=asked.device,
        organisation=asked.organisation,
        role=asked.role,
        purpose=asked.purpose,
        legal_basis=basis_of(live.channel, asked.reader, released.thread, now()),
        reach=released.reach,
        thread=released.thread,
        start=released.start,
        until=released.until,
        file=released.file,
        request=signed,
    )
