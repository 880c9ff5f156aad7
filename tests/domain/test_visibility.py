"""Who reads what, and what a reader who holds stubs can still derive."""

from dataclasses import replace

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.roster import roster, sees_team
from domain.channel.visibility import is_served, served_threads
from domain.ids import MAIN_THREAD, EpochNo, Millis, ThreadNo
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, HUB, IDA, NILS, OLGA, ROLF, RUTH
from tests.domain.channel_builder import DAY, Story, epoch, history, joined, key_moved, message, removed, thread_opened

ONE, TWO = ThreadNo(1), ThreadNo(2)


def test_a_newcomer_reads_nothing_before_its_joining_unless_granted(story: Story) -> None:
    before = story.unit(BERIT, message(1))
    joined(story, ANNA, ARNE, 1)
    after = story.unit(BERIT, message(1))
    assert not story.reads(ARNE, before)
    assert story.reads(ARNE, after)
    story.unit(ANNA, history(1, ARNE, before, before))
    assert story.reads(ARNE, before)
    assert not story.reads(ARNE, before - 1)


def test_a_removed_member_reads_nothing_of_what_follows(story: Story) -> None:
    story.unit(IDA, removed(1, ROLF), epoch(1))
    after = story.unit(BERIT, message(1))
    assert not story.reads(ROLF, after)
    assert not is_served(story.channel, ROLF.principal, story.at)


def test_a_relative_removed_from_one_thread_no_longer_sees_who_joins_it(story: Story) -> None:
    story.unit(IDA, thread_opened(3), epoch(3))
    joined(story, IDA, ROLF, 3, basis="users-choice")
    story.unit(IDA, removed(3, ROLF), epoch(3))
    joined(story, IDA, NILS, 3, basis="consent")
    joining = story.channel.version - 1
    assert is_served(story.channel, ROLF.principal, story.at)
    assert not story.reads(ROLF, joining)
    assert story.reads(BODIL, joining)


def test_after_expiry_and_rejoining_there_is_a_gap(story: Story) -> None:
    story.unit(IDA, (1, ARNE.joining(until=story.at + DAY)), epoch(1))
    first = story.unit(BERIT, message(1))
    story.pass_time(DAY)
    assert not story.on_roster(ARNE, 1)
    gap = story.unit(BERIT, epoch(1), message(1)) + 1
    story.pass_time(DAY)
    joined(story, IDA, ARNE, 1)
    again = story.unit(BERIT, message(1))
    assert [story.reads(ARNE, version) for version in (first, gap, again)] == [True, False, True]
    seen = story.as_seen_by(ARNE.principal)
    assert seen.channel.threads[ONE].ranges[ARNE.principal] == story.channel.threads[ONE].ranges[ARNE.principal]


def test_a_principal_whose_keys_ended_is_out_of_every_thread(story: Story) -> None:
    story.unit(HUB, (None, key_moved(BERIT, None)))
    assert not any(story.on_roster(BERIT, thread) for thread in (0, 1, 2))
    assert not is_served(story.channel, BERIT.principal, story.at)
    with pytest.raises(no.RekeyPending):
        story.unit(ANNA, message(1))
    after = story.unit(ANNA, epoch(1), message(1)) + 1
    assert not story.reads(BERIT, after)


def test_what_is_retracted_is_a_stub_for_all_and_what_is_misplaced_for_those_named(story: Story) -> None:
    retracted, misplaced = story.unit(BERIT, message(1)), story.unit(BERIT, message(1))
    story.unit(BERIT, (1, e.MessageRetracted(retracted)))
    story.unit(ANNA, (1, e.MessageMisplaced(misplaced, (ROLF.principal,))))
    assert not any(story.reads(who, retracted) for who in (ANNA, BERIT, IDA, ROLF))
    assert [story.reads(who, misplaced) for who in (ANNA, BERIT, IDA, ROLF)] == [True, True, True, False]


def test_what_is_retracted_can_still_be_reported_as_misplaced(story: Story) -> None:
    written = story.unit(BERIT, message(1))
    story.unit(BERIT, (1, e.MessageRetracted(written)))
    deviation = story.unit(BERIT, (1, e.MessageMisplaced(written, (ROLF.principal,))))
    assert deviation in story.channel.threads[ONE].deviations


@pytest.mark.parametrize("hide", ["retracted", "misplaced"])
def test_a_newcomer_can_tell_why_something_in_its_granted_stretch_is_a_stub(story: Story, hide: str) -> None:
    written = story.unit(BERIT, message(1))
    retracting, misplacing = e.MessageRetracted(written), e.MessageMisplaced(written, (ARNE.principal,))
    story.unit(BERIT, (1, retracting if hide == "retracted" else misplacing))
    joined(story, ANNA, ARNE, 1)
    story.unit(ANNA, history(1, ARNE, written, written))
    seen = story.as_seen_by(ARNE.principal)
    assert not story.reads(ARNE, written)
    assert not seen.reads(ARNE, written)


