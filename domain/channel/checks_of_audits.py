"""What must hold of an audit case whoever says it: what it asks for, and how far it has come."""

from collections.abc import Sequence
from itertools import pairwise
from typing import assert_never

from domain.channel import audit_refusals as no
from domain.channel import events as e
from domain.channel.acts import Act
from domain.channel.audit_cases import verify_open_to
from domain.channel.audit_purposes import AUDIT_PURPOSES
from domain.channel.audits import MAX_CASE_TIME, AuditKind, CaseState, CaseTerms
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.refusals import NotPermitted, SeenAhead, UnknownLegalBasis, UnknownThread, WrongBasis
from domain.channel.state import Channel
from domain.ids import Millis, OrganisationId, ThreadNo


def check_audit(channel: Channel, event: e.AuditEvent, act: Act, at: Millis) -> None:
    """Raise the refusal that stops it; the table has been asked already."""
    match event:
        case e.CaseOpened(terms=terms):
            _check_terms(channel, terms, at)
        case e.CaseApproved():
            _check_approval(channel, event, at)
        case e.CaseRefused(ref=ref) | e.CaseClosed(ref=ref):
            if channel.cases[ref].state in (CaseState.CLOSED, CaseState.REFUSED):
                raise no.CaseEnded
        case e.ContentAsked():
            _check_content(channel, event, act, at)
        case _:
            assert_never(event)


def _check_terms(channel: Channel, terms: CaseTerms, at: Millis) -> None:
    if not _rises(terms.threads) or not _rises(terms.organisations):
        raise no.MalformedScope
    if any(number not in channel.threads for number in terms.threads):
        raise UnknownThread
    check_purpose(terms, at)
    until = terms.until if terms.until is not None else at
    if not terms.since < until <= at:
        raise no.PeriodImplausible
    if not terms.begins < terms.ends <= terms.begins + MAX_CASE_TIME:
        raise no.TimeBoxImplausible
    # Not far ahead either: a case approved today is for what is at hand today.
    if terms.ends <= at or terms.begins > at + MAX_CASE_TIME:
        raise no.TimeBoxImplausible


def check_purpose(terms: CaseTerms, at: Millis) -> None:
    """Purpose and basis stand in the versioned lists and go together, for this kind of case.

    Raises:
        UnknownPurpose, UnknownLegalBasis, WrongBasis: they do not.

    """
    purpose, basis = AUDIT_PURPOSES.get(terms.purpose), LEGAL_BASES.get(terms.legal_basis)
    if purpose is None or terms.kind not in purpose.kinds:
        raise no.UnknownPurpose
    if basis is None:
        raise UnknownLegalBasis
    if not basis.audits or not basis.valid(at) or basis.code not in purpose.bases:
        raise WrongBasis


def _rises(numbers: Sequence[ThreadNo] | Sequence[OrganisationId]) -> bool:
    return all(before < after for before, after in pairwise(numbers))  # type: ignore[operator]


def _check_approval(channel: Channel, event: e.CaseApproved, at: Millis) -> None:
    case = channel.cases[event.ref]
    if case.state in (CaseState.CLOSED, CaseState.REFUSED):
        raise no.CaseEnded
    if case.state is CaseState.APPROVED:
        raise no.CaseDecided
    if at >= case.terms.ends:
        raise no.CaseExpired
    if (event.auditor, event.terms) != (case.auditor, case.terms):
        raise no.OtherTerms


def _check_content(channel: Channel, event: e.ContentAsked, act: Act, at: Millis) -> None:
    """The period is the officers' to check: they hold the records and the times in their leaves."""
    if act.author.person is None:
        raise NotPermitted
    case = verify_open_to(channel, event.ref, act.author.person, act.author.organisation, at)
    if not _rises(event.threads):
        raise no.MalformedScope
    if case.terms.kind is not AuditKind.CONTENT or not set(event.threads) <= set(case.terms.threads):
        raise no.OutsideCase
    if not 0 < event.start <= event.last:
        raise no.OutsideCase
    if event.last > channel.version:
        raise SeenAhead
