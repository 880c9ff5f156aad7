"""What must hold for a unit as a whole. A unit is the acts of one author that are recorded together or not at all;
some acts only make sense in company: a removal with its new key, a staff-only thread with its announcement."""

from collections.abc import Sequence

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act
from domain.channel.roster import active_member, rekey_pending, staff_in_channel, user_takes_part
from domain.channel.state import Channel
from domain.channel.terms import Audience
from domain.ids import MAIN_THREAD, Millis


def decide_unit(before: Channel, after: Channel, acts: Sequence[Act], at: Millis) -> None:
    """Raise the refusal that stops the unit whose acts, one by one, led from `before` to `after`.

    Raises:
        Refusal: `RekeyMissing`, `AnnouncementMissing`, `TillitspersonMissing` or `HistoryMissing`.

    """
    for act in acts:
        match act.event:
            case e.ChannelOpened(tillitsperson=named):
                if named not in staff_in_channel(after, at):
                    raise no.TillitspersonMissing
            case e.ThreadOpened(audience=Audience.STAFF_ONLY):
                if not any(_announces(other, act) for other in acts):
                    raise no.AnnouncementMissing
            case e.UserArrived(user=user):
                granted = (o.event for o in acts if o.thread == MAIN_THREAD)
                if not any(isinstance(g, e.HistoryGranted) and g.recipient == user for g in granted):
                    raise no.HistoryMissing
            case _:
                pass
    _rekeyed(before, after, acts, at)


def _announces(act: Act, opening: Act) -> bool:
    return isinstance(act.event, e.MessagePosted) and act.event.announces == opening.thread


def _rekeyed(before: Channel, after: Channel, acts: Sequence[Act], at: Millis) -> None:
    """Who changes the members of a thread it is in brings the new epoch along: no gap in which nobody can write."""
    author = acts[0].author
    principal = author.role or author.person
    if principal is None:
        return
    for number, thread in after.threads.items():
        old = before.threads.get(number)
        moved = thread.membership_version != (old.membership_version if old is not None else 0)
        is_user = after.user is not None and after.user.principal == principal and user_takes_part(after, thread)
        inside = is_user or active_member(thread, principal, at) is not None
        if moved and inside and rekey_pending(after, thread, at):
            raise no.RekeyMissing
