"""When each refusal is given. The table below must name every refusal there is."""

from dataclasses import replace

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Author
from domain.channel.roster import roster
from domain.channel.terms import MAX_MEMBERS, MAX_THREADS, Standing
from domain.errors import Refusal
from domain.ids import EpochNo, PrincipalId, ThreadNo, Version
from tests.domain import refused_erasings, refused_rights
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, HUB, IDA, OLGA, ROLF, RUTH, Someone, named
from tests.domain.channel_builder import (
    START,
    Step,
    Story,
    around_ida,
    arrived,
    epoch,
    genesis,
    history,
    key_moved,
    message,
    removed,
    thread_opened,
)
from tests.domain.refused_stories import CASES, Case, given

ONE, TWO = ThreadNo(1), ThreadNo(2)


def tries(refusal: type[Refusal], name: str, who: Someone | Author, *steps: Step) -> None:
    CASES.append((refusal, name, lambda story: story.unit(who, *steps)))


tries(no.ChannelAlreadyOpen, "a second opening act", ANNA, genesis()[0])
tries(no.ChannelAlreadyOpen, "reopening what is open", ANNA, (None, e.ChannelReopened()))
tries(no.UnknownThread, "an act in no thread", ANNA, (None, message()[1]))
tries(no.UnknownThread, "a channel-wide act in a thread", ANNA, (0, e.ChannelClosed("ended")))
tries(no.UnknownThread, "a thread nobody opened", ANNA, (7, e.MessagesSeen(Version(1))))
tries(no.UnknownThread, "an announcement of no thread", ANNA, message(0, announces=7))
tries(no.UnknownThread, "an announcement outside thread 0", ANNA, message(1, announces=2))
tries(no.ThreadNumberTaken, "a number in use", ANNA, thread_opened(2))
tries(no.ThreadNumberTaken, "a number left out", ANNA, thread_opened(4))
tries(no.NotAParticipant, "an outsider posts", OLGA, message(1))
tries(no.NotPermitted, "a relative closes", ROLF, (None, e.ChannelClosed("ended")))
tries(no.NotPermitted, "the user proposes what she may do alone", IDA, (1, e.Proposed(ARNE.joining())))
tries(no.NotPermitted, "a relative elsewhere joins as staff", IDA, (0, replace(BODIL, name="rolf").joining()))
tries(no.NotPermitted, "a vault joins as a member", IDA, (1, replace(RUTH, standing=Standing.VAULT).joining()))
tries(no.NotPermitted, "a relative with an organisation", IDA, (1, replace(ARNE.joining(), standing=Standing.RELATIVE)))
tries(no.NeedsApproval, "staff of another organisation", BERIT, (1, ARNE.joining()))
tries(no.UnknownProposal, "an approval of nothing", ANNA, (1, e.Approved(Version(1))))
tries(no.UnknownProposal, "a withdrawal of nothing", BERIT, (1, e.Declined(Version(1))))
tries(no.UnknownProposal, "a confirmation of nothing", ANNA, (None, e.TillitspersonConfirmed(Version(1))))
tries(no.AlreadyAMember, "joining twice", IDA, (1, BERIT.joining()))
tries(no.AlreadyAMember, "the user joins", ANNA, (1, replace(ARNE, name="ida").joining()))
tries(no.AlreadyAMember, "a vault as a person", ANNA, (1, replace(ARNE, name="vault clinic").joining()))
tries(no.NotAMember, "removing who is not there", IDA, removed(1, OLGA))
tries(
    no.NotAMember,
    "a tillitsperson from outside",
    ANNA,
    (None, e.TillitspersonProposed(OLGA.principal, ends_access=False)),
)
tries(
    no.NotAMember,
    "the tillitsperson again",
    ANNA,
    (None, e.TillitspersonProposed(ANNA.principal, ends_access=False)),
)
tries(no.NotAMember, "a grant to who is not there", ANNA, history(1, OLGA, 19))
tries(no.UserNeverLeaves, "the user removed", IDA, removed(1, IDA))
tries(no.TillitspersonMustHandOver, "the tillitsperson leaves", ANNA, removed(0, ANNA))
tries(no.UserAlreadyArrived, "a second arrival", ANNA, arrived(OLGA))
tries(no.RelativesNotChannelWide, "a relative in thread 0", IDA, (0, RUTH.joining("users-choice")))
tries(no.VaultMissing, "staff without a vault", ANNA, (1, replace(ARNE.joining(), vault=None)))
tries(no.OrganisationMissing, "staff of no organisation", IDA, (1, replace(ARNE.joining(), organisation=None)))
tries(no.TermAlreadyOver, "a term that is over", ANNA, (1, ARNE.joining(until=START)))
tries(no.ReviewDateMissing, "a review in the past", ANNA, thread_opened(3, staff_only=True, review_at=START))
tries(
    no.AnnouncementMissing,
    "a staff-only thread in silence",
    ANNA,
    thread_opened(3, staff_only=True),
    (3, ANNA.joining()),
    epoch(3),
)
tries(no.OpenerMissing, "a thread without its opener", ANNA, thread_opened(3))
tries(no.RekeyMissing, "a member without a new epoch", ANNA, (1, ARNE.joining()))
tries(no.RekeyMissing, "a removal without a new epoch", IDA, removed(1, ROLF))
tries(no.StaleEpoch, "a broken wrap of an epoch to come", ROLF, (1, e.WrapFailed(EpochNo(99))))
tries(no.UnknownTarget, "a retraction of what is no message", ANNA, (1, e.MessageRetracted(Version(1))))
tries(no.NotAQuestion, "taking what asks nothing", ANNA, (1, e.QuestionTaken(Version(18), None)))
tries(no.SeenAhead, "having seen the future", ANNA, (1, e.MessagesSeen(Version(1000))))
tries(no.SeenAhead, "granting the future", ANNA, history(1, BERIT, 20, 1000))
tries(no.UnknownDeviation, "closing no deviation", ANNA, (1, e.DeviationClosed(Version(1))))
tries(no.KeyStreamBackwards, "a key stream entered twice", HUB, *[(None, key_moved(BERIT, 2))] * 2)
tries(no.OnlyTheHub, "a member moves a key", ANNA, (None, key_moved(BERIT, 2)))
tries(no.OutsideOwnRange, "granting more than the own range", BERIT, history(0, ANNA, 2))
tries(no.ReasonMissing, "closing without a summary", ANNA, (None, e.ChannelClosed("ended")))
tries(no.UnknownLegalBasis, "an unheard-of basis", IDA, (1, ARNE.joining("because")))


