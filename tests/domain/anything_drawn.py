"""What Hypothesis draws, and the acts that are made of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from domain.channel import events as e
from domain.channel.audits import CaseTerms
from domain.channel.consents import resting
from domain.channel.erasing import Erasing
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import AgeGroup, ConsentScope, UndoReason
from domain.ids import Count, Millis, OrganisationId, ThreadNo, Version
from tests.domain.audit_builder import content, messages_too, terms
from tests.domain.cast import (
    AGNES,
    ANNA,
    ARNE,
    ASTRID,
    BERIT,
    BODIL,
    DESK,
    IDA,
    MONA,
    NILS,
    OLGA,
    PER,
    ROLF,
    RUTH,
    named,
)
from tests.domain.channel_builder import (
    DAY,
    START,
    Step,
    Story,
    epoch,
    message,
    thread_opened,
)

CAST = (ANNA, ARNE, DESK, BERIT, BODIL, NILS, IDA, ROLF, RUTH, MONA, PER, OLGA, AGNES, ASTRID)
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


def join_drawn(story: Story, d: Draw) -> e.ParticipantJoined:
    ends = story.at + DAY if d.number % 3 == 0 else None
    return CAST[d.other].joining(BASES[d.number % len(BASES)], until=ends)


def newest_drawn(keys: list[Version], d: Draw) -> Version:
    return keys[d.number % len(keys)] if keys else Version(d.number)


def of_thread_drawn(story: Story, d: Draw, field: str) -> Version:
    return newest_drawn(sorted(getattr(story.channel.threads.get(ThreadNo(d.thread)), field, {})), d)


def version_drawn(story: Story, d: Draw) -> Version:
    return Version(max(1, story.channel.version - d.number))


def message_drawn(story: Story, d: Draw) -> Version:
    return newest_drawn(sorted(story.messages), d)


def opens_drawn(story: Story, d: Draw) -> list[Step]:
    number, who = len(story.channel.threads), CAST[d.who]
    steps = [thread_opened(number, staff_only=d.number % 2 == 0)]
    if who is not IDA:
        steps += [(number, who.joining(BASES[d.number % 3])), epoch(number)]
    return [*steps, message(0, announces=number)] if d.number % 2 == 0 else steps


def some_version_drawn(story: Story, draw: Draw) -> Count | None:
    return Count(story.channel.version) if draw.number % 8 else None


def house_drawn(d: Draw) -> OrganisationId:
    return OrganisationId(named(("clinic", "town", "welfare")[d.other % 3]))


def ends_drawn(story: Story, d: Draw) -> Millis | None:
    return Millis(story.at + (1 + d.number % 4) * DAY // 2) if d.number % 3 else None


def scope_drawn(d: Draw) -> ConsentScope:
    return ConsentScope.WITH_HISTORY if d.number % 2 else ConsentScope.TAKE_PART


def age_drawn(d: Draw) -> e.AgeRecorded:
    group = list(AgeGroup)[d.number % 3]
    return e.AgeRecorded(group, None if group is AgeGroup.FROM_16 else Millis(START + (d.other + 1) * DAY))


def withdrawn_drawn(story: Story, d: Draw) -> list[Step]:
    """From thread 0 it reaches everywhere; now and then one thread is forgotten."""
    house = house_drawn(d)
    places = sorted(story.channel.threads, reverse=True) if d.thread == 0 else [ThreadNo(d.thread)]
    wanted = [n for n in places if n in {0, d.thread} or resting(story.channel.threads[n], house, story.at)]
    return [(n, e.ConsentWithdrawn(house)) for n in (wanted if d.number % 7 else wanted[-1:])]


def undone_drawn(story: Story, d: Draw) -> e.ArrivalUndone:
    reason = list(UndoReason)[d.number % 2]
    said = [v for v, stated in story.channel.undos.items() if stated.reason is reason]
    confirms = newest_drawn(sorted(said), d) if said and d.number % 4 else None
    return e.ArrivalUndone(CAST[d.other].principal if d.number % 9 else IDA.principal, reason, confirms)


def draw_case(story: Story, d: Draw) -> Version:
    return newest_drawn(sorted(story.channel.cases), d)


def draw_terms(story: Story, d: Draw) -> CaseTerms:
    threads = (ThreadNo(d.thread),) if d.number % 2 else tuple(sorted({ThreadNo(0), ThreadNo(d.thread)}))
    make = terms if d.number % 3 else messages_too
    return make(story.at, threads=threads, until=Millis(START + d.other * DAY) if d.number % 4 == 0 else None)


def approval_drawn(story: Story, d: Draw) -> e.CaseApproved:
    ref = draw_case(story, d)
    case = story.channel.cases.get(ref)
    asked = case.terms if case is not None and d.number % 7 else draw_terms(story, d)
    return e.CaseApproved(ref, case.auditor if case is not None else AGNES.principal, asked)


Maker = Callable[[Story, Draw], list[Step]]


def erases_drawn(story: Story, d: Draw) -> e.ErasureProposed:
    wishes = sorted(erasing_drawn(story, d).wishes)
    wish = newest_drawn(wishes, d) if wishes and d.number % 2 else None
    return e.ErasureProposed(house_drawn(d), some_messages_drawn(story, d), "persons-right", wish)


def some_messages_drawn(story: Story, d: Draw) -> tuple[Version, ...]:
    return tuple(sorted({message_drawn(story, d), message_drawn(story, replace(d, number=d.other))}))


def erasing_drawn(story: Story, d: Draw) -> Erasing:
    place = story.channel.threads.get(ThreadNo(d.thread))
    return place.erasing if place is not None else Erasing()


ERASING_MAKERS: dict[type, Maker] = {
    e.ErasureRequested: lambda s, d: [(d.thread, e.ErasureRequested(house_drawn(d), some_messages_drawn(s, d)))],
    e.ErasureProposed: lambda s, d: [(d.thread, erases_drawn(s, d))],
    e.ErasureApproved: lambda s, d: [
        (d.thread, e.ErasureApproved(newest_drawn(sorted(erasing_drawn(s, d).proposals), d)))
    ],
    e.ErasureRefused: lambda s, d: [
        (
            d.thread,
            e.ErasureRefused(
                newest_drawn(sorted({**erasing_drawn(s, d).wishes, **erasing_drawn(s, d).proposals}), d), "no"
            ),
        )
    ],
    e.CopyErased: lambda s, d: [
        (d.thread, e.CopyErased(newest_drawn(sorted(erasing_drawn(s, d).decisions), d), None, None))
    ],
}
RIGHTS_MAKERS: dict[type, Maker] = {
    e.ConsentGiven: lambda s, d: [(d.thread, e.ConsentGiven(house_drawn(d), scope_drawn(d), ends_drawn(s, d)))],
    e.ConsentLimited: lambda s, d: [
        (d.thread, e.ConsentLimited(house_drawn(d), ConsentScope.TAKE_PART, ends_drawn(s, d)))
    ],
    e.ConsentWithdrawn: withdrawn_drawn,
    e.AgeRecorded: lambda _s, d: [(None, age_drawn(d))],
    e.ThreadShielded: lambda _s, d: [(d.thread, e.ThreadShielded())],
    e.ShieldLifted: lambda _s, d: [(d.thread, e.ShieldLifted(None if d.number % 2 else "parental-duty"))],
    e.ParticipantBlocked: lambda _s, d: [(d.thread, e.ParticipantBlocked(CAST[d.other].principal))],
    e.DeviationOpened: lambda _s, d: [(d.thread, e.DeviationOpened(house_drawn(d), CAST[d.other].principal, "report"))],
    e.DeathReported: lambda _s, d: [(None, e.DeathReported(died=d.number % 3 > 0))],
    e.ArrivalUndone: lambda s, d: [(None, undone_drawn(s, d))],
    e.CareClaimed: lambda _s, d: [(d.thread, e.CareClaimed(BASES[d.number % 2], "treatment"))],
    e.OrganisationStated: lambda _s, d: [
        (None, e.OrganisationStated(house_drawn(d), list(OrganisationKind)[d.number % len(OrganisationKind)]))
    ],
}
AUDIT_MAKERS: dict[type, Maker] = {
    e.CaseOpened: lambda s, d: [(None, e.CaseOpened(draw_terms(s, d)))],
    e.CaseApproved: lambda s, d: [(None, approval_drawn(s, d))],
    e.CaseRefused: lambda s, d: [(None, e.CaseRefused(draw_case(s, d)))],
    e.CaseClosed: lambda s, d: [(None, e.CaseClosed(draw_case(s, d)))],
    e.ContentAsked: lambda s, d: [(None, content(draw_case(s, d), (d.thread,), 1, version_drawn(s, d)))],
}
