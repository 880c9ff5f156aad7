"""Who got which message, and to whom it was really shown: from the readings and the record, nothing else.

Where it cannot be known whether something left, it counts as having left: rather one name too many than one too few.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.access.events import Reach
from domain.access.history import History, Place
from domain.access.readings import Reading
from domain.channel import events as e
from domain.channel.state import Channel
from domain.channel.terms import KindClass
from domain.channel.visibility import reads, served_threads
from domain.ids import Code, Millis, PrincipalId, ThreadNo, Version


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Message `version` was let out by `reading` at `at`, or a file of it. `shown_at`: when its reader had it shown."""

    version: Version
    thread: ThreadNo
    reading: Reading
    at: Millis
    legal_basis: Code
    shown_at: Millis | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody said was shown: the thread up to a version, at a time."""

    upto: Version
    at: Millis


def disclosures(history: History, all_readings: Iterable[Reading]) -> Iterator[Disclosure]:
    """Every message that every reading let out: each pair once, in the order of the lines."""
    shown = shown_acts(history)
    for reading in all_readings:
        for place in history.of_class(KindClass.CONTENT, *_span(reading)):
            basis = reading.basis(place.thread)
            if place.thread is None or basis is None or not _let_out(history, reading, place):
                continue
            at = max(reading.opened_at, place.recorded_at)
            seen_at = first_shown(shown, reading, place)
            yield Disclosure(place.version, place.thread, reading, at, basis, seen_at)


def _span(reading: Reading) -> tuple[Version, Version]:
    # A file may have been posted at any time before it is fetched; its line names the moment, not the message.
    start = Version(1) if reading.reach is Reach.ATTACHMENT else reading.start
    return start, reading.until


def _let_out(history: History, reading: Reading, place: Place) -> bool:
    if reading.reach is Reach.ATTACHMENT:
        return reading.file in files_of(place)
    if place.recorded is None and reading.reader == history.viewer:
        return False  # the viewer's own, and it got the leaf
    first = max(place.version, reading.channel_version)
    # Pages are sent, and records pushed, by the state of that moment: any of those it may have been.
    last = max(first, reading.until if reading.reach is None else first)
    return any(_could_read(state, history, reading, place) for state in history.states(first, last))


def _could_read(state: Channel, history: History, reading: Reading, place: Place) -> bool:
    thread = state.threads.get(place.thread) if place.thread is not None else None
    if thread is None:
        return False
    if KindClass.KEY in thread.unseen and reading.reader != history.viewer:
        # Grants in this thread are leaves here, so its ranges are unknown.
        return thread.number in served_threads(state, reading.reader, reading.opened_at)
    at, person = reading.opened_at, reading.person
    return reads(state, reading.reader, place.thread, place.kind_class, place.version, at, person)


def files_of(place: Place) -> frozenset[bytes]:
    """The files of a message."""
    if place.recorded is None or not isinstance(place.recorded.act.event, e.MessagePosted):
        return frozenset()
    return frozenset(ref.file for ref in place.recorded.act.event.attachments)


ShownActs = Mapping[tuple[ThreadNo, PrincipalId], list[Shown]]


def shown_acts(history: History) -> ShownActs:
    """What each person has said was shown, by thread, in order."""
    found: dict[tuple[ThreadNo, PrincipalId], list[Shown]] = {}
    for place in history.places:
        act = place.recorded.act if place.recorded is not None else None
        if act is None or place.thread is None or act.author.person is None:
            continue
        if isinstance(act.event, e.MessagesSeen):
            one = Shown(act.event.upto, place.recorded_at)
            found.setdefault((place.thread, act.author.person), []).append(one)
    return found


def first_shown(shown: ShownActs, reading: Reading, place: Place) -> Millis | None:
    """When the reading's person first said that the thread was shown as far as this message; None: never."""
    acts = shown.get((place.thread, reading.person), []) if place.thread is not None else []
    return next((one.at for one in acts if one.upto >= place.version), None)
