"""Every word a report shows. Another language is another `Words`; a test holds their keys together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.duty.oslo import local
from domain.ids import Millis
from samsnakk.report.tables import Cell, Lasting, Moment

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. Braces are filled in with `str.format`."""

    language: str
    months: tuple[str, ...]
    day: str
    moment: str
    yes: str
    no: str
    none: str
    minutes: str
    hours: str
    days: str
    and_: str
    you: str
    you_object: str
    hub: str
    main_thread: str
    thread: str
    columns: Mapping[str, str]
    """Headings, by a column's key."""
    headings: Mapping[str, str]
    """Titles of reports, sections, tables and charts."""
    empty: Mapping[str, str]
    """What is said where a table has no row."""
    said: Mapping[str, str]
    """Sentences."""
    deeds: Mapping[str, str]
    """What somebody did, by kind of act."""
    codes: Mapping[str, str]
    """What a code that stands in a record means: purposes, legal bases, reasons."""

    def code(self, code: str | None) -> str:
        """A code in words; one that nobody has put in words stands for itself."""
        return "" if code is None else self.codes.get(code, code)

    def date(self, at: Millis) -> str:
        """The day, Norwegian time."""
        day = local(at).day
        return self.day.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def time(self, at: Millis) -> str:
        """Day and time of day, Norwegian time."""
        minute = local(at).minute
        return self.moment.format(date=self.date(at), hour=minute // 60, minute=minute % 60)

    def lasting(self, milliseconds: int) -> str:
        """A length of time, rounded down to what people say."""
        minutes = milliseconds // _MINUTE_MS
        if minutes < 2 * _HOUR:
            return self.minutes.format(number=minutes)
        if minutes < 2 * _DAY:
            return self.hours.format(number=minutes // _HOUR)
        return self.days.format(number=minutes // _DAY)

    def cell(self, cell: Cell) -> str:
        """A value in words."""
        match cell:
            case None:
                return self.none
            case bool():
                return self.yes if cell else self.no
            case Moment(at=at):
                return self.time(at)
            case Lasting(milliseconds=milliseconds):
                return self.lasting(milliseconds)
            case tuple():
                return ", ".join(cell)
            case _:
                return str(cell)