def test_a_granted_message_is_accepted_by_who_never_saw_its_epoch(story: Story) -> None:
    story.unit(ANNA, epoch(1))
    written = story.unit(BERIT, message(1))
    joined(story, ANNA, ARNE, 1)
    story.unit(ANNA, history(1, ARNE, written, written))
    assert story.as_seen_by(ARNE.principal).reads(ARNE, written)


def test_who_saw_every_epoch_accepts_no_message_under_another(story: Story) -> None:
    written = story.unit(BERIT, message(1))
    story.unit(BERIT, (1, e.MessageRetracted(written)))
    seen = story.as_seen_by(IDA.principal)
    forged = story.act(BERIT.author, message(1))
    with pytest.raises(no.StaleEpoch):
        seen.try_act(replace(forged, epoch=EpochNo(forged.epoch + 1)))


def test_a_grant_of_what_was_granted_out_of_sight_is_accepted(story: Story) -> None:
    story.unit(ANNA, history(0, BERIT))
    joined(story, ANNA, ARNE)
    story.unit(BERIT, history(0, ARNE, 2, 4))
    joined(story, ANNA, OLGA)
    story.unit(ARNE, history(0, OLGA, 2, 4))
    seen = story.as_seen_by(OLGA.principal).channel.threads[MAIN_THREAD]
    assert seen.ranges[OLGA.principal] == story.channel.threads[MAIN_THREAD].ranges[OLGA.principal]


def test_a_taken_question_from_before_is_settled_before_a_newcomers_eyes(story: Story) -> None:
    question = story.unit(ROLF, message(1, asks=True))
    joined(story, ANNA, ARNE, 1)
    story.unit(BERIT, (1, e.QuestionTaken(question, None)))
    story.unit(BERIT, (1, e.QuestionDone(question)))
    assert not story.as_seen_by(ARNE.principal).channel.threads[ONE].questions


def test_a_relative_derives_its_threads_without_knowing_who_is_in_thread_0(story: Story) -> None:
    joined(story, ANNA, ARNE)
    handover = story.unit(BERIT, (None, e.TillitspersonProposed(BERIT.principal, ends_access=True)))
    story.unit(BERIT, (None, e.TillitspersonConfirmed(handover)))
    story.unit(IDA, (None, e.TillitspersonConfirmed(handover)), epoch(0), epoch(1))
    story.unit(BERIT, (1, NILS.joining()), epoch(1))
    story.unit(ARNE, thread_opened(3), (3, ARNE.joining()), epoch(3))
    joined(story, IDA, RUTH, 3, basis="users-choice")
    story.unit(BERIT, message(0), (None, e.ChannelClosed("ended")))
    for reader, number in ((ROLF, ONE), (RUTH, ThreadNo(3))):
        seen = story.as_seen_by(reader.principal).channel
        assert not sees_team(seen)
        assert not seen.threads[MAIN_THREAD].members
        assert roster(seen, seen.threads[number], story.at) == roster(
            story.channel, story.channel.threads[number], story.at
        )
        assert (seen.tillitsperson, seen.closed) == (BERIT.principal, True)


def test_a_relative_still_refuses_an_invisible_member_of_its_own_thread(story: Story) -> None:
    seen = story.as_seen_by(ROLF.principal)
    for step in ((1, NILS.joining()), message(1)):
        with pytest.raises(no.NotAParticipant):
            seen.try_step(OLGA, step)


def test_a_replay_remembers_which_classes_of_acts_it_did_not_see(story: Story) -> None:
    seen = story.as_seen_by(BODIL.principal).channel
    assert sees_team(seen)
    assert {kind.value for kind in seen.threads[ONE].unseen} == {"key", "content"}


def test_the_user_is_served_with_user_threads_for_ever_and_staff_while_they_last(story: Story) -> None:
    later = Millis(story.at + 9 * DAY)
    assert served_threads(story.channel, IDA.principal, later) == {MAIN_THREAD, ONE}
    assert served_threads(story.channel, BERIT.principal, later) == {MAIN_THREAD, ONE, TWO}
    assert served_threads(story.channel, OLGA.principal, later) == set()
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    assert is_served(story.channel, IDA.principal, later)


def test_the_user_sees_that_a_staff_only_thread_exists_and_who_is_in_it_but_not_what_is_said(story: Story) -> None:
    in_two = [r for r in story.records if r.act.thread == TWO]
    shown = {type(r.act.event) for r in in_two if story.reads(IDA, r.version)}
    assert shown == {e.ThreadOpened, e.ParticipantJoined}
