"""The conditions about consent, age and objection. Each answers with a refusal class, or None for yes.

What they ask of an act that existed before them makes a difference only after a consent, an age, a block or an
objection was recorded, or on a basis of theirs (docs/adr/0021): where none is, every answer is what it was.
"""

from collections.abc import Callable

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.ages import AGE_RULES, OF_AGE, AgeRule
from domain.channel.asking import Answer, Question, joined_in, left_in
from domain.channel.capacities import acting_tillitsperson
from domain.channel.consents import consent_of, is_guardian, objected
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.permissions import Condition
from domain.channel.relations import is_guardian_code, speaks_for_user
from domain.channel.roster import active_member, sees_team
from domain.channel.terms import AgeGroup, Standing


def age_rule(q: Question) -> AgeRule:
    """What the user's age allows now."""
    return AGE_RULES[(q.channel.age or OF_AGE).group(q.at)]


def basis_without_user(q: Question) -> Answer:
    """A basis of its own, against which no objection of the user stands; and nobody whom she has blocked."""
    joined, thread = joined_in(q), q.thread
    basis = LEGAL_BASES.get(joined.legal_basis)
    if basis is None or basis.needs_user:
        return no.NotPermitted
    if thread is None:
        return None
    unwanted = joined.principal in thread.blocked or (basis.yields and objected(thread, joined.organisation))
    return no.ObjectedTo if unwanted else None


def _consent_covers(q: Question) -> Answer:
    """A recorded consent of the user to the organisation stands in this thread."""
    joined, thread = joined_in(q), q.thread
    basis = LEGAL_BASES.get(joined.legal_basis)
    if thread is None or basis is None or not basis.needs_user:
        return no.NotPermitted
    if joined.principal in thread.blocked:
        return no.ObjectedTo
    return None if consent_of(thread, joined.organisation, q.at) is not None else no.NotPermitted


def _old_enough(q: Question) -> Answer:
    """Under 12 the guardians consent; whatever rests on nobody's word is none of their business."""
    event = q.event
    if isinstance(event, e.Approved):
        proposal = q.channel.proposals.get(event.ref)
        event = proposal.joined if proposal is not None else event
    if isinstance(event, e.ParticipantJoined):
        basis = LEGAL_BASES.get(event.legal_basis)
        if basis is None or not basis.needs_user:
            return None
    return None if age_rule(q).user_consents else no.GuardianDecides


def _speaks_for_user(q: Question) -> Answer:
    row = active_member(q.thread, q.principal, q.at) if q.thread is not None else None
    if row is None:
        return no.NotAParticipant
    by_law = is_guardian(row) and age_rule(q).guardians_consent
    return None if by_law or speaks_for_user(row.function) else no.NotAProxy


def _joins_guardian(q: Question) -> Answer:
    """Somebody with parental responsibility for a user under 16, into a thread that she has not shielded."""
    joined, thread = joined_in(q), q.thread
    basis = LEGAL_BASES.get(joined.legal_basis)
    if joined.standing is not Standing.RELATIVE or basis is None or not basis.for_guardians:
        return no.NotPermitted
    if not is_guardian_code(joined.function) or not age_rule(q).guardians_consent:
        return no.WrongBasis
    unwanted = thread is not None and (thread.shielded or joined.principal in thread.blocked)
    return no.ObjectedTo if unwanted else None


def _may_exclude(q: Question) -> Answer:
    """A child under 12 does not shut out who decides for it; she may remove and block everybody else."""
    principal = q.event.principal if isinstance(q.event, e.ParticipantBlocked) else left_in(q)[0]
    member = q.thread.members.get(principal) if q.thread is not None else None
    guarded = member is not None and is_guardian(member) and not age_rule(q).may_exclude
    return no.GuardianDecides if guarded else None


def _may_shield(q: Question) -> Answer:
    if age_rule(q).may_shield:
        return None
    under_12 = (q.channel.age or OF_AGE).group(q.at) is AgeGroup.UNDER_12
    return no.GuardianDecides if under_12 else no.NothingToShield


def _may_lift_shield(q: Question) -> Answer:
    """The user for no other reason than that she wants to; staff on a basis in law, which is thereby logged."""
    assert isinstance(q.event, e.ShieldLifted)  # noqa: S101 - the table pairs condition and event
    if q.channel.user is not None and q.principal == q.channel.user.principal:
        return None if q.event.legal_basis is None else no.WrongBasis
    basis = LEGAL_BASES.get(q.event.legal_basis) if q.event.legal_basis is not None else None
    return None if basis is not None and basis.lifts_shield and basis.valid(q.at) else no.WrongBasis


def _with_tillitsperson(q: Question) -> Answer:
    """The first to say it needs nobody; the second is another person, and one of the two is the tillitsperson."""
    assert isinstance(q.event, e.ArrivalUndone)  # noqa: S101 - the table pairs condition and event
    if q.event.confirms is None:
        return None
    stated = q.channel.undos.get(q.event.confirms)
    if stated is None or (stated.user, stated.reason) != (q.event.user, q.event.reason):
        return no.UnknownProposal
    if stated.by == q.act.author.person:
        return no.SamePersonTwice
    pair = {stated.principal, q.principal}
    if not sees_team(q.channel) or pair & acting_tillitsperson(q.channel, q.at):
        return None
    return no.NotTheApprover


def _states_kind(q: Question) -> Answer:
    """Anybody in thread 0 says first what an organisation is; after that only its own people say otherwise."""
    assert isinstance(q.event, e.OrganisationStated)  # noqa: S101 - the table pairs condition and event
    own = q.event.organisation == q.act.author.organisation
    return None if own or q.event.organisation not in q.channel.kinds else no.NotPermitted


RIGHTS_CHECKS: dict[Condition, Callable[[Question], Answer]] = {
    Condition.BASIS_WITHOUT_USER: basis_without_user,
    Condition.OLD_ENOUGH: _old_enough,
    Condition.SPEAKS_FOR_USER: _speaks_for_user,
    Condition.CONSENT_COVERS: _consent_covers,
    Condition.JOINS_GUARDIAN: _joins_guardian,
    Condition.MAY_EXCLUDE: _may_exclude,
    Condition.MAY_SHIELD: _may_shield,
    Condition.MAY_LIFT_SHIELD: _may_lift_shield,
    Condition.WITH_TILLITSPERSON: _with_tillitsperson,
    Condition.STATES_KIND: _states_kind,
}
