"""Undoing an arrival: two people, and afterwards exactly the right one reads exactly the right things."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.roster import rekey_pending
from domain.channel.terms import AgeGroup, UndoReason
from domain.channel.visibility import is_served, served_threads
from domain.ids import MAIN_THREAD, ThreadNo
from tests.domain.cast import ANNA, ARNE, BERIT, DESK, IDA, NILS, ROLF, Someone
from tests.domain.channel_builder import Story, arrived, epoch, history, joined, message, replayed, undone
from tests.domain.rights_builder import ONE, WELFARE, consented, of_a_child, withdrawn

THIEF = IDA
"""Whoever answered the stolen link; the cast calls that one Ida."""
ELLE = Someone("elle", IDA.standing, "clinic")
"""The real user, who comes afterwards."""
LOST, WRONG = UndoReason.LOST_KEYS, UndoReason.WRONG_PERSON


def undo(story: Story, reason: UndoReason = WRONG) -> None:
    first = story.unit(BERIT, undone(reason=reason))
    story.unit(ANNA, undone(reason=reason, confirms=first), epoch(0), epoch(1))


def elle_arrives(story: Story) -> None:
    since = story.channel.threads[ONE].members[ANNA.principal].since
    story.unit(ANNA, arrived(ELLE), epoch(0), history(0, ELLE), epoch(1), history(1, ELLE, since))


def test_one_person_alone_undoes_nothing_and_two_without_the_tillitsperson_neither(story: Story) -> None:
    joined(story, ANNA, ARNE)
    first = story.unit(BERIT, undone())
    with pytest.raises(no.SamePersonTwice):
        story.try_step(BERIT, undone(confirms=first))
    with pytest.raises(no.NotTheApprover):
        story.try_step(ARNE, undone(confirms=first))
    assert story.channel.user is not None
    story.unit(ANNA, undone(confirms=first), epoch(0), epoch(1))
    assert story.channel.user is None


def test_staff_confirm_what_the_tillitsperson_said(story: Story) -> None:
    first = story.unit(ANNA, undone())
    story.unit(BERIT, undone(confirms=first), epoch(0), epoch(1))
    assert story.channel.user is None


def test_who_acts_for_an_inbox_is_not_a_second_person(story: Story) -> None:
    first = story.unit(Someone("anders", DESK.standing, "clinic", inbox="clinic desk"), undone())
    joined(story, ANNA, Someone("anders", ANNA.standing, "clinic"))
    with pytest.raises(no.SamePersonTwice):
        story.try_step(Someone("anders", ANNA.standing, "clinic"), undone(confirms=first))


def test_two_must_say_the_same(story: Story) -> None:
    first = story.unit(BERIT, undone(reason=LOST))
    with pytest.raises(no.UnknownProposal):
        story.try_step(ANNA, undone(reason=WRONG, confirms=first))


def test_an_undoing_brings_new_keys_and_the_thief_is_on_no_roster_and_served_nothing(story: Story) -> None:
    first = story.unit(BERIT, undone())
    with pytest.raises(no.RekeyMissing):
        story.unit(ANNA, undone(confirms=first))
    story.unit(ANNA, undone(confirms=first), epoch(0), epoch(1))
    assert not any(story.on_roster(THIEF, number) for number in story.channel.threads)
    assert not is_served(story.channel, THIEF.principal, story.at)
    assert not served_threads(story.channel, THIEF.principal, story.at)
    with pytest.raises(no.NotAParticipant):
        story.try_step(THIEF, message(0))
    assert not story.reads(THIEF, story.unit(ANNA, message(0)))


def test_the_real_user_comes_afterwards_and_reads_all_that_was_said_with_the_user(story: Story) -> None:
    meanwhile = story.unit(THIEF, message(0))
    undo(story)
    after = story.unit(ANNA, message(0))
    elle_arrives(story)
    hers = story.unit(ELLE, message(0))
    assert all(story.reads(ELLE, version) for version in (meanwhile, after, hers))
    assert not any(story.reads(THIEF, version) for version in (after, hers))
    assert story.on_roster(ELLE)
    assert story.on_roster(ELLE, 1)


def test_what_was_open_to_the_thief_stays_known(story: Story) -> None:
    undo(story)
    spans = story.channel.threads[MAIN_THREAD].ranges[THIEF.principal]
    assert spans
    assert all(span.until is not None and span.until <= story.channel.version for span in spans)


def test_nothing_that_the_thief_said_counts_any_more(story: Story) -> None:
    story.unit(THIEF, consented(1), (1, NILS.joining("consent")), epoch(1))
    story.unit(THIEF, (1, e.ParticipantBlocked(BERIT.principal)), epoch(1))
    story.unit(THIEF, *withdrawn(1, house=WELFARE), epoch(1))
    story.unit(THIEF, consented(1), (1, NILS.joining("consent")), epoch(1))
    undo(story)
    thread = story.channel.threads[ONE]
    assert set(thread.members) == {ANNA.principal}, "Rolf, whom the thief brought along, and Nils are out"
    assert (dict(thread.consents), thread.blocked) == ({}, frozenset())
    assert not story.reads(ROLF, story.unit(ANNA, message(1)))
    joined(story, ANNA, BERIT, 1)


def test_who_has_lost_her_keys_finds_what_she_said_and_whom_she_brought_along(story: Story) -> None:
    story.unit(THIEF, consented(1), (1, NILS.joining("consent")), epoch(1))
    undo(story, LOST)
    assert {NILS.principal, ROLF.principal} <= set(story.channel.threads[ONE].members)
    assert WELFARE in story.channel.threads[ONE].consents
    assert not is_served(story.channel, THIEF.principal, story.at)
    elle_arrives(story)
    story.unit(ELLE, *withdrawn(1), epoch(1))


def test_a_shield_stays_whoever_put_it_up() -> None:
    story = of_a_child(AgeGroup.FROM_12)
    story.unit(THIEF, (1, e.ThreadShielded()), epoch(1))
    undo(story)
    assert story.channel.threads[ONE].shielded


def test_an_arrival_is_undone_in_a_closed_channel_too(story: Story) -> None:
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    undo(story)
    assert story.channel.user is None


def test_a_second_user_is_refused_until_the_first_is_undone_and_the_undone_one_is_not_undone_again(
    story: Story,
) -> None:
    with pytest.raises(no.UserAlreadyArrived):
        story.try_step(ANNA, arrived(ELLE))
    first = story.unit(BERIT, undone())
    story.unit(ANNA, undone(confirms=first), epoch(0), epoch(1))
    with pytest.raises(no.NotAMember):
        story.try_step(BERIT, undone())


def test_a_relative_derives_the_same_members_of_its_own_thread(story: Story) -> None:
    undo(story, LOST)
    seen = story.as_seen_by(ROLF.principal)
    assert seen.channel.user is None
    assert seen.channel.threads[ThreadNo(1)].members == story.channel.threads[ThreadNo(1)].members
    assert seen.on_roster(IDA, 1) is story.on_roster(IDA, 1) is False


def test_a_question_that_the_thief_took_is_free_again(story: Story) -> None:
    asked = story.unit(ANNA, message(0, asks=True))
    story.unit(THIEF, (0, e.QuestionTaken(asked, None)))
    undo(story)
    story.unit(BERIT, (0, e.QuestionTaken(asked, None)))


def test_replaying_the_records_gives_the_same_state(story: Story) -> None:
    undo(story)
    assert replayed(story.records) == story.channel
    assert not rekey_pending(story.channel, story.channel.threads[MAIN_THREAD], story.at)
