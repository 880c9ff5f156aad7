"""The register of kinds: what each kind of act is called on the wire and in storage, and what travels with it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.channel import events as e
from domain.channel.terms import KindClass


class Body(StrEnum):
    """What travels beside the header of a kind."""

    NONE = "none"
    SEALED = "sealed"
    WRAPS = "wraps"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of act: its name on the wire, class in the leaf, body, and whether its header names a thread."""

    name: str
    event: type
    kind_class: KindClass
    in_thread: bool
    body: Body = Body.NONE


KINDS: tuple[Kind, ...] = (
    Kind("channel-opened/1", e.ChannelOpened, KindClass.OPENING, in_thread=False),
    Kind("user-arrived/1", e.UserArrived, KindClass.MEMBERSHIP, in_thread=False),
    Kind("thread-opened/1", e.ThreadOpened, KindClass.OPENING, in_thread=True),
    Kind("participant-joined/1", e.ParticipantJoined, KindClass.MEMBERSHIP, in_thread=True),
    Kind("participant-left/1", e.ParticipantLeft, KindClass.MEMBERSHIP, in_thread=True),
    Kind("tillitsperson-proposed/1", e.TillitspersonProposed, KindClass.MEMBERSHIP, in_thread=False),
    Kind("tillitsperson-confirmed/1", e.TillitspersonConfirmed, KindClass.MEMBERSHIP, in_thread=False),
    Kind("epoch-opened/1", e.EpochOpened, KindClass.KEY, in_thread=True, body=Body.WRAPS),
    Kind("wrap-failed/1", e.WrapFailed, KindClass.KEY, in_thread=True),
    Kind("history-granted/1", e.HistoryGranted, KindClass.KEY, in_thread=True, body=Body.GRANT),
    Kind("message-posted/1", e.MessagePosted, KindClass.CONTENT, in_thread=True, body=Body.SEALED),
    Kind("message-retracted/1", e.MessageRetracted, KindClass.HIDING, in_thread=True),
    Kind("message-misplaced/1", e.MessageMisplaced, KindClass.HIDING, in_thread=True),
    Kind("deviation-closed/1", e.DeviationClosed, KindClass.TRACE, in_thread=True),
    Kind("messages-seen/1", e.MessagesSeen, KindClass.TRACE, in_thread=True),
    Kind("question-taken/1", e.QuestionTaken, KindClass.TRACE, in_thread=True),
    Kind("question-offered/1", e.QuestionOffered, KindClass.TRACE, in_thread=True),
    Kind("question-accepted/1", e.QuestionAccepted, KindClass.TRACE, in_thread=True),
    Kind("question-done/1", e.QuestionDone, KindClass.TRACE, in_thread=True),
    Kind("channel-closed/1", e.ChannelClosed, KindClass.OPENING, in_thread=False),
    Kind("channel-reopened/1", e.ChannelReopened, KindClass.OPENING, in_thread=False),
    Kind("key-moved/1", e.KeyMoved, KindClass.MEMBERSHIP, in_thread=False),
    Kind("proposed/1", e.Proposed, KindClass.MEMBERSHIP, in_thread=True),
    Kind("approved/1", e.Approved, KindClass.MEMBERSHIP, in_thread=True),
    Kind("declined/1", e.Declined, KindClass.MEMBERSHIP, in_thread=True),
    Kind("consent-given/1", e.ConsentGiven, KindClass.MEMBERSHIP, in_thread=True),
    Kind("consent-limited/1", e.ConsentLimited, KindClass.MEMBERSHIP, in_thread=True),
    Kind("consent-withdrawn/1", e.ConsentWithdrawn, KindClass.MEMBERSHIP, in_thread=True),
    Kind("age-recorded/1", e.AgeRecorded, KindClass.MEMBERSHIP, in_thread=False),
    Kind("thread-shielded/1", e.ThreadShielded, KindClass.MEMBERSHIP, in_thread=True),
    Kind("shield-lifted/1", e.ShieldLifted, KindClass.MEMBERSHIP, in_thread=True),
    Kind("participant-blocked/1", e.ParticipantBlocked, KindClass.MEMBERSHIP, in_thread=True),
    Kind("deviation-opened/1", e.DeviationOpened, KindClass.TRACE, in_thread=True),
    Kind("death-reported/1", e.DeathReported, KindClass.OPENING, in_thread=False),
    Kind("arrival-undone/1", e.ArrivalUndone, KindClass.MEMBERSHIP, in_thread=False),
    Kind("care-claimed/1", e.CareClaimed, KindClass.MEMBERSHIP, in_thread=True),
    Kind("organisation-stated/1", e.OrganisationStated, KindClass.MEMBERSHIP, in_thread=False),
    Kind("erasure-requested/1", e.ErasureRequested, KindClass.HIDING, in_thread=True),
    Kind("erasure-proposed/1", e.ErasureProposed, KindClass.HIDING, in_thread=True),
    Kind("erasure-approved/1", e.ErasureApproved, KindClass.HIDING, in_thread=True),
    Kind("erasure-refused/1", e.ErasureRefused, KindClass.HIDING, in_thread=True),
    Kind("copy-erased/1", e.CopyErased, KindClass.TRACE, in_thread=True),
    Kind("case-opened/1", e.CaseOpened, KindClass.AUDIT, in_thread=False),
    Kind("case-approved/1", e.CaseApproved, KindClass.AUDIT, in_thread=False),
    Kind("case-refused/1", e.CaseRefused, KindClass.AUDIT, in_thread=False),
    Kind("case-closed/1", e.CaseClosed, KindClass.AUDIT, in_thread=False),
    Kind("content-asked/1", e.ContentAsked, KindClass.AUDIT, in_thread=False),
)
KIND_OF: dict[type, Kind] = {kind.event: kind for kind in KINDS}
KIND_NAMED: dict[str, Kind] = {kind.name: kind for kind in KINDS}
