"""What one reader of one channel is sent: state without I/O. The pump does what this says.

A subscription lives in intervals. Each begins with an access line that names the threads and their legal bases, is
brought up to date, and is then live until the threads change, the membership ends or somebody asks to stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.access.events import IntervalOpened, ThreadBasis
from domain.channel.state import Channel
from domain.ids import Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.requests import ReadRequest
from service.handle.bases import basis_of
from service.handle.chained import Entry
from service.push.sight import Sight


class Ended(StrEnum):
    """Why a subscription or one of its intervals ended; travels in `unsubscribed` and stands in the closing line."""

    ASKED = "asked"
    NOT_A_PARTICIPANT = "not_a_participant"
    THREADS_CHANGED = "threads_changed"
    DISCONNECTED = "disconnected"
    DRAINED = "draining"
    LEASE_OVER = "lease_over"
    SLOW = "slow_reader"
    DEVICE_NOT_VALID = "device_not_valid"


def items(entries: Sequence[Entry], seen: Sequence[bool]) -> list[list[Any]]:
    """What travels for these entries under this view."""
    return [entry.item() if whole else entry.stub() for entry, whole in zip(entries, seen, strict=True)]


@dataclass(slots=True)
class Subscription:
    """One reader of one channel. `sent` is the last version that left; `line` the open interval's line."""

    request: ReadRequest
    signed_request: bytes = field(repr=False)
    sent: Version
    covered: frozenset[ThreadNo] = frozenset()
    line: Version | None = None
    lease_until: Millis | None = None
    live: bool = False
    sight: Sight = field(init=False)

    def __post_init__(self) -> None:
        self.sight = Sight(self.request)

    @property
    def reader(self) -> PrincipalId:
        """The principal that reads."""
        return self.request.reader

    def threads(self, channel: Channel, at: Millis) -> frozenset[ThreadNo]:
        """The threads to serve now: those of the membership, narrowed to those asked for."""
        return self.sight.threads(channel, at)

    def interruption(self, channel: Channel, at: Millis) -> Ended | None:
        """Why the open interval must end now, before anything more leaves; None if it may go on."""
        threads = self.threads(channel, at)
        if not threads:
            return Ended.NOT_A_PARTICIPANT
        if threads != self.covered:
            return Ended.THREADS_CHANGED
        return Ended.LEASE_OVER if self.lease_until is None or at >= self.lease_until else None

    def opening(self, channel: Channel, head: Digest, lease: bytes, lease_until: Millis, at: Millis) -> IntervalOpened:
        """The line that must be durable before the interval's first byte leaves."""
        return IntervalOpened(
            reader=self.reader,
            device=self.request.device,
            organisation=self.request.organisation,
            role=self.request.role,
            purpose=self.request.purpose,
            threads=tuple(
                ThreadBasis(thread, basis_of(channel, self.reader, thread, at))
                for thread in sorted(self.threads(channel, at))
            ),
            after=self.sent,
            head_version=channel.version,
            head=head,
            lease=lease,
            lease_until=lease_until,
            request=self.signed_request,
        )

    def opened(self, line: Version, event: IntervalOpened) -> None:
        """The line is durable: what it names may be sent."""
        self.line = line
        self.covered = frozenset(basis.thread for basis in event.threads)
        self.lease_until = event.lease_until

    def closed(self) -> None:
        """The interval is over: nothing leaves until the next line."""
        self.line = None
        self.covered = frozenset()
        self.live = False
