"""Who may do what: the decision table, as data. Clients in other languages get it generated from here.

A row says: this actor may record this kind of event if every condition holds; if `approvers` are named, the
author may only propose it and one of them must approve. An act is allowed when any row allows it; otherwise the
refusal of the row that came furthest is given, so that people read the most specific reason.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.channel import events as e

RULES_VERSION = 1
"""Stands in the genesis of every channel; a changed table gets a new number and both are kept."""


class Actor(StrEnum):
    """In what capacity somebody acts in a channel."""

    USER = "user"
    TILLITSPERSON = "tillitsperson"
    STAFF = "staff"
    RELATIVE = "relative"
    OPENER = "opener"
    """Whoever opens a channel, and whoever opened a thread with the newest record and now joins it."""
    AUDITOR = "auditor"
    """Whom an organisation has charged with auditing, in an act of an audit case."""
    APPROVER = "approver"
    """Whom an organisation has charged with approving what its auditors ask for."""
    HUB = "hub"


class Condition(StrEnum):
    """Named conditions; `conditions.CHECKS` holds what each one asks."""

    IN_THREAD = "in_thread"
    WITH_USER_THREAD = "with_user_thread"
    WITH_USER_AUDIENCE = "with_user_audience"
    IN_MAIN_THREAD = "in_main_thread"
    JOINS_SELF_FIRST = "joins_self_first"
    ON_TERMS_OF_MAIN_THREAD = "on_terms_of_main_thread"
    JOINS_STAFF = "joins_staff"
    JOINS_OWN_ORGANISATION = "joins_own_organisation"
    BASIS_WITHOUT_USER = "basis_without_user"
    TARGET_IS_SELF = "target_is_self"
    TARGET_IS_STAFF = "target_is_staff"
    TARGET_OF_OWN_ORGANISATION = "target_of_own_organisation"
    NOT_TILLITSPERSON = "not_tillitsperson"
    OWN_MESSAGE = "own_message"
    CORRECTS_OWN = "corrects_own"
    ORGANISATION_CARRIES = "organisation_carries"
    WITHIN_OWN_RANGE = "within_own_range"
    QUESTION_FREE = "question_free"
    QUESTION_HELD = "question_held"
    QUESTION_OFFERED = "question_offered"
    QUESTION_HELD_OR_ASKED = "question_held_or_asked"
    DEVIATION_OF_OWN_ORGANISATION = "deviation_of_own_organisation"
    CONFIRMER = "confirmer"
    APPROVER = "approver"
    PROPOSER = "proposer"
    PROPOSER_OR_APPROVER = "proposer_or_approver"
    OLD_ENOUGH = "old_enough"
    SPEAKS_FOR_USER = "speaks_for_user"
    CONSENT_COVERS = "consent_covers"
    JOINS_GUARDIAN = "joins_guardian"
    MAY_EXCLUDE = "may_exclude"
    MAY_SHIELD = "may_shield"
    MAY_LIFT_SHIELD = "may_lift_shield"
    WITH_TILLITSPERSON = "with_tillitsperson"
    STATES_KIND = "states_kind"
    OF_ORGANISATION_CONCERNED = "of_organisation_concerned"
    SECOND_PERSON = "second_person"
    COPY_TO_CONFIRM = "copy_to_confirm"
    ORGANISATION_WAS_HERE = "organisation_was_here"
    NOT_INVOLVED = "not_involved"
    OWN_CASE = "own_case"
    CASE_OF_OWN_ORGANISATION = "case_of_own_organisation"
    CASE_OF_ANOTHER_PERSON = "case_of_another_person"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    actor: Actor
    conditions: tuple[Condition, ...] = ()
    approvers: tuple[Actor, ...] = ()


_U, _T, _S, _R = Actor.USER, Actor.TILLITSPERSON, Actor.STAFF, Actor.RELATIVE
_A, _K = Actor.AUDITOR, Actor.APPROVER
_C = Condition


def _everyone(*conditions: Condition) -> tuple[Rule, ...]:
    return tuple(Rule(actor, conditions) for actor in (_U, _T, _S, _R))


TABLE: dict[type, tuple[Rule, ...]] = {
    e.ChannelOpened: (Rule(Actor.OPENER),),
    e.UserArrived: (Rule(_T, (_C.IN_MAIN_THREAD,)), Rule(_S, (_C.IN_MAIN_THREAD,))),
    e.ThreadOpened: (
        Rule(_U, (_C.WITH_USER_AUDIENCE,)),
        Rule(_T, (_C.IN_MAIN_THREAD,)),
        Rule(_S, (_C.IN_MAIN_THREAD,)),
    ),
    e.ParticipantJoined: (
        Rule(Actor.OPENER, (_C.JOINS_SELF_FIRST, _C.JOINS_OWN_ORGANISATION, _C.ON_TERMS_OF_MAIN_THREAD)),
        Rule(_U, (_C.WITH_USER_THREAD, _C.OLD_ENOUGH)),
        Rule(_T, (_C.IN_THREAD, _C.JOINS_STAFF, _C.BASIS_WITHOUT_USER)),
        Rule(_S, (_C.IN_THREAD, _C.JOINS_STAFF, _C.BASIS_WITHOUT_USER, _C.JOINS_OWN_ORGANISATION)),
        Rule(_S, (_C.IN_THREAD, _C.JOINS_STAFF, _C.BASIS_WITHOUT_USER), approvers=(_T, _U)),
        Rule(_T, (_C.IN_THREAD, _C.WITH_USER_THREAD), approvers=(_U,)),
        Rule(_S, (_C.IN_THREAD, _C.WITH_USER_THREAD, _C.JOINS_STAFF), approvers=(_U,)),
        Rule(_T, (_C.IN_THREAD, _C.JOINS_STAFF, _C.CONSENT_COVERS)),
        Rule(_S, (_C.IN_THREAD, _C.JOINS_STAFF, _C.CONSENT_COVERS, _C.JOINS_OWN_ORGANISATION)),
        Rule(_T, (_C.IN_THREAD, _C.WITH_USER_THREAD, _C.JOINS_GUARDIAN)),
    ),
    e.ParticipantLeft: (
        Rule(_U, (_C.WITH_USER_THREAD, _C.MAY_EXCLUDE)),
        Rule(_T, (_C.TARGET_IS_STAFF, _C.NOT_TILLITSPERSON)),
        Rule(_S, (_C.TARGET_IS_SELF, _C.NOT_TILLITSPERSON)),
        Rule(_S, (_C.TARGET_IS_STAFF, _C.TARGET_OF_OWN_ORGANISATION, _C.NOT_TILLITSPERSON)),
        Rule(_R, (_C.TARGET_IS_SELF,)),
    ),
    e.TillitspersonProposed: (Rule(_U), Rule(_T), Rule(_S, (_C.IN_MAIN_THREAD,))),
    e.TillitspersonConfirmed: (Rule(_U, (_C.CONFIRMER,)), Rule(_T, (_C.CONFIRMER,)), Rule(_S, (_C.CONFIRMER,))),
    e.EpochOpened: _everyone(_C.IN_THREAD),
    e.WrapFailed: _everyone(_C.IN_THREAD),
    e.HistoryGranted: tuple(Rule(actor, (_C.IN_THREAD, _C.WITHIN_OWN_RANGE)) for actor in (_U, _T, _S)),
    e.MessagePosted: _everyone(_C.IN_THREAD, _C.ORGANISATION_CARRIES, _C.CORRECTS_OWN),
    e.MessageRetracted: _everyone(_C.IN_THREAD, _C.OWN_MESSAGE),
    e.MessageMisplaced: tuple(Rule(actor, (_C.IN_THREAD, _C.WITHIN_OWN_RANGE)) for actor in (_U, _T, _S)),
    e.DeviationClosed: tuple(Rule(a, (_C.IN_THREAD, _C.DEVIATION_OF_OWN_ORGANISATION)) for a in (_T, _S)),
    e.MessagesSeen: _everyone(_C.IN_THREAD),
    e.QuestionTaken: tuple(Rule(actor, (_C.IN_THREAD, _C.QUESTION_FREE)) for actor in (_U, _T, _S)),
    e.QuestionOffered: tuple(Rule(actor, (_C.IN_THREAD, _C.QUESTION_HELD)) for actor in (_U, _T, _S)),
    e.QuestionAccepted: tuple(Rule(actor, (_C.IN_THREAD, _C.QUESTION_OFFERED)) for actor in (_U, _T, _S)),
    e.QuestionDone: tuple(Rule(actor, (_C.IN_THREAD, _C.QUESTION_HELD_OR_ASKED)) for actor in (_U, _T, _S)),
    e.ChannelClosed: (Rule(_T, (_C.IN_MAIN_THREAD,)),),
    e.ChannelReopened: (Rule(_T, (_C.IN_MAIN_THREAD,)),),
    e.KeyMoved: (Rule(Actor.HUB),),
    e.Approved: (Rule(_U, (_C.APPROVER, _C.OLD_ENOUGH)), Rule(_T, (_C.APPROVER,))),
    e.Declined: (
        Rule(_U, (_C.PROPOSER_OR_APPROVER,)),
        Rule(_T, (_C.PROPOSER_OR_APPROVER,)),
        Rule(_S, (_C.PROPOSER,)),
    ),
    e.ConsentGiven: (
        Rule(_U, (_C.WITH_USER_THREAD, _C.OLD_ENOUGH)),
        Rule(_R, (_C.IN_THREAD, _C.SPEAKS_FOR_USER)),
    ),
    e.ConsentLimited: (
        Rule(_U, (_C.WITH_USER_THREAD, _C.OLD_ENOUGH)),
        Rule(_R, (_C.IN_THREAD, _C.SPEAKS_FOR_USER)),
    ),
    # Also from a staff-only thread, which the user does not read but knows the members of.
    e.ConsentWithdrawn: (Rule(_U, (_C.OLD_ENOUGH,)), Rule(_R, (_C.IN_THREAD, _C.SPEAKS_FOR_USER))),
    e.AgeRecorded: (Rule(_T, (_C.IN_MAIN_THREAD,)), Rule(_S, (_C.IN_MAIN_THREAD,))),
    e.ThreadShielded: (Rule(_U, (_C.WITH_USER_THREAD, _C.MAY_SHIELD)),),
    e.ShieldLifted: (
        Rule(_U, (_C.WITH_USER_THREAD, _C.MAY_LIFT_SHIELD)),
        Rule(_T, (_C.IN_THREAD, _C.WITH_USER_THREAD, _C.MAY_LIFT_SHIELD)),
    ),
    e.ParticipantBlocked: (Rule(_U, (_C.WITH_USER_THREAD, _C.MAY_EXCLUDE)),),
    e.DeviationOpened: _everyone(_C.IN_THREAD),
    e.DeathReported: (Rule(_T, (_C.IN_MAIN_THREAD,)), Rule(_S, (_C.IN_MAIN_THREAD,))),
    e.ArrivalUndone: tuple(Rule(actor, (_C.IN_MAIN_THREAD, _C.WITH_TILLITSPERSON)) for actor in (_T, _S)),
    e.CareClaimed: tuple(Rule(actor, (_C.IN_THREAD, _C.IN_MAIN_THREAD)) for actor in (_T, _S)),
    e.OrganisationStated: tuple(Rule(actor, (_C.IN_MAIN_THREAD, _C.STATES_KIND)) for actor in (_T, _S)),
    e.ErasureRequested: (
        Rule(_U, (_C.WITH_USER_THREAD, _C.OLD_ENOUGH)),
        Rule(_R, (_C.IN_THREAD, _C.SPEAKS_FOR_USER)),
    ),
    e.ErasureProposed: tuple(Rule(actor, (_C.IN_THREAD, _C.OF_ORGANISATION_CONCERNED)) for actor in (_T, _S)),
    e.ErasureApproved: tuple(
        Rule(actor, (_C.IN_THREAD, _C.OF_ORGANISATION_CONCERNED, _C.SECOND_PERSON)) for actor in (_T, _S)
    ),
    e.ErasureRefused: tuple(Rule(actor, (_C.IN_THREAD, _C.OF_ORGANISATION_CONCERNED)) for actor in (_T, _S)),
    e.CopyErased: (Rule(Actor.HUB, (_C.COPY_TO_CONFIRM,)),),
    e.CaseOpened: (Rule(_A, (_C.ORGANISATION_WAS_HERE, _C.NOT_INVOLVED)),),
    e.CaseApproved: (Rule(_K, (_C.CASE_OF_OWN_ORGANISATION, _C.CASE_OF_ANOTHER_PERSON, _C.NOT_INVOLVED)),),
    e.CaseRefused: (Rule(_K, (_C.CASE_OF_OWN_ORGANISATION, _C.CASE_OF_ANOTHER_PERSON)),),
    e.CaseClosed: (Rule(_A, (_C.OWN_CASE,)),),
    e.ContentAsked: (Rule(_A, (_C.OWN_CASE, _C.NOT_INVOLVED)),),
}
"""`Proposed` has no row of its own: the rows of the event inside it are asked."""

ALLOWED_WHEN_CLOSED = frozenset(
    {
        e.ChannelReopened,
        e.MessagesSeen,
        e.KeyMoved,
        e.ParticipantLeft,
        e.EpochOpened,
        e.WrapFailed,
        e.HistoryGranted,
        e.ConsentLimited,
        e.ConsentWithdrawn,
        e.AgeRecorded,
        e.ThreadShielded,
        e.ParticipantBlocked,
        e.DeviationOpened,
        e.DeviationClosed,
        e.DeathReported,
        e.ArrivalUndone,
        e.ErasureRequested,
        e.ErasureProposed,
        e.ErasureApproved,
        e.ErasureRefused,
        e.CopyErased,
        e.CaseOpened,
        e.CaseApproved,
        e.CaseRefused,
        e.CaseClosed,
        e.ContentAsked,
    }
)
"""A closed channel is read-only, but revocation, leaving, withdrawing, erasing, auditing and reading on always work."""
