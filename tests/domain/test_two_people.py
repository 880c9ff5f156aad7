"""Acts of two people: one proposes, another approves or declines."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.errors import Refusal
from domain.ids import ThreadNo
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, DESK, IDA, NILS, ROLF, RUTH, Someone
from tests.domain.channel_builder import Story, epoch, joined

ONE = ThreadNo(1)


def test_staff_across_organisations_join_with_a_second_person(story: Story) -> None:
    with pytest.raises(no.NeedsApproval):
        story.try_step(BERIT, (1, ARNE.joining()))
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    for approver, may in ((IDA, True), (ANNA, True), (BERIT, False), (ROLF, False), (BODIL, False)):
        trial = story.copy()
        if may:
            trial.try_step(approver, (1, e.Approved(proposal)))
            assert trial.on_roster(ARNE, 1)
        else:
            with pytest.raises(Refusal):
                trial.try_step(approver, (1, e.Approved(proposal)))


@pytest.mark.parametrize("joining", [NILS.joining("consent"), RUTH.joining("users-choice")], ids=["staff", "relative"])
def test_what_needs_the_users_consent_is_approved_by_the_user_alone(story: Story, joining: e.ParticipantJoined) -> None:
    joined(story, ANNA, DESK, 1)
    proposal = story.unit(ANNA, (1, e.Proposed(joining)))
    for who in (ANNA, BERIT, DESK, ROLF):
        with pytest.raises(Refusal):
            story.try_step(who, (1, e.Approved(proposal)))
    story.unit(IDA, (1, e.Approved(proposal)), epoch(1))
    assert joining.principal in story.channel.threads[ONE].members


def test_nobody_joins_a_staff_only_thread_on_consent(story: Story) -> None:
    for make in (NILS.joining("consent"), e.Proposed(NILS.joining("consent"))):
        with pytest.raises(no.NotPermitted):
            story.try_step(BERIT, (2, make))


@pytest.mark.parametrize(("who", "may"), [(IDA, True), (ANNA, True), (BERIT, True), (BODIL, False), (ROLF, False)])
def test_a_proposal_is_declined_by_who_could_approve_it_or_withdrawn_by_its_proposer(
    story: Story, who: Someone, may: bool
) -> None:
    joined(story, IDA, BODIL, 1)
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    if may:
        story.unit(who, (1, e.Declined(proposal)))
        assert not story.channel.proposals
        with pytest.raises(no.UnknownProposal):
            story.try_step(ANNA, (1, e.Approved(proposal)))
    else:
        with pytest.raises(Refusal):
            story.try_step(who, (1, e.Declined(proposal)))
