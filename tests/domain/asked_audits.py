"""Of the permission table: audit cases."""

from collections.abc import Callable

from domain.channel import events as e
from domain.channel.audits import CaseTerms
from domain.ids import Version
from tests.domain.asked_roles import Role, by
from tests.domain.audit_builder import content, messages_too, terms
from tests.domain.cast import AGNES, ASTRID, Someone
from tests.domain.channel_builder import Step, Story

Make = Callable[[Story, int, Role], Step]
CHANNEL = ("the channel",)
OTHER = Someone("arvid", AGNES.standing, AGNES.house, charge=AGNES.charge)
"""Another auditor of the clinic."""


def _opens(_story: Story, _at: int, _who: Role) -> Step:
    return None, e.CaseOpened(terms(_story.at))


def _case(story: Story, who: Role, wanted: CaseTerms, *, approved: bool) -> e.CaseApproved:
    ref = by(story, who, (None, e.CaseOpened(wanted)))
    case = story.channel.cases.get(ref)
    approval = e.CaseApproved(ref, case.auditor if case is not None else AGNES.principal, wanted)
    if approved:
        by(story, ASTRID, (None, approval))
    return approval


def _approves(*, own: bool) -> Make:
    return lambda story, _at, who: (None, _case(story, who if own else OTHER, terms(story.at), approved=False))


def _refuses(story: Story, _at: int, _who: Role) -> Step:
    return None, e.CaseRefused(_case(story, OTHER, terms(story.at), approved=True).ref)


def _closes(*, own: bool) -> Make:
    def make(story: Story, _at: int, who: Role) -> Step:
        return None, e.CaseClosed(_case(story, who if own else OTHER, terms(story.at), approved=True).ref)

    return make


def _opens_messages(*, own: bool) -> Make:
    def make(story: Story, _at: int, who: Role) -> Step:
        ref: Version = _case(story, who if own else OTHER, messages_too(story.at), approved=True).ref
        return None, content(ref)

    return make


AUDITS: tuple[tuple[str, Make, tuple[str, ...]], ...] = (
    ("ask for an audit", _opens, CHANNEL),
    ("approve an audit that somebody else asked for", _approves(own=False), CHANNEL),
    ("approve an audit that one asked for oneself", _approves(own=True), CHANNEL),
    ("refuse an audit, or take its approval back", _refuses, CHANNEL),
    ("close an own audit", _closes(own=True), CHANNEL),
    ("close another's audit", _closes(own=False), CHANNEL),
    ("ask the key officers to open messages on an own audit", _opens_messages(own=True), CHANNEL),
    ("ask the key officers to open messages on another's audit", _opens_messages(own=False), CHANNEL),
)
