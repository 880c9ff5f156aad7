"""Joining, leaving, keys that move, and the role of tillitsperson."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.capacities import acting_tillitsperson
from domain.channel.roster import rekey_pending, roster, staff_in_channel
from domain.ids import MAIN_THREAD, OrganisationId, ThreadNo, Version
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, DESK, HUB, IDA, NILS, OLGA, ROLF, Someone, key, named
from tests.domain.channel_builder import (
    DAY,
    Story,
    arrived,
    epoch,
    genesis,
    history,
    joined,
    key_moved,
    message,
    opened,
    removed,
    thread_opened,
)

ONE, TWO = ThreadNo(1), ThreadNo(2)


def _pending(story: Story, thread: ThreadNo) -> bool:
    return rekey_pending(story.channel, story.channel.threads[thread], story.at)


def _handover(story: Story, receiver: Someone, *, ends_access: bool = False, by: Someone = ANNA) -> Version:
    return story.unit(by, (None, e.TillitspersonProposed(receiver.principal, ends_access)))


def test_a_roster_holds_members_user_and_the_vaults_of_those_present(story: Story) -> None:
    names = [entry.principal for entry in roster(story.channel, story.channel.threads[ONE], story.at)]
    assert names == [named(n) for n in ("anna", "berit", "ida", "rolf", "vault clinic", "vault town")]
    story.unit(IDA, removed(1, BERIT), epoch(1))
    names = [entry.principal for entry in roster(story.channel, story.channel.threads[ONE], story.at)]
    assert named("vault town") not in names


def test_expiry_needs_no_event_and_moves_no_membership_version(story: Story) -> None:
    story.unit(IDA, (1, ARNE.joining(until=story.at + DAY)), epoch(1))
    moved = story.channel.threads[ONE].membership_version
    story.pass_time(DAY - 1)
    assert not _pending(story, ONE)
    story.pass_time(1)
    assert _pending(story, ONE)
    assert story.channel.threads[ONE].membership_version == moved
    with pytest.raises(no.RekeyPending):
        story.unit(BERIT, message(1))
    story.unit(BERIT, epoch(1), message(1))
    with pytest.raises(no.NotAParticipant):
        story.try_step(ARNE, message(1))


def test_a_place_that_expired_is_free_again(story: Story) -> None:
    story.unit(IDA, (1, ARNE.joining(until=story.at + DAY)), epoch(1))
    story.pass_time(DAY)
    moved = story.channel.threads[ONE].membership_version
    joined(story, IDA, ARNE, 1)
    assert story.channel.threads[ONE].membership_version == moved + 1


def test_a_removal_elsewhere_leaves_the_new_epoch_to_the_next_author(story: Story) -> None:
    story.unit(ANNA, removed(2, BODIL))
    assert _pending(story, TWO)
    story.unit(BERIT, epoch(2), message(2))
    assert not _pending(story, TWO)


def test_who_leaves_brings_no_epoch_along(story: Story) -> None:
    story.unit(ROLF, removed(1, ROLF))
    assert _pending(story, ONE)


def test_an_approval_by_somebody_outside_leaves_the_epoch_to_those_inside(story: Story) -> None:
    proposal = story.unit(BERIT, (2, e.Proposed(ARNE.joining())))
    story.unit(ANNA, (2, e.Approved(proposal)))
    assert story.on_roster(ARNE, 2)
    assert _pending(story, TWO)


def test_an_emptied_channel_is_open_to_nobody(story: Story) -> None:
    for who in (ANNA, BERIT, DESK):
        story.unit(HUB, (None, key_moved(who, None)))
    assert not staff_in_channel(story.channel, story.at)
    with pytest.raises(no.NotAParticipant):
        story.try_step(OLGA, (0, OLGA.joining()))
    joined(story, IDA, OLGA)


@pytest.mark.parametrize("who", [ANNA, BODIL, OLGA])
def test_an_emptied_thread_is_joined_by_nobody_on_its_own(story: Story, who: Someone) -> None:
    story.unit(BERIT, removed(2, BODIL), epoch(2))
    story.unit(BERIT, removed(2, BERIT))
    with pytest.raises((no.NotAParticipant, no.NotPermitted)):
        story.try_step(who, (2, who.joining()))


def test_the_thread_the_user_opened_is_joined_by_nobody_on_its_own(story: Story) -> None:
    story.unit(IDA, thread_opened(3), epoch(3))
    with pytest.raises(no.NotAParticipant):
        story.try_step(ANNA, (3, ANNA.joining()))


@pytest.mark.parametrize(
    "better",
    [ANNA.joining("follow-up"), ANNA.joining(until=10**12), ANNA.joining(version=2)],
    ids=["basis", "end", "key"],
)
def test_opening_a_thread_gives_no_other_terms_than_in_thread_0(story: Story, better: e.ParticipantJoined) -> None:
    with pytest.raises(no.NotPermitted):
        story.unit(ANNA, thread_opened(3), (3, better), epoch(3))


def test_opening_a_thread_lets_in_nobody_else_on_the_openers_word(story: Story) -> None:
    with pytest.raises(no.NotPermitted):
        story.unit(ANNA, thread_opened(3), (3, ARNE.joining()), (3, ANNA.joining()), epoch(3))


def test_a_channel_is_opened_for_the_own_organisation_and_not_on_consent() -> None:
    first, _, third, *_ = genesis()
    for terms in (BERIT.joining(), ANNA.joining("consent")):
        joining = e.ParticipantJoined(
            **{name: getattr(terms, name) for name in terms.__slots__} | {"principal": ANNA.principal}
        )
        with pytest.raises(no.NotPermitted):
            Story().unit(ANNA, first, (0, joining), third)


def test_a_moved_key_makes_a_new_epoch_due_in_every_thread_of_its_holder(story: Story) -> None:
    before = {n: t.membership_version for n, t in story.channel.threads.items()}
    story.unit(HUB, (None, key_moved(BERIT, 2)))
    assert all(_pending(story, thread) for thread in (MAIN_THREAD, ONE, TWO))
    assert {n: t.membership_version - before[n] for n, t in story.channel.threads.items()} == {0: 1, 1: 1, 2: 1}
    story.unit(HUB, (None, key_moved(IDA, 2)))
    assert story.channel.threads[TWO].membership_version == before[TWO] + 1


def test_a_moved_vault_key_is_on_the_next_roster(story: Story) -> None:
    vault = Someone("vault town", BERIT.standing)
    story.unit(HUB, (None, key_moved(vault, 2)))
    entries = roster(story.channel, story.channel.threads[TWO], story.at)
    assert {e.principal: e.key_version for e in entries}[vault.principal] == 2


def test_a_key_that_moved_while_a_proposal_lay_open_is_the_one_that_joins(story: Story) -> None:
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    vault = Someone("vault clinic", ANNA.standing)
    story.unit(HUB, (None, key_moved(ARNE, 2)), (None, key_moved(vault, 2)))
    story.unit(ANNA, epoch(1), (1, e.Approved(proposal)), epoch(1))
    assert story.channel.threads[ONE].members[ARNE.principal].key == key("arne", 2)
    assert story.channel.threads[ONE].vaults[OrganisationId(named("clinic"))].key == key("vault clinic", 2)


def test_a_proposal_for_somebody_whose_keys_ended_is_gone(story: Story) -> None:
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    story.unit(HUB, (None, key_moved(ARNE, None)))
    with pytest.raises(no.UnknownProposal):
        story.try_step(ANNA, (1, e.Approved(proposal)))


def test_a_question_whose_holder_has_gone_is_free_again(story: Story) -> None:
    question = story.unit(ROLF, message(1, asks=True))
    story.unit(BERIT, (1, e.QuestionTaken(question, None)))
    story.unit(IDA, removed(1, BERIT), epoch(1))
    story.unit(ANNA, (1, e.QuestionTaken(question, None)))
    assert story.channel.threads[ONE].questions[question].holder == ANNA.principal


def test_before_the_users_arrival_the_receiver_alone_confirms() -> None:
    story = opened()
    joined(story, ANNA, BERIT)
    handover = _handover(story, BERIT, ends_access=True)
    story.unit(BERIT, (None, e.TillitspersonConfirmed(handover)), epoch(0))
    assert story.channel.tillitsperson == BERIT.principal
    assert not story.on_roster(ANNA)


@pytest.mark.parametrize("order", [(BERIT, IDA), (IDA, BERIT)], ids=["receiver first", "user first"])
def test_after_the_users_arrival_both_confirm_and_the_second_ends_the_old_access(
    story: Story, order: tuple[Someone, Someone]
) -> None:
    handover = _handover(story, BERIT, ends_access=True)
    first, second = order
    story.unit(first, (None, e.TillitspersonConfirmed(handover)))
    assert story.channel.tillitsperson == ANNA.principal
    assert story.on_roster(ANNA)
    with pytest.raises(no.RekeyMissing):
        story.unit(second, (None, e.TillitspersonConfirmed(handover)))
    story.unit(second, (None, e.TillitspersonConfirmed(handover)), epoch(0), epoch(1))
    assert story.channel.tillitsperson == BERIT.principal
    assert not any(story.on_roster(ANNA, thread) for thread in (0, 1))


def test_a_handover_that_keeps_access_changes_no_roster(story: Story) -> None:
    handover = _handover(story, BERIT)
    for who in (BERIT, IDA):
        story.unit(who, (None, e.TillitspersonConfirmed(handover)))
    assert story.on_roster(ANNA)
    story.unit(ANNA, removed(0, ANNA))


def test_a_handover_in_effect_settles_the_other_ones(story: Story) -> None:
    first, second = _handover(story, BERIT, ends_access=True), _handover(story, BERIT, ends_access=True, by=IDA)
    story.unit(BERIT, (None, e.TillitspersonConfirmed(first)))
    story.unit(IDA, (None, e.TillitspersonConfirmed(first)), epoch(0), epoch(1))
    with pytest.raises(no.UnknownProposal):
        story.try_step(BERIT, (None, e.TillitspersonConfirmed(second)))
    assert story.on_roster(BERIT)


@pytest.mark.parametrize("how", ["expired", "revoked", "removed by the user"])
def test_when_the_tillitsperson_is_gone_the_inbox_of_its_organisation_acts(how: str) -> None:
    story = Story()
    first, _, third, *rest = genesis()
    story.unit(ANNA, first, (0, ANNA.joining(until=story.at + DAY)), third, *rest)
    for colleague in (DESK, BERIT):
        joined(story, ANNA, colleague)
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    assert acting_tillitsperson(story.channel, story.at) == {ANNA.principal}
    if how == "expired":
        story.pass_time(DAY)
    elif how == "revoked":
        story.unit(HUB, (None, key_moved(ANNA, None)))
    else:
        story.unit(IDA, removed(0, ANNA), epoch(0))
    assert story.channel.tillitsperson == ANNA.principal
    assert acting_tillitsperson(story.channel, story.at) == {DESK.principal}
    with pytest.raises(no.NotPermitted):
        story.try_step(BERIT, (None, e.ChannelClosed("ended")))
    story.unit(DESK, epoch(0), (0, NILS.joining()), epoch(0))
    story.unit(DESK, message(0), (None, e.ChannelClosed("ended")))


def test_the_last_staff_member_may_go_once_the_channel_is_closed() -> None:
    story = opened()
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    story.unit(IDA, removed(0, ANNA), epoch(0))
    assert story.on_roster(IDA)


def test_the_user_is_given_all_that_her_inviter_can_read_of_other_threads_too() -> None:
    story = opened()
    story.unit(ANNA, thread_opened(1), (1, ANNA.joining()), epoch(1), message(1))
    with pytest.raises(no.HistoryMissing):
        story.unit(ANNA, arrived(), epoch(0), epoch(1), history(0, IDA))
    start = story.channel.threads[ONE].opened_at + 1
    story.unit(ANNA, arrived(), epoch(0), epoch(1), history(0, IDA), history(1, IDA, start))
    assert all(story.reads(IDA, version) for version in range(2, story.channel.version + 1))


def test_an_inviter_who_came_later_gives_what_it_has() -> None:
    story = opened()
    joined(story, ANNA, BERIT)
    came = story.channel.threads[MAIN_THREAD].members[BERIT.principal].since
    story.unit(BERIT, arrived(), epoch(0), history(0, IDA, came))
    assert not story.reads(IDA, came - 2)


def test_the_user_comes_onto_every_with_user_thread_and_no_other(story: Story) -> None:
    assert [story.on_roster(IDA, thread) for thread in (0, 1, 2)] == [True, True, False]
    story.unit(BERIT, thread_opened(3), (3, BERIT.joining()), epoch(3))
    assert story.on_roster(IDA, 3)
