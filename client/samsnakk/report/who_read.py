"""Who has read what, as sentences and rows."""

from collections.abc import Iterable
from typing import Final

from domain.access.events import Purpose
from domain.access.readings import Reading
from domain.ids import Version
from samsnakk.report.named import Named, capital
from samsnakk.report.tables import Cell, Column, Moment, Section, Table
from samsnakk.who_read import Access, WhoRead

_ACCESSES: Final = (
    *("who", "organisation", "inbox", "count", "messages", "first_at", "last_at", "shown_at", "purpose", "bases"),
    *("times", "proven"),
)
_READINGS: Final = (
    *("line", "who", "organisation", "inbox", "way", "threads", "start", "until", "began", "ended", "purpose", "bases"),
    *("device", "proven"),
)
_UNLOGGED: Final = ("who", "device", "start", "until")


def table(key: str, columns: Iterable[str], rows: Iterable[tuple[Cell, ...]], named: Named) -> Table:
    """A table whose words stand in the dictionary under its key."""
    words = named.words
    heads = tuple(Column(column, words.columns[column]) for column in columns)
    return Table(key, words.headings[key], words.empty[key], heads, tuple(rows))


def message_section(read: WhoRead, version: Version, named: Named) -> Section:
    """Who has read one message."""
    author = _author(read, version)
    found = read.of_message(version)
    others = [access for access in found if access.person != author]
    said = [_wrote(read, version, named)] if author is not None else []
    what = named.words.said["the_message"]
    said += [access_sentence(access, what, named) for access in others]
    if not others:
        said.append(named.words.said["nobody"].format(what=what))
    heading = named.words.headings["of_message"].format(number=version)
    return Section("of_message", heading, tuple(said), (accesses_table(found, named),))


def accesses_section(key: str, heading: str, found: list[Access], named: Named) -> Section:
    """Who has read several messages."""
    words = named.words
    said = [access_sentence(one, None, named) for one in found]
    return Section(key, heading, tuple(said or [words.said["none"]]), (accesses_table(found, named),))


def log_section(read: WhoRead, named: Named) -> Section:
    """The log itself, line by line, and how complete it is here."""
    words = named.words
    said = [words.said["complete"]]
    if read.leaves:
        said.append(words.said["leaves"].format(number=read.leaves))
    rows = (_reading_row(reading, named) for reading in read.readings)
    return Section("readings", words.headings["readings"], tuple(said), (table("readings", _READINGS, rows, named),))


def missing_section(read: WhoRead, named: Named) -> Section | None:
    """What the readers' own acts prove and the log leaves out; None if there is nothing."""
    rows = [(named.of(one.person), one.device.hex(), one.logged + 1, one.seen) for one in read.unlogged]
    if not rows:
        return None
    heading, said = named.words.headings["missing"], (named.words.said["missing"],)
    return Section("missing", heading, said, (table("unlogged", _UNLOGGED, rows, named),), warning=True)


def accesses_table(found: Iterable[Access], named: Named) -> Table:
    """Everybody's access, one row for each person, capacity and purpose."""
    return table("accesses", _ACCESSES, (_access_row(access, named) for access in found), named)


def access_sentence(access: Access, what: str | None, named: Named) -> str:
    """One person's access in plain words; `what`: the one thing it is about, None: as many messages as it is."""
    words, who = named.words, capital(_who(access, named))
    shown = words.time(access.shown_at) if access.shown_at is not None else ""
    told = words.said[_sentence(access, one=what is not None)].format(
        who=who, what=what or _how_many(access, named), first=words.time(access.first_at), shown=shown
    )
    bases = ", ".join(words.code(basis) for basis in access.bases)
    why = words.said["why"].format(purpose=words.code(access.purpose.value), basis=bases)
    return " ".join((told, why, *(() if access.proven else (words.said["unproven"],))))


def _sentence(access: Access, *, one: bool) -> str:
    if access.purpose is Purpose.ARCHIVE:
        return "archived"
    if one:
        return "got" if access.shown_at is None else "got_shown"
    return "got_many" if access.shown_at is None else "got_many_shown"


def _who(access: Access, named: Named) -> str:
    said, who = named.words.said, named.of(access.person)
    if access.role is not None:
        who = said["for_inbox"].format(who=who, inbox=named.of(access.role))
    if access.organisation is None or access.purpose is Purpose.ARCHIVE:
        return who
    return said["of_house"].format(who=who, organisation=named.organisation(access.organisation))


def _how_many(access: Access, named: Named) -> str:
    number = len(access.messages)
    return named.words.said["one"] if number == 1 else named.words.said["several"].format(number=number)


def _author(read: WhoRead, version: int) -> bytes | None:
    place = read.history.places[version - 1] if 0 < version <= read.history.version else None
    return place.recorded.act.author.person if place is not None and place.recorded is not None else None


def _wrote(read: WhoRead, version: int, named: Named) -> str:
    place = read.history.places[version - 1]
    when = named.words.time(place.recorded_at)
    return capital(named.words.said["wrote"].format(who=named.of(_author(read, version)), when=when))


def _access_row(access: Access, named: Named) -> tuple[Cell, ...]:
    words = named.words
    return (
        named.of(access.person),
        named.organisation(access.organisation),
        named.of(access.role) if access.role is not None else "",
        len(access.messages),
        tuple(str(version) for version in access.messages),
        Moment(access.first_at),
        Moment(access.last_at),
        Moment(access.shown_at) if access.shown_at is not None else None,
        words.code(access.purpose.value),
        tuple(words.code(basis) for basis in access.bases),
        access.times,
        access.proven,
    )


def _way(reading: Reading, named: Named) -> str:
    words, case = named.words, reading.case
    if case is not None:
        return words.said[f"audited_{case.shows.value}"].format(number=case.number, purpose=words.code(case.purpose))
    return words.said["subscription" if reading.reach is None else reading.reach.value]


def _reading_row(reading: Reading, named: Named) -> tuple[Cell, ...]:
    words = named.words
    way = _way(reading, named)
    if reading.closed_at is None:
        way = f"{way}; {words.said['still_open']}"
    elif reading.ending is not None:
        way = f"{way}; {words.code(reading.ending)}"
    return (
        reading.line,
        named.of(reading.person),
        named.organisation(reading.organisation),
        named.of(reading.role) if reading.role is not None else "",
        way,
        tuple(named.thread(basis.thread) for basis in reading.bases),
        reading.start,
        reading.until,
        Moment(reading.opened_at),
        Moment(reading.closed_at) if reading.closed_at is not None else None,
        words.code(reading.purpose.value),
        tuple(sorted({words.code(basis.legal_basis) for basis in reading.bases})),
        reading.device.hex(),
        reading.proven,
    )
