"""Refusals that need something to happen first: each story ends in the refusal it is given for."""

from collections.abc import Callable
from dataclasses import replace

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.roster import roster
from domain.channel.terms import Audience, Standing, Topic
from domain.errors import Refusal
from domain.ids import EpochNo, ThreadNo
from tests.domain.cast import (
    ANNA,
    ARNE,
    BERIT,
    BODIL,
    DESK,
    HUB,
    IDA,
    NILS,
    OLGA,
    ROLF,
    Someone,
    author_as,
)
from tests.domain.channel_builder import (
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

Case = Callable[[Story], object]
ONE, TWO = ThreadNo(1), ThreadNo(2)
CASES: list[tuple[type[Refusal], str, Case]] = []


def given(refusal: type[Refusal]) -> Callable[[Case], Case]:
    def add(case: Case) -> Case:
        CASES.append((refusal, case.__name__.strip("_"), case))
        return case

    return add


@given(no.ChannelNotOpen)
def _anything_before_the_opening(_: Story) -> None:
    Story().try_step(ANNA, (0, ANNA.joining()))


@given(no.ReviewDateMissing)
def _a_staff_only_thread_for_ever(story: Story) -> None:
    story.unit(ANNA, (3, e.ThreadOpened(Audience.STAFF_ONLY, Topic.SAFETY, None)))


@given(no.ChannelIsClosed)
def _a_message_after_closing(story: Story) -> None:
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    story.unit(ANNA, message(0))


@given(no.OnlyTheHub)
def _the_hub_posts(story: Story) -> None:
    story.try_step(HUB, message(0))


@given(no.NotTheApprover)
def _a_colleague_declines_what_others_proposed(story: Story) -> None:
    joined(story, IDA, BODIL, 1)
    story.unit(BODIL, (1, e.Declined(story.unit(BERIT, (1, e.Proposed(ARNE.joining()))))))


@given(no.NotTheApprover)
def _the_proposer_has_left_meanwhile(story: Story) -> None:
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    story.unit(IDA, removed(1, BERIT), epoch(1))
    story.unit(ANNA, (1, e.Approved(proposal)), epoch(1))


@given(no.SamePersonTwice)
def _a_proposal_approved_by_its_proposer_as_an_inbox(story: Story) -> None:
    both = Someone("anders", Standing.STAFF, "clinic")
    joined(story, ANNA, both, 1)
    proposal = story.unit(both, (1, e.Proposed(BODIL.joining())))
    story.unit(ANNA, (None, e.TillitspersonProposed(DESK.principal, ends_access=False)))
    handover = story.channel.version
    for who in (DESK, IDA):
        story.unit(who, (None, e.TillitspersonConfirmed(handover)))
    story.unit(DESK, (1, e.Approved(proposal)))


@given(no.SamePersonTwice)
def _somebody_makes_herself_tillitsperson(_: Story) -> None:
    story = opened()
    joined(story, ANNA, BERIT)
    handover = story.unit(BERIT, (None, e.TillitspersonProposed(BERIT.principal, ends_access=True)))
    story.unit(BERIT, (None, e.TillitspersonConfirmed(handover)), epoch(0))


@given(no.AlreadyAMember)
def _a_member_arrives_as_the_user(_: Story) -> None:
    story = opened()
    joined(story, ANNA, BERIT)
    story.unit(ANNA, arrived(BERIT))


@given(no.AlreadyAMember)
def _a_member_as_vault(story: Story) -> None:
    vault = ANNA.joining().vault
    assert vault is not None
    story.unit(IDA, (1, replace(NILS.joining("consent"), vault=replace(vault, principal=ROLF.principal))))


@given(no.AlreadyAMember)
def _one_vault_for_two_organisations(story: Story) -> None:
    vault = replace(BODIL.joining(), vault=ANNA.joining().vault)
    story.unit(IDA, (1, replace(vault, organisation=NILS.organisation)))


@given(no.AlreadyAMember)
def _approved_after_joining_by_another_way(story: Story) -> None:
    proposal = story.unit(BERIT, (1, e.Proposed(ARNE.joining())))
    joined(story, ANNA, ARNE, 1)
    story.unit(ANNA, (1, e.Approved(proposal)))


@given(no.NotAMember)
def _a_receiver_who_left_before_the_second_confirmation(story: Story) -> None:
    handover = story.unit(ANNA, (None, e.TillitspersonProposed(BERIT.principal, ends_access=False)))
    story.unit(BERIT, (None, e.TillitspersonConfirmed(handover)))
    story.unit(IDA, removed(0, BERIT), epoch(0))
    story.unit(IDA, (None, e.TillitspersonConfirmed(handover)))


@given(no.NotAMember)
def _a_question_offered_to_who_cannot_take_it(story: Story) -> None:
    question = story.unit(ROLF, message(1, asks=True))
    story.unit(ANNA, (1, e.QuestionTaken(question, None)))
    story.unit(ANNA, (1, e.QuestionOffered(question, ROLF.principal)))


@given(no.LastStaffMember)
def _the_last_staff_member_is_removed(_: Story) -> None:
    story = opened()
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    story.unit(IDA, removed(0, ANNA), epoch(0))


@given(no.TillitspersonMissing)
def _a_channel_opened_for_somebody_absent(_: Story) -> None:
    Story().unit(ANNA, *genesis(ANNA, tillitsperson=BERIT))


@given(no.UnknownRules)
def _a_channel_under_rules_of_tomorrow(_: Story) -> None:
    Story().unit(ANNA, (None, e.ChannelOpened(b"s" * 32, 2, ANNA.principal)))


@given(no.HistoryMissing)
def _an_arrival_without_history(_: Story) -> None:
    opened().unit(ANNA, arrived(), epoch(0))


@given(no.HistoryMissing)
def _an_arrival_with_part_of_the_history(_: Story) -> None:
    opened().unit(ANNA, arrived(), epoch(0), history(0, IDA, 3))


@given(no.MembershipMoved)
def _an_epoch_for_the_members_of_before(story: Story) -> None:
    stale = story.act(BERIT.author, epoch(1))
    joined(story, ANNA, ARNE, 1)
    story.try_act(stale)


@given(no.MembershipMoved)
def _a_message_for_the_members_of_before(story: Story) -> None:
    act = story.act(BERIT.author, message(1))
    story.try_act(replace(act, membership_version=act.membership_version - 1))


@given(no.MembershipMoved)
def _a_grant_under_an_old_key(story: Story) -> None:
    act = story.act(ANNA.author, history(1, BERIT, 19))
    story.unit(HUB, (None, key_moved(BERIT, 2)))
    story.try_act(act)


@given(no.RosterMismatch)
def _an_invisible_member(story: Story) -> None:
    _, make = epoch(1)
    assert callable(make)
    honest = make(story.channel, story.at)
    assert isinstance(honest, e.EpochOpened)
    extra = replace(honest.roster[0], principal=OLGA.principal)
    story.unit(ANNA, (1, replace(honest, roster=tuple(sorted((*honest.roster, extra), key=lambda r: r.principal)))))


@given(no.EpochOutOfOrder)
def _an_epoch_left_out(story: Story) -> None:
    now = roster(story.channel, story.channel.threads[ONE], story.at)
    story.unit(ANNA, (1, e.EpochOpened(EpochNo(story.epoch_number(1) + 2), now, bytes(32))))


@given(no.StaleEpoch)
def _a_message_under_the_epoch_of_before(story: Story) -> None:
    act = story.act(BERIT.author, message(1))
    story.unit(ANNA, epoch(1))
    story.try_act(act)


@given(no.StaleEpoch)
def _a_broken_wrap_before_any_epoch(story: Story) -> None:
    story.try_step(ANNA, thread_opened(3))
    story.try_step(ANNA, (3, ANNA.joining()))
    story.try_step(ANNA, (3, e.WrapFailed(EpochNo(1))))


@given(no.RekeyPending)
def _a_message_to_who_has_gone(story: Story) -> None:
    story.unit(ROLF, removed(1, ROLF))
    story.unit(BERIT, message(1))


@given(no.RekeyPending)
def _a_message_after_a_broken_wrap(story: Story) -> None:
    story.unit(ROLF, (1, e.WrapFailed(EpochNo(story.epoch_number(1)))))
    story.unit(BERIT, message(1))


@given(no.UnknownTarget)
def _a_target_in_another_thread(story: Story) -> None:
    story.unit(ANNA, (1, e.MessageRetracted(story.unit(ANNA, message(0)))))


@given(no.NotTheAuthor)
def _a_retraction_by_another(story: Story) -> None:
    story.unit(ANNA, (1, e.MessageRetracted(story.unit(BERIT, message(1)))))


@given(no.AlreadyRetracted)
def _a_correction_of_what_is_retracted(story: Story) -> None:
    written = story.unit(BERIT, message(1))
    story.unit(BERIT, (1, e.MessageRetracted(written)))
    story.unit(BERIT, message(1, corrects=written))


@given(no.NotAQuestion)
def _a_question_that_is_done(story: Story) -> None:
    question = story.unit(ANNA, message(1, asks=True))
    story.unit(ANNA, (1, e.QuestionDone(question)))
    story.unit(BERIT, (1, e.QuestionTaken(question, None)))


@given(no.NotTheHolder)
def _a_question_that_is_taken(story: Story) -> None:
    question = story.unit(ROLF, message(1, asks=True))
    for who in (ANNA, BERIT):
        story.unit(who, (1, e.QuestionTaken(question, None)))


@given(no.NotTheReceiver)
def _a_question_offered_to_another(story: Story) -> None:
    question = story.unit(ROLF, message(1, asks=True))
    story.unit(ANNA, (1, e.QuestionTaken(question, None)))
    story.unit(ANNA, (1, e.QuestionOffered(question, BERIT.principal)))
    story.unit(IDA, (1, e.QuestionAccepted(question, None)))


@given(no.OutsideOwnRange)
def _a_message_misplaced_before_the_own_time(story: Story) -> None:
    written = story.unit(BERIT, message(1))
    joined(story, ANNA, ARNE, 1)
    story.unit(ARNE, (1, e.MessageMisplaced(written, (ROLF.principal,))))


@given(no.OrganisationMissing)
def _a_relative_speaks_on_the_basis_of_nobody(story: Story) -> None:
    story.try_act(story.act(author_as(ROLF, "welfare"), message(1)))
