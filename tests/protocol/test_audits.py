"""Audit cases in the record: who is charged, what an auditor is shown, and every lie about either."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.key_statements import DeviceRevoked, KeyFact
from domain.channel import events as e
from domain.channel.audits import AuditKind, Duty
from domain.ids import ChannelId, Millis, ThreadNo, Version
from protocol import records
from protocol.acts import SignedAct
from protocol.directory import Directory
from protocol.errors import ForgedRecord, ProtocolError, UnauthorisedRecord, UncoveredContent, UnjustifiedStub
from protocol.replay import Replay
from tests.protocol.audit_story import (
    APPROVER,
    AUDITOR,
    CHARGED,
    TUVA,
    VAULT,
    approval,
    asked,
    audited,
    bare,
    begun,
    duty,
    enters,
    looked,
    looking,
    shown,
    terms,
    vault_entries,
)
from tests.protocol.keyholders import ANNA, BERIT, EXPIRES, IDA, ROLF, Keyholder, entries_of
from tests.protocol.reading import after, reader, refuses
from tests.protocol.stream_builder import PLACE, Story


def as_seen_by(who: Keyholder, story: Story) -> Replay:
    replay = reader(who, story.keys)
    for item in story.served(who.principal):
        replay.accept(item)
    return replay


@pytest.mark.parametrize("who", [ANNA, IDA], ids=["staff", "the user"])
def test_everybody_concerned_sees_who_asked_and_who_approved(who: Keyholder) -> None:
    story, ref = audited()
    case = as_seen_by(who, story).channel.cases[ref]
    assert (case.auditor, case.approver, case.terms.number) == (AUDITOR.person, APPROVER.person, "2026/17")


def test_a_relative_is_told_nothing_of_an_audit() -> None:
    story, _ = audited()
    replay = as_seen_by(ROLF, story)
    replay.verify_stubs(story.now)
    assert replay.channel.cases == {}


# who is charged


def _town_approves(story: Story, ref: Version) -> SignedAct:
    return story.signed(TUVA, approval(story, ref))


def _self_approves(story: Story, ref: Version) -> SignedAct:
    return story.signed(AUDITOR, approval(story, ref))


def _in_the_approvers_name(story: Story, ref: Version) -> SignedAct:
    return story.signed(AUDITOR, approval(story, ref), person=APPROVER.person)


def _widens(story: Story, ref: Version) -> SignedAct:
    return story.signed(APPROVER, approval(story, ref, terms=terms(threads=(ThreadNo(0), ThreadNo(1)))))


def _for_another_organisation(story: Story, ref: Version) -> SignedAct:
    return story.signed(APPROVER, approval(story, ref), organisation=BERIT.organisation)


def _a_member_approves(story: Story, ref: Version) -> SignedAct:
    return story.signed(ANNA, approval(story, ref))


@pytest.mark.parametrize(
    ("lie", "error", "detail"),
    [
        (_town_approves, UnauthorisedRecord, "foreign_case"),
        (_self_approves, UnauthorisedRecord, "not_charged"),
        (_a_member_approves, UnauthorisedRecord, "not_charged"),
        (_widens, UnauthorisedRecord, "other_terms"),
        (_in_the_approvers_name, ForgedRecord, None),
        (_for_another_organisation, ForgedRecord, None),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_an_approval_that_is_none_is_believed_by_nobody(
    lie: Callable[[Story, Version], SignedAct], error: type[ProtocolError], detail: str | None
) -> None:
    story = begun()
    ref = asked(story)
    refuses(as_seen_by(IDA, story), after(story, lie(story, ref)), error, detail)


def test_who_is_charged_with_both_approves_the_own_case_no_more_than_anybody() -> None:
    story = begun(duty(Duty.AUDIT, AUDITOR), duty(Duty.APPROVE_AUDIT, AUDITOR))
    ref = asked(story)
    act = story.signed(AUDITOR, approval(story, ref))
    refuses(as_seen_by(IDA, story), after(story, act), UnauthorisedRecord, "same_person_twice")


@pytest.mark.parametrize("who", [APPROVER, ANNA], ids=["charged with something else", "charged with nothing"])
def test_nobody_opens_a_case_whom_the_organisation_has_not_charged(who: Keyholder) -> None:
    story = begun()
    act = story.signed(who, e.CaseOpened(terms()))
    refuses(as_seen_by(IDA, story), after(story, act), UnauthorisedRecord, "not_charged")


def test_a_case_opened_in_an_auditors_name_is_forged() -> None:
    story = begun()
    forged = story.signed(ANNA, e.CaseOpened(terms()), person=AUDITOR.person)
    refuses(as_seen_by(IDA, story), after(story, forged), ForgedRecord)


def test_a_charge_counts_from_where_it_is_entered_and_ends_where_its_end_is_entered() -> None:
    story = begun()
    ref = asked(story)
    story.keys.add(VAULT, vault_entries(story.keys, duty(Duty.AUDIT)))
    late = story.fork("late")
    late.record(late.signed(AUDITOR, e.CaseClosed(ref)))
    assert as_seen_by(IDA, late).version == late.version, "the news is not entered yet"
    enters(story, VAULT)
    act = story.signed(AUDITOR, e.CaseClosed(ref))
    refuses(as_seen_by(IDA, story), after(story, act), UnauthorisedRecord, "not_charged")


def test_an_approved_case_does_not_serve_in_another_channel() -> None:
    story = begun()
    ref = asked(story)
    elsewhere = replace(PLACE, channel=ChannelId(ROLF.person))
    for event, who in ((e.CaseOpened(terms()), AUDITOR), (approval(story, ref), APPROVER)):
        act = story.signed(who, event, place=elsewhere)
        refuses(as_seen_by(IDA, story), after(story, act), ForgedRecord)


def test_a_lost_device_of_an_auditor_ends_with_its_revocation() -> None:
    story = begun()
    ref = asked(story)
    enters(story, AUDITOR.person)
    story.keys.add(AUDITOR.person, entries_of(AUDITOR, DeviceRevoked(AUDITOR.device), at=story.now))
    enters(story, AUDITOR.person)
    refuses(as_seen_by(IDA, story), after(story, story.signed(AUDITOR, e.CaseClosed(ref))), ForgedRecord)


# what an auditor is shown


def test_an_auditor_verifies_the_headers_of_the_case_and_gets_no_content() -> None:
    story, ref = audited()
    replay = looked(story, ref, shown(story, ref))
    assert replay.head == story.head
    opened = [v for v in range(1, story.version + 1) if replay.stub_at(Version(v)) is None]
    assert {ref, ref + 1, 8} <= set(opened)
    assert 4 not in opened, "a message before the period"
    assert replay.channel.threads[ThreadNo(0)].members.keys() == story.channel.threads[ThreadNo(0)].members.keys()


@pytest.mark.parametrize("hidden", [2, 8, 21, 28])
def test_a_hub_that_keeps_back_what_the_case_opens_is_caught(hidden: int) -> None:
    story, ref = audited()
    with pytest.raises((UnjustifiedStub, UnauthorisedRecord)):
        looked(story, ref, shown(story, ref, unless=[hidden]))


@pytest.mark.parametrize("version", [4, 12, 17], ids=["before the period", "another thread", "a relative's thread"])
def test_a_hub_that_shows_more_than_the_case_opens_is_caught(version: int) -> None:
    story, ref = audited()
    items = shown(story, ref)
    items[version - 1] = bare(story.records[version - 1])
    with pytest.raises((UncoveredContent, UnauthorisedRecord)):
        looked(story, ref, items)


def test_a_hub_that_hands_an_auditor_a_body_is_caught() -> None:
    story, ref = audited()
    items = shown(story, ref)
    items[7] = records.record_item(story.records[7])
    with pytest.raises(UncoveredContent):
        looked(story, ref, items)


def _nothing(_story: Story, _ref: Version) -> None:
    pass


def _taken_back(story: Story, ref: Version) -> None:
    story.record(story.signed(APPROVER, approval(story, ref)))
    story.record(story.signed(APPROVER, e.CaseRefused(ref)))


def _closed(story: Story, ref: Version) -> None:
    story.record(story.signed(APPROVER, approval(story, ref)))
    story.record(story.signed(AUDITOR, e.CaseClosed(ref)))


@pytest.mark.parametrize("happens", [_nothing, _taken_back, _closed], ids=lambda one: one.__name__)
def test_what_a_hub_shows_without_an_approval_that_stands_is_not_taken(
    happens: Callable[[Story, Version], None],
) -> None:
    story = begun()
    ref = asked(story)
    happens(story, ref)
    with pytest.raises(UncoveredContent):
        looked(story, ref, shown(story, ref))


def test_what_a_hub_shows_after_the_time_box_is_not_taken() -> None:
    story, ref = audited(ends=Millis(terms().begins + 60_000))
    replay = looked(story, ref, shown(story, ref))
    with pytest.raises(UncoveredContent):
        replay.verify_scope(Millis(terms().begins + 60_000))


def test_another_auditors_case_is_not_taken() -> None:
    story, ref = audited()
    replay = looking(ref, story.keys, APPROVER)
    for item in shown(story, ref):
        replay.accept(item)
    with pytest.raises(UncoveredContent):
        replay.verify_scope(story.now)


def test_a_case_that_the_hub_keeps_back_shows_nothing() -> None:
    story, ref = audited()
    with pytest.raises((UncoveredContent, UnjustifiedStub, UnauthorisedRecord)):
        looked(story, ref, shown(story, ref, unless=[ref]))


def test_other_cases_stay_leaves() -> None:
    story, ref = audited()
    other = asked(story)
    replay = looked(story, ref, shown(story, ref))
    assert replay.stub_at(other) is not None
    assert set(replay.channel.cases) == {ref}


def test_messages_are_asked_for_on_a_case_about_messages_only() -> None:
    asks = e.ContentAsked(Version(0), bytes(32), (ThreadNo(0),), Version(8), Version(9))
    story, ref = audited()
    act = story.signed(AUDITOR, replace(asks, ref=ref))
    refuses(as_seen_by(IDA, story), after(story, act), UnauthorisedRecord, "outside_case")
    story, ref = audited(kind=AuditKind.CONTENT, purpose="incident")
    story.record(story.signed(AUDITOR, replace(asks, ref=ref)))
    assert as_seen_by(IDA, story).version == story.version


def test_a_directory_knows_charges_of_the_organisations_vault_only() -> None:
    facts: tuple[KeyFact, ...] = CHARGED
    keys: Directory = begun(*facts).keys
    assert keys.vault_of(ANNA.organisation) == VAULT  # type: ignore[arg-type]
    assert keys.state(VAULT).on_duty(Duty.AUDIT) == (AUDITOR.person,)
    assert keys.state(VAULT).on_duty_at(Duty.AUDIT, EXPIRES, 2) == ()
