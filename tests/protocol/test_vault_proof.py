"""Key officers open a case at the vault only on an approved audit case that asks for exactly these messages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hashing import hash_with
from crypto.labels import VAULT_CASE
from domain.channel import events as e
from domain.channel.audits import AuditKind, Duty
from domain.ids import Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.errors import ForgedRecord, ProtocolError
from protocol.records import record_item
from protocol.vault_case import BadCase, Case, OutsideTheCase, Scope, collect, encode_case
from protocol.vault_proof import NotApproved, Proof, collect_proof, encode_proof, parse_proof, verify_approved
from tests.crypto.fixed import flipped, kem_key, some_id
from tests.protocol.audit_story import (
    APPROVER,
    AUDITOR,
    TUVA,
    VAULT,
    approval,
    asked,
    begun,
    duty,
    terms,
    vault_entries,
)
from tests.protocol.keyholders import ANNA, Keyholder
from tests.protocol.stream_builder import START, Story, stub_of

CONTENT: dict[str, Any] = {"kind": AuditKind.CONTENT, "purpose": "incident"}
FIRST, LAST = Version(8), Version(22)


def vault_case(story: Story, **changed: Any) -> Case:
    scope = changed.pop("scope", Scope((ThreadNo(0),), FIRST, LAST))
    items = story.items()
    case = Case(
        place=story.place,
        vault=VAULT,
        number="2026/17",
        auditor=kem_key("the auditor").public,
        scope=scope,
        before=story.heads[scope.start - 2],
        items=tuple(items[scope.start - 1 : scope.until]),
        wraps=collect(items[: scope.until], VAULT, scope.threads, scope.start),
    )
    return replace(case, **changed)


def asks(story: Story, case: Case, ref: Version, who: Keyholder = AUDITOR, **changed: Any) -> None:
    hashed = hash_with(VAULT_CASE, encode_case(case))
    event = e.ContentAsked(ref, hashed, case.scope.threads, case.scope.start, case.scope.until)
    story.record(story.signed(who, replace(event, **changed)))


def approved(story: Story | None = None, case: Case | None = None, **changed: Any) -> tuple[Story, Case, Version]:
    """A record in which all that must be said was said, and the vault's case it was said of."""
    story = story or begun()
    made = case or vault_case(story)
    ref = asked(story, **{**CONTENT, **changed})
    story.record(story.signed(APPROVER, approval(story, ref)))
    asks(story, made, ref)
    return story, made, ref


def verify(story: Story, case: Case, proof: Proof | None = None, trusted: Digest | None = None, at: int = 0) -> Any:
    shown = parse_proof(encode_proof(proof or collect_proof(story.items(), case.scope.until)))
    return verify_approved(case, shown, story.keys, trusted or story.head, Millis(at or story.now))


def test_officers_learn_who_asked_who_approved_and_for_what() -> None:
    story, case, ref = approved()
    verified, found = verify(story, case)
    assert (found.ref, found.auditor, found.approver) == (ref, AUDITOR.person, APPROVER.person)
    assert [message.version for message in verified.messages] == [8, 13, 22]


def test_the_proof_shows_nothing_but_audits() -> None:
    story, case, _ = approved()
    whole = [item for item in collect_proof(story.items(), case.scope.until).items if len(item) == 3]
    assert len(whole) == 3


Happens = Callable[[Story, Case], None]


def _nothing(story: Story, case: Case) -> None:
    del story, case


def _only_asked(story: Story, case: Case) -> None:
    ref = asked(story, **CONTENT)
    asks(story, case, ref)


def _approved_by(who: Keyholder) -> Happens:
    def happens(story: Story, case: Case) -> None:
        ref = asked(story, **CONTENT)
        story.record(story.signed(who, approval(story, ref)))
        asks(story, case, ref)

    return happens


def _approved_after(story: Story, case: Case) -> None:
    ref = asked(story, **CONTENT)
    asks(story, case, ref)
    story.record(story.signed(APPROVER, approval(story, ref)))


def _asked_with(who: Keyholder = AUDITOR, asking: dict[str, Any] | None = None, **changed: Any) -> Happens:
    def happens(story: Story, case: Case) -> None:
        ref = asked(story, **{**CONTENT, **changed})
        story.record(story.signed(APPROVER, approval(story, ref)))
        asks(story, case, ref, who, **(asking or {}))

    return happens


def _wider_terms(story: Story, case: Case) -> None:
    ref = asked(story, **{**CONTENT, "since": Millis(START + 20_000)})
    story.record(story.signed(APPROVER, approval(story, ref, terms=terms(**CONTENT))))
    asks(story, case, ref)


def _taken_back(story: Story, case: Case) -> None:
    _, _, ref = approved(story, case)
    story.record(story.signed(APPROVER, e.CaseRefused(ref)))


