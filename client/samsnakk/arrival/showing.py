"""What an invitation shows the user before she says yes: her first trust file, the team, what she will read."""

from typing import Final

import msgspec

from domain.channel.state import Channel as State
from domain.channel.state import Thread
from domain.channel.terms import Audience
from domain.ids import MAIN_THREAD, ChannelId, Millis, PrincipalId, Version
from protocol.arrival.messages import MAX_NAME, MAX_TEAM, TeamMember
from protocol.contents import Title
from protocol.trust import ChannelName, Trust, encode_trust
from samsnakk.held import Held

HER_CHANNEL: Final = "kanalen"
"""What commands call the channel in the user's own trust file."""
_LOOKED_AT: Final = 300


def anchors_of(trust: Trust, state: State, channel: ChannelId) -> bytes:
    """The user's trust file: the hub, every organisation's root, and the names of those who are in the channel.

    Nobody else's name, and no key streams: she fetches those, and her roots check them.
    """
    there = {member for thread in state.threads.values() for member in thread.members}
    people = tuple(person for person in trust.people if person.id in there)
    named = (ChannelName(channel, HER_CHANNEL),)
    return encode_trust(msgspec.structs.replace(trust, people=people, channels=named, key_streams=()))


def team_of(state: State, at: Millis) -> tuple[TeamMember, ...]:
    """Everybody who reads along in threads with the user; the tillitsperson first, then as they came."""
    found: dict[PrincipalId, TeamMember] = {}
    for thread in _with_user(state):
        for member in thread.members.values():
            if member.active(at) and member.principal not in found:
                is_first = member.principal == state.tillitsperson
                found[member.principal] = TeamMember(
                    member.principal, member.organisation, member.function, is_tillitsperson=is_first
                )
    return tuple(sorted(found.values(), key=lambda one: not one.is_tillitsperson))[:MAX_TEAM]


def titles_of(held: Held, state: State) -> tuple[str, ...]:
    """The titles of the threads that the user will read, as far as the inviter knows them."""
    titles = (_title(held, thread) for thread in _with_user(state))
    return tuple(title[:MAX_NAME] for title in titles if title)[:MAX_TEAM]


def staff_only_of(state: State) -> int:
    """How many threads are for staff alone."""
    return sum(thread.audience is Audience.STAFF_ONLY for thread in state.threads.values())


def _with_user(state: State) -> list[Thread]:
    threads = sorted(state.threads.items())
    return [thread for _, thread in threads if thread.audience is Audience.WITH_USER]


def _title(held: Held, thread: Thread) -> str:
    """The first message of a thread is its title; members join in between, so it stands a little after the opening."""
    start = 1 if thread.number == MAIN_THREAD else thread.opened_at
    for number in range(start, min(held.version, start + _LOOKED_AT) + 1):
        event = held.event(Version(number))
        if event.thread == thread.number and event.content is not None:
            return event.content.text if isinstance(event.content, Title) else ""
    return ""
