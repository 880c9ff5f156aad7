"""What the conditions of the decision table ask about audit cases."""

from collections.abc import Callable

from domain.channel import audit_refusals as no
from domain.channel import events as e
from domain.channel.asking import Answer, Question
from domain.channel.audit_cases import is_involved
from domain.channel.audits import AuditCase
from domain.channel.permissions import Condition
from domain.channel.refusals import SamePersonTwice


def _case(q: Question) -> AuditCase | None:
    assert isinstance(  # noqa: S101 - the table pairs condition and event
        q.event, e.CaseApproved | e.CaseRefused | e.CaseClosed | e.ContentAsked
    )
    return q.channel.cases.get(q.event.ref)


def _organisation_was_here(q: Question) -> Answer:
    """In every thread that it asks for: what others said among themselves is not this organisation's to control."""
    assert isinstance(q.event, e.CaseOpened)  # noqa: S101 - the table pairs condition and event
    organisation = q.act.author.organisation
    known = (q.channel.threads[n] for n in q.event.terms.threads if n in q.channel.threads)
    return None if all(organisation in thread.vaults for thread in known) else no.NeverTookPart


def _not_involved(q: Question) -> Answer:
    return no.InvolvedPerson if is_involved(q.channel, q.principal) else None


def _own_case(q: Question) -> Answer:
    case = _case(q)
    if case is None:
        return no.UnknownCase
    mine = (case.auditor, case.organisation) == (q.act.author.person, q.act.author.organisation)
    return None if mine else no.NotItsAuditor


def _case_of_own_organisation(q: Question) -> Answer:
    case = _case(q)
    if case is None:
        return no.UnknownCase
    return None if case.organisation == q.act.author.organisation else no.ForeignCase


def _case_of_another_person(q: Question) -> Answer:
    case = _case(q)
    return SamePersonTwice if case is not None and case.auditor == q.act.author.person else None


AUDIT_CHECKS: dict[Condition, Callable[[Question], Answer]] = {
    Condition.ORGANISATION_WAS_HERE: _organisation_was_here,
    Condition.NOT_INVOLVED: _not_involved,
    Condition.OWN_CASE: _own_case,
    Condition.CASE_OF_OWN_ORGANISATION: _case_of_own_organisation,
    Condition.CASE_OF_ANOTHER_PERSON: _case_of_another_person,
}
