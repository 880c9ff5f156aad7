"""Opening hours and on-call plans in FHIR: `availableTime`, `notAvailable`, and extensions for what R4 does not say.

A PractitionerRole with `availableTime` at a HealthcareService is on call there at those times. Extensions stand under
`urn:samsnakk:fhir:`: `stands-in` (Reference), `holidays` (code: usual, sunday, closed), `week` (integer, in an
availableTime: the week of a rotation), and of a HealthcareService `rotation` (`first-week` date, `weeks` integer) and
`swap` (`day` date, `start` and `end` time, `person` Reference, as many as there are).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from domain.duty.oslo import DAY
from domain.duty.rules import MAX_WEEKS, OnHolidays
from domain.ids import EntryId
from protocol.listings.entries import MAX_NAME
from samsnakk.importing import values
from samsnakk.importing.bundles import Bundle
from samsnakk.importing.json_objects import Object
from samsnakk.importing.plans import WHOLE_DAY, HoursDraft, PlanDraft
from samsnakk.importing.problems import Wrong, shown

EXTENSION: Final = "urn:samsnakk:fhir:"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONDAY: Final = 1
Times = tuple[list[int], tuple[int, int], int]
"""Weekdays, from when until when, and the week of a rotation (0: every week)."""


def hours_of(code: str) -> str:
    """What the opening hours of a resource are called."""
    return f"{code}#hours"


def opening_hours(one: Object, code: str, name: str) -> HoursDraft | None:
    """The opening hours that a HealthcareService states; None where it states none."""
    times = list(_times(one))
    away = one.objects("notAvailable")
    if not times:
        if away:
            one.wrong("notAvailable", "her er det unntak fra åpningstider som ikke finnes", "Skriv availableTime.")
        return None
    found = HoursDraft(code, one.where("availableTime"), (name,), holidays_of(one, OnHolidays.CLOSED))
    for days, span, _ in times:
        found.weekly |= {(day, *span) for day in days}
    for period in away:
        period.skip("description")
        during = period.object("during")
        if during is None:
            period.wrong("during", "during mangler", "Skriv første og siste dag som er stengt.")
            continue
        first, last = (during.value(end, values.day) for end in ("start", "end"))
        if first is not None and last is not None:
            _close(found, during, first, last)
    return found


def _close(hours: HoursDraft, during: Object, first: date, last: date) -> None:
    for day in during.read("end", "", lambda _: values.days_between(first, last)) or ():
        hours.days.setdefault(day, set())


def holidays_of(one: Object, otherwise: OnHolidays) -> OnHolidays:
    """What the extension says of public holidays."""
    for extension in extensions(one, "holidays"):
        said = extension.text("valueCode")
        if said not in tuple(OnHolidays):
            instead = f"Skriv {', '.join(OnHolidays)}."
            extension.wrong("valueCode", f"{shown(said)} sier ikke hva som gjelder på helligdager", instead)
            return otherwise
        return OnHolidays(said)
    return otherwise


def extensions(one: Object, name: str) -> Iterator[Object]:
    """Our own extensions of that name; each is now read."""
    for extension in one.objects("extension"):
        if extension.members.get("url") in (EXTENSION + name, name):
            extension.skip("url")
            yield extension


def _times(one: Object) -> Iterator[Times]:
    for time in one.objects("availableTime"):
        week = 0
        for extension in extensions(time, "week"):
            week = extension.number("valueInteger") or 0
            if not 1 <= week <= MAX_WEEKS:
                extension.wrong("valueInteger", "dette er ikke en uke", f"Skriv et tall fra 1 til {MAX_WEEKS}.")
        days = [DAYS.index(day) + 1 for day in time.texts("daysOfWeek") if day in DAYS]
        if len(days) != len(time.texts("daysOfWeek")):
            time.wrong("daysOfWeek", "her er en dag som ikke finnes", f"Skriv {', '.join(DAYS)}.")
        span = _span(time)
        if span is not None and time.sound:
            yield days or list(range(1, len(DAYS) + 1)), span, week


def _span(time: Object) -> tuple[int, int] | None:
    if time.flag("allDay", otherwise=False):
        return WHOLE_DAY
    start, end = time.value("availableStartTime", values.minute), time.value("availableEndTime", values.minute)
    if start is None or end is None:
        return None
    return time.read("availableStartTime", "", lambda _: values.span(start, end % DAY or DAY)) or None


class Plans:
    """The on-call plans of all services: made by the roles of people, who say when they are on call and where."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._plans: dict[str, PlanDraft] = {}
        self._with_shifts = {
            target
            for role in bundle.resources["PractitionerRole"]
            if role.members.get("availableTime")
            for target in map(bundle.target, role.objects("healthcareService"))
        }

    def code(self, service: str) -> str:
        """What a service's plan is called."""
        return f"{service}#plan"

    def has_shifts(self, service: str) -> bool:
        """Whether somebody is on call there."""
        return service in self._with_shifts

    def begin(self, one: Object, service: str, name: str) -> None:
        """A service that may have a plan: its rotation, holidays and swaps."""
        if not self.has_shifts(service):
            return
        code = self.code(service)
        self._bundle.drafts.declare(code, "plan", one.where())
        called = (f"Vaktplan, {name}"[:MAX_NAME],)
        plan = PlanDraft(code, one.where(), called, holidays_of(one, OnHolidays.USUAL))
        for extension in extensions(one, "rotation"):
            _rotation(plan, extension)
        for extension in extensions(one, "swap"):
            self._swap(plan, extension)
        self._plans[service] = plan

    def shifts(self, role: Object, person: str | None, services: list[str]) -> None:
        """A role's times are shifts at each of its services."""
        if role.objects("notAvailable"):
            what = "fravær i en rolle kan ikke regnes om til en vaktplan"
            role.wrong("notAvailable", what, f"Skriv hvem som har vakt i stedet, med {EXTENSION}swap på tjenesten.")
        times = list(_times(role))
        if times and not services:
            role.drafts.leave_out("PractitionerRole.availableTime (uten healthcareService)", len(times))
        for plan in (self._plans[one] for one in services if one in self._plans and person is not None):
            if times:
                plan.pointers.append(role.drafts.point(str(person), ("person",), role.where("practitioner")))
            self._add(plan, role, self._bundle.drafts.id(str(person)), times)

    def finish(self) -> None:
        """Keep every plan."""
        for plan in self._plans.values():
            plan.finish(self._bundle.drafts)

    def _add(self, plan: PlanDraft, role: Object, person: EntryId, times: list[Times]) -> None:
        for days, span, week in times:
            for day in days:
                try:
                    plan.add_shift(week, day, span, [person])
                except Wrong as wrong:
                    role.wrong("availableTime", wrong.what, wrong.instead)
                    return

    def _swap(self, plan: PlanDraft, extension: Object) -> None:
        parts = {name: list(extensions(extension, name)) for name in ("day", "start", "end", "person")}
        if any(len(parts[name]) != 1 for name in ("day", "start", "end")):
            extension.wrong("", "et vaktbytte trenger day, start og end", "Skriv hver av dem én gang.")
            return
        day = parts["day"][0].value("valueDate", values.day)
        start, end = (parts[name][0].value("valueTime", values.minute) for name in ("start", "end"))
        people = [
            self._bundle.points(extension, one.object("valueReference"), plan.pointers, ("person",))
            for one in parts["person"]
        ]
        if extension.sound and None not in (day, start, end, *people):
            span = extension.read("", "", lambda _: values.span(start, end % DAY or DAY))
            if span is not None:
                plan.add_swap(day, span, [one for one in people if one is not None])


def _rotation(plan: PlanDraft, extension: Object) -> None:
    for part in extensions(extension, "first-week"):
        first = part.value("valueDate", values.day)
        if first is not None and first.isoweekday() != _MONDAY:
            part.wrong("valueDate", "planens første uke begynner på en mandag", "Skriv datoen til en mandag.")
        elif first is not None:
            plan.first_week = first
    for part in extensions(extension, "weeks"):
        weeks = part.number("valueInteger") or 0
        if not 1 <= weeks <= MAX_WEEKS:
            part.wrong("valueInteger", "dette er ikke et antall uker", f"Skriv et tall fra 1 til {MAX_WEEKS}.")
        else:
            plan.weeks = weeks
