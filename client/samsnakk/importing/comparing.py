"""What an import changes: added, removed, and changed field by field, in words that an administrator reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.duty.oslo import DAY
from domain.duty.rules import OnCallPlan, OnHolidays, OpeningHours
from domain.duty.told import DAYS
from domain.ids import EntryId
from protocol.listings.entries import Entry, parse_entry

FIELDS: Final = {
    "names": "navn",
    "place": "sted",
    "number": "nummer",
    "service": "tjeneste",
    "phone": "telefon",
    "parent": "hører til",
    "stands_in": "avløser",
    "principal": "nøkkel",
    "contact": "kontakt",
    "hours": "åpningstid",
    "plan": "vaktplan",
    "function": "funksjon",
    "person": "person",
    "inbox": "innboks",
    "title": "tittel",
    "rules": "tider",
}
_HOLIDAYS: Final = {
    OnHolidays.USUAL: "som vanlig",
    OnHolidays.SUNDAY: "som på søndager",
    OnHolidays.CLOSED: "stengt",
}
_GONE: Final = "(ukjent)"
Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an entry; each side as lines, none where it is empty."""

    field: str
    before: Lines
    after: Lines


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry that is in both, and what differs."""

    entry: Entry
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """From what is published to what the file says."""

    added: tuple[Entry, ...] = field(repr=False)
    removed: tuple[Entry, ...] = field(repr=False)
    changed: tuple[EntryChange, ...] = field(repr=False)
    unchanged: int

    @property
    def any(self) -> bool:
        """Whether anything would be published."""
        return bool(self.added or self.removed or self.changed)


def compare(before: Mapping[EntryId, bytes], after: Mapping[EntryId, bytes]) -> Changes:
    """What changes, each sort in order of kind and name. Raises `MalformedListing`."""
    old = {entry: parse_entry(raw) for entry, raw in before.items() if after.get(entry) != raw}
    new = {entry: parse_entry(raw) for entry, raw in after.items() if before.get(entry) != raw}
    names = _Names(before, after)
    both = [EntryChange(new[entry], tuple(_fields(old[entry], new[entry], names))) for entry in new if entry in before]
    return Changes(
        added=_in_order(one for entry, one in new.items() if entry not in before),
        removed=_in_order(one for entry, one in old.items() if entry not in after),
        changed=tuple(sorted(both, key=lambda change: _order(change.entry))),
        unchanged=sum(before.get(entry) == raw for entry, raw in after.items()),
    )


class _Names:
    """What entries are called, read when somebody asks: most are never pointed at by what changes."""

    def __init__(self, *listings: Mapping[EntryId, bytes]) -> None:
        self._listings = listings[::-1]

    def __call__(self, entry: EntryId) -> str:
        return next((parse_entry(found[entry]).name for found in self._listings if entry in found), _GONE)


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=_order))


def _order(entry: Entry) -> tuple[str, str, bytes]:
    return entry.kind, entry.name, entry.id


def _fields(old: Entry, new: Entry, names: _Names) -> Iterable[FieldChange]:
    if old.kind != new.kind:
        yield FieldChange("kind", (old.kind,), (new.kind,))
    for name in FIELDS:
        sides = [getattr(one.facts, name, None) for one in (old, new)]
        if sides[0] != sides[1]:
            yield FieldChange(name, *(_lines(name, side, names) for side in sides))


def _lines(name: str, value: object, names: _Names) -> Lines:
    match value:
        case None | "":
            return ()
        case tuple():
            return tuple(map(str, value))
        case bytes() if name == "principal":
            return (value.hex(),)
        case bytes():
            return (names(EntryId(value)),)
        case OpeningHours():
            return _hours(value)
        case OnCallPlan():
            return _plan(value, names)
        case _:
            return (str(value),)


def _hours(rules: OpeningHours) -> Lines:
    weekly = [f"{DAYS[span.day - 1]} {_times(span.start, span.end)}" for span in rules.weekly]
    days = [
        f"{one.day:%d.%m.%Y} {' og '.join(_times(*times) for times in one.times) or 'stengt'}"
        for one in rules.exceptions
    ]
    return (*weekly, *days, f"helligdager: {_HOLIDAYS[rules.holidays]}")


def _plan(rules: OnCallPlan, names: _Names) -> Lines:
    found = []
    if rules.weeks > 1:
        found.append(f"{rules.weeks} uker, den første fra {rules.first_week:%d.%m.%Y}")
    for shift in rules.shifts:
        week = f"uke {shift.week}, " if shift.week else ""
        who = ", ".join(map(names, shift.people))
        found.append(f"{week}{DAYS[shift.day - 1]} {_times(shift.start, shift.end)}: {who}")
    for swap in rules.swaps:
        who = ", ".join(map(names, swap.people)) or "ingen"
        found.append(f"{swap.day:%d.%m.%Y} {_times(swap.start, swap.end)}: {who}")
    return (*found, f"helligdager: {_HOLIDAYS[rules.holidays]}")


def _times(start: int, end: int) -> str:
    return "hele døgnet" if (start, end) == (0, DAY) else f"{_clock(start)}–{_clock(end)}"


def _clock(minute: int) -> str:
    minute = minute - DAY if minute > DAY else minute
    return f"{minute // 60:02}.{minute % 60:02}"
