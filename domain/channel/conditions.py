"""What each named condition of the decision table asks. A check answers with a refusal class, or None for yes."""

from collections.abc import Callable

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.asking import Answer, Question, is_member, joined_in, left_in
from domain.channel.conditions_of_audits import AUDIT_CHECKS
from domain.channel.conditions_of_erasing import ERASING_CHECKS
from domain.channel.conditions_of_rights import RIGHTS_CHECKS, basis_without_user
from domain.channel.permissions import Condition
from domain.channel.roster import active_member, organisations, sees_team, user_takes_part
from domain.channel.state import Proposal
from domain.channel.state import Question as OpenQuestion
from domain.channel.terms import STAFF_STANDINGS, Audience, KeyRef, KindClass, Standing, VaultRef, covered
from domain.ids import MAIN_THREAD, Millis


def _in_thread(q: Question) -> Answer:
    return None if is_member(q, q.thread) else no.NotAParticipant


def _in_main_thread(q: Question) -> Answer:
    return None if is_member(q, q.channel.threads.get(MAIN_THREAD)) else no.NotAParticipant


def _with_user_thread(q: Question) -> Answer:
    with_user = q.thread is not None and q.thread.audience is Audience.WITH_USER
    return None if with_user else no.NotPermitted


def _with_user_audience(q: Question) -> Answer:
    with_user = isinstance(q.event, e.ThreadOpened) and q.event.audience is Audience.WITH_USER
    return None if with_user else no.NotPermitted


def _joins_self_first(q: Question) -> Answer:
    """Only with the act right after the opening, by whoever opened: an empty thread is open to nobody later."""
    thread, me = q.thread, q.principal
    fresh = thread is not None and thread.opened_at == q.channel.version and thread.opened_by == me
    return None if fresh and joined_in(q).principal == me else no.NotPermitted


def _on_terms_of_main_thread(q: Question) -> Answer:
    """Opening a thread gives no better terms than one has in thread 0; nobody opens thread 0 on a user's consent."""
    if q.thread is None or q.thread.number == MAIN_THREAD:
        return basis_without_user(q)
    main = q.channel.threads[MAIN_THREAD]
    row = active_member(main, q.principal, q.at)
    if row is None or row.organisation is None:
        return no.NotPermitted if sees_team(q.channel) else None
    mine = (row.standing, row.legal_basis, row.valid_until, row.key, main.vaults.get(row.organisation))
    return None if mine == _terms(joined_in(q)) else no.NotPermitted


def _terms(j: e.ParticipantJoined) -> tuple[Standing, str, Millis | None, KeyRef, VaultRef | None]:
    return j.standing, j.legal_basis, j.valid_until, j.key, j.vault


def _joins_staff(q: Question) -> Answer:
    return None if joined_in(q).standing in STAFF_STANDINGS else no.NotPermitted


def _joins_own_organisation(q: Question) -> Answer:
    return None if joined_in(q).organisation == q.act.author.organisation else no.NotPermitted


def _target_is_self(q: Question) -> Answer:
    return None if left_in(q)[0] == q.principal else no.NotPermitted


def _target_is_staff(q: Question) -> Answer:
    member = left_in(q)[1]
    return None if member is not None and member.standing in STAFF_STANDINGS else no.NotPermitted


def _target_of_own_organisation(q: Question) -> Answer:
    member = left_in(q)[1]
    return None if member is not None and member.organisation == q.act.author.organisation else no.NotPermitted


def _not_tillitsperson(q: Question) -> Answer:
    return no.TillitspersonMustHandOver if left_in(q)[0] == q.channel.tillitsperson else None


def _own_message(q: Question) -> Answer:
    """An unknown target is a message this reader holds only as a stub: the hub, which holds it, has checked."""
    if q.target is None or q.target.author is None:
        return None
    return None if q.target.author == q.act.author.person else no.NotTheAuthor


def _corrects_own(q: Question) -> Answer:
    assert isinstance(q.event, e.MessagePosted)  # noqa: S101 - the table pairs condition and event
    return _own_message(q) if q.event.corrects is not None else None


def _organisation_carries(q: Question) -> Answer:
    """Users and relatives name an organisation whose basis carries the thread; staff name their own."""
    if q.thread is None:
        return no.UnknownThread
    named = q.act.author.organisation
    row = active_member(q.thread, q.principal, q.at)
    if row is not None and row.organisation is not None and row.organisation == named:
        return None  # one of them is the author: nearly every message ends here, however many members there are
    carrying = organisations(q.thread, q.at)
    return None if not carrying or named in carrying else no.OrganisationMissing


def _within_own_range(q: Question) -> Answer:
    if q.thread is None:
        return no.UnknownThread
    if KindClass.KEY in q.thread.unseen:
        return None  # this replay may have missed a grant to the author; the hub has not
    mine = q.thread.ranges.get(q.principal, ())
    match q.event:
        case e.HistoryGranted(ranges=wanted):
            spans = wanted
        case e.MessageMisplaced(target=target):
            spans = ((target, target),)
        case _:
            return no.NotPermitted
    return None if all(covered(mine, start, until) for start, until in spans) else no.OutsideOwnRange


def _asked_about(q: Question) -> OpenQuestion | Answer:
    """The open question the act is about; None where this replay may have missed what became of it."""
    if q.thread is None or q.thread.unseen & {KindClass.CONTENT, KindClass.TRACE}:
        return None
    target = getattr(q.event, "target", None)
    question = q.thread.questions.get(target) if target is not None else None
    return question if question is not None else no.NotAQuestion


