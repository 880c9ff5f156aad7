"""How long questions waited: asked, taken, done. Of the team as a whole; nothing is counted per person (need N19)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median

from domain.access.history import History, Place
from domain.channel import events as e
from domain.ids import Millis, OrganisationId, PrincipalId, ThreadNo, Version

_HOUR = 3_600_000
BUCKETS: tuple[tuple[str, int | None], ...] = (
    ("within_hour", _HOUR),
    ("within_four_hours", 4 * _HOUR),
    ("within_day", 24 * _HOUR),
    ("within_week", 7 * 24 * _HOUR),
    ("longer", None),
)
"""How long until a question was taken, and up to how many milliseconds that is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `holder`: who holds it now, or held it when it was done."""

    version: Version
    thread: ThreadNo | None
    by: PrincipalId | None
    organisation: OrganisationId | None
    at: Millis
    due: Millis | None
    taken_at: Millis | None = None
    holder: PrincipalId | None = None
    until: Millis | None = None
    done_at: Millis | None = None

    @property
    def waited(self) -> int | None:
        """Milliseconds until somebody took it; None while nobody has. Who settles it untaken has taken it then."""
        taken = self.taken_at if self.taken_at is not None else self.done_at
        return None if taken is None else taken - self.at

    @property
    def lasted(self) -> int | None:
        """Milliseconds until it was done; None while it is not."""
        return None if self.done_at is None else self.done_at - self.at

    def overdue(self, now: Millis) -> bool:
        """Whether an answer was wanted, or promised, by a time that is over."""
        ends = [end for end in (self.due, self.until) if end is not None]
        return bool(ends) and min(ends) < (self.done_at if self.done_at is not None else now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """All together. Medians in milliseconds; None where there is nothing to take one of."""

    asked: int
    untaken: int
    undone: int
    overdue: int
    to_taken: int | None
    to_done: int | None


def questions(history: History) -> list[Asked]:
    """Every question of the record, in order."""
    found: dict[Version, Asked] = {}
    for place in history.places:
        if place.recorded is None:
            continue
        event = place.recorded.act.event
        if isinstance(event, e.MessagePosted) and event.asks:
            found[place.version] = _asked(place, event)
        elif isinstance(event, e.QuestionTaken | e.QuestionAccepted | e.QuestionDone) and event.target in found:
            found[event.target] = _moved(found[event.target], place, event)
    return list(found.values())


def _asked(place: Place, event: e.MessagePosted) -> Asked:
    author = place.recorded.act.author if place.recorded is not None else None
    person, house = (author.role or author.person, author.organisation) if author is not None else (None, None)
    return Asked(place.version, place.thread, person, house, place.recorded_at, event.due)


def _moved(one: Asked, place: Place, event: e.QuestionTaken | e.QuestionAccepted | e.QuestionDone) -> Asked:
    if isinstance(event, e.QuestionDone):
        return replace(one, done_at=place.recorded_at)
    author = place.recorded.act.author if place.recorded is not None else None
    holder = (author.role or author.person) if author is not None else None
    taken = one.taken_at if one.taken_at is not None else place.recorded_at
    return replace(one, taken_at=taken, holder=holder, until=event.until)


def waiting(found: Iterable[Asked], now: Millis) -> Waiting:
    """The questions counted."""
    mine = list(found)
    waited = [one.waited for one in mine if one.waited is not None]
    lasted = [one.lasted for one in mine if one.lasted is not None]
    return Waiting(
        asked=len(mine),
        untaken=sum(1 for one in mine if one.waited is None),
        undone=sum(1 for one in mine if one.done_at is None),
        overdue=sum(1 for one in mine if one.overdue(now)),
        to_taken=int(median(waited)) if waited else None,
        to_done=int(median(lasted)) if lasted else None,
    )


def buckets(found: Iterable[Asked]) -> list[tuple[str, int]]:
    """How many were taken how soon, by the keys of `BUCKETS`; the last one counts those that nobody has taken."""
    counts = {key: 0 for key, _ in BUCKETS} | {"untaken": 0}
    for one in found:
        waited = one.waited
        if waited is None:
            counts["untaken"] += 1
        else:
            counts[next(key for key, most in BUCKETS if most is None or waited < most)] += 1
    return list(counts.items())
