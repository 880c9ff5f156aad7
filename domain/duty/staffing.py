"""Whether anybody answers at a service inbox now, and where to turn if not: who is on call, else the inbox that stands
in for it, else the one that stands in for its unit, else a telephone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.duty.rules import OnCallPlan, OpeningHours
from domain.ids import EntryId, Millis


class Why(StrEnum):
    """Why nobody answers."""

    CLOSED = "closed"
    NOBODY_ON_DUTY = "nobody_on_duty"
    NOT_STATED = "not_stated"
    """Neither opening hours nor an on-call plan: nobody has promised to be there."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """A service inbox as far as staffing goes. `stands_in`: the inbox that answers when this one does not."""

    id: EntryId
    hours: OpeningHours | None
    plan: OnCallPlan | None
    stands_in: EntryId | None
    unit: EntryId | None
    phone: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit or organisation as far as staffing goes."""

    id: EntryId
    stands_in: EntryId | None
    parent: EntryId | None
    phone: str


@dataclass(frozen=True, slots=True)
class Staffing:
    """What holds at a moment. `people`: who is on call; nobody is named where there are hours but no plan.

    `until`: when this changes, None if nobody knows. `why` is None exactly when the inbox is staffed.
    """

    people: tuple[EntryId, ...]
    why: Why | None
    until: Millis | None

    @property
    def staffed(self) -> bool:
        """Whether somebody answers."""
        return self.why is None


@dataclass(frozen=True, slots=True)
class Route:
    """Where to turn: `staffing` of the inbox that was asked for; the `answers` of those tried in its place.

    `instead`: the first of them that is staffed. `phone`: the nearest telephone, empty if none is stated.
    """

    inbox: EntryId
    staffing: Staffing
    instead: EntryId | None
    answering: Staffing | None
    phone: str


def staffing(inbox: Inbox, at: Millis) -> Staffing:
    """Whether the inbox is staffed at that moment: open, where it has hours, and somebody on call, where it has a
    plan."""
    changes = [rule.next_change(at) for rule in (inbox.hours, inbox.plan) if rule is not None]
    until = min((change for change in changes if change is not None), default=None)
    if inbox.hours is None and inbox.plan is None:
        return Staffing((), Why.NOT_STATED, None)
    if inbox.hours is not None and not inbox.hours.open_at(at):
        return Staffing((), Why.CLOSED, _opens(inbox, at))
    people = inbox.plan.on_duty(at) if inbox.plan is not None else ()
    if inbox.plan is not None and not people:
        return Staffing((), Why.NOBODY_ON_DUTY, _opens(inbox, at))
    return Staffing(people, None, until)


def _staffed_at(inbox: Inbox, at: Millis) -> bool:
    is_open = inbox.hours is None or inbox.hours.open_at(at)
    return is_open and (inbox.plan is None or bool(inbox.plan.on_duty(at)))


_MOST_CHANGES = 64


def _opens(inbox: Inbox, at: Millis) -> Millis | None:
    """When somebody answers again: hours and plan must both say so, so every change of either is looked at."""
    moment = at
    for _ in range(_MOST_CHANGES):
        changes = [rule.next_change(moment) for rule in (inbox.hours, inbox.plan) if rule is not None]
        following = min((change for change in changes if change is not None), default=None)
        if following is None or _staffed_at(inbox, following):
            return following
        moment = following
    return None


def route(asked: Inbox, inboxes: Mapping[EntryId, Inbox], units: Mapping[EntryId, Unit], at: Millis) -> Route:
    """Where to turn at that moment. Inboxes that stand in for each other in a circle are each tried once."""
    found = staffing(asked, at)
    if found.staffed:
        return Route(asked.id, found, None, None, asked.phone)
    tried = [asked.id]
    for inbox in _standing_in(asked, inboxes, units):
        if inbox.id in tried:
            continue
        tried.append(inbox.id)
        answering = staffing(inbox, at)
        if answering.staffed:
            return Route(asked.id, found, inbox.id, answering, inbox.phone or _phone(asked, units))
    return Route(asked.id, found, None, None, _phone(asked, units))


def _standing_in(asked: Inbox, inboxes: Mapping[EntryId, Inbox], units: Mapping[EntryId, Unit]) -> Iterator[Inbox]:
    """Whoever may answer instead, nearest first: the inbox's own chain, then that of each unit above it."""
    starts = [asked.stands_in, *(unit.stands_in for unit in above(asked.unit, units))]
    seen: set[EntryId] = set()
    for start in starts:
        step = start
        while step is not None and step not in seen:
            seen.add(step)
            inbox = inboxes.get(step)
            if inbox is None:
                break
            yield inbox
            step = inbox.stands_in


def above(start: EntryId | None, units: Mapping[EntryId, Unit]) -> Iterator[Unit]:
    """The unit, the one it belongs to, and so on up to the organisation; each once."""
    seen: set[EntryId] = set()
    while start is not None and start not in seen:
        seen.add(start)
        unit = units.get(start)
        if unit is None:
            return
        yield unit
        start = unit.parent


def _phone(asked: Inbox, units: Mapping[EntryId, Unit]) -> str:
    phones = [asked.phone, *(unit.phone for unit in above(asked.unit, units))]
    return next((phone for phone in phones if phone), "")
