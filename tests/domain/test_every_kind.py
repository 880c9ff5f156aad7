"""The register of kinds, the decision table and the functions that decide and evolve name the same kinds."""

import ast
import inspect
from typing import get_args

import pytest

from domain.access.events import ACCESS_KINDS, AccessEvent
from domain.channel import (
    audit_cases,
    checks,
    checks_of_audits,
    checks_of_erasing,
    checks_of_rights,
    evolve,
    evolve_erasing,
    evolve_rights,
    evolve_thread,
)
from domain.channel import events as e
from domain.channel.conditions import CHECKS
from domain.channel.kinds import KIND_NAMED, KIND_OF, KINDS, Body, Kind
from domain.channel.permissions import TABLE, Actor, Condition
from domain.channel.terms import KindClass
from domain.ids import ThreadNo
from tests.domain.anything import KINDS as TRIED
from tests.domain.channel_builder import Story, opened

ERASING = set(get_args(e.ErasingEvent))
AUDITS = set(get_args(e.AuditEvent))
RIGHTS = {*get_args(e.RightsEvent), *get_args(e.AboutUserEvent)}
ELSEWHERE = RIGHTS | ERASING | AUDITS
UNCHANGED_AS_THEY_ARE: dict[object, set[type]] = {
    checks: {e.ChannelClosed, e.KeyMoved, e.Declined, e.DeviationClosed, *get_args(e.QuestionEvent), *ELSEWHERE},
    checks_of_erasing: set(get_args(e.ChannelEvent)) - ERASING,
    checks_of_rights: set(get_args(e.ChannelEvent)) - RIGHTS,
    checks_of_audits: set(get_args(e.ChannelEvent)) - AUDITS,
    audit_cases: set(get_args(e.ChannelEvent)) - AUDITS,
    evolve: {e.Declined, *get_args(e.ThreadEvent), *ELSEWHERE},
    evolve_erasing: set(get_args(e.ChannelEvent)) - ERASING,
    evolve_rights: set(get_args(e.ChannelEvent)) - RIGHTS,
    evolve_thread: set(get_args(e.InThreadEvent)) - set(get_args(e.ThreadEvent)) | set(get_args(e.ChannelWideEvent)),
}
"""Kinds that a module need not name one by one: nothing more is asked, or another module does it."""


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_kind_is_an_event_with_a_row_and_is_tried_by_the_properties(kind: Kind) -> None:
    assert kind.event in get_args(e.ChannelEvent)
    assert (kind.event in TABLE) is not (kind.event is e.Proposed)
    assert kind.event in TRIED
    assert KIND_OF[kind.event] is KIND_NAMED[kind.name] is kind


def test_every_event_has_a_kind() -> None:
    assert set(get_args(e.ChannelEvent)) == {kind.event for kind in KINDS}
    assert set(get_args(AccessEvent)) == {kind.event for kind in ACCESS_KINDS}
    assert len(KIND_NAMED) == len(KIND_OF) == len(KINDS)


@pytest.mark.parametrize("module", UNCHANGED_AS_THEY_ARE, ids=lambda module: module.__name__)
def test_every_kind_is_handled_by_name_or_listed_as_needing_nothing(module: object) -> None:
    assert inspect.ismodule(module)
    tree = ast.parse(inspect.getsource(module))
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {kind.event for kind in KINDS if kind.event.__name__ not in named} <= UNCHANGED_AS_THEY_ARE[module]


def test_an_event_belongs_to_a_thread_exactly_if_its_kind_says_so() -> None:
    assert {kind.event for kind in KINDS if kind.in_thread} == set(get_args(e.InThreadEvent))
    assert {kind.event for kind in KINDS if not kind.in_thread} == set(get_args(e.ChannelWideEvent))


def test_only_sealed_kinds_carry_content() -> None:
    assert {k.event for k in KINDS if k.kind_class is KindClass.CONTENT} == {
        k.event for k in KINDS if k.body is Body.SEALED
    }


def test_every_condition_is_asked_by_some_row_and_has_a_check() -> None:
    asked = {condition for rules in TABLE.values() for rule in rules for condition in rule.conditions}
    assert asked == set(Condition) == set(CHECKS)


def test_every_capacity_has_a_row() -> None:
    assert {rule.actor for rules in TABLE.values() for rule in rules} == set(Actor)


def test_an_act_in_the_wrong_place_changes_nothing_when_recorded() -> None:
    story = opened()
    before = story.channel.threads
    for number, event in ((None, e.MessageRetracted), (ThreadNo(9), e.MessageRetracted)):
        act = story.act(story.records[0].act.author, (0, event(story.channel.version)))
        wrong = Story(story.channel)
        wrong.record(type(act)(act.author, number, act.event, 0, act.epoch))
        assert wrong.channel.threads == before


def test_the_channels_secret_is_in_no_text_about_it() -> None:
    story = opened()
    assert story.channel.stream_secret
    assert all(b"ssss" not in repr(thing).encode() for thing in (story.channel, story.records[0]))
