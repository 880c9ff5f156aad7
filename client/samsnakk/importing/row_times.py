"""Rows that tell times: opening hours and on-call plans, and one row for each time in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.duty.rules import MAX_WEEKS, OnHolidays
from domain.ids import EntryId
from samsnakk.importing import values
from samsnakk.importing.drafts import Drafts
from samsnakk.importing.plans import SOME_MONDAY, WHOLE_DAY, HoursDraft, PlanDraft
from samsnakk.importing.problems import Wrong, shown
from samsnakk.importing.row_reading import Reading
from samsnakk.importing.tables import Row

TIMES_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "åpningstid": ("kode", "navn", "andre navn", "helligdager"),
    "åpent": ("hører til", "dager", "fra", "til"),
    "vaktplan": ("kode", "navn", "andre navn", "helligdager", "første uke", "uker"),
    "vakt": ("hører til", "dager", "fra", "til", "uke", "personer"),
}
"""What may stand in a row of each type."""
_DAYS: Final = "Skriv ukedager som man-fre eller lør, eller datoer som 2026-12-24 eller 2026-07-01/2026-07-31."
_RANGE: Final = re.compile(r"(\w{3})(?:-(\w{3}))?")
_MONDAY: Final = 1


@dataclass(slots=True)
class Times:
    """All plans of a file. A time may stand above the plan that it belongs to, so times wait for the end."""

    drafts: Drafts
    hours: dict[str, HoursDraft] = field(default_factory=dict)
    plans: dict[str, PlanDraft] = field(default_factory=dict)
    waiting: list[tuple[str, Row]] = field(default_factory=list)

    def read(self, kind: str, row: Row) -> None:
        """One row of these types."""
        if kind in ("åpent", "vakt"):
            self.waiting.append((kind, row))
            return
        reading = Reading(row, self.drafts)
        code: str | None = reading.value("kode", values.own_code)
        names = reading.names()
        if code is None or not self.drafts.declare(
            code, "hours" if kind == "åpningstid" else "plan", row.where("kode")
        ):
            return
        if kind == "åpningstid":
            holidays = reading.value("helligdager", lambda said: values.holidays(said, OnHolidays.CLOSED))
            self.hours[code] = HoursDraft(code, row.where(), names, holidays or OnHolidays.CLOSED)
        else:
            self.plans[code] = self._plan(reading, code, names)

    def _plan(self, reading: Reading, code: str, names: tuple[str, ...]) -> PlanDraft:
        holidays = reading.value("helligdager", lambda said: values.holidays(said, OnHolidays.USUAL))
        weeks: int = reading.value("uker", lambda said: values.whole(said, 1, MAX_WEEKS) if said else 1) or 1
        if weeks == 1 and "første uke" not in reading.row.cells:
            first = SOME_MONDAY
        else:
            first = reading.value("første uke", _monday) or SOME_MONDAY
        return PlanDraft(code, reading.row.where(), names, holidays or OnHolidays.USUAL, first, weeks)

    def finish(self) -> None:
        """Put every time in its plan, and keep the plans."""
        for kind, row in self.waiting:
            self._put(kind, Reading(row, self.drafts))
        for hours in self.hours.values():
            hours.finish(self.drafts)
        for plan in self.plans.values():
            plan.finish(self.drafts)

    def _put(self, kind: str, reading: Reading) -> None:
        code = values.text(reading.row.cells.get("hører til", ""))
        known = self.hours.get(code) if kind == "åpent" else self.plans.get(code)
        if known is None:
            wanted = "åpningstid" if kind == "åpent" else "vaktplan"
            what = f"{shown(code)} er ikke en {wanted} i filen" if code else "her mangler det noe"
            reading.wrong("hører til", what, f"Skriv koden til den raden av typen {wanted} som tiden hører til.")
        weekdays, dates = reading.value("dager", _days) or ([], [])
        times = _times(reading, may_be_empty=not weekdays)
        if isinstance(known, HoursDraft) and reading.sound:
            _open(known, weekdays, dates, times)
        elif isinstance(known, PlanDraft):
            people = _people(reading)
            try:
                _on_call(known, reading, (weekdays, dates), times or WHOLE_DAY, people)
            except Wrong as wrong:
                reading.wrong("uke" if people else "personer", wrong.what, wrong.instead)


def _monday(said: str) -> date:
    found = values.day(said)
    if found.isoweekday() != _MONDAY:
        raise Wrong("planens første uke begynner på en mandag", "Skriv datoen til en mandag.")
    return found


def _days(said: str) -> tuple[list[int], list[date]]:
    """Weekdays and dates. Raises `Wrong`."""
    weekdays: list[int] = []
    dates: list[date] = []
    for one in (values.text(part).casefold() for part in said.split("|")):
        named = _RANGE.fullmatch(one)
        if named is not None and {named[1], named[2] or named[1]} <= set(values.WEEKDAYS):
            weekdays += _weekdays(named[1], named[2] or named[1])
        elif one and one[0].isdigit():
            first, _, last = one.partition("/")
            dates += values.days_between(values.day(first), values.day(last or first))
        else:
            raise Wrong(f"{shown(one)} er ingen dag" if one else "dagene mangler", _DAYS)
    return weekdays, dates


def _weekdays(first: str, last: str) -> Iterator[int]:
    start, end = values.WEEKDAYS.index(first), values.WEEKDAYS.index(last)
    return (n % len(values.WEEKDAYS) + 1 for n in range(start, end + 1 if end >= start else end + 8))


def _times(reading: Reading, *, may_be_empty: bool) -> tuple[int, int] | None:
    """From when until when; None where neither is said, which only days that differ may."""
    if may_be_empty and not {"fra", "til"} & reading.row.cells.keys():
        return None
    start, end = reading.value("fra", values.minute), reading.value("til", values.minute)
    if start is None or end is None:
        return None
    return reading.value("fra", lambda _: values.span(start, end)) or None


def _open(known: HoursDraft, weekdays: list[int], dates: list[date], times: tuple[int, int] | None) -> None:
    if times is not None:
        known.weekly |= {(day, *times) for day in weekdays}
    for day in dates:
        known.days.setdefault(day, set()).update([] if times is None else [times])


def _people(reading: Reading) -> list[tuple[str, EntryId]]:
    return [(code, reading.drafts.id(code)) for code in reading.list("personer")]


def _on_call(
    plan: PlanDraft,
    reading: Reading,
    days: tuple[list[int], list[date]],
    times: tuple[int, int],
    people: list[tuple[str, EntryId]],
) -> None:
    ids = [one for _, one in people]
    plan.pointers += [reading.drafts.point(code, ("person",), reading.row.where("personer")) for code, _ in people]
    if days[0] and not ids:
        raise Wrong("ingen er nevnt", "Skriv kodene til dem som har vakt. Bare på en bestemt dato kan ingen ha vakt.")
    week: int | None = reading.value("uke", lambda said: values.whole(said, 1, MAX_WEEKS) if said else 0)
    if not reading.sound or week is None:
        return
    for day in days[0]:
        plan.add_shift(week, day, times, ids)
    for date_ in days[1]:
        plan.add_swap(date_, times, ids)
