"""Norway's public holidays: data with its source in law, and the date of Easter that most of them hang on."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

HELLIGDAGER: Final = "lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred § 2"
HOYTIDSDAGER: Final = "lov 26. april 1947 nr. 1 om 1 og 17 mai som høgtidsdagar § 1"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same date every year."""

    name: str
    month: int
    day: int
    source: str

    def on(self, year: int) -> date:
        """Its date in that year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Movable:
    """So many days after Easter Sunday, or before it."""

    name: str
    days: int
    source: str

    def on(self, year: int) -> date:
        """Its date in that year."""
        return easter(year) + timedelta(days=self.days)


HOLIDAYS: Final[tuple[Fixed | Movable, ...]] = (
    Fixed("første nyttårsdag", 1, 1, HELLIGDAGER),
    Movable("skjærtorsdag", -3, HELLIGDAGER),
    Movable("langfredag", -2, HELLIGDAGER),
    Movable("første påskedag", 0, HELLIGDAGER),
    Movable("andre påskedag", 1, HELLIGDAGER),
    Fixed("1. mai", 5, 1, HOYTIDSDAGER),
    Fixed("17. mai", 5, 17, HOYTIDSDAGER),
    Movable("Kristi himmelfartsdag", 39, HELLIGDAGER),
    Movable("første pinsedag", 49, HELLIGDAGER),
    Movable("andre pinsedag", 50, HELLIGDAGER),
    Fixed("første juledag", 12, 25, HELLIGDAGER),
    Fixed("andre juledag", 12, 26, HELLIGDAGER),
)
"""Sundays are holidays by the same law; they are weekdays of their own in every plan and not repeated here."""


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's rule; J. Meeus, Astronomical Algorithms)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * el) // 433
    month = (h + el - 7 * m + 90) // 25
    return date(year, month, (h + el - 7 * m + 33 * month + 19) % 32)


@lru_cache(maxsize=64)
def _of(year: int) -> dict[date, str]:
    return {holiday.on(year): holiday.name for holiday in HOLIDAYS}


def holiday(day: date) -> str | None:
    """What the public holiday on that day is called; None on all other days."""
    return _of(day.year).get(day)
