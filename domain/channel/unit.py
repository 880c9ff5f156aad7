"""What must hold for a unit as a whole. A unit is the acts of one author that are recorded together or not at all;
some acts only make sense in company: a removal with its new key, a staff-only thread with its announcement.

Asked by those who hold every act of the unit, which is its author and the hub; a reader may hold some as stubs."""

from collections.abc import Sequence

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act
from domain.channel.consents import resting
from domain.channel.roster import active_member, rekey_pending, staff_in_channel, user_takes_part
from domain.channel.state import Channel, Thread
from domain.channel.terms import Audience, covered
from domain.ids import MAIN_THREAD, Millis, PrincipalId, Version

_AT_ONCE = (e.ConsentWithdrawn, e.ThreadShielded, e.ParticipantBlocked)


def decide_unit(before: Channel, after: Channel, acts: Sequence[Act], at: Millis) -> None:
    """Raise the refusal that stops the unit whose acts, one by one, led from `before` to `after`.

    Raises:
        Refusal: `TillitspersonMissing`, `CareClaimMissing`, `AnnouncementMissing`, `OpenerMissing`, `HistoryMissing`,
            `ReasonMissing`, `WithdrawalIncomplete` or `RekeyMissing`.

    """
    for act in acts:
        match act.event:
            case e.ChannelOpened(tillitsperson=named):
                _founded(after, named, acts, at)
            case e.ThreadOpened():
                _opened_whole(after, act, act.event, acts, at)
            case e.UserArrived(user=user):
                _history_given(after, act, user, at)
            case e.ChannelClosed():
                if not any(isinstance(o.event, e.MessagePosted) and o.thread == MAIN_THREAD for o in acts):
                    raise no.ReasonMissing
            case e.ConsentWithdrawn(organisation=organisation):
                if act.thread == MAIN_THREAD and any(resting(t, organisation, at) for t in after.threads.values()):
                    raise no.WithdrawalIncomplete
            case _:
                pass
    _rekeyed(before, after, acts, at)


def _founded(after: Channel, tillitsperson: PrincipalId, acts: Sequence[Act], at: Millis) -> None:
    if tillitsperson not in staff_in_channel(after, at):
        raise no.TillitspersonMissing
    if not any(isinstance(o.event, e.CareClaimed) and o.thread == MAIN_THREAD for o in acts):
        raise no.CareClaimMissing


def _opened_whole(after: Channel, opening: Act, event: e.ThreadOpened, acts: Sequence[Act], at: Millis) -> None:
    announced = (isinstance(o.event, e.MessagePosted) and o.event.announces == opening.thread for o in acts)
    if event.audience is Audience.STAFF_ONLY and not any(announced):
        raise no.AnnouncementMissing
    principal = opening.author.role or opening.author.person
    thread = after.threads.get(opening.thread) if opening.thread is not None else None
    if thread is None or principal is None or not _inside(after, thread, principal, at):
        raise no.OpenerMissing


def _inside(channel: Channel, thread: Thread, principal: PrincipalId, at: Millis) -> bool:
    is_user = channel.user is not None and channel.user.principal == principal
    return user_takes_part(channel, thread) if is_user else active_member(thread, principal, at) is not None


def _history_given(after: Channel, arrival: Act, user: PrincipalId, at: Millis) -> None:
    """The user is given all that her inviter can read of the with-user threads; others may grant what is older."""
    inviter = arrival.author.role or arrival.author.person
    if after.user is None or inviter is None:
        return
    last = Version(after.user.arrived_at - 1)
    for thread in after.threads.values():
        if not user_takes_part(after, thread) or not _inside(after, thread, inviter, at):
            continue
        hers = thread.ranges.get(user, ())
        for span in thread.ranges.get(inviter, ()):
            until = last if span.until is None else min(span.until, last)
            if span.start <= until and not covered(hers, span.start, until):
                raise no.HistoryMissing


def _rekeyed(before: Channel, after: Channel, acts: Sequence[Act], at: Millis) -> None:
    """Who changes the members of a thread it is in brings the new epoch along: no gap in which nobody can write.

    What the user withdraws is never refused for want of a key: it holds at once, and the next author opens the epoch.
    """
    author = acts[0].author
    principal = author.role or author.person
    if principal is None:
        return
    at_once = {act.thread for act in acts if isinstance(act.event, _AT_ONCE)}
    for number, thread in after.threads.items():
        if number in at_once:
            continue
        old = before.threads.get(number)
        moved = thread.membership_version != (old.membership_version if old is not None else 0)
        if moved and _inside(after, thread, principal, at) and rekey_pending(after, thread, at):
            raise no.RekeyMissing
