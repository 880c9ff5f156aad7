"""How consent, age, shielding, blocking and death change a channel."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.ages import OF_AGE, age_of, takes_rights
from domain.channel.consents import is_guardian, resting, settled
from domain.channel.evolve_thread import expired, left, with_expiry
from domain.channel.state import AgeStated, Channel, Claim, Consent, DeathStated, Thread
from domain.channel.terms import ConsentScope, Member
from domain.channel.undoing import evolve_undone
from domain.ids import Version


def evolve_rights(channel: Channel, thread: Thread, event: e.RightsEvent, r: Recorded) -> Thread:
    """The thread after what was said about who takes part in it."""
    match event:
        case e.ConsentGiven(organisation=organisation) | e.ConsentLimited(organisation=organisation):
            consent = Consent(event.scope, event.until)
            thread = replace(thread, consents={**thread.consents, organisation: consent})
        case e.ConsentWithdrawn(organisation=organisation):
            standing = thread.consents.get(organisation)
            until = standing.until if standing is not None else None
            scope = standing.scope if standing is not None else ConsentScope.TAKE_PART
            out = resting(thread, organisation, channel.recorded_at)
            thread = replace(thread, consents={**thread.consents, organisation: Consent(scope, until, withdrawn=True)})
            thread = _without(thread, out, r.version)
        case e.ThreadShielded():
            guardians = (member for member in thread.members.values() if is_guardian(member))
            thread = _without(replace(thread, shielded=True), guardians, r.version)
        case e.ShieldLifted():
            thread = replace(thread, shielded=False)
        case e.ParticipantBlocked(principal=principal):
            thread = left(replace(thread, blocked=thread.blocked | {principal}), principal, r.version)
        case e.DeviationOpened():
            return _deviation(thread, event, r.version)
        case e.CareClaimed():
            return _claimed(thread, event, r)
        case _:
            assert_never(event)
    return with_expiry(settled(channel, thread), channel.recorded_at)


def _without(thread: Thread, members: Iterable[Member], version: Version) -> Thread:
    for member in tuple(members):
        thread = left(thread, member.principal, version)
    return thread


def _deviation(thread: Thread, event: e.DeviationOpened, version: Version) -> Thread:
    thread = replace(thread, deviations={**thread.deviations, version: event.organisation})
    if event.about is None:
        return thread
    return replace(thread, reported={**thread.reported, version: event.about})


def _claimed(thread: Thread, event: e.CareClaimed, r: Recorded) -> Thread:
    author = r.act.author
    if author.organisation is None or author.person is None:
        return thread
    claim = Claim(event.legal_basis, event.relation, author.person, r.version)
    return replace(thread, claims={**thread.claims, author.organisation: claim})


def evolve_user(channel: Channel, event: e.AboutUserEvent, r: Recorded) -> Channel:
    """The channel after what was recorded about the user herself."""
    match event:
        case e.AgeRecorded():
            return _age_recorded(channel, event, r)
        case e.DeathReported():
            return _death_reported(channel, event, r)
        case e.ArrivalUndone():
            return evolve_undone(channel, event, r)
        case _:
            assert_never(event)


def _age_recorded(channel: Channel, event: e.AgeRecorded, r: Recorded) -> Channel:
    """At once where it takes nothing from the user; else when a second person has recorded the same."""
    age, by, at = age_of(event.group, event.next_change), r.act.author.person, channel.recorded_at
    if by is None:
        return channel
    first = channel.age_stated
    confirmed = first is not None and first.age == age and first.by != by
    if takes_rights(age, channel.age or OF_AGE, at) and not confirmed:
        return replace(channel, age_stated=AgeStated(age, by))
    channel = replace(channel, age=age, age_stated=None)
    threads = (_come_of_age(channel, thread, r.version) for thread in channel.threads.values())
    return replace(channel, threads={thread.number: thread for thread in threads})


def _come_of_age(channel: Channel, thread: Thread, version: Version) -> Thread:
    at = channel.recorded_at
    thread = settled(channel, expired(thread, version, at))
    over = (member for member in thread.members.values() if is_guardian(member) and not member.active(at))
    reading = (m for m in over if any(span.until is None for span in thread.ranges.get(m.principal, ())))
    return with_expiry(_without(thread, reading, version), at)


def _death_reported(channel: Channel, event: e.DeathReported, r: Recorded) -> Channel:
    """Read-only once two people have reported it; writable again once two people say that it was a mistake."""
    by, first = r.act.author.person, channel.death_stated
    if by is None:
        return channel
    if event.died is channel.died:
        return replace(channel, death_stated=None)
    if first is None or first.died is not event.died or first.by == by:
        return replace(channel, death_stated=DeathStated(event.died, by))
    return replace(channel, died=event.died, closed=event.died, death_stated=None)
