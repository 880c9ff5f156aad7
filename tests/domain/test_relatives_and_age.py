"""Relatives, proxies and guardians; what a birthday changes without anybody clicking."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.ages import FROM_12_TO_16, age_of
from domain.channel.terms import AgeGroup
from domain.channel.visibility import served_threads
from domain.ids import Millis
from tests.domain.cast import ANNA, BERIT, DESK, IDA, MONA, NILS, ROLF, Someone
from tests.domain.channel_builder import DAY, START, Story, epoch, joined, message, removed
from tests.domain.rights_builder import CLINIC, ONE, aged, consented, of_a_child, withdrawn

CHILD, YOUNG, GROWN = AgeGroup.UNDER_12, AgeGroup.FROM_12, AgeGroup.FROM_16
PARENTAL = "parental-responsibility"


def test_as_long_as_nothing_is_recorded_the_user_is_of_age(story: Story) -> None:
    for by, join in ((IDA, MONA.joining(PARENTAL)), (ANNA, e.Proposed(MONA.joining(PARENTAL)))):
        with pytest.raises(no.WrongBasis):
            story.try_step(by, (1, join))
    with pytest.raises(no.NothingToShield):
        story.try_step(IDA, (1, e.ThreadShielded()))


def test_one_person_alone_takes_no_rights_from_the_user(story: Story) -> None:
    claimed = aged(CHILD, START + DAY)
    story.unit(ANNA, claimed)
    with pytest.raises(no.SamePersonTwice):
        story.try_step(ANNA, claimed)
    story.copy().unit(IDA, consented(1))
    story.unit(BERIT, aged(CHILD, START + 2 * DAY))
    story.copy().unit(IDA, consented(1))
    story.unit(ANNA, aged(CHILD, START + 2 * DAY))
    assert story.channel.age == age_of(CHILD, Millis(START + 2 * DAY))
    with pytest.raises(no.GuardianDecides):
        story.try_step(IDA, consented(1))


def test_what_gives_the_user_rights_holds_at_once() -> None:
    story = of_a_child(CHILD)
    story.unit(BERIT, aged(YOUNG, START + 9 * DAY))
    story.unit(IDA, consented(1))
    story.unit(BERIT, aged(GROWN), epoch(1))
    assert not story.on_roster(MONA, 1)


@pytest.mark.parametrize("who", [IDA, ROLF])
def test_only_staff_record_an_age(story: Story, who: Someone) -> None:
    with pytest.raises(no.NotPermitted):
        story.try_step(who, aged(GROWN))


@pytest.mark.parametrize(
    "step",
    [
        aged(CHILD),
        aged(YOUNG),
        aged(GROWN, START + DAY),
        aged(CHILD, START),
        aged(CHILD, START + 4384 * DAY),
        aged(YOUNG, START + FROM_12_TO_16 + 1),
    ],
)
def test_an_age_that_cannot_be_is_refused(story: Story, step: tuple[None, e.AgeRecorded]) -> None:
    with pytest.raises(no.AgeImplausible):
        story.try_step(ANNA, step)


def test_under_12_guardians_decide() -> None:
    story = of_a_child(CHILD)
    proposed = story.unit(ANNA, (1, e.Proposed(NILS.joining("consent"))))
    for step in (
        consented(1),
        (1, NILS.joining("consent")),
        (1, e.Approved(proposed)),
        removed(1, MONA),
        (1, e.ParticipantBlocked(MONA.principal)),
        (1, e.ThreadShielded()),
    ):
        with pytest.raises(no.GuardianDecides):
            story.try_step(IDA, step)
    story.unit(MONA, consented(1))
    story.unit(ANNA, (1, NILS.joining("consent")), epoch(1))
    story.unit(MONA, *withdrawn(1), epoch(1))
    assert not story.on_roster(NILS, 1)


def test_from_12_the_child_decides_too_and_a_guardian_stays_until_shut_out() -> None:
    story = of_a_child(CHILD, START + DAY)
    story.pass_time(DAY)
    story.unit(IDA, consented(1))
    story.unit(MONA, *withdrawn(1))
    assert story.on_roster(MONA, 1)
    story.unit(IDA, (1, e.ThreadShielded()), epoch(1))
    assert not story.on_roster(MONA, 1)


def test_a_shielded_thread_has_no_guardians_until_it_is_opened_again() -> None:
    story = of_a_child(YOUNG)
    said = story.unit(IDA, (1, e.ThreadShielded()))
    assert not story.on_roster(MONA, 1)
    assert served_threads(story.channel, MONA.principal, story.at) == frozenset()
    after = story.unit(BERIT, epoch(1), message(1))
    assert not story.reads(MONA, after)
    assert said < after
    with pytest.raises(no.NeedsApproval):
        story.try_step(ANNA, (1, MONA.joining(PARENTAL)))
    story.unit(IDA, (1, e.ShieldLifted(None)))
    joined(story, ANNA, MONA, 1, basis=PARENTAL)


def test_a_shield_is_lifted_over_the_users_head_only_on_a_basis_that_is_logged() -> None:
    story = of_a_child(YOUNG)
    story.unit(IDA, (1, e.ThreadShielded()), epoch(1))
    for basis in (None, "treatment", "unheard-of"):
        with pytest.raises(no.WrongBasis):
            story.try_step(ANNA, (1, e.ShieldLifted(basis)))
    with pytest.raises(no.NotPermitted):
        story.try_step(BERIT, (1, e.ShieldLifted("parental-duty")))
    lifted = story.unit(ANNA, (1, e.ShieldLifted("parental-duty")))
    assert story.reads(IDA, lifted)
    joined(story, ANNA, MONA, 1, basis=PARENTAL)


def test_at_16_a_guardian_is_out_by_time_alone() -> None:
    story = of_a_child(YOUNG, START + 5 * DAY)
    story.pass_time(5 * DAY - 1)
    assert story.on_roster(MONA, 1)
    story.pass_time(1)
    assert not story.on_roster(MONA, 1)
    with pytest.raises(no.NotAParticipant):
        story.try_step(MONA, message(1))
    story.unit(IDA, consented(1))
    with pytest.raises(no.WrongBasis):
        story.try_step(ANNA, (1, e.Proposed(MONA.joining(PARENTAL))))
    joined(story, IDA, MONA, 1, basis="users-choice")
    story.pass_time(900 * DAY)
    assert story.on_roster(MONA, 1)


def test_a_guardian_of_a_child_leaves_four_years_after_its_twelfth_birthday() -> None:
    story = of_a_child(CHILD, START + DAY)
    story.pass_time(DAY + FROM_12_TO_16 - 1)
    assert story.on_roster(MONA, 1)
    story.pass_time(1)
    assert not story.on_roster(MONA, 1)


def test_a_relative_who_is_no_guardian_neither_consents_nor_leaves_at_16() -> None:
    story = of_a_child(CHILD, START + DAY)
    with pytest.raises(no.NotAProxy):
        story.try_step(ROLF, consented(1))
    story.pass_time(DAY + FROM_12_TO_16)
    assert story.on_roster(ROLF, 1)


def test_a_change_of_guardian_is_one_out_and_one_in() -> None:
    story = of_a_child(CHILD)
    fosters = Someone("gro", MONA.standing, "clinic", function="guardian")
    joined(story, ANNA, fosters, 1, basis="child-guardian")
    with pytest.raises(no.NotPermitted):
        story.try_step(ANNA, removed(1, MONA))
    story.unit(MONA, removed(1, MONA))
    story.unit(ANNA, epoch(1), message(1))
    story.unit(fosters, consented(1))


def test_a_relative_joins_on_parental_responsibility_only_as_a_parent_or_guardian() -> None:
    story = of_a_child(CHILD)
    for who in (Someone("rut", MONA.standing, "clinic", function="friend"), Someone("siv", NILS.standing, "welfare")):
        for by in (ANNA, IDA):
            with pytest.raises((no.WrongBasis, no.NotPermitted, no.NeedsApproval)):
                story.try_step(by, (1, who.joining(PARENTAL)))


def test_everybody_in_the_thread_derives_the_same_members_of_a_childs_channel() -> None:
    story = of_a_child(YOUNG, START + 5 * DAY)
    story.pass_time(5 * DAY)
    story.unit(ANNA, epoch(1), message(1))
    for reader in (IDA, ANNA, BERIT, ROLF):
        seen = story.as_seen_by(reader.principal).channel
        assert seen.threads[ONE].members == story.channel.threads[ONE].members
        assert seen.age == story.channel.age


def test_whom_the_user_blocks_is_out_and_only_she_lets_them_in_again(story: Story) -> None:
    joined(story, ANNA, DESK, 1)
    for who in (BERIT, DESK, ROLF):
        story.unit(IDA, (1, e.ParticipantBlocked(who.principal)))
        assert not story.on_roster(who, 1)
        with pytest.raises(no.NotAParticipant):
            story.try_step(who, message(1))
    for who in (BERIT, DESK):
        with pytest.raises(no.NeedsApproval):
            story.try_step(ANNA, (1, who.joining("emergency")))
    story.unit(IDA, (1, BERIT.joining()), epoch(1), message(1))
    assert story.on_roster(BERIT, 1)
    for by in (ANNA, ROLF):
        with pytest.raises((no.NotPermitted, no.NotAParticipant)):
            story.try_step(by, (1, e.ParticipantBlocked(BERIT.principal)))


def test_a_report_is_closed_by_the_organisation_but_not_by_whom_it_is_about(story: Story) -> None:
    reported = story.unit(IDA, (1, e.DeviationOpened(CLINIC, ANNA.principal, "report")))
    for who in (ANNA, BERIT, IDA):
        with pytest.raises(no.NotPermitted):
            story.try_step(who, (1, e.DeviationClosed(reported)))
    joined(story, ANNA, DESK, 1)
    story.unit(DESK, (1, e.DeviationClosed(reported)))
    assert not story.channel.threads[ONE].deviations


def test_a_channel_is_read_only_once_two_people_have_reported_the_death_of_the_user(story: Story) -> None:
    story.unit(ANNA, (None, e.DeathReported(died=True)))
    with pytest.raises(no.SamePersonTwice):
        story.try_step(ANNA, (None, e.DeathReported(died=True)))
    story.unit(ANNA, message(0))
    story.unit(BERIT, (None, e.DeathReported(died=True)))
    for who in (ANNA, BERIT, IDA, ROLF):
        with pytest.raises(no.ChannelIsClosed):
            story.try_step(who, message(1))
    with pytest.raises(no.UserHasDied):
        story.try_step(ANNA, (None, e.ChannelReopened()))
    assert story.on_roster(IDA)
    assert served_threads(story.channel, IDA.principal, story.at) == {0, 1}
    for who in (BERIT, ANNA):
        story.unit(who, (None, e.DeathReported(died=False)))
    story.unit(IDA, message(1))


def test_a_death_reported_by_mistake_is_taken_back_before_it_holds(story: Story) -> None:
    story.unit(ANNA, (None, e.DeathReported(died=True)))
    story.unit(ANNA, (None, e.DeathReported(died=False)))
    story.unit(BERIT, (None, e.DeathReported(died=True)))
    story.unit(IDA, message(1))
