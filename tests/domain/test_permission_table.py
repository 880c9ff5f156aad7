"""One test per row of the decision table: who may, and who may not."""

from collections.abc import Callable

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, TABLE
from domain.channel.terms import Standing
from domain.errors import Refusal
from domain.ids import EpochNo, Millis, ThreadNo, Version
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, DESK, HUB, IDA, NILS, OLGA, ROLF, RUTH, Someone, author_as
from tests.domain.channel_builder import (
    Step,
    Story,
    around_ida,
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

PEOPLE = {"U": IDA, "T": ANNA, "S": BERIT, "R": ROLF, "outsider": OLGA}
ONE = ThreadNo(1)
Row = tuple[str, str, Callable[[Story], Step]]


def _asked(story: Story) -> Version:
    return story.unit(ROLF, message(1, asks=True))


def _handled(story: Story, who: Someone) -> Version:
    question = _asked(story)
    story.unit(who, (1, e.QuestionTaken(question, None)))
    return question


def _misplaced_message(story: Story) -> Step:
    return 1, e.MessageMisplaced(story.unit(ANNA, message(1)), (ROLF.principal,))


def _with(who: Someone, by: Someone, then: Callable[[Story], Step]) -> Callable[[Story], Step]:
    """First `by` adds `who` to thread 1."""

    def step(story: Story) -> Step:
        joined(story, by, who, 1)
        return then(story)

    return step


ROWS: list[Row] = [
    ("post", "U T S R", lambda _: message(1)),
    ("say what was seen", "U T S R", lambda s: (1, e.MessagesSeen(s.channel.version))),
    ("say that a message is misplaced", "U T S", _misplaced_message),
    ("open a thread with the user", "U T S", lambda _: thread_opened(3)),
    ("open a staff-only thread", "T S", lambda _: thread_opened(3, staff_only=True)),
    ("add staff of the town", "U T S", lambda _: (1, BODIL.joining())),
    ("add staff of the clinic", "U T", lambda _: (1, ARNE.joining())),
    ("add staff on the user's consent", "U", lambda _: (1, NILS.joining("consent"))),
    ("propose staff on the user's consent", "T S", lambda _: (1, e.Proposed(NILS.joining("consent")))),
    ("add a relative", "U", lambda _: (1, RUTH.joining("users-choice"))),
    ("propose a relative", "T", lambda _: (1, e.Proposed(RUTH.joining("users-choice")))),
    ("remove a relative", "U", _with(RUTH, IDA, lambda _: removed(1, RUTH))),
    ("remove staff of the town", "U T S", _with(BODIL, IDA, lambda _: removed(1, BODIL))),
    ("remove staff of the clinic", "U T", _with(ARNE, IDA, lambda _: removed(1, ARNE))),
    ("remove the tillitsperson", "U", lambda _: removed(1, ANNA)),
    ("remove the user", "", lambda _: removed(1, IDA)),
    (
        "propose a tillitsperson",
        "U T S",
        lambda _: (None, e.TillitspersonProposed(BERIT.principal, ends_access=False)),
    ),
    ("grant history", "U T S", lambda s: history(1, BERIT, s.channel.version, s.channel.version)),
    ("take a question", "U T S", lambda s: (1, e.QuestionTaken(_asked(s), None))),
    ("hand on what Berit holds", "S", lambda s: (1, e.QuestionOffered(_handled(s, BERIT), ANNA.principal))),
    ("settle what Berit holds and Rolf asked", "S", lambda s: (1, e.QuestionDone(_handled(s, BERIT)))),
    ("open an epoch", "U T S R", lambda _: epoch(1)),
    ("report a broken wrap", "U T S R", lambda s: (1, e.WrapFailed(EpochNo(s.epoch_number(1))))),
    ("close the channel", "T", lambda _: (None, e.ChannelClosed("ended"))),
    ("move a key", "", lambda _: (None, key_moved(BERIT, 2))),
]


@pytest.mark.parametrize(("may", "make"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("actor", PEOPLE)
def test_the_row_allows_exactly_these(story: Story, may: str, make: Callable[[Story], Step], actor: str) -> None:
    step = make(story)
    if actor in may.split():
        story.try_step(PEOPLE[actor], step)
    else:
        with pytest.raises(Refusal):
            story.try_step(PEOPLE[actor], step)


@pytest.mark.parametrize("author", ["U", "T", "S", "R"])
@pytest.mark.parametrize("actor", PEOPLE)
def test_only_the_author_corrects_and_retracts(story: Story, author: str, actor: str) -> None:
    written = story.unit(PEOPLE[author], message(1))
    for step in (message(1, corrects=written), (1, e.MessageRetracted(written))):
        if actor == author:
            story.try_step(PEOPLE[actor], step)
        else:
            with pytest.raises((no.NotTheAuthor, no.NotAParticipant)):
                story.try_step(PEOPLE[actor], step)


def test_staff_post_in_their_own_threads_only(story: Story) -> None:
    for who, thread in ((ANNA, 2), (IDA, 2), (ROLF, 0), (ROLF, 2), (BODIL, 1)):
        with pytest.raises(no.NotAParticipant):
            story.try_step(who, message(thread))


def test_a_vault_never_acts(story: Story) -> None:
    vault = Someone("vault clinic", Standing.VAULT, "clinic")
    with pytest.raises(no.NotAParticipant):
        story.try_step(vault, message(1))


def test_staff_with_an_organisation_open_a_channel_and_nobody_else() -> None:
    opening = genesis()[0]
    Story().try_step(BERIT, opening)
    with pytest.raises(no.NotAParticipant):
        Story().try_step(author_as(IDA, None), opening)
    with pytest.raises(no.OnlyTheHub):
        Story().try_step(HUB, opening)


@pytest.mark.parametrize("who", [ANNA, BERIT])
def test_staff_of_thread_0_vouch_for_the_users_arrival(who: Someone) -> None:
    story = opened()
    joined(story, ANNA, BERIT)
    story.try_step(who, arrived())


@pytest.mark.parametrize("who", [ROLF, BODIL, OLGA])
def test_nobody_else_vouches_for_the_users_arrival(who: Someone) -> None:
    story = opened()
    story.unit(ANNA, thread_opened(1), (1, ANNA.joining()), (1, BODIL.joining()), epoch(1))
    with pytest.raises(no.NotAParticipant):
        story.try_step(who, arrived())


def test_staff_leave_relatives_leave_the_tillitsperson_and_the_user_do_not(story: Story) -> None:
    for who in (BERIT, ROLF):
        story.copy().try_step(who, removed(1, who))
    with pytest.raises(no.TillitspersonMustHandOver):
        story.try_step(ANNA, removed(1, ANNA))
    with pytest.raises(no.UserNeverLeaves):
        story.try_step(IDA, removed(1, IDA))


@pytest.mark.parametrize(("who", "may"), [(ANNA, True), (DESK, True), (BERIT, False), (IDA, False), (ROLF, False)])
def test_a_deviation_is_closed_by_the_organisation_that_opened_it(story: Story, who: Someone, may: bool) -> None:
    joined(story, ANNA, DESK, 1)
    deviation = story.unit(ANNA, _misplaced_message(story))
    if may:
        story.unit(who, (1, e.DeviationClosed(deviation)))
        assert not story.channel.threads[ONE].deviations
    else:
        with pytest.raises(Refusal):
            story.try_step(who, (1, e.DeviationClosed(deviation)))


def test_a_question_is_handed_on_to_whom_it_was_offered(story: Story) -> None:
    question = _handled(story, BERIT)
    story.unit(BERIT, (1, e.QuestionOffered(question, ANNA.principal)))
    for who in (IDA, BERIT, ROLF):
        with pytest.raises((no.NotTheReceiver, no.NotPermitted)):
            story.try_step(who, (1, e.QuestionAccepted(question, None)))
    assert story.channel.threads[ONE].questions[question].holder == BERIT.principal
    story.unit(ANNA, (1, e.QuestionAccepted(question, Millis(story.at + 1))))
    assert story.channel.threads[ONE].questions[question].holder == ANNA.principal


@pytest.mark.parametrize("who", [IDA, ANNA, BERIT, ROLF])
def test_a_closed_channel_is_reopened_by_the_tillitsperson(story: Story, who: Someone) -> None:
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    if who is ANNA:
        story.unit(who, (None, e.ChannelReopened()))
    else:
        with pytest.raises(Refusal):
            story.try_step(who, (None, e.ChannelReopened()))


def test_a_closed_channel_only_reads_on_and_lets_people_go(story: Story) -> None:
    story.unit(ANNA, message(0), (None, e.ChannelClosed("ended")))
    for step in (message(1), thread_opened(3), (1, BODIL.joining())):
        with pytest.raises(no.ChannelIsClosed):
            story.try_step(IDA, step)
    story.unit(BERIT, removed(1, BERIT))
    story.unit(HUB, (None, key_moved(ROLF, 2)))
    story.unit(IDA, epoch(1), (1, e.MessagesSeen(story.channel.version)))


def test_the_opening_act_is_not_among_what_a_closed_channel_allows() -> None:
    assert set(TABLE) > ALLOWED_WHEN_CLOSED
    assert e.MessagePosted not in ALLOWED_WHEN_CLOSED


def test_somebody_in_two_organisations_acts_for_the_one_it_joined_for(story: Story) -> None:
    for house in ("town", None):
        with pytest.raises(no.NotAParticipant):
            story.try_act(story.act(author_as(ANNA, house), message(1)))


def test_an_inbox_acts_through_a_role_and_a_person_in_its_own_name(story: Story) -> None:
    joined(story, ANNA, DESK, 1)
    story.copy().unit(DESK, message(1))
    as_itself = Someone("clinic desk", Standing.STAFF, "clinic")
    as_colleague = Someone("anders", Standing.STAFF, "clinic", inbox="anna")
    for who in (as_itself, as_colleague):
        with pytest.raises(no.NotAParticipant):
            story.try_step(who, message(1))


def test_the_builder_gives_every_test_the_same_story() -> None:
    assert around_ida().channel == around_ida().channel
