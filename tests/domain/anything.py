"""Arbitrary acts of arbitrary people: most are refused, some are recorded, none may break anything."""

from dataclasses import replace

from domain.channel import events as e
from domain.channel.audits import DUTY_OF, Duty
from domain.channel.roster import rekey_pending
from domain.errors import Refusal
from domain.ids import EpochNo, Millis
from tests.domain.anything_drawn import (
    AUDIT_MAKERS,
    CAST,
    ERASING_MAKERS,
    RIGHTS_MAKERS,
    Draw,
    Maker,
    join_drawn,
    message_drawn,
    newest_drawn,
    of_thread_drawn,
    opens_drawn,
    some_version_drawn,
    version_drawn,
)
from tests.domain.cast import (
    AGNES,
    ASTRID,
    HUB,
    Someone,
)
from tests.domain.channel_builder import (
    DAY,
    Story,
    arrived,
    epoch,
    history,
    key_moved,
    message,
    removed,
)

MAKERS: dict[type, Maker] = {
    e.ChannelOpened: lambda _s, d: [(None, e.ChannelOpened(b"s" * 32, 1, CAST[d.other].principal))],
    e.UserArrived: lambda _s, d: [arrived(CAST[d.other]), epoch(0), history(0, CAST[d.other])],
    e.ThreadOpened: opens_drawn,
    e.ParticipantJoined: lambda s, d: [(d.thread, join_drawn(s, d))],
    e.ParticipantLeft: lambda _s, d: [removed(d.thread, CAST[d.other])],
    e.TillitspersonProposed: lambda _s, d: [
        (None, e.TillitspersonProposed(CAST[d.other].principal, ends_access=d.number % 2 == 0))
    ],
    e.TillitspersonConfirmed: lambda s, d: [
        (None, e.TillitspersonConfirmed(newest_drawn(sorted(s.channel.handovers), d)))
    ],
    e.EpochOpened: lambda _s, d: [epoch(d.thread)],
    e.WrapFailed: lambda _s, d: [(d.thread, e.WrapFailed(EpochNo(d.number % 6)))],
    e.HistoryGranted: lambda s, d: [history(d.thread, CAST[d.other], version_drawn(s, d))],
    e.MessagePosted: lambda s, d: [
        message(d.thread, asks=d.number % 2 == 0, corrects=message_drawn(s, d) if d.number % 5 == 0 else None)
    ],
    e.MessageRetracted: lambda s, d: [(d.thread, e.MessageRetracted(message_drawn(s, d)))],
    e.MessageMisplaced: lambda s, d: [(d.thread, e.MessageMisplaced(message_drawn(s, d), (CAST[d.other].principal,)))],
    e.DeviationClosed: lambda s, d: [(d.thread, e.DeviationClosed(of_thread_drawn(s, d, "deviations")))],
    e.MessagesSeen: lambda s, d: [(d.thread, e.MessagesSeen(version_drawn(s, d)))],
    e.QuestionTaken: lambda s, d: [(d.thread, e.QuestionTaken(of_thread_drawn(s, d, "questions"), None))],
    e.QuestionOffered: lambda s, d: [
        (d.thread, e.QuestionOffered(of_thread_drawn(s, d, "questions"), CAST[d.other].principal))
    ],
    e.QuestionAccepted: lambda s, d: [(d.thread, e.QuestionAccepted(of_thread_drawn(s, d, "questions"), Millis(s.at)))],
    e.QuestionDone: lambda s, d: [(d.thread, e.QuestionDone(of_thread_drawn(s, d, "questions")))],
    e.ChannelClosed: lambda _s, _d: [message(0), (None, e.ChannelClosed("ended"))],
    e.ChannelReopened: lambda _s, _d: [(None, e.ChannelReopened())],
    e.KeyMoved: lambda s, d: [(None, key_moved(CAST[d.other], some_version_drawn(s, d), n=s.channel.version))],
    e.Proposed: lambda s, d: [(d.thread, e.Proposed(join_drawn(s, d)))],
    e.Approved: lambda s, d: [(d.thread, e.Approved(newest_drawn(sorted(s.channel.proposals), d)))],
    e.Declined: lambda s, d: [(d.thread, e.Declined(newest_drawn(sorted(s.channel.proposals), d)))],
}
MAKERS |= RIGHTS_MAKERS | ERASING_MAKERS | AUDIT_MAKERS
KINDS = tuple(MAKERS)
LIKELY = (
    e.ParticipantJoined,
    e.ParticipantJoined,
    e.ParticipantLeft,
    e.MessagePosted,
    e.Proposed,
    e.Approved,
    e.EpochOpened,
    e.HistoryGranted,
    e.MessageMisplaced,
    e.MessageRetracted,
    e.TillitspersonConfirmed,
    e.ConsentGiven,
    e.ConsentWithdrawn,
    e.AgeRecorded,
)
WAITS = (0, 1, DAY // 2, 2 * DAY)


def attempt(story: Story, d: Draw) -> Refusal | None:
    """Let somebody try something as one unit; whatever is raised other than a refusal is a fault of the domain."""
    story.at = Millis(story.at + WAITS[d.waits])
    choice = _choice(story, d)
    placed = replace(d, thread=d.thread % len(story.channel.threads))
    who = _likely_author(story, placed, choice)
    author = HUB if choice in {e.KeyMoved, e.CopyErased} else who
    draft = story.copy()
    try:
        _rekey(draft, who, wanted=d.rekeys and author is who)
        for step in MAKERS[choice](story, replace(placed, who=CAST.index(who))):
            draft.try_step(author, step)
        _rekey(draft, who, wanted=d.rekeys and author is who)
        if len(draft.records) > len(story.records):
            story.commit(draft)
    except Refusal as refusal:
        return refusal
    return None


def _choice(story: Story, d: Draw) -> type:
    """Matters that are open are mostly what people act on next; otherwise anything at all."""
    open_matters = (
        (bool(story.channel.proposals), e.Approved),
        (bool(story.channel.handovers), e.TillitspersonConfirmed),
        (story.channel.closed, e.ChannelReopened),
        (story.channel.age_stated is not None, e.AgeRecorded),
        (story.channel.death_stated is not None, e.DeathReported),
        (bool(story.channel.undos), e.ArrivalUndone),
        (any(t.questions for t in story.channel.threads.values()), e.QuestionTaken),
        (any(t.erasing.proposals for t in story.channel.threads.values()), e.ErasureApproved),
    )
    if d.kind % 4 == 0:
        found = [kind for is_open, kind in open_matters if is_open]
        if found:
            return found[d.who % len(found)]
    return (*KINDS, *LIKELY, *LIKELY)[d.kind % (len(KINDS) + 2 * len(LIKELY))]


def _likely_author(story: Story, d: Draw, choice: type) -> Someone:
    """Mostly somebody who is in the thread, so that much of what is tried is also recorded."""
    if d.number % 5 == 0:
        return CAST[d.who]
    duty = DUTY_OF.get(choice)
    if duty is not None:
        return AGNES if duty is Duty.AUDIT else ASTRID
    if choice in {e.ChannelClosed, e.ChannelReopened}:
        return next((who for who in CAST if who.principal == story.channel.tillitsperson), CAST[d.who])
    inside = [who for who in CAST if story.on_roster(who, d.thread)]
    return inside[d.who % len(inside)] if inside else CAST[d.who]


def _rekey(draft: Story, who: Someone, *, wanted: bool) -> None:
    """Bring the epochs along that are due where the author is a member, as an honest program does."""
    for number, thread in draft.channel.threads.items() if wanted else ():
        if draft.on_roster(who, number) and rekey_pending(draft.channel, thread, draft.at):
            draft.try_step(who, epoch(number))
