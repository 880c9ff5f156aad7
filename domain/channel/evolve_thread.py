"""How an event changes the one thread it happens in: its ranges, questions, traces and epoch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.roster import vault_is_on
from domain.channel.state import Epoch, Question, Thread
from domain.channel.terms import Range
from domain.ids import Millis, PrincipalId, Version

Ranges = Mapping[PrincipalId, tuple[Range, ...]]


def open_range(thread: Thread, principal: PrincipalId, version: Version) -> dict[PrincipalId, tuple[Range, ...]]:
    """The thread's ranges, `principal` reading on from `version`."""
    return {**thread.ranges, principal: (*thread.ranges.get(principal, ()), Range(version, None))}


def close_range(ranges: Ranges, principal: PrincipalId, version: Version) -> dict[PrincipalId, tuple[Range, ...]]:
    """The ranges, those of `principal` that were open ending with `version`."""
    spans = ranges.get(principal, ())
    closed = tuple(Range(s.start, version) if s.until is None else s for s in spans)
    return {**ranges, principal: closed}


def left(thread: Thread, principal: PrincipalId, version: Version) -> Thread:
    """The thread without `principal`, which reads nothing after `version`."""
    members = {p: m for p, m in thread.members.items() if p != principal}
    return replace(thread, members=members, ranges=close_range(thread.ranges, principal, version))


def expired(thread: Thread, version: Version, at: Millis) -> Thread:
    """Before the record at `version`: ranges of members whose term has run out close, so that a gap stays a gap on
    rejoining."""
    if thread.next_expiry is None or at < thread.next_expiry:
        return thread
    ranges = dict(thread.ranges)
    for member in thread.members.values():
        if not member.active(at):
            ranges = close_range(ranges, member.principal, Version(version - 1))
    epoch = replace(thread.epoch, fits=-1) if thread.epoch is not None else None
    thread = with_vaults(thread, replace(thread, ranges=ranges, epoch=epoch), Version(version - 1), at)
    return with_expiry(thread, at)


def with_vaults(before: Thread | None, thread: Thread, version: Version, at: Millis) -> Thread:
    """The thread, each vault's range open while it is on the roster: from its organisation's first member to its last.

    `version`: where ranges begin or end that did not yet, or still do. Nobody adds or removes a vault (ADR 0014), so
    what it reads follows from the members alone.
    """
    known = {*(before.vaults.values() if before is not None else ()), *thread.vaults.values()}
    ranges = thread.ranges
    for vault in sorted({ref.principal for ref in known}):
        spans = ranges.get(vault, ())
        reads, may = any(span.until is None for span in spans), vault_is_on(thread, vault, at)
        if may and not reads:
            ranges = {**ranges, vault: (*spans, Range(version, None))}
        elif reads and not may:
            ranges = close_range(ranges, vault, version)
    return thread if ranges is thread.ranges else replace(thread, ranges=ranges)


def with_expiry(thread: Thread, at: Millis) -> Thread:
    """The thread, knowing when the next membership ends after `at`."""
    ends = [m.valid_until for m in thread.members.values() if m.valid_until is not None and m.valid_until > at]
    return replace(thread, next_expiry=min(ends, default=None))


def evolve_thread(thread: Thread, event: e.ThreadEvent, r: Recorded) -> Thread:
    """The thread after an event that concerns it alone."""
    if isinstance(event, e.ParticipantLeft):
        return left(thread, event.principal, r.version)
    if isinstance(event, e.KeyEvent):
        return _keyed(thread, event, r.version)
    if isinstance(event, e.MessageEvent):
        return _spoken(thread, event, r)
    if isinstance(event, e.QuestionEvent):
        return _asked(thread, event, _principal(r))
    assert_never(event)


def _principal(r: Recorded) -> PrincipalId | None:
    return r.act.author.role or r.act.author.person


def _keyed(thread: Thread, event: e.KeyEvent, version: Version) -> Thread:
    match event:
        case e.EpochOpened():
            return replace(thread, epoch=Epoch(event.epoch, event.roster, version, fits=thread.membership_version))
        case e.WrapFailed(epoch=number):
            if thread.epoch is None or thread.epoch.number != number:
                return thread
            return replace(thread, epoch=replace(thread.epoch, broken=True))
        case e.HistoryGranted():
            more = tuple(Range(start, until) for start, until in event.ranges)
            spans = (*thread.ranges.get(event.recipient, ()), *more)
            return replace(thread, ranges={**thread.ranges, event.recipient: spans})
        case _:
            assert_never(event)


def _spoken(thread: Thread, event: e.MessageEvent, r: Recorded) -> Thread:
    match event:
        case e.MessagePosted():
            return _posted(thread, event, _principal(r), r.version)
        case e.MessageRetracted(target=target):
            return replace(thread, retracted=thread.retracted | {target})
        case e.MessageMisplaced(target=target):
            hidden = thread.hidden.get(target, frozenset()) | set(event.hidden_from)
            deviations = {**thread.deviations, r.version: r.act.author.organisation}
            return replace(thread, hidden={**thread.hidden, target: hidden}, deviations=deviations)
        case e.DeviationClosed(ref=ref):
            return replace(thread, deviations={v: o for v, o in thread.deviations.items() if v != ref})
        case e.MessagesSeen(upto=upto):
            reader = _principal(r)
            if reader is None or thread.seen.get(reader, 0) >= upto:
                return thread
            return replace(thread, seen={**thread.seen, reader: upto})
        case _:
            assert_never(event)


def _posted(thread: Thread, event: e.MessagePosted, author: PrincipalId | None, version: Version) -> Thread:
    if not event.asks or author is None:
        return thread
    return replace(thread, questions={**thread.questions, version: Question(author, event.due)})


def _asked(thread: Thread, event: e.QuestionEvent, principal: PrincipalId | None) -> Thread:
    question = thread.questions.get(event.target)
    if question is None:
        return thread
    match event:
        case e.QuestionTaken(until=until) | e.QuestionAccepted(until=until):
            question = replace(question, holder=principal, until=until, offered_to=None)
        case e.QuestionOffered(receiver=receiver):
            question = replace(question, offered_to=receiver)
        case e.QuestionDone():
            return replace(thread, questions={v: q for v, q in thread.questions.items() if v != event.target})
        case _:
            assert_never(event)
    return replace(thread, questions={**thread.questions, event.target: question})
