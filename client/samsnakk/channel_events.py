"""What a channel looks like to whoever uses the SDK: one event for every place of the record, in order."""

from dataclasses import dataclass
from enum import StrEnum

from domain.channel.erasing import ErasureDecision
from domain.channel.events import ChannelEvent as Facts
from domain.channel.terms import KindClass
from domain.ids import DeviceId, Digest, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol.contents import KnownContent, Unknown


class State(StrEnum):
    """What this reader has of a place."""

    READABLE = "readable"
    HIDDEN = "hidden"
    """Only the leaf: the record is for others, or was hidden from this reader."""
    ON_ITS_WAY = "on_its_way"
    """The record is here, its key is not yet: somebody who holds it will grant it."""
    RETRACTED = "retracted"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """One verified place of the record.

    `kind` is the name in the register of kinds ("message-posted/1"); of a hidden place only its class is known.
    `facts` are what stands open in the act, `content` what was sealed. `late`: this place was given out before in
    another state, and now there is more to see.
    """

    version: Version
    recorded_at: Millis
    thread: ThreadNo | None
    kind_class: KindClass
    kind: str
    author: PrincipalId | None
    device: DeviceId | None
    organisation: OrganisationId | None
    role: PrincipalId | None
    facts: Facts | None
    content: KnownContent | Unknown | None
    state: State
    head: Digest
    sealed: int = 0
    """Bytes of the act's body as the hub holds it, sealed."""
    late: bool = False
    erased: ErasureDecision | None = None
    """Who decided that what stood here is erased, when and on which ground."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was recorded: `version` of the act that was meant, of all acts of its unit, and the head after the last.

    `thread`: the number of the thread that the unit opened, if it opened one.
    """

    version: Version
    versions: tuple[Version, ...]
    head: Digest
    thread: ThreadNo | None = None
