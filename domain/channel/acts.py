"""Who did it, and where it stands: an event with its author, and with its place in the stream."""

from dataclasses import dataclass

from domain.channel.audits import Duty
from domain.channel.events import ChannelEvent
from domain.ids import Bytes16, Count, EpochNo, Millis, OrganisationId, PrincipalId, ThreadNo, Version


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: a certified device of a person for an organisation (and role), or the hub (no person).

    `duty`: the one on which this very act rests; the organisation's key stream has been asked.
    """

    person: PrincipalId | None
    device: Bytes16
    organisation: OrganisationId | None
    role: PrincipalId | None
    duty: Duty | None = None

    @property
    def is_hub(self) -> bool:
        """Acts of the hub name no person; their signature is checked against the pinned hub key."""
        return self.person is None


@dataclass(frozen=True, slots=True)
class Act:
    """A verified act: signature, certificate and body hash have been checked before this exists."""

    author: Author
    thread: ThreadNo | None
    event: ChannelEvent
    membership_version: Count
    epoch: EpochNo


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act with its place in the stream. `recorded_at` never decreases within a stream."""

    act: Act
    version: Version
    recorded_at: Millis
