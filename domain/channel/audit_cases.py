"""What becomes of an audit case, and what its auditor may look at. The hub asks before it releases; the auditor's own
program asks again on arrival, and every client has judged the acts that the answers rest on."""

from dataclasses import replace
from typing import Any, assert_never

from domain.channel import audit_refusals as no
from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.audits import AuditCase, CaseState
from domain.channel.roster import active_member, vault_is_on
from domain.channel.state import Channel
from domain.channel.terms import KindClass, Standing
from domain.ids import Millis, OrganisationId, PrincipalId, ThreadNo, Version


def evolve_audit(channel: Channel, event: e.AuditEvent, r: Recorded) -> Channel:
    """The channel after an act of an audit case."""
    match event:
        case e.CaseOpened():
            return _opened(channel, event, r)
        case e.CaseApproved(ref=ref):
            return _approved(channel, ref, r)
        case e.CaseRefused(ref=ref):
            return _ended(channel, ref, CaseState.REFUSED, r)
        case e.CaseClosed(ref=ref):
            return _ended(channel, ref, CaseState.CLOSED, r)
        case e.ContentAsked():
            return channel
        case _:
            assert_never(event)


def _opened(channel: Channel, event: e.CaseOpened, r: Recorded) -> Channel:
    author = r.act.author
    if author.person is None or author.organisation is None:
        return channel
    until = event.terms.until if event.terms.until is not None else r.recorded_at
    case = AuditCase(r.version, event.terms, author.organisation, author.person, until)
    return replace(channel, cases={**channel.cases, r.version: case})


def _approved(channel: Channel, ref: Version, r: Recorded) -> Channel:
    return _with(channel, ref, state=CaseState.APPROVED, approver=r.act.author.person, approved_at=r.version)


def _ended(channel: Channel, ref: Version, state: CaseState, r: Recorded) -> Channel:
    case = channel.cases.get(ref)
    approver = case.approver if case is not None else None
    if approver is None and state is CaseState.REFUSED:
        approver = r.act.author.person
    return _with(channel, ref, state=state, ended_at=r.version, approver=approver)


def _with(channel: Channel, ref: Version, **changed: Any) -> Channel:
    case = channel.cases.get(ref)
    if case is None:
        return channel
    return replace(channel, cases={**channel.cases, ref: replace(case, **changed)})


def is_involved(channel: Channel, person: PrincipalId) -> bool:
    """Whether the person takes part in the channel, or has taken part in it."""
    if channel.user is not None and channel.user.principal == person:
        return True
    return any(person in thread.members or thread.ranges.get(person) for thread in channel.threads.values())


def verify_open_to(
    channel: Channel, ref: Version, person: PrincipalId, organisation: OrganisationId | None, at: Millis
) -> AuditCase:
    """The case, once this auditor may look on it at `at`, by the clock of whoever asks.

    Raises:
        UnknownCase, NotItsAuditor, InvolvedPerson, CaseNotApproved, CaseEnded, CaseNotBegun, CaseExpired: why not.

    """
    case = channel.cases.get(ref)
    if case is None:
        raise no.UnknownCase
    if (case.auditor, case.organisation) != (person, organisation):
        raise no.NotItsAuditor
    if is_involved(channel, person):
        raise no.InvolvedPerson
    if case.state is CaseState.ASKED:
        raise no.CaseExpired if at >= case.terms.ends else no.CaseNotApproved
    if case.state is not CaseState.APPROVED:
        raise no.CaseEnded
    if at < case.terms.begins:
        raise no.CaseNotBegun
    if at >= case.terms.ends:
        raise no.CaseExpired
    return case


def auditing(channel: Channel) -> set[PrincipalId]:
    """Who has asked for or decided about a case that has not ended."""
    cases = [case for case in channel.cases.values() if case.state in (CaseState.ASKED, CaseState.APPROVED)]
    return {case.auditor for case in cases} | {case.approver for case in cases if case.approver is not None}


def case_reads(
    case: AuditCase, thread: ThreadNo | None, kind_class: KindClass, version: Version, recorded_at: Millis
) -> bool:
    """Whether the case opens the header of this record. All of it is in the leaf, so a hub that hides something shows.

    That threads were opened; of the case's threads who was there and what was hidden or erased, from the beginning,
    because all else follows from it; and everything else of the period. Of audits the case's own opening; its later
    acts come whole too, but no leaf tells them from those of other cases.
    """
    if kind_class is KindClass.AUDIT:
        return version == case.ref
    if thread is None or kind_class is KindClass.OPENING:
        return True
    if thread not in case.terms.threads:
        return False
    return kind_class in (KindClass.MEMBERSHIP, KindClass.HIDING) or case.covers(recorded_at)


def is_erased(channel: Channel, thread: ThreadNo | None, version: Version) -> bool:
    """Whether the record has been destroyed by decision: then nobody has more of it than the leaf."""
    known = channel.threads.get(thread) if thread is not None else None
    return known is not None and version in known.erasing.erased


def sees_audits(channel: Channel, reader: PrincipalId, at: Millis) -> bool:
    """Whether a reader of the channel gets acts of audit cases: the user, whoever takes part for an organisation, and
    their vaults. Never a relative: why an organisation looks is the user's to tell."""
    if channel.user is not None and channel.user.principal == reader:
        return True
    rows = (active_member(thread, reader, at) for thread in channel.threads.values())
    if any(row is not None and row.standing is not Standing.RELATIVE for row in rows):
        return True
    return any(vault_is_on(thread, reader, at) for thread in channel.threads.values())


def ref_of(event: object, version: Version) -> Version | None:
    """Which case an act belongs to; None where it belongs to none."""
    if isinstance(event, e.CaseOpened):
        return version
    if isinstance(event, e.CaseApproved | e.CaseRefused | e.CaseClosed | e.ContentAsked):
        return event.ref
    return None
