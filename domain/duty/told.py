"""Who is on duty and where to turn, in plain bokmål: what a person reads before writing to an inbox."""

from collections.abc import Callable
from typing import Final

from domain.duty.oslo import DAY, Local, local
from domain.duty.staffing import Route, Why
from domain.ids import EntryId, Millis

DAYS: Final = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
EMERGENCY: Final = "Er det fare for liv og helse: ring 113. Haster det: ring legevakten på 116 117."
"""This is not an emergency channel, and whoever stands before a closed door must be told where one is."""

_REASONS: Final = {
    Why.CLOSED: "har stengt nå",
    Why.NOBODY_ON_DUTY: "har ingen på vakt nå",
    Why.NOT_STATED: "har ikke oppgitt når noen svarer",
}
_WEEK: Final = 7
Named = Callable[[EntryId], str]


def warning(route: Route, name: Named, at: Millis) -> str | None:
    """What to say before somebody writes to an inbox where nobody answers; None where somebody does."""
    why = route.staffing.why
    if why is None:
        return None
    said = f"«{name(route.inbox)}» {_REASONS[why]}"
    if route.staffing.until is not None:
        said += f", og svarer igjen {when(route.staffing.until, at)}"
    return f"{said}. {_instead(route, name)} {EMERGENCY}"


def _instead(route: Route, name: Named) -> str:
    if route.instead is not None:
        return f"Skriv til «{name(route.instead)}» i stedet: der er noen på vakt."
    if route.phone:
        return f"Ingen fellesinnboks tar over. Ring {route.phone}."
    return "Ingen fellesinnboks tar over, og det er ikke oppgitt noe telefonnummer."


def on_duty(route: Route, name: Named, at: Millis) -> str:
    """Who answers, and until when, at the inbox that was asked for."""
    people = ", ".join(name(person) for person in route.staffing.people)
    who = f"På vakt nå: {people}" if people else "Åpent nå"
    until = route.staffing.until
    return f"{who}." if until is None else f"{who}, til {when(until, at)}."


def when(moment: Millis, at: Millis) -> str:
    """A moment in local time, as short as it can be said at `at`."""
    then, now = local(moment), local(at)
    ahead = (then.day - now.day).days
    if ahead == 0:
        return f"i dag {_clock(then)}"
    if ahead == 1:
        return f"i morgen {_clock(then)}"
    if 0 < ahead < _WEEK:
        return f"{DAYS[then.day.weekday()]} {_clock(then)}"
    return f"{then.day:%d.%m.%Y} {_clock(then)}"


def _clock(moment: Local) -> str:
    return f"kl. {moment.minute % DAY // 60:02}.{moment.minute % 60:02}"
