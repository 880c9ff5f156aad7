"""What the permission table asks about: every act there is, in the variants that make a difference."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.channel import events as e
from domain.channel.permissions import RULES_VERSION
from domain.channel.terms import AgeGroup, Audience, ConsentScope, Topic
from domain.ids import EpochNo, Millis, ThreadNo, Version
from tests.domain.asked_audits import AUDITS
from tests.domain.asked_erasings import ERASINGS
from tests.domain.asked_parties import PARTIES
from tests.domain.asked_roles import (
    FATHER,
    RELATIVE,
    Role,
    by,
    foreign_house,
    newcomer,
    other,
    own_house,
    principal,
)
from tests.domain.cast import ANNA, BERIT, DESK, IDA, MONA, NILS, ROLF, Someone, key
from tests.domain.channel_builder import (
    DAY,
    START,
    Step,
    Story,
    arrived,
    epoch,
    history,
    key_moved,
    message,
    opened,
)
from tests.domain.rights_builder import CLINIC, TOWN, WELFARE
from tests.domain.table_channel import STATES

Make = Callable[[Story, int, Role], Step]
THREADS = ("thread 0", "a thread with the user", "a staff-only thread")
CHANNEL = ("the channel",)


@dataclass(frozen=True)
class Asked:
    """One act. `make` prepares the story (others do what must have happened) and gives the step that is asked about."""

    name: str
    make: Make
    places: tuple[str, ...] = THREADS
    states: tuple[str, ...] = STATES
    begins: str = "channel"

    def beginning(self) -> Story:
        """The story it begins in where that is not the whole channel."""
        return opened() if self.begins == "before arrival" else Story()


def _joins(someone: Callable[[Role], Someone], basis: str, *, proposed: bool = False) -> Make:
    def make(_: Story, at: int, who: Role) -> Step:
        joining = someone(who).joining(basis)
        return at, e.Proposed(joining) if proposed else joining

    return make


def _on_recorded_consent(story: Story, at: int, _who: Role) -> Step:
    by(story, IDA, (at, e.ConsentGiven(WELFARE, ConsentScope.TAKE_PART, None)))
    return at, newcomer("welfare").joining("consent")


def _after_an_objection(story: Story, at: int, _who: Role) -> Step:
    by(story, IDA, (at, e.ConsentWithdrawn(TOWN)))
    return at, newcomer("town").joining("treatment")


def _approves(joining: e.ParticipantJoined, answer: type[e.Approved | e.Declined], proposer: Someone = BERIT) -> Make:
    return lambda story, at, _: (at, answer(by(story, proposer, (at, e.Proposed(joining)))))


def _declines_own(story: Story, at: int, who: Role) -> Step:
    return at, e.Declined(by(story, who, (at, e.Proposed(newcomer("town").joining()))))


def _leaves(target: Callable[[Role], Someone | None]) -> Make:
    """Whoever is to go is in the thread first, so that the answer is about who asks."""

    def make(story: Story, at: int, who: Role) -> Step:
        leaving = target(who)
        if leaving is None:
            return at, e.ParticipantLeft(principal(who), "left")
        if leaving.principal not in story.channel.threads[ThreadNo(at)].members and leaving is not IDA:
            by(story, IDA, (at, leaving.joining("users-choice" if leaving.house is None else "treatment")))
        return at, e.ParticipantLeft(leaving.principal, "removed")

    return make


def _own(then: Callable[[int, Version], Step], *, mine: bool) -> Make:
    def make(story: Story, at: int, who: Role) -> Step:
        return then(at, by(story, who if mine else other(who), message(at)))

    return make


def _question(
    then: Callable[[Version], e.ChannelEvent], *before: Callable[[Version, Role], tuple[Role, object]]
) -> Make:
    """A question by Rolf, what happened to it since, and what is asked about."""

    def make(story: Story, at: int, who: Role) -> Step:
        asked = by(story, ROLF, message(at, asks=True))
        for one in before:
            actor, event = one(asked, who)
            by(story, actor, (at, event))  # type: ignore[arg-type]
        return at, then(asked)

    return make


def _taken_by_self(asked: Version, who: Role) -> tuple[Role, object]:
    return who, e.QuestionTaken(asked, None)


def _taken_by_other(asked: Version, who: Role) -> tuple[Role, object]:
    return other(who), e.QuestionTaken(asked, None)


def _offered_to_self(asked: Version, who: Role) -> tuple[Role, object]:
    return other(who), e.QuestionOffered(asked, principal(who))


def _offered_to_other(asked: Version, who: Role) -> tuple[Role, object]:
    return other(who), e.QuestionOffered(asked, DESK.principal if who != DESK else ANNA.principal)


def _misplaced(story: Story, at: int, _who: Role) -> Step:
    return at, e.MessageMisplaced(by(story, IDA, message(at)), (ROLF.principal,))


HOUSES = {"clinic": CLINIC, "town": TOWN, "welfare": WELFARE}


def _deviation(*, elsewhere: bool) -> Make:
    def make(story: Story, at: int, who: Role) -> Step:
        owner = HOUSES[foreign_house(who) if elsewhere else own_house(who)]
        return at, e.DeviationClosed(by(story, IDA, (at, e.DeviationOpened(owner, None, "report"))))

    return make


def _about_oneself(story: Story, at: int, who: Role) -> Step:
    owner = HOUSES[own_house(who)]
    return at, e.DeviationClosed(by(story, IDA, (at, e.DeviationOpened(owner, principal(who), "report"))))


def _handover(*, confirm: bool) -> Make:
    def make(story: Story, _at: int, _who: Role) -> Step:
        proposal = (None, e.TillitspersonProposed(BERIT.principal, ends_access=False))
        if not confirm:
            return proposal
        return None, e.TillitspersonConfirmed(by(story, ANNA, proposal))

    return make


def _thread(audience: Audience) -> Make:
    def make(story: Story, _at: int, _who: Role) -> Step:
        review = Millis(START + 90 * DAY) if audience is Audience.STAFF_ONLY else None
        return len(story.channel.threads), e.ThreadOpened(audience, Topic.TREATMENT, review)

    return make


def _first_member(story: Story, _at: int, who: Role) -> Step:
    number = len(story.channel.threads)
    by(story, who, (number, e.ThreadOpened(Audience.WITH_USER, Topic.TREATMENT, None)))
    joining = who.joining("consent" if who == NILS else "treatment") if isinstance(who, Someone) else ANNA.joining()
    return number, replace(joining, key=key(who.inbox or who.name) if isinstance(who, Someone) else joining.key)


def _shield_up(basis: str | None) -> Make:
    def make(story: Story, at: int, _who: Role) -> Step:
        by(story, IDA, (at, e.ThreadShielded()))
        return at, e.ShieldLifted(basis)

    return make


def _reopens(story: Story, _at: int, _who: Role) -> Step:
    if not story.channel.closed:
        by(story, ANNA, (None, e.ChannelClosed("ended")))
    return None, e.ChannelReopened()


def _limited(story: Story, at: int, _who: Role) -> Step:
    by(story, IDA, (at, e.ConsentGiven(WELFARE, ConsentScope.TAKE_PART, None)))
    return at, e.ConsentLimited(WELFARE, ConsentScope.TAKE_PART, Millis(story.at + DAY))


ACTS: tuple[Asked, ...] = (
    Asked(
        "open a channel",
        lambda _s, _a, who: (None, e.ChannelOpened(b"s" * 32, RULES_VERSION, principal(who))),
        CHANNEL,
        ("open",),
        "nothing",
    ),
    Asked("vouch for the user's arrival", lambda _s, _a, _w: arrived(), CHANNEL, ("open",), "before arrival"),
    Asked("open a thread with the user", _thread(Audience.WITH_USER), CHANNEL),
    Asked("open a staff-only thread", _thread(Audience.STAFF_ONLY), CHANNEL),
    Asked("join the thread one has just opened", _first_member, CHANNEL),
    Asked("add staff of the own organisation", _joins(lambda who: newcomer(own_house(who)), "treatment")),
    Asked("add staff of another organisation", _joins(lambda who: newcomer(foreign_house(who)), "treatment")),
    Asked("add staff on the user's word, no consent recorded", _joins(lambda _: newcomer("labour"), "consent")),
    Asked("add staff on a consent that is recorded", _on_recorded_consent),
    Asked("add staff of an organisation that the user has objected to", _after_an_objection),
    Asked("add a relative", _joins(lambda _: RELATIVE, "users-choice")),
    Asked("add a parent by parental responsibility", _joins(lambda _: FATHER, "parental-responsibility")),
    Asked(
        "propose staff of another organisation",
        _joins(lambda who: newcomer(foreign_house(who)), "treatment", proposed=True),
    ),
    Asked("propose staff on the user's word", _joins(lambda _: newcomer("labour"), "consent", proposed=True)),
    Asked("propose a relative", _joins(lambda _: RELATIVE, "users-choice", proposed=True)),
    Asked("approve staff that other staff proposed", _approves(newcomer("clinic").joining(), e.Approved)),
    Asked("approve staff on the user's word", _approves(newcomer("labour").joining("consent"), e.Approved)),
    Asked(
        "approve a relative that the tillitsperson proposed",
        _approves(RELATIVE.joining("users-choice"), e.Approved, ANNA),
    ),
    Asked("turn another's proposal down", _approves(newcomer("clinic").joining(), e.Declined)),
    Asked("take an own proposal back", _declines_own),
    Asked("leave", _leaves(lambda _: None)),
    Asked("remove staff of the own organisation", _leaves(lambda who: newcomer(own_house(who)))),
    Asked("remove staff of another organisation", _leaves(lambda who: newcomer(foreign_house(who)))),
    Asked("remove the tillitsperson", _leaves(lambda _: ANNA)),
    Asked("remove a relative", _leaves(lambda _: replace(RELATIVE, house=None))),
    Asked("remove a parent", lambda _s, at, _w: (at, e.ParticipantLeft(MONA.principal, "removed"))),
    Asked("remove the user", _leaves(lambda _: IDA)),
    Asked("propose another tillitsperson", _handover(confirm=False), CHANNEL),
    Asked("confirm staff as tillitsperson", _handover(confirm=True), CHANNEL),
    Asked("open a new key", lambda _s, at, _w: epoch(at)),
    Asked("report a key that does not open", lambda s, at, _w: (at, e.WrapFailed(EpochNo(s.epoch_number(at))))),
    Asked(
        "open older messages to a member",
        lambda s, at, _w: history(at, DESK, s.channel.version, s.channel.version),
    ),
    Asked("post a message", lambda _s, at, _w: message(at)),
    Asked("correct an own message", _own(lambda at, said: message(at, corrects=said), mine=True)),
    Asked("correct another's message", _own(lambda at, said: message(at, corrects=said), mine=False)),
    Asked("retract an own message", _own(lambda at, said: (at, e.MessageRetracted(said)), mine=True)),
    Asked("retract another's message", _own(lambda at, said: (at, e.MessageRetracted(said)), mine=False)),
    Asked("say that a message is in the wrong place", _misplaced),
    Asked("say what was seen", lambda s, at, _w: (at, e.MessagesSeen(s.channel.version))),
    Asked("take a question", _question(lambda asked: e.QuestionTaken(asked, None))),
    Asked("take a question that somebody holds", _question(lambda a: e.QuestionTaken(a, None), _taken_by_other)),
    Asked(
        "hand on a question one holds",
        _question(lambda asked: e.QuestionOffered(asked, BERIT.principal), _taken_by_self),
    ),
    Asked(
        "hand on a question that somebody else holds",
        _question(lambda asked: e.QuestionOffered(asked, BERIT.principal), _taken_by_other),
    ),
    Asked(
        "accept a question offered to oneself",
        _question(lambda asked: e.QuestionAccepted(asked, None), _taken_by_other, _offered_to_self),
    ),
    Asked(
        "accept a question offered to somebody else",
        _question(lambda asked: e.QuestionAccepted(asked, None), _taken_by_other, _offered_to_other),
    ),
    Asked("settle a question one holds", _question(e.QuestionDone, _taken_by_self)),
    Asked("settle a question that somebody else holds", _question(e.QuestionDone, _taken_by_other)),
    Asked("open a deviation, or report somebody", lambda _s, at, _w: (at, e.DeviationOpened(CLINIC, None, "report"))),
    Asked("close a deviation of the own organisation", _deviation(elsewhere=False)),
    Asked("close a deviation of another organisation", _deviation(elsewhere=True)),
    Asked("close a report about oneself", _about_oneself),
    Asked("give consent", lambda _s, at, _w: (at, e.ConsentGiven(TOWN, ConsentScope.TAKE_PART, None))),
    Asked("limit a consent", _limited),
    Asked("withdraw consent", lambda _s, at, _w: (at, e.ConsentWithdrawn(WELFARE))),
    Asked("shield a thread from guardians", lambda _s, at, _w: (at, e.ThreadShielded())),
    Asked("lift the shield", _shield_up(None)),
    Asked("lift the shield on a basis in law", _shield_up("parental-duty")),
    Asked("block staff", lambda _s, at, _w: (at, e.ParticipantBlocked(BERIT.principal))),
    Asked("block a parent", lambda _s, at, _w: (at, e.ParticipantBlocked(MONA.principal))),
    Asked(
        "record that the user is a child",
        lambda s, _a, _w: (None, e.AgeRecorded(AgeGroup.UNDER_12, Millis(s.at + 90 * DAY))),
        CHANNEL,
    ),
    Asked("report the user's death", lambda _s, _a, _w: (None, e.DeathReported(died=True)), CHANNEL),
    *(Asked(*row) for row in (*PARTIES, *ERASINGS, *AUDITS)),
    Asked("close the channel", lambda _s, _a, _w: (None, e.ChannelClosed("ended")), CHANNEL),
    Asked("reopen the channel", _reopens, CHANNEL),
    Asked("enter a key that has moved", lambda _s, _a, _w: (None, key_moved(BERIT, 2)), CHANNEL),
)
