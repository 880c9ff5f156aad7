"""Undoing an arrival: what stops it, and what is left of it.

Whoever came in the user's place is out everywhere. If it was the wrong person, nothing that was said in the user's
name counts any more: consents, objections, blocks, and whoever was let in on her word. Shields stay.
"""

from collections.abc import Iterator
from dataclasses import replace

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act, Recorded
from domain.channel.evolve_thread import close_range, expired, left, with_expiry
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.roster import sees_team, staff_in_channel
from domain.channel.state import Channel, Thread, UndoStated
from domain.channel.terms import Member, UndoReason
from domain.ids import MAIN_THREAD, Millis


def check_undoing(channel: Channel, event: e.ArrivalUndone, act: Act, at: Millis) -> None:
    """There is such a user, it has not been said before by the same person, and somebody is left to go on."""
    if channel.user is None or channel.user.principal != event.user:
        raise no.NotAMember
    said = [stated.by for stated in channel.undos.values() if stated.reason is event.reason]
    if event.confirms is None and act.author.person in said:
        raise no.AlreadyRecorded
    main = channel.threads[MAIN_THREAD]
    out = {member.principal for member in on_her_word(main)} if event.reason is UndoReason.WRONG_PERSON else set()
    if sees_team(channel) and staff_in_channel(channel, at) <= out:
        raise no.LastStaffMember


def evolve_undone(channel: Channel, event: e.ArrivalUndone, r: Recorded) -> Channel:
    """Said by one, it waits for a second person; confirmed, it holds at once."""
    by = r.act.author.person
    if by is None:
        return channel
    if event.confirms is None:
        stated = UndoStated(event.user, event.reason, by, r.act.author.role or by)
        return replace(channel, undos={**channel.undos, r.version: stated})
    if channel.user is None or channel.user.principal != event.user:
        return channel
    threads = {number: _without_her(channel, thread, event, r) for number, thread in channel.threads.items()}
    return replace(channel, user=None, undos={}, threads=threads)


def on_her_word(thread: Thread) -> Iterator[Member]:
    """Who is in the thread because the user wanted it: staff on her consent, and whom she brought along."""
    for member in thread.members.values():
        basis = LEGAL_BASES.get(member.legal_basis)
        if basis is not None and basis.needs_user:
            yield member


def _without_her(channel: Channel, thread: Thread, event: e.ArrivalUndone, r: Recorded) -> Thread:
    thread = expired(thread, r.version, channel.recorded_at)
    thread = replace(thread, ranges=close_range(thread.ranges, event.user, r.version))
    if event.reason is UndoReason.LOST_KEYS:
        return thread
    for member in tuple(on_her_word(thread)):
        thread = left(thread, member.principal, r.version)
    return with_expiry(replace(thread, consents={}, blocked=frozenset()), channel.recorded_at)
