"""How an event changes the one thread it happens in: its ranges, questions, traces and epoch."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.state import Epoch, Question, Thread
from domain.channel.terms import Range
from domain.ids import PrincipalId, Version

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


def evolve_thread(  # noqa: C901, PLR0911 - one case per kind
    thread: Thread, event: e.ChannelEvent, r: Recorded
) -> Thread:
    """The thread after an event that concerns it alone."""
    principal = r.act.author.role or r.act.author.person
    match event:
        case e.MessagePosted():
            return _posted(thread, event, principal, r.version)
        case e.EpochOpened():
            return replace(thread, epoch=Epoch(event.epoch, event.roster, r.version))
        case e.WrapFailed():
            broken = replace(thread.epoch, broken=True) if thread.epoch is not None else None
            return replace(thread, epoch=broken)
        case e.HistoryGranted():
            more = tuple(Range(start, until) for start, until in event.ranges)
            spans = (*thread.ranges.get(event.recipient, ()), *more)
            return replace(thread, ranges={**thread.ranges, event.recipient: spans})
        case e.ParticipantLeft():
            return left(thread, event.principal, r.version)
        case e.MessageRetracted():
            return replace(thread, retracted=thread.retracted | {event.target})
        case e.MessageMisplaced():
            hidden = thread.hidden.get(event.target, frozenset()) | set(event.hidden_from)
            return replace(
                thread,
                hidden={**thread.hidden, event.target: hidden},
                deviations={**thread.deviations, r.version: r.act.author.organisation},
            )
        case e.DeviationClosed():
            return replace(thread, deviations={v: o for v, o in thread.deviations.items() if v != event.ref})
        case e.MessagesSeen():
            if principal is None or thread.seen.get(principal, 0) >= event.upto:
                return thread
            return replace(thread, seen={**thread.seen, principal: event.upto})
        case e.QuestionTaken() | e.QuestionOffered() | e.QuestionAccepted() | e.QuestionDone():
            return _question(thread, event, principal)
        case _:
            return thread


def _posted(thread: Thread, event: e.MessagePosted, author: PrincipalId | None, version: Version) -> Thread:
    if not event.asks or author is None:
        return thread
    return replace(thread, questions={**thread.questions, version: Question(author, event.due)})


_QuestionEvent = e.QuestionTaken | e.QuestionOffered | e.QuestionAccepted | e.QuestionDone


def _question(thread: Thread, event: _QuestionEvent, principal: PrincipalId | None) -> Thread:
    question = thread.questions.get(event.target)
    if question is None:
        return thread
    rest = _without(thread.questions.items(), event.target)
    match event:
        case e.QuestionTaken() | e.QuestionAccepted():
            question = replace(question, holder=principal, until=event.until, offered_to=None)
        case e.QuestionOffered():
            question = replace(question, offered_to=event.receiver)
        case e.QuestionDone():
            return replace(thread, questions=rest)
        case _:
            assert_never(event)
    return replace(thread, questions={**rest, event.target: question})


def _without(items: Iterable[tuple[Version, Question]], key: Version) -> dict[Version, Question]:
    return {version: question for version, question in items if version != key}
