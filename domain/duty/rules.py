"""Opening hours and on-call plans: what they say, and what they say of a moment. Times are local time in Norway.

A time belongs to the day it begins on, and may end after midnight. Everything is half open: who is on until 08:00 is
not on at 08:00.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, TypeAlias, TypeVar

from msgspec import Meta, Struct

from domain.duty.holidays import holiday
from domain.duty.oslo import DAY, instant, local
from domain.ids import EntryId, Millis

MAX_SPANS: Final = 128
"""Weekly times in one plan."""
MAX_EXCEPTIONS: Final = 512
MAX_PEOPLE: Final = 16
"""People who share one shift."""
MAX_WEEKS: Final = 53
"""Weeks after which a rotation begins again."""
HORIZON: Final = 400
"""Days that are searched for the next change."""
_SUNDAY, _MONDAY = 7, 1
_EVERY_WEEK = 0

Weekday = Annotated[int, Meta(ge=1, le=7)]
"""Monday is 1, as in ISO 8601."""
Start = Annotated[int, Meta(ge=0, le=DAY - 1)]
End = Annotated[int, Meta(ge=1, le=2 * DAY)]
"""Minutes after midnight of the day on which the time began."""
People = Annotated[tuple[EntryId, ...], Meta(max_length=MAX_PEOPLE)]
Times: TypeAlias = tuple[tuple[int, int], ...]


class OnHolidays(StrEnum):
    """What holds for a time that begins on a public holiday."""

    USUAL = "usual"
    SUNDAY = "sunday"
    CLOSED = "closed"


class Span(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Every week on that day, from `start` to `end`."""

    day: Weekday
    start: Start
    end: End

    def __post_init__(self) -> None:
        """Raise `ValueError` where it ends before it begins, or lasts for more than a day."""
        _verify_times(self.start, self.end)


