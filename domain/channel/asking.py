"""One act put to the decision table, and what several conditions ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.channel import events as e
from domain.channel.acts import Act
from domain.channel.roster import active_member, sees_team, user_takes_part
from domain.channel.state import Channel, Target, Thread
from domain.channel.terms import Member, Standing
from domain.errors import Refusal
from domain.ids import MAIN_THREAD, Millis, PrincipalId, Version

Answer = type[Refusal] | None
Targets = Mapping[Version, Target]


@dataclass(frozen=True, slots=True)
class Question:
    """One act put to the table: the state before it, its thread, the recorded time, what it points at."""

    channel: Channel
    thread: Thread | None
    act: Act
    at: Millis
    target: Target | None

    @property
    def principal(self) -> PrincipalId:
        """The principal the author acts as: the role if it acts for one, else the person."""
        principal = self.act.author.role or self.act.author.person
        assert principal is not None  # noqa: S101 - hub acts are decided before conditions are asked
        return principal

    @property
    def event(self) -> e.ChannelEvent:
        """The event the rows are about: of a proposal, the one inside it."""
        return self.act.event.joined if isinstance(self.act.event, e.Proposed) else self.act.event


def is_member(q: Question, thread: Thread | None) -> bool:
    """Whether the author takes part in `thread`, as far as this replay knows."""
    if thread is None:
        return False
    if q.channel.user is not None and q.principal == q.channel.user.principal:
        return user_takes_part(q.channel, thread)
    if thread.number == MAIN_THREAD and not sees_team(q.channel):
        return True
    member = active_member(thread, q.principal, q.at)
    if member is None:
        return False
    return member.standing is Standing.RELATIVE or member.organisation == q.act.author.organisation


def joined_in(q: Question) -> e.ParticipantJoined:
    """The join that is asked about."""
    assert isinstance(q.event, e.ParticipantJoined)  # noqa: S101 - the table pairs condition and event
    return q.event


def left_in(q: Question) -> tuple[PrincipalId, Member | None]:
    """Who is to leave, and the row it has in the thread."""
    assert isinstance(q.event, e.ParticipantLeft)  # noqa: S101 - the table pairs condition and event
    members = q.thread.members if q.thread is not None else {}
    return q.event.principal, members.get(q.event.principal)
