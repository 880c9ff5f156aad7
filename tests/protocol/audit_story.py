"""A small channel that an auditor of the clinic looks into, and hubs and auditors that do more than they may."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crypto.duty_facts import DutySet
from crypto.key_statements import KeyFact, SignedStatement
from domain.channel import events as e
from domain.channel.audit_cases import case_reads, ref_of
from domain.channel.audits import AuditKind, CaseTerms, Duty
from domain.channel.terms import Standing
from domain.ids import Digest, Millis, PrincipalId, ThreadNo, Version
from protocol import records
from protocol.acts import parse_header
from protocol.audit_replay import AuditReplay
from protocol.directory import Directory, newest_key
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import ARNE, CERTIFIED, EXPIRES, MALLORY, Keyholder, entries_of, stated
from tests.protocol.small_channel import told
from tests.protocol.stream_builder import PLACE, START, Item, Story, directory, stub_of

VAULT = PrincipalId(some_id("vault of clinic"))
AUDITOR, APPROVER = MALLORY, ARNE
"""Neither is in the channel, both are of the clinic."""
TUVA = Keyholder("Tuva", Standing.STAFF, "town")
"""Whom the town has charged with both."""
LONG_AGO, LATER = Millis(0), Millis(EXPIRES)
SINCE = Millis(START + 6_000)
"""The period begins with record 7 of the small channel."""


def duty(what: Duty, *people: Keyholder) -> DutySet:
    return DutySet(what.value, tuple(sorted(who.person for who in people)))


CHARGED: tuple[KeyFact, ...] = (duty(Duty.AUDIT, AUDITOR), duty(Duty.APPROVE_AUDIT, APPROVER))


def vault_entries(keys: Directory, *more: KeyFact, house: str = "clinic", at: int = CERTIFIED) -> list[SignedStatement]:
    vault, root = PrincipalId(some_id(f"vault of {house}")), signing_key(f"root of {house}")
    return stated(vault, some_id(house), root, more, after=keys.entries(vault), at=at)


def knowing(*facts: KeyFact) -> Directory:
    """Everybody's keys, and these statements in the stream of the clinic's vault."""
    keys = directory()
    keys.add(VAULT, vault_entries(keys, *facts))
    keys.add(TUVA.person, entries_of(TUVA))
    both = (duty(Duty.AUDIT, TUVA), duty(Duty.APPROVE_AUDIT, TUVA))
    keys.add(PrincipalId(some_id("vault of town")), vault_entries(keys, *both, house="town"))
    return keys


def enters(story: Story, principal: PrincipalId) -> None:
    """The hub enters how far a key stream is."""
    state = story.keys.state(principal)
    story.record(story.hub_act(e.KeyMoved(principal, state.n, Digest(state.head), newest_key(state))))


def begun(*facts: KeyFact) -> Story:
    """The small channel, in which the clinic has charged whom it has."""
    story = told()
    story.keys = knowing(*(facts or CHARGED))
    for vault in (VAULT, PrincipalId(some_id("vault of town"))):
        enters(story, vault)
    return story


def terms(**changed: Any) -> CaseTerms:
    usual = CaseTerms(
        kind=AuditKind.METADATA,
        number="2026/17",
        purpose="log-review",
        legal_basis="internal-control",
        threads=(ThreadNo(0),),
        since=SINCE,
        until=None,
        organisations=(),
        begins=LONG_AGO,
        ends=Millis(START + 10_000_000),
    )
    return replace(usual, begins=Millis(START), **changed)


def asked(story: Story, who: Keyholder = AUDITOR, **changed: Any) -> Version:
    return story.record(story.signed(who, e.CaseOpened(terms(**changed)))).version


def approval(story: Story, ref: int, **changed: Any) -> e.CaseApproved:
    case = story.channel.cases[Version(ref)]
    return replace(e.CaseApproved(Version(ref), case.auditor, case.terms), **changed)


def audited(**changed: Any) -> tuple[Story, Version]:
    """A case that is approved, and its version."""
    story = begun()
    ref = asked(story, **changed)
    story.record(story.signed(APPROVER, approval(story, ref)))
    return story, ref


def shown(story: Story, ref: Version, unless: Sequence[int] = ()) -> list[Item]:
    """What an honest hub shows the auditor: headers of the case, leaves of the rest; leaves of `unless`, too."""
    case, items = story.channel.cases[ref], []
    for record in story.records:
        header, kind = parse_header(record.signed.header)
        mine = ref_of(header.event, record.version) == ref
        whole = mine or case_reads(case, header.thread, kind.kind_class, record.version, record.recorded_at)
        whole = whole and record.version not in unless
        items.append(bare(record) if whole else stub_of(record))
    return items


def bare(record: records.Record) -> Item:
    """The record without its body."""
    return records.record_item(replace(record, signed=replace(record.signed, body=None)))


def looking(ref: Version, keys: Directory, who: Keyholder = AUDITOR) -> AuditReplay:
    return AuditReplay(PLACE, who.person, who.organisation, ref, keys)


def looked(story: Story, ref: Version, items: Sequence[Item]) -> AuditReplay:
    """What the auditor makes of it, at the end."""
    replay = looking(ref, story.keys)
    for item in items:
        replay.accept(item)
    replay.verify_scope(story.now)
    return replay
