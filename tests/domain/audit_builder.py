"""Audit cases for the tests of the domain: what is asked for, and the usual way of a case."""

from dataclasses import replace
from typing import Any

from domain.channel import events as e
from domain.channel.audits import AuditCase, AuditKind, CaseTerms
from domain.ids import Millis, ThreadNo, Version
from tests.domain.cast import AGNES, ASTRID, Someone
from tests.domain.channel_builder import DAY, START, Story


def terms(at: Millis = START, **changed: Any) -> CaseTerms:
    """The headers of thread 0 so far, for a week from now."""
    usual = CaseTerms(
        kind=AuditKind.METADATA,
        number="2026/17",
        purpose="log-review",
        legal_basis="internal-control",
        threads=(ThreadNo(0),),
        since=Millis(0),
        until=None,
        organisations=(),
        begins=at,
        ends=Millis(at + 7 * DAY),
    )
    return replace(usual, **changed)


def messages_too(at: Millis = START, **changed: Any) -> CaseTerms:
    return terms(at, **{"kind": AuditKind.CONTENT, "purpose": "incident", **changed})


def ask(story: Story, who: Someone = AGNES, **changed: Any) -> Version:
    """A case is opened; its version."""
    return story.unit(who, (None, e.CaseOpened(terms(story.at, **changed))))


def approval(story: Story, case: Version, **changed: Any) -> e.CaseApproved:
    asked = story.channel.cases[case]
    return replace(e.CaseApproved(case, asked.auditor, asked.terms), **changed)


def approve(story: Story, ref: Version, who: Someone = ASTRID) -> Version:
    return story.unit(who, (None, approval(story, ref)))


def approved(story: Story, who: Someone = AGNES, **changed: Any) -> AuditCase:
    """A case that its auditor may look on."""
    ref = ask(story, who, **changed)
    approve(story, ref)
    return story.channel.cases[ref]


def content(ref: Version, threads: tuple[int, ...] = (0,), start: int = 1, last: int = 1) -> e.ContentAsked:
    numbers = tuple(ThreadNo(thread) for thread in threads)
    return e.ContentAsked(ref, b"v" * 32, numbers, Version(start), Version(last))
