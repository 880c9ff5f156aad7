"""What must hold between the books and every client: who reads what, in which order, and that all hold one record."""

from dataclasses import replace

from domain.channel.events import MessagePosted
from domain.channel.state import Channel
from domain.ids import PrincipalId, ThreadNo, Version
from samsnakk import ChannelEvent, State, Text
from tests.journeys.stateful.crew import Crew, Seat
from tests.journeys.stateful.expected import Expected


async def assert_agreement(crew: Crew, expected: Expected, whole: Seat) -> None:
    """`whole` is the seat that holds every record."""
    assert _texts(whole) == [(m.version, m.text) for m in expected.in_order()], "lost, doubled or out of order"
    at = whole.client.now()
    for name, seat in crew.seats.items():
        who = seat.person.id
        if seat.channel is None:
            continue
        assert seat.channel.broken is None
        may_read = {m.version: m.text for m in expected.readable(who)}
        reads = dict(_texts(seat))
        assert reads.items() <= may_read.items(), f"{name} reads more than was addressed to them"
        now_in = {thread for thread in expected.threads if expected.is_member(thread, who, at)}
        if now_in:
            missing = may_read.keys() - reads.keys()
            lost = [m for m in expected.messages if m.version in missing and m.thread in now_in]
            assert not lost, f"{name} does not read what is addressed to them"
            await _assert_same_as_fetched_anew(crew, name, now_in)
        else:
            await seat.ended()
            assert seat.here.ended in ("not_a_participant", "unknown_channel"), "told at once, or when it came back"
        _assert_no_key_for_the_rest(seat, whole, expected, who)
        _assert_given_in_order(seat)
        _assert_one_chain(seat, whole)


def _texts(seat: Seat) -> list[tuple[Version, str]]:
    """Readable messages of the channel, as they stand now; titles and reasons left out."""
    found = []
    for version in range(1, seat.here.version + 1):
        event = seat.here.event(Version(version))
        if event.state is State.READABLE and isinstance(event.content, Text):
            found.append((event.version, event.content.text))
    return found


def _assert_no_key_for_the_rest(seat: Seat, whole: Seat, expected: Expected, who: PrincipalId) -> None:
    """Not even with the sealed bytes in hand: nothing that the reader holds opens what is not addressed to it."""
    for message in expected.sealed(who):
        place = whole.here._held.places[message.version - 1]
        assert seat.here._held.keys.open(place) is None, f"a key for version {message.version}"


def _assert_given_in_order(seat: Seat) -> None:
    """The iterator gave every version once and in order, and whatever became readable once more."""
    first = [event.version for event in seat.given if not event.late]
    assert first == list(range(1, seat.here.version + 1)), "the iterator left out or repeated a version"
    shown: dict[Version, ChannelEvent] = {}
    for event in seat.given:
        assert event.late == (event.version in shown)
        shown[event.version] = event
    for version, event in shown.items():
        now = seat.here.event(version)
        if isinstance(now.facts, MessagePosted):
            assert (event.state, event.content) == (now.state, now.content), f"version {version} was not given again"


def _assert_one_chain(seat: Seat, whole: Seat) -> None:
    assert seat.here.head == whole.here._held.replay.head_at(seat.here.version)


async def _assert_same_as_fetched_anew(crew: Crew, name: str, now_in: set[ThreadNo]) -> None:
    """Old state + events == refetch. Of threads that were left the old store holds more than anybody is served now."""
    seat = crew.seats[name]
    anew = await crew.fresh(name, seat.here.id)
    try:
        await anew.wait_for(lambda: anew.is_settled(seat.here.version))
        for version in map(Version, range(1, seat.here.version + 1)):
            mine, theirs = seat.here.event(version), anew.here.event(version)
            assert mine == theirs or mine.thread not in now_in
        assert seat.here.head == anew.here.head
        mine_now, theirs_now = (_state_of(s, now_in) for s in (seat, anew))
        assert mine_now == theirs_now
    finally:
        await anew.close()


def _state_of(seat: Seat, threads: set[ThreadNo]) -> Channel:
    """The channel's state as far as these threads go."""
    state = seat.here.state
    return replace(state, threads={number: thread for number, thread in state.threads.items() if number in threads})
