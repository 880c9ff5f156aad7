"""Audit cases: who may ask, who approves, what a case opens, and when it opens nothing any more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.channel import audit_refusals as no
from domain.channel import events as e
from domain.channel import refusals as others
from domain.channel.audit_cases import case_reads, verify_open_to
from domain.channel.audit_purposes import AUDIT_PURPOSES
from domain.channel.audits import MAX_CASE_TIME, AuditKind, CaseState, Duty
from domain.channel.kinds import KIND_OF
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.terms import KindClass
from domain.errors import Refusal
from domain.ids import Millis, OrganisationId, ThreadNo, Version
from tests.domain.audit_builder import approval, approve, approved, ask, content, messages_too, terms
from tests.domain.cast import AGNES, ANNA, ASTRID, BERIT, BODIL, DESK, IDA, ROLF, Someone
from tests.domain.channel_builder import DAY, Story, around_ida, joined, message

TOR = Someone("tor", AGNES.standing, "town", charge=Duty.AUDIT)
TUVA = Someone("tuva", AGNES.standing, "town", charge=Duty.APPROVE_AUDIT)
STRANGER = Someone("stein", AGNES.standing, "school", charge=Duty.AUDIT)


def opens(story: Story, ref: Version, who: Someone = AGNES, at: int | None = None) -> None:
    verify_open_to(story.channel, ref, who.principal, who.organisation, Millis(story.at if at is None else at))


def test_an_approved_case_is_open_to_its_auditor_and_to_nobody_else() -> None:
    story = around_ida()
    case = approved(story)
    opens(story, case.ref)
    assert (case.auditor, case.approver, case.until) == (AGNES.principal, ASTRID.principal, story.at)
    for other in (ASTRID, TOR, ANNA, replace(AGNES, house="town")):
        with pytest.raises(no.NotItsAuditor):
            opens(story, case.ref, other)


def _nothing(_story: Story, _ref: Version) -> None:
    pass


def _approved(story: Story, ref: Version) -> None:
    approve(story, ref)


def _refused(story: Story, ref: Version) -> None:
    story.unit(ASTRID, (None, e.CaseRefused(ref)))


def _taken_back(story: Story, ref: Version) -> None:
    approve(story, ref)
    story.unit(ASTRID, (None, e.CaseRefused(ref)))


def _closed(story: Story, ref: Version) -> None:
    approve(story, ref)
    story.unit(AGNES, (None, e.CaseClosed(ref)))


def _became_a_member(story: Story, ref: Version) -> None:
    approve(story, ref)
    joined(story, ANNA, replace(AGNES, charge=None))


@pytest.mark.parametrize(
    ("happens", "after", "refusal"),
    [
        (_nothing, 0, no.CaseNotApproved),
        (_nothing, 8 * DAY, no.CaseExpired),
        (_refused, 0, no.CaseEnded),
        (_taken_back, 0, no.CaseEnded),
        (_closed, 0, no.CaseEnded),
        (_approved, 7 * DAY, no.CaseExpired),
        (_approved, -1, no.CaseNotBegun),
        (_became_a_member, 0, no.InvolvedPerson),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_case_opens_nothing(happens: Callable[[Story, Version], None], after: int, refusal: type[Refusal]) -> None:
    story = around_ida()
    ref = ask(story)
    happens(story, ref)
    with pytest.raises(refusal):
        opens(story, ref, at=story.at + after)
    with pytest.raises(no.UnknownCase):
        opens(story, Version(ref + 99))


@pytest.mark.parametrize(
    ("who", "changed", "refusal"),
    [
        (STRANGER, {}, no.NeverTookPart),
        (AGNES, {"threads": (ThreadNo(0), ThreadNo(2))}, no.NeverTookPart),
        (replace(ANNA, charge=Duty.AUDIT), {}, no.InvolvedPerson),
        (AGNES, {"threads": (ThreadNo(9),)}, others.UnknownThread),
        (AGNES, {"threads": (ThreadNo(1), ThreadNo(0))}, no.MalformedScope),
        (AGNES, {"threads": (ThreadNo(0), ThreadNo(0))}, no.MalformedScope),
        (AGNES, {"organisations": (OrganisationId(b"b" * 16), OrganisationId(b"a" * 16))}, no.MalformedScope),
        (AGNES, {"purpose": "curiosity"}, no.UnknownPurpose),
        (AGNES, {"kind": AuditKind.CONTENT}, no.UnknownPurpose),
        (AGNES, {"legal_basis": "because"}, others.UnknownLegalBasis),
        (AGNES, {"legal_basis": "treatment"}, others.WrongBasis),
        (AGNES, {"legal_basis": "supervision"}, others.WrongBasis),
        (AGNES, {"since": Millis(1_000_000)}, no.PeriodImplausible),
        (AGNES, {"until": Millis(1_000_001)}, no.PeriodImplausible),
        (AGNES, {"ends": Millis(1_000_000)}, no.TimeBoxImplausible),
        (AGNES, {"ends": Millis(1_000_000 + MAX_CASE_TIME + 1)}, no.TimeBoxImplausible),
        (AGNES, {"begins": Millis(1_000_001 + MAX_CASE_TIME), "ends": Millis(1_000_002 + MAX_CASE_TIME)}, None),
    ],
)
def test_a_case_asks_for_no_more_than_somebody_may_audit(
    who: Someone, changed: dict[str, Any], refusal: type[Refusal] | None
) -> None:
    with pytest.raises(refusal or no.TimeBoxImplausible):
        ask(around_ida(), who, **changed)


@pytest.mark.parametrize(
    ("who", "changed", "refusal"),
    [
        (replace(AGNES, charge=Duty.APPROVE_AUDIT), {}, others.SamePersonTwice),
        (TUVA, {}, no.ForeignCase),
        (replace(ANNA, charge=Duty.APPROVE_AUDIT), {}, no.InvolvedPerson),
        (AGNES, {}, others.NotPermitted),
        (ASTRID, {"ref": Version(1)}, no.UnknownCase),
        (ASTRID, {"auditor": TOR.principal}, no.OtherTerms),
        (ASTRID, {"terms": terms(threads=(ThreadNo(0), ThreadNo(1)))}, no.OtherTerms),
        (ASTRID, {"terms": messages_too()}, no.OtherTerms),
    ],
)
def test_nobody_approves_what_is_not_theirs_to_approve_or_other_terms(
    who: Someone, changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    story = around_ida()
    ref = ask(story)
    with pytest.raises(refusal):
        story.unit(who, (None, approval(story, ref, **changed)))
    assert story.channel.cases[ref].state is CaseState.ASKED


def test_a_case_is_decided_once_and_not_after_its_time() -> None:
    story = around_ida()
    ref = ask(story)
    approve(story, ref)
    with pytest.raises(no.CaseDecided):
        approve(story, ref)
    story.unit(AGNES, (None, e.CaseClosed(ref)))
    for late in ((ASTRID, approval(story, ref)), (ASTRID, e.CaseRefused(ref)), (AGNES, e.CaseClosed(ref))):
        with pytest.raises(no.CaseEnded):
            story.unit(late[0], (None, late[1]))
    other = ask(story)
    story.pass_time(7 * DAY)
    with pytest.raises(no.CaseExpired):
        approve(story, other)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (content(Version(0), (1,)), no.OutsideCase),
        (content(Version(0), (0, 1)), no.OutsideCase),
        (content(Version(0), start=3, last=2), no.OutsideCase),
        (content(Version(0), start=0), no.OutsideCase),
        (content(Version(0), last=99), others.SeenAhead),
        (content(Version(0), (0, 0)), no.MalformedScope),
    ],
)
def test_messages_are_opened_within_the_case_only(asked: e.ContentAsked, refusal: type[Refusal]) -> None:
    story = around_ida()
    case = approved(story, kind=AuditKind.CONTENT, purpose="incident")
    story.copy().unit(AGNES, (None, content(case.ref)))
    with pytest.raises(refusal):
        story.unit(AGNES, (None, replace(asked, ref=case.ref)))
    story.pass_time(7 * DAY)
    with pytest.raises(no.CaseExpired):
        story.unit(AGNES, (None, content(case.ref)))


def test_no_messages_are_opened_on_a_case_about_none_or_without_approval() -> None:
    story = around_ida()
    case = approved(story)
    with pytest.raises(no.OutsideCase):
        story.unit(AGNES, (None, content(case.ref)))
    ref = ask(story, kind=AuditKind.CONTENT, purpose="incident")
    with pytest.raises(no.CaseNotApproved):
        story.unit(AGNES, (None, content(ref)))


def test_a_case_opens_its_threads_in_its_period_and_who_was_there_before() -> None:
    story = around_ida()
    story.pass_time(DAY)
    inside = story.unit(ANNA, message(0))
    story.pass_time(DAY)
    story.unit(ANNA, message(0))
    case = approved(story, since=Millis(story.at - DAY), until=Millis(story.at))
    story.unit(ANNA, message(0))
    opened = {
        r.version
        for r in story.records
        if case_reads(case, r.act.thread, KIND_OF[type(r.act.event)].kind_class, r.version, r.recorded_at)
    }
    by_class = {v: KIND_OF[type(story.records[v - 1].act.event)].kind_class for v in opened}
    assert {v for v, one in by_class.items() if one is KindClass.CONTENT} == {inside}
    assert {v for v, one in by_class.items() if one is KindClass.AUDIT} == {case.ref}
    others = {v for v in opened if story.records[v - 1].act.thread not in (None, 0)}
    assert {by_class[v] for v in others} == {KindClass.OPENING}
    joins = {r.version for r in story.records if isinstance(r.act.event, e.ParticipantJoined) and r.act.thread == 0}
    assert joins
    assert joins <= opened


def test_the_user_and_all_who_take_part_for_an_organisation_see_audits_and_relatives_do_not() -> None:
    story = around_ida()
    ref = ask(story)
    vault = Someone("vault clinic", AGNES.standing)
    assert all(story.reads(who, ref) for who in (IDA, ANNA, BERIT, BODIL, DESK, vault))
    assert not any(story.reads(who, ref) for who in (ROLF, AGNES, ASTRID, STRANGER))
    assert story.as_seen_by(ROLF.principal).channel.cases == {}
    assert story.as_seen_by(BODIL.principal).channel.cases == story.channel.cases


def test_an_audit_changes_nobodys_membership_or_key() -> None:
    story = around_ida()
    before = story.channel.threads
    case = approved(story, kind=AuditKind.CONTENT, purpose="incident")
    story.unit(AGNES, (None, content(case.ref)))
    story.unit(AGNES, (None, e.CaseClosed(case.ref)))
    assert story.channel.threads is before


def test_auditing_goes_on_in_a_closed_channel() -> None:
    story = around_ida()
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    assert approved(story).state is CaseState.APPROVED


def test_every_purpose_rests_on_bases_that_audits_can_rest_on_and_no_such_basis_lets_anybody_in() -> None:
    bases = {code for purpose in AUDIT_PURPOSES.values() for code in purpose.bases}
    assert bases == {basis.code for basis in LEGAL_BASES.values() if basis.audits}
    assert all(not LEGAL_BASES[code].standings for code in bases)
    story = around_ida()
    with pytest.raises(others.WrongBasis):
        joined(story, ANNA, Someone("nina", AGNES.standing, "clinic"), basis="internal-control")