def _question_free(q: Question) -> Answer:
    """Nobody holds it, or the author does, or the holder is no longer there: a question is never left hanging."""
    question = _asked_about(q)
    if not isinstance(question, OpenQuestion):
        return question
    return None if question.holder == q.principal or not _still_held(q, question) else no.NotTheHolder


def _still_held(q: Question, question: OpenQuestion) -> bool:
    if question.holder is None or q.thread is None:
        return False
    if q.channel.user is not None and question.holder == q.channel.user.principal:
        return user_takes_part(q.channel, q.thread)
    return active_member(q.thread, question.holder, q.at) is not None


def _question_held(q: Question) -> Answer:
    question = _asked_about(q)
    if not isinstance(question, OpenQuestion):
        return question
    return None if question.holder == q.principal else no.NotTheHolder


def _question_held_or_asked(q: Question) -> Answer:
    question = _asked_about(q)
    if not isinstance(question, OpenQuestion):
        return question
    return None if q.principal in (question.holder, question.asked_by) else no.NotTheHolder


def _question_offered(q: Question) -> Answer:
    question = _asked_about(q)
    if not isinstance(question, OpenQuestion):
        return question
    return None if question.offered_to == q.principal else no.NotTheReceiver


def _deviation_of_own_organisation(q: Question) -> Answer:
    assert isinstance(q.event, e.DeviationClosed)  # noqa: S101 - the table pairs condition and event
    if q.thread is None or q.event.ref not in q.thread.deviations:
        return no.UnknownDeviation
    if q.thread.reported.get(q.event.ref) in (q.principal, q.act.author.person):
        return no.NotPermitted
    owner = q.thread.deviations[q.event.ref]
    return None if owner in (None, q.act.author.organisation) else no.NotPermitted


def _confirmer(q: Question) -> Answer:
    assert isinstance(q.event, e.TillitspersonConfirmed)  # noqa: S101 - the table pairs condition and event
    handover = q.channel.handovers.get(q.event.ref)
    if handover is None:
        return no.UnknownProposal
    if q.channel.user is not None and q.principal == q.channel.user.principal:
        return None
    if q.principal != handover.proposal.receiver:
        return no.NotTheApprover
    # Once the user has arrived she confirms too; before, nobody may make themselves tillitsperson alone.
    alone = q.channel.user is None and handover.proposer == q.act.author.person
    return no.SamePersonTwice if alone else None


def _open_proposal(q: Question) -> Proposal | None:
    ref = getattr(q.event, "ref", None)
    proposal = q.channel.proposals.get(ref) if ref is not None else None
    return proposal if proposal is not None and q.thread is not None and proposal.thread == q.thread.number else None


def _approver(q: Question) -> Answer:
    """The pair proposer + approver is judged in `decide`; here only that it is open and not the same person."""
    proposal = _open_proposal(q)
    if proposal is None:
        return no.UnknownProposal
    return no.SamePersonTwice if proposal.proposer == q.act.author.person else None


def _proposer(q: Question) -> Answer:
    proposal = _open_proposal(q)
    if proposal is None:
        return no.UnknownProposal
    return None if proposal.proposer == q.act.author.person else no.NotTheApprover


def _proposer_or_approver(q: Question) -> Answer:
    return None if _open_proposal(q) is not None else no.UnknownProposal


CHECKS: dict[Condition, Callable[[Question], Answer]] = {
    Condition.IN_THREAD: _in_thread,
    Condition.IN_MAIN_THREAD: _in_main_thread,
    Condition.WITH_USER_THREAD: _with_user_thread,
    Condition.WITH_USER_AUDIENCE: _with_user_audience,
    Condition.JOINS_SELF_FIRST: _joins_self_first,
    Condition.ON_TERMS_OF_MAIN_THREAD: _on_terms_of_main_thread,
    Condition.JOINS_STAFF: _joins_staff,
    Condition.JOINS_OWN_ORGANISATION: _joins_own_organisation,
    Condition.TARGET_IS_SELF: _target_is_self,
    Condition.TARGET_IS_STAFF: _target_is_staff,
    Condition.TARGET_OF_OWN_ORGANISATION: _target_of_own_organisation,
    Condition.NOT_TILLITSPERSON: _not_tillitsperson,
    Condition.OWN_MESSAGE: _own_message,
    Condition.CORRECTS_OWN: _corrects_own,
    Condition.ORGANISATION_CARRIES: _organisation_carries,
    Condition.WITHIN_OWN_RANGE: _within_own_range,
    Condition.QUESTION_FREE: _question_free,
    Condition.QUESTION_HELD: _question_held,
    Condition.QUESTION_OFFERED: _question_offered,
    Condition.QUESTION_HELD_OR_ASKED: _question_held_or_asked,
    Condition.DEVIATION_OF_OWN_ORGANISATION: _deviation_of_own_organisation,
    Condition.CONFIRMER: _confirmer,
    Condition.APPROVER: _approver,
    Condition.PROPOSER: _proposer,
    Condition.PROPOSER_OR_APPROVER: _proposer_or_approver,
    **RIGHTS_CHECKS,
    **ERASING_CHECKS,
    **AUDIT_CHECKS,
}