def _closed(story: Story, case: Case) -> None:
    _, _, ref = approved(story, case)
    story.record(story.signed(AUDITOR, e.CaseClosed(ref)))


def _charged_no_more(story: Story, case: Case) -> None:
    approved(story, case)
    story.keys.add(VAULT, vault_entries(story.keys, duty(Duty.AUDIT), at=story.now - 1))


REFUSED: list[tuple[Happens, str]] = [
    (_nothing, "nobody has asked"),
    (_only_asked, "nobody has approved"),
    (_approved_by(AUDITOR), "not charged"),
    (_approved_by(ANNA), "not charged"),
    (_approved_by(TUVA), "people of somebody else"),
    (_approved_after, "in this order"),
    (_wider_terms, "other terms"),
    (_taken_back, "taken back"),
    (_closed, "taken back"),
    (_charged_no_more, "not charged with it any more"),
    (_asked_with(ANNA), "not charged"),
    (_asked_with(TUVA), "people of somebody else"),
    (_asked_with(kind=AuditKind.METADATA), "not about these messages"),
    (_asked_with(number="2026/18"), "another number"),
    (_asked_with(threads=(ThreadNo(2),)), "not about these messages"),
    (_asked_with(since=Millis(START + 20_000)), "outside the period"),
    (_asked_with(until=Millis(START + 10_000)), "outside the period"),
    (_asked_with(purpose="curiosity"), "unknown_purpose"),
    (_asked_with(legal_basis="treatment"), "wrong_basis"),
    (_asked_with(asking={"vault_case": bytes(32)}), "nobody has asked"),
    (_asked_with(asking={"start": Version(9)}), "other messages"),
    (_asked_with(asking={"threads": (ThreadNo(0), ThreadNo(1))}), "other messages"),
]


@pytest.mark.parametrize(("happens", "why"), REFUSED)
def test_officers_open_nothing(happens: Happens, why: str) -> None:
    """A hub that breaks the rules has recorded all of it; the officers hold no channel, and refuse it all the same."""
    story = begun()
    case = vault_case(story)
    happens(story, case)
    with pytest.raises(NotApproved, match=why):
        verify(story, case)


def test_who_is_charged_with_both_does_not_approve_the_own_case_for_the_officers_either() -> None:
    story = begun(duty(Duty.AUDIT, AUDITOR), duty(Duty.APPROVE_AUDIT, AUDITOR))
    case = vault_case(story)
    _approved_by(AUDITOR)(story, case)
    with pytest.raises(NotApproved, match="second person"):
        verify(story, case)


def test_an_audit_of_one_organisation_opens_no_vault_of_another() -> None:
    story = begun()
    case = vault_case(story, vault=PrincipalId(some_id("vault of town")), wraps=())
    _asked_with()(story, case)
    with pytest.raises(NotApproved, match="another organisation's vault"):
        verify(story, case)


def test_officers_open_nothing_after_the_time_box() -> None:
    story, case, _ = approved()
    with pytest.raises(NotApproved):
        verify(story, case, at=terms().ends)


def test_an_end_that_is_left_out_of_the_proof_shows_in_the_head() -> None:
    story, case, ref = approved()
    before = collect_proof(story.items(), case.scope.until)
    story.record(story.signed(APPROVER, e.CaseRefused(ref)))
    with pytest.raises(OutsideTheCase):
        verify(story, case, before)
    hidden = Proof((*before.items, stub_of(story.records[-1])))
    with pytest.raises(NotApproved):
        verify(story, case, hidden)


def test_a_proof_of_another_vault_case_or_channel_opens_nothing() -> None:
    story, case, _ = approved()
    other = vault_case(story, scope=Scope((ThreadNo(0),), Version(9), LAST))
    with pytest.raises(NotApproved):
        verify(story, other)
    with pytest.raises(OutsideTheCase):
        verify(story, case, trusted=Digest(bytes(32)))


def test_an_act_that_nobody_signed_is_forged() -> None:
    story, case, _ = approved()
    forged = story.fork("forged")
    record = forged.records[-1]
    forged.records[-1] = replace(record, signed=replace(record.signed, signature=flipped(record.signed.signature)))
    proof = Proof((*collect_proof(forged.items(), case.scope.until).items[:-1], record_item(forged.records[-1])))
    with pytest.raises((ForgedRecord, OutsideTheCase)):
        verify(forged, case, proof)


def test_the_vaults_own_checks_hold_as_before() -> None:
    story, case, _ = approved()
    with pytest.raises(ProtocolError):
        verify(story, replace(case, wraps=(*case.wraps, *case.wraps)))
    with pytest.raises((BadCase, ProtocolError)):
        verify(story, replace(case, vault=PrincipalId(bytes(16))))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proof_or_refused_with_one_error(data: bytes) -> None:
    try:
        parse_proof(data)
    except NotApproved:
        return
