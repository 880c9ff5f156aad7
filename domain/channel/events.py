"""What can happen in a channel. Each class holds the visible facts of one kind of act; anything sealed is
in the act's body, which the domain never sees.

A signed act *is* the proposed event: what the author signed is what is recorded, word for word, so there is
no second vocabulary of commands in which a translation could go wrong (docs/adr/0003).
`kinds.KINDS` holds the name each kind has on the wire and in storage; names and fields never change, a changed
kind gets a new name with a higher number and an upcaster.
"""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from domain.channel import audits, erasing, rights
from domain.channel.terms import Audience, KeyRef, RosterEntry, Standing, Topic, VaultRef
from domain.ids import (
    Bytes32,
    Code,
    Count,
    Digest,
    EpochNo,
    FileId,
    Millis,
    OrganisationId,
    PrincipalId,
    ThreadNo,
    Version,
)


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """The genesis. `stream_secret` (32 bytes) blinds the stream's name in the global log; members know it."""

    stream_secret: Bytes32 = field(repr=False)
    rules: Count
    tillitsperson: PrincipalId


@dataclass(frozen=True, slots=True)
class UserArrived:
    """The inviter vouches for the user's key bundle after both MACs (`transcript`: hash of that exchange)."""

    user: PrincipalId
    key: KeyRef
    transcript: Digest | None


@dataclass(frozen=True, slots=True)
class ThreadOpened:
    """A new thread; its opener joins it with the very next act (a user needs no joining). Its title travels as the
    first sealed message, its reason as an announcement in thread 0."""

    audience: Audience
    topic: Topic
    review_at: Millis | None


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """A principal joins one thread; thread 0 makes it channel-wide. `history_from`: None = from now, 0 = all."""

    principal: PrincipalId
    standing: Standing
    organisation: OrganisationId | None
    function: Code
    legal_basis: Code
    valid_until: Millis | None
    key: KeyRef
    vault: VaultRef | None
    history_from: Version | None


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """A principal leaves one thread, by itself or removed by another."""

    principal: PrincipalId
    reason: Code


@dataclass(frozen=True, slots=True)
class TillitspersonProposed:
    """Hand the role over; in effect when the user (once arrived) and the receiver have both confirmed."""

    receiver: PrincipalId
    ends_access: bool


@dataclass(frozen=True, slots=True)
class TillitspersonConfirmed:
    """The author agrees to the handover proposed at version `ref`."""

    ref: Version


@dataclass(frozen=True, slots=True)
class EpochOpened:
    """A fresh key for the thread. The wraps, in roster order, are the act's body."""

    epoch: EpochNo
    roster: tuple[RosterEntry, ...]
    confirmation: Bytes32


@dataclass(frozen=True, slots=True)
class WrapFailed:
    """The author could not open its wrap of this epoch; the next author opens a new one."""

    epoch: EpochNo


