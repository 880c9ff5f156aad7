"""Erasing takes two people of the organisation that answers for it, and what it changes is the same for everybody."""

from domain.channel import events as e
from domain.channel.erasing import ANSWER_WITHIN, CONFIRM_WITHIN
from domain.ids import Millis, ThreadNo, Version
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, DESK, HUB, IDA, ROLF, Someone
from tests.domain.channel_builder import Story, epoch, joined, message, removed
from tests.domain.erasing_builder import (
    ONE,
    TOWNS_VAULT,
    VAULT,
    approved,
    cleaned,
    decision_in,
    erased,
    proposed,
    refused,
    wished,
    with_two_of_the_clinic,
)

READERS = (IDA, ANNA, ARNE, BERIT, ROLF)


def test_once_two_have_decided_nobody_gets_the_message_and_everybody_can_tell_why() -> None:
    story, mine, theirs = with_two_of_the_clinic()
    assert all(story.reads(who, mine) for who in READERS)
    decision = erased(story, mine)
    for who in READERS:
        assert not story.reads(who, mine)
        assert story.reads(who, theirs)
        assert story.reads(who, decision)
        seen = story.as_seen_by(who.principal)
        assert seen.channel.threads[ONE].erasing == story.channel.threads[ONE].erasing


def test_a_proposal_alone_changes_nothing() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(mine))
    assert all(story.reads(who, mine) for who in READERS)


def test_a_refused_proposal_erases_nothing_and_a_new_one_can_be_made() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ARNE, refused(story.unit(ANNA, proposed(mine))))
    assert story.reads(IDA, mine)
    erased(story, mine)
    assert not story.reads(IDA, mine)


def test_who_comes_later_learns_of_the_decision_but_not_what_it_was_about() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    decision = erased(story, mine)
    joined(story, IDA, BODIL, 1)
    assert story.reads(BODIL, decision)
    assert not story.reads(BODIL, mine)


def test_a_decision_names_who_proposed_who_approved_when_and_on_which_ground() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.pass_time(1000)
    decision = decision_in(story, erased(story, mine))
    assert decision.proposal.proposer == ANNA.author.person
    assert decision.approver == ARNE.author.person
    assert decision.proposal.legal_basis == "persons-right"
    assert decision.proposal.targets == (mine,)
    assert decision.at == story.at


def test_two_people_who_act_for_one_inbox_are_two_and_one_person_in_two_roles_is_one() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    joined(story, ANNA, DESK, 1)
    other = Someone("astrid", DESK.standing, "clinic", inbox=DESK.inbox)
    ref = story.unit(DESK, proposed(mine))
    story.unit(other, approved(ref))
    assert not story.reads(IDA, mine)


def test_every_copy_that_could_exist_is_waited_for_until_it_is_confirmed() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = erased(story, mine)
    assert decision_in(story, ref).holders == {VAULT, TOWNS_VAULT}
    story.try_act(story.act(HUB, cleaned(ref)))
    story.try_act(story.act(HUB, cleaned(ref, VAULT)))
    assert decision_in(story, ref).missing == {TOWNS_VAULT}
    assert decision_in(story, ref).hub_at == story.at
    late = Millis(story.at + CONFIRM_WITHIN)
    assert decision_in(story, ref).overdue(late)
    assert not decision_in(story, ref).overdue(Millis(late - 1))
    story.try_act(story.act(HUB, cleaned(ref, TOWNS_VAULT)))
    assert not decision_in(story, ref).overdue(late)


def test_an_organisation_that_has_left_since_is_still_waited_for_and_one_that_came_later_is_not() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(IDA, removed(1, BERIT), epoch(1))
    later = story.unit(ANNA, message(1))
    assert decision_in(story, erased(story, mine)).holders == {VAULT, TOWNS_VAULT}
    assert decision_in(story, erased(story, later)).holders == {VAULT}


def test_the_users_wish_stands_until_it_is_met_or_refused() -> None:
    story, mine, theirs = with_two_of_the_clinic()
    wish = story.unit(IDA, wished(mine))
    other = story.unit(IDA, wished(mine))
    assert set(story.channel.threads[ONE].erasing.wishes) == {wish, other}
    story.unit(ARNE, approved(story.unit(ANNA, proposed(mine, request=wish))))
    assert set(story.channel.threads[ONE].erasing.wishes) == {other}
    story.unit(ANNA, refused(other))
    assert not story.channel.threads[ONE].erasing.wishes
    assert story.reads(IDA, theirs)
    assert ANSWER_WITHIN > 0


def test_a_question_that_is_erased_waits_for_nobody() -> None:
    story, _mine, _theirs = with_two_of_the_clinic()
    asked = story.unit(ANNA, message(1, asks=True))
    assert asked in story.channel.threads[ONE].questions
    erased(story, asked)
    assert asked not in story.channel.threads[ONE].questions


def test_erasing_works_in_a_closed_channel() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    erased(story, mine)
    assert not story.reads(IDA, mine)


def test_what_is_erased_changes_no_member_and_no_key() -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    before = story.channel.threads[ONE]
    erased(story, mine)
    after = story.channel.threads[ONE]
    assert (after.members, after.epoch, after.ranges, after.membership_version) == (
        before.members,
        before.epoch,
        before.ranges,
        before.membership_version,
    )


def test_a_word_about_nothing_changes_nothing_whoever_records_it() -> None:
    story = Story(with_two_of_the_clinic()[0].channel)
    for step in (approved(3), refused(3), cleaned(3)):
        story.record(story.act(HUB, step))
    assert not story.channel.threads[ONE].erasing.decisions
    assert Version(3) not in story.channel.threads[ThreadNo(0)].erasing.erased
