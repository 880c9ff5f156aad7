"""Which keys open a range of a thread's history to somebody else: of whole epochs where the range holds them whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crypto.errors import CryptoError
from crypto.grants import Grant, GrantedEpoch, GrantedMessage
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened, MessagePosted
from domain.channel.state import Thread
from domain.channel.terms import Range
from domain.ids import EpochNo, PrincipalId, ThreadNo, Version
from protocol.replay import Accepted
from protocol.sealing import message_key
from samsnakk.held import Held
from samsnakk.keys import EpochId
from samsnakk.owed import Debt

MOST_MESSAGES = 8000
"""Message keys in one act: about 350 KiB."""
MOST_RANGES = 256

Spans = tuple[tuple[Version, Version], ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Ranges to be granted together, and their keys."""

    ranges: Spans
    grant: Grant


def own_spans(held: Held, thread: ThreadNo, principal: PrincipalId, since: Version) -> Spans:
    """The parts of [since, newest] that lie in the principal's own range of the thread."""
    known = held.replay.channel.threads.get(thread)
    return _spans(known.ranges.get(principal, ()) if known is not None else (), since, held.version)


def owed_spans(held: Held, thread: Thread, granter: PrincipalId, recipient: PrincipalId, debt: Debt) -> Spans:
    """What of the epoch's stretch lies in both principals' ranges of `thread`: nothing the recipient was not in.

    Empty where the granter's range does not reach back to the epoch's opening: that would not settle the debt.
    """
    newest = held.version if debt.ended is None else Version(debt.ended - 1)
    given = own_spans(held, debt.epoch[0], granter, debt.opened)
    had = _spans(thread.ranges.get(recipient, ()), debt.opened, newest)
    both = sorted((Version(max(a, c)), Version(min(b, d))) for a, b in given for c, d in had if max(a, c) <= min(b, d))
    return tuple(both) if both and both[0][0] == debt.opened else ()


def _spans(ranges: Sequence[Range], since: Version, newest: Version) -> Spans:
    first = max(since, 1)
    merged: list[tuple[Version, Version]] = []
    for span in sorted(ranges, key=lambda r: r.start):
        start = max(span.start, first)
        until = newest if span.until is None else min(span.until, newest)
        if start > until:
            continue
        if merged and start <= merged[-1][1] + 1:
            start, until = merged[-1][0], Version(max(until, merged[-1][1]))
            merged.pop()
        merged.append((Version(start), Version(until)))
    return tuple(merged[-MOST_RANGES:])


def openings(held: Held, thread: ThreadNo, spans: Spans) -> Iterator[Opening]:
    """The acts that grant `spans`, each within what one act holds."""
    whole = _whole_epochs(held, thread, spans)
    keys = [GrantedEpoch(thread, number, held.keys.epochs[thread, number]) for _, number in sorted(whole)]
    single = [
        (place.version, key)
        for place in held.places
        if place.thread == thread
        and _inside(place.version, spans)
        and (key := _message_key(held, place, whole)) is not None
    ]
    if len(single) <= MOST_MESSAGES:
        yield Opening(spans, Grant(tuple(keys), tuple(GrantedMessage(v, k) for v, k in single)))
        return
    for start in range(0, len(single), MOST_MESSAGES):
        part = single[start : start + MOST_MESSAGES]
        first = Version(part[0][0] if start else spans[0][0])
        last = spans[-1][1] if start + MOST_MESSAGES >= len(single) else Version(single[start + MOST_MESSAGES][0] - 1)
        cut = tuple((max(a, first), min(b, last)) for a, b in spans if a <= last and b >= first)
        messages = tuple(GrantedMessage(v, k) for v, k in part)
        yield Opening(cut, Grant(() if start else tuple(keys), messages))


def _whole_epochs(held: Held, thread: ThreadNo, spans: Spans) -> set[EpochId]:
    """Epochs of the thread that lie whole in one of the spans and whose key is here."""
    starts = [
        (place.version, place.header.event.epoch)
        for place in held.places
        if place.act is not None and place.thread == thread and isinstance(place.header.event, EpochOpened)
    ]
    ends = [version - 1 for version, _ in starts[1:]] + [held.version]
    return {
        (thread, number)
        for (start, number), end in zip(starts, ends, strict=True)
        if (thread, number) in held.keys.epochs and any(a <= start and end <= b for a, b in spans)
    }


def _inside(version: Version, spans: Spans) -> bool:
    return any(start <= version <= until for start, until in spans)


def _message_key(held: Held, place: Accepted, whole: set[EpochId]) -> SecretKey | None:
    if place.act is None or place.body is None or not isinstance(place.header.event, MessagePosted):
        return None
    epoch: EpochId = (place.thread or ThreadNo(0), EpochNo(place.header.epoch))
    if epoch in whole:
        return None
    epoch_key = held.keys.epochs.get(epoch)
    if epoch_key is None:
        return held.keys.messages.get(place.version)
    try:
        return message_key(place.header, place.body, epoch_key)
    except CryptoError:
        return None