@dataclass(frozen=True, slots=True)
class HistoryGranted:
    """Versions `ranges` of the thread are opened to `recipient`; the keys are the act's sealed body."""

    recipient: PrincipalId
    key_version: Count
    ranges: Annotated[tuple[tuple[Version, Version], ...], Meta(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A sealed file beside the message: stored size in bytes after sealing, and its content hash."""

    file: FileId
    size: Count
    content_hash: Digest


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Sealed content. `asks`: it is a question that can be taken; `due`: answer wanted by; `announces`: the
    staff-only thread this text tells the user about; `corrects`: the own message it replaces."""

    asks: bool = False
    due: Millis | None = None
    corrects: Version | None = None
    announces: ThreadNo | None = None
    attachments: Annotated[tuple[AttachmentRef, ...], Meta(max_length=16)] = field(default=())


@dataclass(frozen=True, slots=True)
class MessageRetracted:
    """The author takes a message back: hidden from readers, kept for audit."""

    target: Version


@dataclass(frozen=True, slots=True)
class MessageMisplaced:
    """Posted in the wrong place: hidden from `hidden_from`; opens a deviation for the organisation."""

    target: Version
    hidden_from: Annotated[tuple[PrincipalId, ...], Meta(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class DeviationClosed:
    """The deviation opened by the act at version `ref` is dealt with."""

    ref: Version


@dataclass(frozen=True, slots=True)
class MessagesSeen:
    """What was really shown to the author: the thread up to and including this version."""

    upto: Version


@dataclass(frozen=True, slots=True)
class QuestionTaken:
    """The author answers for the question at `target`, until `until` (None: no time promised)."""

    target: Version
    until: Millis | None


@dataclass(frozen=True, slots=True)
class QuestionOffered:
    """The holder wants to hand the question on; it stays with the holder until accepted."""

    target: Version
    receiver: PrincipalId


@dataclass(frozen=True, slots=True)
class QuestionAccepted:
    """The receiver takes over a question offered to it."""

    target: Version
    until: Millis | None


@dataclass(frozen=True, slots=True)
class QuestionDone:
    """The question is answered or settled."""

    target: Version


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """Read-only from here; a sealed summary and "whom to contact now" travel in the same unit."""

    reason: Code


@dataclass(frozen=True, slots=True)
class ChannelReopened:
    """Writable again."""


@dataclass(frozen=True, slots=True)
class KeyMoved:
    """By the hub: the key stream of `principal` stands at statement `n`, `head`; `key` None: no valid key left."""

    principal: PrincipalId
    n: Count
    head: Digest
    key: KeyRef | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act of two people, first half: `joined` takes effect when another person approves.

    Other kinds that need two people get a field of their own when they come; exactly one is set.
    """

    joined: ParticipantJoined


@dataclass(frozen=True, slots=True)
class Approved:
    """Second half: the proposal at version `ref` takes effect here."""

    ref: Version


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposal at version `ref` is turned down or withdrawn."""

    ref: Version


AgeRecorded = rights.AgeRecorded
ArrivalUndone = rights.ArrivalUndone
CareClaimed = rights.CareClaimed
ConsentGiven = rights.ConsentGiven
ConsentLimited = rights.ConsentLimited
ConsentWithdrawn = rights.ConsentWithdrawn
DeathReported = rights.DeathReported
DeviationOpened = rights.DeviationOpened
OrganisationStated = rights.OrganisationStated
ParticipantBlocked = rights.ParticipantBlocked
ShieldLifted = rights.ShieldLifted
ThreadShielded = rights.ThreadShielded
CaseOpened = audits.CaseOpened
CaseApproved = audits.CaseApproved
CaseRefused = audits.CaseRefused
CaseClosed = audits.CaseClosed
ContentAsked = audits.ContentAsked
ErasureRequested = erasing.ErasureRequested
ErasureProposed = erasing.ErasureProposed
ErasureApproved = erasing.ErasureApproved
ErasureRefused = erasing.ErasureRefused
CopyErased = erasing.CopyErased

# The groups in which deciding and evolving take them; together they are all there is.
AboutUserEvent = AgeRecorded | DeathReported | ArrivalUndone
AuditEvent = CaseOpened | CaseApproved | CaseRefused | CaseClosed | ContentAsked
ChannelWideEvent = (
    ChannelOpened
    | UserArrived
    | TillitspersonProposed
    | TillitspersonConfirmed
    | ChannelClosed
    | ChannelReopened
    | KeyMoved
    | OrganisationStated
    | AboutUserEvent
    | AuditEvent
)
ProposalEvent = Proposed | Approved | Declined
MessageEvent = MessagePosted | MessageRetracted | MessageMisplaced | DeviationClosed | MessagesSeen
KeyEvent = EpochOpened | WrapFailed | HistoryGranted
QuestionEvent = QuestionTaken | QuestionOffered | QuestionAccepted | QuestionDone
ConsentEvent = ConsentGiven | ConsentLimited | ConsentWithdrawn
GuardingEvent = ThreadShielded | ShieldLifted | ParticipantBlocked | DeviationOpened
RightsEvent = ConsentEvent | GuardingEvent | CareClaimed
ErasingEvent = ErasureRequested | ErasureProposed | ErasureApproved | ErasureRefused | CopyErased
HubEvent = KeyMoved | CopyErased
"""What the hub may record, and nobody else."""
ThreadEvent = ParticipantLeft | MessageEvent | KeyEvent | QuestionEvent
InThreadEvent = ThreadOpened | ParticipantJoined | ProposalEvent | RightsEvent | ErasingEvent | ThreadEvent
ChannelEvent = ChannelWideEvent | InThreadEvent
