"""Local time in Norway, from and to UTC. The rule is the Union's and holds for every year since 1996: clocks go forward
at 01:00 UTC on the last Sunday of March and back at 01:00 UTC on the last Sunday of October (directive 2000/84/EC,
articles 2 and 3; in Norway by forskrift 2001-12-20-1550 om sommertid). A table of zones would have to be read from the
machine, and two ends could have two.
"""

from calendar import timegm
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from domain.ids import Millis

MINUTE: Final = 60_000
DAY: Final = 1440
"""Minutes of a usual day."""
_WINTER, _SUMMER = 60, 120
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SUNDAY: Final = 7


@dataclass(frozen=True, slots=True)
class Local:
    """What calendar and clock show; `minute` counts from midnight."""

    day: date
    minute: int


def _change(year: int, month: int) -> int:
    """When clocks change in that month: minutes since 1970, UTC."""
    last = date(year, month, 31)
    sunday = last - timedelta(days=last.isoweekday() % _SUNDAY)
    return timegm((sunday.year, sunday.month, sunday.day, 1, 0, 0)) // 60


def offset(minute: int) -> int:
    """How many minutes clocks are ahead of UTC at `minute` since 1970."""
    year = date.fromordinal(_EPOCH + minute // DAY).year
    return _SUMMER if _change(year, 3) <= minute < _change(year, 10) else _WINTER


def local(at: Millis) -> Local:
    """What calendar and clock show at `at`."""
    utc = at // MINUTE
    days, minute = divmod(utc + offset(utc), DAY)
    return Local(date.fromordinal(_EPOCH + days), minute)


def instant(day: date, minute: int) -> Millis:
    """When the clock shows `minute` after midnight of `day`; 1440 and more lie on the days after.

    A time that comes twice is the first of the two; one that is skipped counts from before the gap, as in RFC 5545
    §3.3.5.
    """
    shown = (day.toordinal() - _EPOCH) * DAY + minute
    early = shown - _SUMMER
    return Millis((early if offset(early) == _SUMMER else shown - _WINTER) * MINUTE)
