"""Refusals about consent, age and death: each story ends in the refusal it is given for."""

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import AgeGroup
from tests.domain.cast import ANNA, BERIT, BODIL, IDA, MONA, NILS, ROLF, Someone
from tests.domain.channel_builder import DAY, START, Story, claimed, epoch, genesis, history, thread_opened, undone
from tests.domain.refused_stories import given
from tests.domain.rights_builder import (
    CLINIC,
    ONE,
    TOWN,
    WELFARE,
    aged,
    consented,
    limited,
    of_a_child,
    with_everybody_on_her_word,
    with_nils,
    withdrawn,
)


@given(no.ObjectedTo)
def _an_organisation_brings_one_more_into_a_staff_only_thread_after_an_objection(story: Story) -> None:
    story.unit(IDA, *withdrawn(2, house=TOWN))
    story.try_step(BERIT, (2, Someone("bente", BERIT.standing, "town").joining("treatment")))


@given(no.GuardianDecides)
def _a_child_consents(_: Story) -> None:
    of_a_child(AgeGroup.UNDER_12).unit(IDA, consented(1))


@given(no.NotAProxy)
def _a_friend_consents(story: Story) -> None:
    story.try_step(ROLF, consented(1))


@given(no.NothingToShield)
def _somebody_of_age_shields(story: Story) -> None:
    story.try_step(IDA, (1, e.ThreadShielded()))


@given(no.WrongBasis)
def _a_parent_of_somebody_of_age(story: Story) -> None:
    story.try_step(IDA, (1, MONA.joining("parental-responsibility")))


@given(no.UnknownConsent)
def _a_limit_of_no_consent(story: Story) -> None:
    story.try_step(IDA, limited(1))


@given(no.TermAlreadyOver)
def _a_consent_that_is_over(story: Story) -> None:
    story.try_step(IDA, consented(1, until=START))


@given(no.WiderThanConsented)
def _a_limit_that_reaches_further(story: Story) -> None:
    story.unit(IDA, consented(1))
    story.try_step(IDA, limited(1, history=True))


@given(no.OutsideConsent)
def _more_history_than_the_user_agreed_to(_: Story) -> None:
    story = with_nils(IDA)
    story.unit(IDA, history(1, NILS, story.channel.threads[ONE].opened_at))


@given(no.WithdrawalIncomplete)
def _a_withdrawal_that_forgets_a_thread(story: Story) -> None:
    story.unit(IDA, (0, NILS.joining("consent")), epoch(0))
    story.unit(NILS, thread_opened(3), (3, NILS.joining("consent")), epoch(3))
    story.unit(IDA, *withdrawn(0))


@given(no.AgeImplausible)
def _a_child_of_no_date(story: Story) -> None:
    story.try_step(ANNA, aged(AgeGroup.UNDER_12))


@given(no.UserHasDied)
def _reopened_after_a_death(story: Story) -> None:
    for who in (ANNA, BERIT):
        story.unit(who, (None, e.DeathReported(died=True)))
    story.try_step(ANNA, (None, e.ChannelReopened()))


@given(no.AlreadyRecorded)
def _alive_as_before(story: Story) -> None:
    story.try_step(ANNA, (None, e.DeathReported(died=False)))


@given(no.AlreadyRecorded)
def _of_age_as_before(story: Story) -> None:
    story.try_step(ANNA, aged(AgeGroup.FROM_16))


@given(no.AlreadyRecorded)
def _a_shield_lifted_that_is_not_up(_: Story) -> None:
    of_a_child(AgeGroup.FROM_12, START + DAY).try_step(IDA, (1, e.ShieldLifted(None)))


@given(no.SamePersonTwice)
def _one_person_reports_a_death_twice(story: Story) -> None:
    for _ in range(2):
        story.try_step(ANNA, (None, e.DeathReported(died=True)))


@given(no.CareClaimMissing)
def _a_channel_opened_on_no_claim(_: Story) -> None:
    Story().unit(ANNA, *genesis()[:-1])


@given(no.UnknownCareRelation)
def _a_claim_of_no_relation(story: Story) -> None:
    story.try_step(ANNA, claimed(relation="curiosity"))


@given(no.UnknownLegalBasis)
def _a_claim_on_no_basis(story: Story) -> None:
    story.try_step(ANNA, claimed(basis="curiosity"))


@given(no.WrongBasis)
def _a_claim_on_a_basis_that_is_not_of_the_relation(story: Story) -> None:
    story.try_step(ANNA, claimed("consent", "treatment"))


@given(no.OrganisationKindMissing)
def _a_basis_for_some_by_an_organisation_of_no_stated_kind(story: Story) -> None:
    story.unit(ANNA, (None, e.OrganisationStated(CLINIC, OrganisationKind.SPECIALIST_HEALTH)))
    story.try_step(BERIT, (1, BODIL.joining()))


@given(no.WrongBasis)
def _the_welfare_office_on_a_basis_for_health_services(story: Story) -> None:
    story.unit(ANNA, (None, e.OrganisationStated(WELFARE, OrganisationKind.NAV)))
    story.try_step(IDA, (1, NILS.joining("treatment")))


@given(no.WrongBasis)
def _a_kind_under_which_members_could_not_be_here(story: Story) -> None:
    story.try_step(ANNA, (None, e.OrganisationStated(TOWN, OrganisationKind.NAV)))


@given(no.AlreadyRecorded)
def _a_kind_stated_twice(story: Story) -> None:
    for _ in range(2):
        story.try_step(ANNA, (None, e.OrganisationStated(CLINIC, OrganisationKind.SPECIALIST_HEALTH)))


@given(no.NotAMember)
def _an_arrival_undone_of_somebody_who_has_not_arrived(story: Story) -> None:
    story.try_step(ANNA, undone(ROLF))


@given(no.SamePersonTwice)
def _an_arrival_undone_by_one_person(story: Story) -> None:
    story.try_step(ANNA, undone(confirms=story.unit(ANNA, undone())))


@given(no.AlreadyRecorded)
def _an_undoing_said_twice_by_one_person(story: Story) -> None:
    story.unit(ANNA, undone())
    story.try_step(ANNA, undone())


@given(no.UnknownProposal)
def _a_confirmation_of_nothing(story: Story) -> None:
    story.try_step(ANNA, undone(confirms=1))


@given(no.LastStaffMember)
def _an_undoing_after_which_nobody_is_left(_: Story) -> None:
    story = with_everybody_on_her_word()
    story.try_step(NILS, undone())