@given(no.TooManyMembers)
def _one_more_than_a_roster_holds(story: Story) -> None:
    row = story.channel.threads[ONE].members[ROLF.principal]
    here = len(roster(story.channel, story.channel.threads[ONE], story.at))
    crowd = {p: replace(row, principal=p) for p in (PrincipalId(named(f"r{n}")) for n in range(MAX_MEMBERS - here))}
    members = {**story.channel.threads[ONE].members, **crowd}
    thread = replace(story.channel.threads[ONE], members=members)
    story.channel = replace(story.channel, threads={**story.channel.threads, ONE: thread})
    story.unit(IDA, (1, RUTH.joining("users-choice")), epoch(1))


@given(no.TooManyThreads)
def _one_more_thread_than_a_channel_holds(story: Story) -> None:
    threads = {ThreadNo(n): replace(story.channel.threads[TWO], number=ThreadNo(n)) for n in range(2, MAX_THREADS)}
    story.channel = replace(story.channel, threads={**story.channel.threads, **threads})
    story.unit(ANNA, thread_opened(MAX_THREADS))


@pytest.mark.parametrize(
    ("refusal", "case"),
    [pytest.param(refusal, case, id=f"{refusal.code}-{name}") for refusal, name, case in CASES],
)
def test_it_is_refused(refusal: type[Refusal], case: Case) -> None:
    with pytest.raises(refusal):
        case(around_ida())


def test_the_stories_of_all_modules_are_told() -> None:
    assert {refused_erasings.__name__, refused_rights.__name__, given.__module__} <= {
        case.__module__ for _, _, case in CASES
    }


def test_no_refusal_is_without_a_test() -> None:
    every = {v for v in vars(no).values() if isinstance(v, type) and v.__module__ == no.__name__}
    assert {refusal for refusal, _, _ in CASES} == every


def test_refusals_travel_as_codes_and_carry_nothing_else() -> None:
    refusal = no.NotAParticipant()
    assert (refusal.code, str(refusal), refusal.args) == ("not_a_participant",) * 2 + (("not_a_participant",),)