class OpenThen(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Instead of what would hold on this day; no times at all means closed."""

    day: date
    times: Annotated[tuple[tuple[Start, End], ...], Meta(max_length=MAX_SPANS)]

    def __post_init__(self) -> None:
        """Raise `ValueError` where a time ends before it begins, or lasts for more than a day."""
        for start, end in self.times:
            _verify_times(start, end)


class Shift(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who is on call every week on that day; `week` 0 is every week, else one of a rotation, counted from 1."""

    day: Weekday
    start: Start
    end: End
    week: Annotated[int, Meta(ge=0, le=MAX_WEEKS)]
    people: Annotated[tuple[EntryId, ...], Meta(min_length=1, max_length=MAX_PEOPLE)]

    def __post_init__(self) -> None:
        """Raise `ValueError` where it ends before it begins, or lasts for more than a day."""
        _verify_times(self.start, self.end)


class Swap(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """From `start` to `end` on this day these people, whoever the plan names; nobody means nobody."""

    day: date
    start: Start
    end: End
    people: People

    def __post_init__(self) -> None:
        """Raise `ValueError` where it ends before it begins, or lasts for more than a day."""
        _verify_times(self.start, self.end)


class OpeningHours(Struct, frozen=True, forbid_unknown_fields=True):
    """When somebody answers, week by week, and the days that differ."""

    weekly: Annotated[tuple[Span, ...], Meta(max_length=MAX_SPANS)]
    holidays: OnHolidays
    exceptions: Annotated[tuple[OpenThen, ...], Meta(max_length=MAX_EXCEPTIONS)]

    def __post_init__(self) -> None:
        """Raise `ValueError` where days are out of order or told twice, so that one plan has one encoding."""
        _verify_order(one.day for one in self.exceptions)

    def times(self, day: date) -> Times:
        """The times that begin on that day."""
        for exception in self.exceptions:
            if exception.day == day:
                return exception.times
        weekday = _weekday(day, self.holidays)
        return tuple((span.start, span.end) for span in self.weekly if span.day == weekday)

    def open_at(self, at: Millis) -> bool:
        """Whether it is open at that moment."""
        return any(_covers(day, times, at) for day in _days_before(at) for times in self.times(day))

    def next_change(self, at: Millis) -> Millis | None:
        """When it next opens or closes after `at`; None where that is not within the horizon."""
        return _next_change(self.open_at, self.times, at)


class OnCallPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is on call, week by week, in turns, and the times that differ. `first_week` is the Monday of week 1."""

    first_week: date
    weeks: Annotated[int, Meta(ge=1, le=MAX_WEEKS)]
    shifts: Annotated[tuple[Shift, ...], Meta(max_length=MAX_SPANS)]
    holidays: OnHolidays
    swaps: Annotated[tuple[Swap, ...], Meta(max_length=MAX_EXCEPTIONS)]

    def __post_init__(self) -> None:
        """Raise `ValueError` where weeks begin in mid-week or a shift stands in a week that never comes."""
        if self.first_week.isoweekday() != _MONDAY:
            raise ValueError("the first week begins on a Monday")
        if any(shift.week > self.weeks for shift in self.shifts):
            raise ValueError("a shift in a week that never comes")

    def on_duty(self, at: Millis) -> tuple[EntryId, ...]:
        """Who is on call at that moment, in the plan's order; the last swap that covers it has the last word."""
        days = _days_before(at)
        for swap in reversed(self.swaps):
            if swap.day in days and _covers(swap.day, (swap.start, swap.end), at):
                return swap.people
        found = [
            person
            for day in days
            for shift in self._shifts(day)
            if _covers(day, (shift.start, shift.end), at)
            for person in shift.people
        ]
        return tuple(dict.fromkeys(found))

    def next_change(self, at: Millis) -> Millis | None:
        """When others are on call than at `at`, for the first time after it; None where not within the horizon."""
        return _next_change(self.on_duty, self._times, at)

    def people(self) -> frozenset[EntryId]:
        """Everybody the plan names."""
        groups = (*(shift.people for shift in self.shifts), *(swap.people for swap in self.swaps))
        return frozenset(person for group in groups for person in group)

    def _shifts(self, day: date) -> Iterator[Shift]:
        weekday = _weekday(day, self.holidays)
        week = (day - self.first_week).days // 7 % self.weeks + 1
        return (s for s in self.shifts if s.day == weekday and s.week in (_EVERY_WEEK, week))

    def _times(self, day: date) -> Times:
        swaps = tuple((swap.start, swap.end) for swap in self.swaps if swap.day == day)
        return (*((shift.start, shift.end) for shift in self._shifts(day)), *swaps)


def _verify_times(start: int, end: int) -> None:
    if not start < end <= start + DAY:
        raise ValueError("a time ends after it begins, and within a day")


def _verify_order(days: Iterable[date]) -> None:
    if any(earlier >= later for earlier, later in pairwise(days)):
        raise ValueError("days out of order or told twice")


def _weekday(day: date, holidays: OnHolidays) -> int:
    """Which weekday's times hold on that day; 0, which no time has, where none do."""
    if holidays is OnHolidays.USUAL or holiday(day) is None:
        return day.isoweekday()
    return _SUNDAY if holidays is OnHolidays.SUNDAY else 0


def _days_before(at: Millis) -> tuple[date, ...]:
    """The days on which a time may have begun that covers `at`: a skipped hour can push one over two midnights."""
    today = local(at).day
    return tuple(today - timedelta(days=back) for back in (2, 1, 0))


def _covers(day: date, times: tuple[int, int], at: Millis) -> bool:
    start, end = times
    return instant(day, start) <= at < instant(day, end)


_Value = TypeVar("_Value", bool, tuple[EntryId, ...])


def _next_change(value: Callable[[Millis], _Value], times: Callable[[date], Times], at: Millis) -> Millis | None:
    """The first of the plan's own boundaries after `at` at which it says something else than at `at`."""
    now, today = value(at), local(at).day
    for week in range(0, HORIZON, 7):
        first = today + timedelta(days=week)
        begin, end = instant(first, 0), instant(first + timedelta(days=7), 0)
        days = [first + timedelta(days=ahead) for ahead in range(-2, 7)]
        marks = {instant(day, minute) for day in days for span in times(day) for minute in span}
        for mark in sorted(mark for mark in marks if max(at + 1, begin) <= mark < end):
            if value(mark) != now:
                return mark
    return None
