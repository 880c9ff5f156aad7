"""The user's consent: whom it lets in, how far it reaches, and that withdrawing holds at once."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.roster import rekey_pending
from domain.channel.visibility import served_threads
from domain.ids import MAIN_THREAD, PrincipalId
from tests.domain.cast import ANNA, BERIT, IDA, NILS, PER, ROLF, Someone, named
from tests.domain.channel_builder import (
    DAY,
    START,
    Story,
    around_ida,
    epoch,
    history,
    joined,
    message,
    removed,
    thread_opened,
)
from tests.domain.rights_builder import CLINIC, NILLE, ONE, TOWN, WELFARE, consented, limited, with_nils, withdrawn

VAULT = PrincipalId(named("vault welfare"))


def vault_is_on(story: Story, thread: int = 1) -> bool:
    return story.on_roster(Someone("vault welfare", NILS.standing), thread)


def test_a_recorded_consent_lets_staff_bring_colleagues_of_that_organisation_along(story: Story) -> None:
    with pytest.raises(no.NeedsApproval):
        story.try_step(ANNA, (1, NILS.joining("consent")))
    story.unit(IDA, consented(1))
    story.unit(ANNA, (1, NILS.joining("consent")), epoch(1))
    story.unit(NILS, (1, NILLE.joining("consent")), epoch(1))
    with pytest.raises(no.NeedsApproval):
        story.try_step(BERIT, (1, NILLE.joining("consent")))


def test_a_consent_is_for_one_thread_and_one_organisation(story: Story) -> None:
    story.unit(IDA, consented(1, TOWN))
    with pytest.raises(no.NeedsApproval):
        story.try_step(ANNA, (1, NILS.joining("consent")))
    story.unit(IDA, consented(0))
    with pytest.raises(no.NeedsApproval):
        story.try_step(ANNA, (1, NILS.joining("consent")))


@pytest.mark.parametrize("who", [ANNA, BERIT, NILS, ROLF])
def test_nobody_else_consents_for_the_user(who: Someone) -> None:
    story = with_nils(IDA)
    for step in (consented(1), limited(1), *withdrawn(1)):
        with pytest.raises((no.NotPermitted, no.NotAProxy)):
            story.try_step(who, step)


def test_a_proxy_consents_where_the_user_lets_it_in_and_nowhere_else(story: Story) -> None:
    joined(story, IDA, PER, 1, basis="users-choice")
    story.unit(PER, consented(1), (1, e.MessagesSeen(story.channel.version)))
    story.unit(ANNA, (1, NILS.joining("consent")), epoch(1))
    with pytest.raises(no.NotAParticipant):
        story.try_step(PER, consented(0))
    story.unit(PER, *withdrawn(1), epoch(1))
    assert not story.on_roster(NILS, 1)
    story.unit(IDA, removed(1, PER), epoch(1))
    with pytest.raises(no.NotAParticipant):
        story.try_step(PER, consented(1))


def test_who_withdraws_is_obeyed_at_once_and_the_vault_leaves_with_the_last_one() -> None:
    story = with_nils(IDA)
    assert vault_is_on(story)
    said = story.unit(IDA, *withdrawn(1))
    assert not story.on_roster(NILS, 1)
    assert not vault_is_on(story)
    assert served_threads(story.channel, NILS.principal, story.at) == frozenset()
    assert rekey_pending(story.channel, story.channel.threads[ONE], story.at)
    with pytest.raises(no.RekeyPending):
        story.unit(ANNA, message(1))
    after = story.unit(ANNA, epoch(1), message(1))
    assert story.reads(IDA, after)
    assert not any(story.reads(NILS, version) for version in (said + 1, after, after + 1))
    with pytest.raises(no.NotAParticipant):
        story.try_step(NILS, message(1))


def test_the_user_withdraws_and_opens_the_new_key_in_one_unit() -> None:
    story = with_nils(IDA)
    story.unit(IDA, *withdrawn(1), epoch(1), message(1))
    assert not rekey_pending(story.channel, story.channel.threads[ONE], story.at)


def test_what_another_basis_carries_stays(story: Story) -> None:
    story.unit(IDA, (1, NILS.joining("consent")), epoch(1))
    story.unit(IDA, (1, NILLE.joining("service-decision")), epoch(1))
    story.unit(IDA, *withdrawn(1), epoch(1))
    assert not story.on_roster(NILS, 1)
    assert story.on_roster(NILLE, 1)
    assert vault_is_on(story)


def test_a_consent_that_lies_in_the_users_own_invitation_is_withdrawn_in_the_same_way(story: Story) -> None:
    story.unit(IDA, (1, NILS.joining("consent")), epoch(1))
    story.unit(IDA, *withdrawn(1), epoch(1))
    assert not story.on_roster(NILS, 1)


def test_after_an_objection_only_the_user_lets_the_organisation_in_again() -> None:
    story = with_nils(IDA)
    story.unit(IDA, *withdrawn(1), epoch(1))
    for basis in ("consent", "treatment", "follow-up"):
        with pytest.raises(no.NeedsApproval):
            story.try_step(ANNA, (1, NILS.joining(basis)))
    proposed = story.unit(ANNA, (1, e.Proposed(NILS.joining("consent"))))
    story.unit(IDA, (1, e.Approved(proposed)), epoch(1))
    assert story.on_roster(NILS, 1)


def test_an_objection_ahead_of_time_stops_what_the_law_lets_her_stop(story: Story) -> None:
    story.unit(IDA, *withdrawn(1))
    with pytest.raises(no.NeedsApproval):
        story.try_step(ANNA, (1, NILS.joining("treatment")))
    story.try_step(ANNA, (1, NILS.joining("emergency")))


def test_a_consent_ends_by_time_alone() -> None:
    story = with_nils(IDA, until=START + DAY)
    story.unit(NILS, message(1))
    story.pass_time(DAY)
    assert not story.on_roster(NILS, 1)
    assert not vault_is_on(story)
    assert served_threads(story.channel, NILS.principal, story.at) == frozenset()
    with pytest.raises(no.NotAParticipant):
        story.try_step(NILS, message(1))
    with pytest.raises(no.RekeyPending):
        story.unit(ANNA, message(1))
    assert not story.reads(NILS, story.unit(ANNA, epoch(1), message(1)))


def test_the_earlier_of_term_and_consent_ends_a_membership() -> None:
    story = with_nils(IDA, until=START + 3 * DAY, term=START + DAY)
    story.unit(IDA, consented(1, until=START + 9 * DAY))
    story.pass_time(DAY)
    assert not story.on_roster(NILS, 1)


def test_a_consent_given_anew_carries_longer_but_wakes_nobody_who_is_out() -> None:
    story = with_nils(IDA, until=START + DAY)
    story.unit(IDA, consented(1, until=START + 2 * DAY))
    story.pass_time(DAY)
    assert story.on_roster(NILS, 1)
    story.pass_time(DAY)
    story.unit(IDA, consented(1, until=START + 9 * DAY), epoch(1))
    assert not story.on_roster(NILS, 1)
    story.unit(ANNA, (1, NILS.joining("consent")), epoch(1))
    assert story.on_roster(NILS, 1)


def test_the_user_invites_somebody_after_a_consent_has_run_out_and_that_is_a_new_one() -> None:
    story = with_nils(IDA, until=START + DAY)
    story.pass_time(2 * DAY)
    story.unit(IDA, (1, NILS.joining("consent")), epoch(1))
    assert story.on_roster(NILS, 1)


def test_a_limited_consent_ends_earlier_and_reaches_less_far_back() -> None:
    story = with_nils(IDA, until=START + 9 * DAY)
    story.unit(IDA, consented(1, until=START + 9 * DAY, history=True))
    for wider in (limited(1, until=START + 10 * DAY), limited(1)):
        with pytest.raises(no.WiderThanConsented):
            story.try_step(IDA, wider)
    story.unit(IDA, limited(1, until=START + DAY))
    with pytest.raises(no.WiderThanConsented):
        story.try_step(IDA, limited(1, until=START + DAY, history=True))
    story.pass_time(DAY)
    assert not story.on_roster(NILS, 1)


def test_older_messages_are_opened_only_where_the_consent_says_so() -> None:
    story = with_nils(IDA)
    old = story.channel.threads[ONE].opened_at
    with pytest.raises(no.OutsideConsent):
        story.try_step(IDA, history(1, NILS, old))
    since = story.channel.threads[ONE].members[NILS.principal].since
    story.copy().unit(ANNA, history(1, NILS, since))
    story.unit(IDA, consented(1, history=True))
    story.unit(IDA, history(1, NILS, old))


def test_withdrawing_in_thread_0_leaves_nobody_of_the_organisation_anywhere(story: Story) -> None:
    story.unit(IDA, consented(0), (0, NILS.joining("consent")), epoch(0))
    story.unit(NILS, thread_opened(3), (3, NILS.joining("consent")), epoch(3))
    story.unit(NILS, thread_opened(4, staff_only=True), (4, NILS.joining("consent")), epoch(4), message(0, announces=4))
    for forgetful in (withdrawn(0), withdrawn(3, 0), withdrawn(0, 4)):
        with pytest.raises(no.WithdrawalIncomplete):
            story.unit(IDA, *forgetful)
    story.unit(IDA, *withdrawn(4, 3, 0))
    assert not any(story.on_roster(NILS, number) for number in (0, 3, 4))


def test_withdrawing_works_even_if_nobody_but_the_user_is_left_and_in_a_closed_channel(story: Story) -> None:
    lonely = around_ida()
    lonely.unit(IDA, consented(0), (0, NILS.joining("consent")), epoch(0))
    for who in (BERIT,):
        lonely.unit(IDA, removed(0, who), epoch(0))
    lonely.unit(IDA, *withdrawn(0))
    assert not lonely.on_roster(NILS)
    story.unit(IDA, (0, NILS.joining("consent")), epoch(0))
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    story.unit(IDA, *withdrawn(0), epoch(0))
    assert not story.on_roster(NILS)


def test_a_tillitsperson_on_consent_is_stood_in_for_when_it_is_withdrawn(story: Story) -> None:
    story.unit(IDA, (0, NILS.joining("consent")), epoch(0))
    handover = story.unit(ANNA, (None, e.TillitspersonProposed(NILS.principal, ends_access=False)))
    for who in (NILS, IDA):
        story.unit(who, (None, e.TillitspersonConfirmed(handover)))
    story.unit(IDA, *withdrawn(0), epoch(0))
    story.unit(ANNA, (None, e.TillitspersonProposed(BERIT.principal, ends_access=False)))
    story.unit(IDA, message(0))


def test_everybody_in_the_thread_derives_the_same_members_after_a_withdrawal() -> None:
    story = with_nils(IDA)
    story.unit(IDA, *withdrawn(1), epoch(1), message(1))
    for reader in (IDA, ANNA, BERIT, ROLF):
        seen = story.as_seen_by(reader.principal).channel.threads[ONE]
        assert seen.members == story.channel.threads[ONE].members
        assert seen.consents == story.channel.threads[ONE].consents


def test_a_relative_of_another_thread_learns_nothing_of_a_consent(story: Story) -> None:
    said = story.unit(IDA, consented(0))
    assert not story.reads(ROLF, said)
    assert story.reads(ANNA, said)
    assert story.reads(ROLF, story.unit(IDA, consented(1)))


def test_a_withdrawal_that_a_hub_forgets_shows_in_the_next_key() -> None:
    story = with_nils(IDA)
    forgetful = story.copy()
    story.unit(IDA, *withdrawn(1))
    stale = forgetful.act(ANNA.author, epoch(1))
    assert any(entry.principal == NILS.principal for entry in getattr(stale.event, "roster", ()))
    with pytest.raises((no.MembershipMoved, no.RosterMismatch)):
        story.try_act(stale)


def test_the_user_takes_part_in_every_thread_with_her_whatever_is_withdrawn() -> None:
    story = with_nils(IDA)
    for house in (WELFARE, TOWN, CLINIC):
        story.unit(IDA, *withdrawn(1, house=house))
    assert story.on_roster(IDA, 1)
    assert MAIN_THREAD in served_threads(story.channel, IDA.principal, story.at)
