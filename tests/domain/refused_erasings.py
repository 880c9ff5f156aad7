"""Refusals about erasing: each story ends in the refusal it is given for."""

from dataclasses import replace

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.legal_bases import OrganisationKind
from domain.ids import Version
from tests.domain.cast import ANNA, ARNE, BERIT, HUB, IDA, ROLF, author_as
from tests.domain.channel_builder import Story, epoch, message, removed
from tests.domain.erasing_builder import (
    TOWNS_VAULT,
    VAULT,
    approved,
    cleaned,
    erased,
    proposed,
    refused,
    wished,
    with_two_of_the_clinic,
)
from tests.domain.refused_stories import given
from tests.domain.rights_builder import CLINIC, TOWN


@given(no.NotErasable)
def _who_joined_is_not_content(_: Story) -> None:
    story, _mine, _theirs = with_two_of_the_clinic()
    joining = next(r.version for r in story.records if isinstance(r.act.event, e.ParticipantJoined) and r.act.thread)
    story.unit(ANNA, proposed(joining))


@given(no.NotErasable)
def _a_message_of_another_thread(_: Story) -> None:
    story, _mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(story.unit(ANNA, message(0))))


@given(no.NotErasable)
def _a_message_named_twice(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(mine, mine))


@given(no.NotErasable)
def _a_message_nobody_wrote(_: Story) -> None:
    story, _mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(story.channel.version + 5))


@given(no.AlreadyErased)
def _erased_twice(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    erased(story, mine)
    story.unit(ANNA, proposed(mine))


@given(no.AlreadyErased)
def _approved_when_another_decision_was_faster(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    second = story.unit(ANNA, proposed(mine))
    erased(story, mine)
    story.unit(ARNE, approved(second))


@given(no.NotTheOrganisation)
def _what_another_organisation_answers_for(_: Story) -> None:
    story, _mine, theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(theirs))


@given(no.NotTheOrganisation)
def _in_the_name_of_another_organisation(_: Story) -> None:
    story, _mine, theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(theirs, house=TOWN))


@given(no.NotTheOrganisation)
def _an_approver_of_another_organisation(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(BERIT, approved(story.unit(ANNA, proposed(mine))))


@given(no.NotTheOrganisation)
def _approved_after_the_proposer_has_left(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = story.unit(ARNE, proposed(mine))
    story.unit(ANNA, removed(1, ARNE), epoch(1))
    story.unit(ANNA, approved(ref))


@given(no.SamePersonTwice)
def _one_person_alone(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, approved(story.unit(ANNA, proposed(mine))))


@given(no.NotPermitted)
def _the_user_erases(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(IDA, proposed(mine))


@given(no.NotPermitted)
def _a_relative_wishes(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(replace(ROLF, house="clinic"), (1, e.ErasureApproved(story.unit(ANNA, proposed(mine)))))


@given(no.UnknownErasure)
def _an_approval_of_nothing(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, approved(mine))


@given(no.UnknownErasure)
def _approved_after_it_was_refused(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = story.unit(ANNA, proposed(mine))
    story.unit(ANNA, refused(ref))
    story.unit(ARNE, approved(ref))


@given(no.UnknownErasure)
def _a_wish_is_not_a_proposal(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ARNE, approved(story.unit(IDA, wished(mine))))


@given(no.UnknownErasure)
def _an_answer_to_a_wish_to_somebody_else(_: Story) -> None:
    story, mine, theirs = with_two_of_the_clinic()
    asked = story.unit(IDA, wished(theirs, house=TOWN))
    story.unit(ANNA, proposed(mine, request=asked))


@given(no.UnknownErasure)
def _a_copy_cleaned_without_a_decision(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.try_act(story.act(HUB, cleaned(story.unit(ANNA, proposed(mine)))))


@given(no.UnknownErasure)
def _a_copy_of_somebody_who_could_not_read_it(_: Story) -> None:
    story, _mine, theirs = with_two_of_the_clinic()
    joining = story.unit(IDA, removed(1, BERIT), epoch(1))
    assert joining
    mine = story.unit(ANNA, message(1))
    assert theirs < mine
    story.try_act(story.act(HUB, cleaned(erased(story, mine), TOWNS_VAULT)))


@given(no.UnknownErasure)
def _a_node_confirms_without_a_word(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = erased(story, mine)
    story.try_act(story.act(HUB, (1, e.CopyErased(Version(ref), VAULT, None))))


@given(no.AlreadyRecorded)
def _the_hub_confirms_twice(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = erased(story, mine)
    for _again in range(2):
        story.try_act(story.act(HUB, cleaned(ref)))


@given(no.AlreadyRecorded)
def _a_node_confirms_twice(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    ref = erased(story, mine)
    for _again in range(2):
        story.try_act(story.act(HUB, cleaned(ref, VAULT)))


@given(no.OnlyTheHub)
def _a_person_confirms(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, cleaned(erased(story, mine)))


@given(no.OnlyTheHub)
def _the_hub_decides(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.try_act(story.act(HUB, approved(story.unit(ANNA, proposed(mine)))))


@given(no.UnknownErasureBasis)
def _a_ground_nobody_knows(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.unit(ANNA, proposed(mine, basis="because"))


@given(no.WrongBasis)
def _a_ground_for_health_services_only(_: Story) -> None:
    story, _mine, theirs = with_two_of_the_clinic()
    nav = OrganisationKind.MUNICIPAL_OTHER
    story.record(story.act(ANNA.author, (None, e.OrganisationStated(TOWN, nav))))
    story.unit(BERIT, proposed(theirs, house=TOWN, basis="wrong-person"))


@given(no.NotAParticipant)
def _somebody_acts_for_an_organisation_that_is_not_their_own_here(_: Story) -> None:
    story, mine, _theirs = with_two_of_the_clinic()
    story.try_act(story.act(author_as(BERIT, "clinic"), proposed(mine, house=CLINIC)))
