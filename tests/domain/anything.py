"""Arbitrary acts of arbitrary people: most are refused, some are recorded, none may break anything."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from domain.channel import events as e
from domain.channel.consents import resting
from domain.channel.erasing import Erasing
from domain.channel.legal_bases import OrganisationKind
from domain.channel.roster import rekey_pending
from domain.channel.state import Thread
from domain.channel.terms import AgeGroup, ConsentScope, UndoReason
from domain.errors import Refusal
from domain.ids import Count, EpochNo, Millis, OrganisationId, ThreadNo, Version
from tests.domain.cast import (
    ANNA,
    ARNE,
    BERIT,
    BODIL,
    DESK,
    HUB,
    IDA,
    MONA,
    NILS,
    OLGA,
    PER,
    ROLF,
    RUTH,
    Someone,
    named,
)
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
    removed,
    thread_opened,
)

CAST = (ANNA, ARNE, DESK, BERIT, BODIL, NILS, IDA, ROLF, RUTH, MONA, PER, OLGA)
BASES = ("treatment", "follow-up", "consent", "users-choice", "unheard-of", "parental-responsibility")


@dataclass(frozen=True)
class Draw:
    """What Hypothesis chose for one attempt; the numbers are read modulo what there is to choose from."""

    kind: int
    who: int
    thread: int
    other: int
    number: int
    rekeys: bool
    waits: int


one_draw = st.builds(
    Draw,
    kind=st.integers(0, 127),
    who=st.integers(0, len(CAST) - 1),
    thread=st.integers(0, 3),
    other=st.integers(0, len(CAST) - 1),
    number=st.integers(0, 40),
    rekeys=st.booleans(),
    waits=st.integers(0, 3),
)
draws = st.lists(one_draw, max_size=25)


def _join(story: Story, d: Draw) -> e.ParticipantJoined:
    ends = story.at + DAY if d.number % 3 == 0 else None
    return CAST[d.other].joining(BASES[d.number % len(BASES)], until=ends)


def _newest(keys: list[Version], d: Draw) -> Version:
    return keys[d.number % len(keys)] if keys else Version(d.number)


def _place(story: Story, d: Draw) -> Thread | None:
    return story.channel.threads.get(ThreadNo(d.thread))


def _of_thread(story: Story, d: Draw, field: str) -> Version:
    return _newest(sorted(getattr(_place(story, d), field, {})), d)


def _version(story: Story, d: Draw) -> Version:
    return Version(max(1, story.channel.version - d.number))


def _message(story: Story, d: Draw) -> Version:
    return _newest(sorted(story.messages), d)


def _opens(story: Story, d: Draw) -> list[Step]:
    number, who = len(story.channel.threads), CAST[d.who]
    steps = [thread_opened(number, staff_only=d.number % 2 == 0)]
    if who is not IDA:
        steps += [(number, who.joining(BASES[d.number % 3])), epoch(number)]
    return [*steps, message(0, announces=number)] if d.number % 2 == 0 else steps


def _some_version(story: Story, draw: Draw) -> Count | None:
    return Count(story.channel.version) if draw.number % 8 else None


def _house(d: Draw) -> OrganisationId:
    return OrganisationId(named(("clinic", "town", "welfare")[d.other % 3]))


def _ends(story: Story, d: Draw) -> Millis | None:
    return Millis(story.at + (1 + d.number % 4) * DAY // 2) if d.number % 3 else None


def _scope(d: Draw) -> ConsentScope:
    return ConsentScope.WITH_HISTORY if d.number % 2 else ConsentScope.TAKE_PART


def _age(d: Draw) -> e.AgeRecorded:
    group = list(AgeGroup)[d.number % 3]
    return e.AgeRecorded(group, None if group is AgeGroup.FROM_16 else Millis(START + (d.other + 1) * DAY))


def _withdrawn(story: Story, d: Draw) -> list[Step]:
    """From thread 0 it reaches everywhere; now and then one thread is forgotten."""
    house = _house(d)
    places = sorted(story.channel.threads, reverse=True) if d.thread == 0 else [ThreadNo(d.thread)]
    wanted = [n for n in places if n in {0, d.thread} or resting(story.channel.threads[n], house, story.at)]
    return [(n, e.ConsentWithdrawn(house)) for n in (wanted if d.number % 7 else wanted[-1:])]


def _undone(story: Story, d: Draw) -> e.ArrivalUndone:
    reason = list(UndoReason)[d.number % 2]
    said = [v for v, stated in story.channel.undos.items() if stated.reason is reason]
    confirms = _newest(sorted(said), d) if said and d.number % 4 else None
    return e.ArrivalUndone(CAST[d.other].principal if d.number % 9 else IDA.principal, reason, confirms)


Maker = Callable[[Story, Draw], list[Step]]


def _erases(story: Story, d: Draw) -> e.ErasureProposed:
    wishes = sorted(_erasing(story, d).wishes)
    wish = _newest(wishes, d) if wishes and d.number % 2 else None
    return e.ErasureProposed(_house(d), _some_messages(story, d), "persons-right", wish)


def _some_messages(story: Story, d: Draw) -> tuple[Version, ...]:
    return tuple(sorted({_message(story, d), _message(story, replace(d, number=d.other))}))


def _erasing(story: Story, d: Draw) -> Erasing:
    place = _place(story, d)
    return place.erasing if place is not None else Erasing()


ERASING_MAKERS: dict[type, Maker] = {
    e.ErasureRequested: lambda s, d: [(d.thread, e.ErasureRequested(_house(d), _some_messages(s, d)))],
    e.ErasureProposed: lambda s, d: [(d.thread, _erases(s, d))],
    e.ErasureApproved: lambda s, d: [(d.thread, e.ErasureApproved(_newest(sorted(_erasing(s, d).proposals), d)))],
    e.ErasureRefused: lambda s, d: [
        (d.thread, e.ErasureRefused(_newest(sorted({**_erasing(s, d).wishes, **_erasing(s, d).proposals}), d), "no"))
    ],
    e.CopyErased: lambda s, d: [(d.thread, e.CopyErased(_newest(sorted(_erasing(s, d).decisions), d), None, None))],
}
RIGHTS_MAKERS: dict[type, Maker] = {
    e.ConsentGiven: lambda s, d: [(d.thread, e.ConsentGiven(_house(d), _scope(d), _ends(s, d)))],
    e.ConsentLimited: lambda s, d: [(d.thread, e.ConsentLimited(_house(d), ConsentScope.TAKE_PART, _ends(s, d)))],
    e.ConsentWithdrawn: _withdrawn,
    e.AgeRecorded: lambda _s, d: [(None, _age(d))],
    e.ThreadShielded: lambda _s, d: [(d.thread, e.ThreadShielded())],
    e.ShieldLifted: lambda _s, d: [(d.thread, e.ShieldLifted(None if d.number % 2 else "parental-duty"))],
    e.ParticipantBlocked: lambda _s, d: [(d.thread, e.ParticipantBlocked(CAST[d.other].principal))],
    e.DeviationOpened: lambda _s, d: [(d.thread, e.DeviationOpened(_house(d), CAST[d.other].principal, "report"))],
    e.DeathReported: lambda _s, d: [(None, e.DeathReported(died=d.number % 3 > 0))],
    e.ArrivalUndone: lambda s, d: [(None, _undone(s, d))],
    e.CareClaimed: lambda _s, d: [(d.thread, e.CareClaimed(BASES[d.number % 2], "treatment"))],
    e.OrganisationStated: lambda _s, d: [
        (None, e.OrganisationStated(_house(d), list(OrganisationKind)[d.number % len(OrganisationKind)]))
    ],
}
MAKERS: dict[type, Maker] = {
    e.ChannelOpened: lambda _s, d: [(None, e.ChannelOpened(b"s" * 32, 1, CAST[d.other].principal))],
    e.UserArrived: lambda _s, d: [arrived(CAST[d.other]), epoch(0), history(0, CAST[d.other])],
    e.ThreadOpened: _opens,
    e.ParticipantJoined: lambda s, d: [(d.thread, _join(s, d))],
    e.ParticipantLeft: lambda _s, d: [removed(d.thread, CAST[d.other])],
    e.TillitspersonProposed: lambda _s, d: [
        (None, e.TillitspersonProposed(CAST[d.other].principal, ends_access=d.number % 2 == 0))
    ],
    e.TillitspersonConfirmed: lambda s, d: [(None, e.TillitspersonConfirmed(_newest(sorted(s.channel.handovers), d)))],
    e.EpochOpened: lambda _s, d: [epoch(d.thread)],
    e.WrapFailed: lambda _s, d: [(d.thread, e.WrapFailed(EpochNo(d.number % 6)))],
    e.HistoryGranted: lambda s, d: [history(d.thread, CAST[d.other], _version(s, d))],
    e.MessagePosted: lambda s, d: [
        message(d.thread, asks=d.number % 2 == 0, corrects=_message(s, d) if d.number % 5 == 0 else None)
    ],
    e.MessageRetracted: lambda s, d: [(d.thread, e.MessageRetracted(_message(s, d)))],
    e.MessageMisplaced: lambda s, d: [(d.thread, e.MessageMisplaced(_message(s, d), (CAST[d.other].principal,)))],
    e.DeviationClosed: lambda s, d: [(d.thread, e.DeviationClosed(_of_thread(s, d, "deviations")))],
    e.MessagesSeen: lambda s, d: [(d.thread, e.MessagesSeen(_version(s, d)))],
    e.QuestionTaken: lambda s, d: [(d.thread, e.QuestionTaken(_of_thread(s, d, "questions"), None))],
    e.QuestionOffered: lambda s, d: [
        (d.thread, e.QuestionOffered(_of_thread(s, d, "questions"), CAST[d.other].principal))
    ],
    e.QuestionAccepted: lambda s, d: [(d.thread, e.QuestionAccepted(_of_thread(s, d, "questions"), Millis(s.at)))],
    e.QuestionDone: lambda s, d: [(d.thread, e.QuestionDone(_of_thread(s, d, "questions")))],
    e.ChannelClosed: lambda _s, _d: [message(0), (None, e.ChannelClosed("ended"))],
    e.ChannelReopened: lambda _s, _d: [(None, e.ChannelReopened())],
    e.KeyMoved: lambda s, d: [(None, key_moved(CAST[d.other], _some_version(s, d), n=s.channel.version))],
    e.Proposed: lambda s, d: [(d.thread, e.Proposed(_join(s, d)))],
    e.Approved: lambda s, d: [(d.thread, e.Approved(_newest(sorted(s.channel.proposals), d)))],
    e.Declined: lambda s, d: [(d.thread, e.Declined(_newest(sorted(s.channel.proposals), d)))],
}
MAKERS |= RIGHTS_MAKERS
MAKERS |= ERASING_MAKERS
KINDS = tuple(MAKERS)
LIKELY = (
    e.ParticipantJoined,
    e.ParticipantJoined,
    e.ParticipantLeft,
    e.MessagePosted,
    e.Proposed,
    e.Approved,
    e.EpochOpened,
    e.HistoryGranted,
    e.MessageMisplaced,
    e.MessageRetracted,
    e.TillitspersonConfirmed,
    e.ConsentGiven,
    e.ConsentWithdrawn,
    e.AgeRecorded,
)
WAITS = (0, 1, DAY // 2, 2 * DAY)


def attempt(story: Story, d: Draw) -> Refusal | None:
    """Let somebody try something as one unit; whatever is raised other than a refusal is a fault of the domain."""
    story.at = Millis(story.at + WAITS[d.waits])
    choice = _choice(story, d)
    placed = replace(d, thread=d.thread % len(story.channel.threads))
    who = _likely_author(story, placed, choice)
    author = HUB if choice in {e.KeyMoved, e.CopyErased} else who
    draft = story.copy()
    try:
        _rekey(draft, who, wanted=d.rekeys and author is who)
        for step in MAKERS[choice](story, replace(placed, who=CAST.index(who))):
            draft.try_step(author, step)
        _rekey(draft, who, wanted=d.rekeys and author is who)
        if len(draft.records) > len(story.records):
            story.commit(draft)
    except Refusal as refusal:
        return refusal
    return None


def _choice(story: Story, d: Draw) -> type:
    """Matters that are open are mostly what people act on next; otherwise anything at all."""
    open_matters = (
        (bool(story.channel.proposals), e.Approved),
        (bool(story.channel.handovers), e.TillitspersonConfirmed),
        (story.channel.closed, e.ChannelReopened),
        (story.channel.age_stated is not None, e.AgeRecorded),
        (story.channel.death_stated is not None, e.DeathReported),
        (bool(story.channel.undos), e.ArrivalUndone),
        (any(t.questions for t in story.channel.threads.values()), e.QuestionTaken),
        (any(t.erasing.proposals for t in story.channel.threads.values()), e.ErasureApproved),
    )
    if d.kind % 4 == 0:
        found = [kind for is_open, kind in open_matters if is_open]
        if found:
            return found[d.who % len(found)]
    return (*KINDS, *LIKELY, *LIKELY)[d.kind % (len(KINDS) + 2 * len(LIKELY))]


def _likely_author(story: Story, d: Draw, choice: type) -> Someone:
    """Mostly somebody who is in the thread, so that much of what is tried is also recorded."""
    if d.number % 5 == 0:
        return CAST[d.who]
    if choice in {e.ChannelClosed, e.ChannelReopened}:
        return next((who for who in CAST if who.principal == story.channel.tillitsperson), CAST[d.who])
    inside = [who for who in CAST if story.on_roster(who, d.thread)]
    return inside[d.who % len(inside)] if inside else CAST[d.who]


def _rekey(draft: Story, who: Someone, *, wanted: bool) -> None:
    """Bring the epochs along that are due where the author is a member, as an honest program does."""
    for number, thread in draft.channel.threads.items() if wanted else ():
        if draft.on_roster(who, number) and rekey_pending(draft.channel, thread, draft.at):
            draft.try_step(who, epoch(number))
