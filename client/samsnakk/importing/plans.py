"""Opening hours and on-call plans being put together, time by time, until they are rules."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.duty.oslo import DAY
from domain.duty.rules import (
    MAX_EXCEPTIONS,
    MAX_PEOPLE,
    MAX_SPANS,
    OnCallPlan,
    OnHolidays,
    OpeningHours,
    OpenThen,
    Shift,
    Span,
    Swap,
)
from domain.ids import EntryId
from protocol.listings.entries import Hours, Plan
from samsnakk.importing.drafts import Draft, Drafts, Pointer
from samsnakk.importing.problems import Where, Wrong

SOME_MONDAY: Final = date(2024, 1, 1)
"""Where a plan begins that is the same every week."""
WHOLE_DAY: Final = (0, DAY)


@dataclass(slots=True)
class HoursDraft:
    """Opening hours so far."""

    code: str
    where: Where
    names: tuple[str, ...]
    holidays: OnHolidays
    weekly: set[tuple[int, int, int]] = field(default_factory=set)
    days: dict[date, set[tuple[int, int]]] = field(default_factory=dict)

    def finish(self, drafts: Drafts) -> None:
        """Keep them. Too much is noted."""
        days = sorted(self.days.items())
        longest = max((len(self.weekly), *(len(times) for _, times in days)))
        if _fits(drafts, self.where, longest, len(days)):
            weekly = tuple(Span(*one) for one in sorted(self.weekly))
            exceptions = tuple(OpenThen(day, tuple(sorted(times))) for day, times in days)
            facts = Hours(self.names, OpeningHours(weekly, self.holidays, exceptions))
            drafts.found.append(Draft(self.code, self.where, facts, ()))


@dataclass(slots=True)
class PlanDraft:
    """An on-call plan so far. A shift is (week, day, start, end) and its people, in the order in which they came."""

    code: str
    where: Where
    names: tuple[str, ...]
    holidays: OnHolidays
    first_week: date = SOME_MONDAY
    weeks: int = 1
    shifts: dict[tuple[int, int, int, int], list[EntryId]] = field(default_factory=dict)
    swaps: list[Swap] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)

    def add_shift(self, week: int, day: int, times: tuple[int, int], people: list[EntryId]) -> None:
        """These people, at that time. Raises `Wrong`."""
        if week > self.weeks:
            raise Wrong(f"planen har {self.weeks} uker", f"Skriv en uke fra 1 til {self.weeks}, eller ingen.")
        known = self.shifts.setdefault((week, day, *times), [])
        known += [person for person in people if person not in known]
        _verify_people(known)

    def add_swap(self, day: date, times: tuple[int, int], people: list[EntryId]) -> None:
        """These people and no others, on that day. Raises `Wrong`."""
        _verify_people(people)
        self.swaps.append(Swap(day, *times, tuple(dict.fromkeys(people))))

    def finish(self, drafts: Drafts) -> None:
        """Keep it. Too much is noted."""
        if _fits(drafts, self.where, len(self.shifts), len(self.swaps)):
            shifts = tuple(
                Shift(day, start, end, week, tuple(people))
                for (week, day, start, end), people in sorted(self.shifts.items())
            )
            swaps = tuple(sorted(self.swaps, key=lambda swap: swap.day))
            rules = OnCallPlan(self.first_week, self.weeks, shifts, self.holidays, swaps)
            drafts.found.append(Draft(self.code, self.where, Plan(self.names, rules), tuple(self.pointers)))


def _verify_people(people: list[EntryId]) -> None:
    if len(people) > MAX_PEOPLE:
        raise Wrong(f"{len(people)} personer deler én vakt", f"Ta med {MAX_PEOPLE} personer eller færre.")


def _fits(drafts: Drafts, where: Where, spans: int, days: int) -> bool:
    for count, most, what in ((spans, MAX_SPANS, "tider"), (days, MAX_EXCEPTIONS, "dager som avviker")):
        if count > most:
            drafts.problems.add(where, f"planen har {count} {what}", f"Ta med {most} eller færre.")
    return spans <= MAX_SPANS and days <= MAX_EXCEPTIONS
