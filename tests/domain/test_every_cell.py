"""The full permission table holds: no cell untested, and no rule changes without somebody reading what changes."""

from typing import get_args

import pytest

from domain.channel import events as e
from tests.domain.asked_acts import ACTS
from tests.domain.every_cell import EXPECTED, PLACES, ROLES, Cell, every_cell, written
from tests.domain.table_channel import STATES, States, begun

GUARDIANS = "guardian"


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return list(every_cell())


def test_every_answer_is_the_one_that_was_reviewed(cells: list[Cell]) -> None:
    """If a rule was meant to change: `python tests/domain/every_cell.py`, and read the diff."""
    assert written(cells) == EXPECTED.read_text("utf-8")


def test_no_cell_is_left_out(cells: list[Cell]) -> None:
    found = {(cell.act, cell.place, cell.state, cell.role) for cell in cells}
    assert len(found) == len(cells)
    assert found == {
        (act.name, place, state, role)
        for act in ACTS
        for place in act.places
        for state in act.states
        for role in ROLES
        if role != GUARDIANS or "user is" in state
    }
    assert {cell.state for cell in cells} == set(STATES)
    assert {cell.place for cell in cells} == set(PLACES)


def test_every_kind_of_act_is_asked_about() -> None:
    asked = set()
    for act in ACTS:
        for who in ROLES.values():
            story = begun(States("open").age).copy() if act.begins == "channel" else act.beginning()
            number, event = act.make(story, PLACES[act.places[0]] or 0, who)
            asked.add(type(event(story.channel, story.at) if callable(event) else event))
            assert number is None or isinstance(number, int)
    assert asked == set(get_args(e.ChannelEvent))


def test_every_refusal_in_the_table_says_why_and_every_permission_by_which_row(cells: list[Cell]) -> None:
    for cell in cells:
        assert (cell.answer.rule is None) is (cell.answer.refusal is not None)


def test_everybody_of_a_role_that_acts_may_do_something_and_a_vault_and_an_outsider_nothing(cells: list[Cell]) -> None:
    may = {role: {c.act for c in cells if c.role == role and c.answer.rule is not None} for role in ROLES}
    assert may["vault"] == {"open a channel"}
    assert may["staff outside the channel"] == {"open a channel"}
    assert may["hub"] == {"enter a key that has moved", "say that a copy has been erased"}
    assert may["auditor"] == {
        "open a channel",
        "ask for an audit",
        "close an own audit",
        "ask the key officers to open messages on an own audit",
    }
    assert may["approver of audits"] == {
        "open a channel",
        "approve an audit that somebody else asked for",
        "refuse an audit, or take its approval back",
    }
    assert all(len(acts) > 1 for role, acts in may.items() if role not in {"vault", "staff outside the channel", "hub"})


def test_nobody_whom_no_organisation_has_charged_does_anything_about_audits(cells: list[Cell]) -> None:
    about = [c for c in cells if "audit" in c.act and c.answer.rule is not None]
    assert {c.role for c in about} == {"auditor", "approver of audits"}
    assert {c.state for c in about} == set(STATES)


def test_the_user_is_never_removed_by_anybody(cells: list[Cell]) -> None:
    assert not [c for c in cells if c.act == "remove the user" and c.answer.rule is not None]


def test_nobody_but_the_user_and_who_speaks_for_her_says_anything_about_consent(cells: list[Cell]) -> None:
    said = [c for c in cells if c.act in {"give consent", "limit a consent", "withdraw consent"}]
    assert {c.role for c in said if c.answer.rule is not None} == {"user", "proxy", "guardian"}


def test_nobody_erases_alone_or_what_another_organisation_answers_for(cells: list[Cell]) -> None:
    never = {
        "propose to erase what was written for another organisation",
        "approve an erasure of another organisation",
        "approve an erasure one has proposed oneself",
        "refuse an erasure of another organisation",
    }
    assert not [c for c in cells if c.act in never and c.answer.rule is not None]
    approves = {c.role for c in cells if c.act == "approve an erasure of the own organisation" and c.answer.rule}
    assert approves <= {"tillitsperson", "staff", "inbox", "staff on consent"}


def test_withdrawing_works_in_every_state_and_every_thread(cells: list[Cell]) -> None:
    hers = [c for c in cells if c.act == "withdraw consent" and c.role == "user" and c.state != "user is under 12"]
    assert hers
    assert all(c.answer.rule is not None for c in hers)
