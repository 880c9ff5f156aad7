"""Whatever a lying hub does, the client stops, says so, and shows nothing that was not verified."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.ids import Digest
from protocol import frames, records
from protocol.acts import parse_header
from protocol.errors import Attack, ChainBroken, ForkedHistory, ProtocolError, UncoveredContent, UnjustifiedStub
from protocol.records import Record, Stub
from samsnakk import Channel, HistoryBroken, Terms, Text
from tests.client.conftest import Connect
from tests.client.relay import Change, Relay, relay
from tests.conftest import HubProcess

Items = list[list[Any]]
RECORD = 3


def of_channel(change: Callable[[Items], Items]) -> Change:
    """Change the items of every `events` frame of the channel."""

    def changed(frame: frames.HubFrame) -> list[frames.HubFrame]:
        if not isinstance(frame, frames.Events) or not frame.items:
            return [frame]
        return [frames.Events(frame.channel, frame.stream, change(frame.items), frame.head, frame.live)]

    return changed


def in_records(change: Callable[[list[Any]], list[Any]]) -> Callable[[Items], Items]:
    return lambda items: [change(item) if len(item) == RECORD else item for item in items]


def flip(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


def to_stub(item: list[Any]) -> list[Any]:
    record = records.read_item(item)
    assert isinstance(record, Record)
    header, kind = parse_header(record.signed.header)
    return records.stub_item(Stub(record.version, header.thread, kind.kind_class, record.recorded_at, record.inner()))


def last_as_stub(items: Items) -> Items:
    return [*items[:-1], to_stub(items[-1])]


def live_too_early(frame: frames.HubFrame) -> list[frames.HubFrame]:
    """Keep the newest records back and claim that nothing is missing."""
    if isinstance(frame, frames.Events) and frame.items:
        return []
    return [frame]


def without_line(frame: frames.HubFrame) -> list[frames.HubFrame]:
    if isinstance(frame, frames.Subscribed):
        return [frames.Subscribed(frame.channel, frame.request_id, [*frame.line[:2], None][::-1])]
    return [frame]


def hiding(frame: frames.HubFrame) -> list[frames.HubFrame]:
    """Hide the last record behind a stub, and give nothing when asked for it."""
    if isinstance(frame, frames.Fetched):
        return [frames.Fetched(frame.channel, frame.request_id, frame.line, [], more=False)]
    return of_channel(last_as_stub)(frame)


LIES: dict[str, tuple[Change, tuple[type[ProtocolError], ...]]] = {
    "a changed signature": (of_channel(in_records(lambda i: [i[0], flip(i[1], -20), i[2]])), (Attack,)),
    "another blind": (of_channel(in_records(lambda i: [flip(i[0], 0), i[1], i[2]])), (Attack,)),
    "a changed body": (of_channel(in_records(lambda i: [i[0], i[1], i[2] and flip(i[2], 50)])), (Attack,)),
    "a record left out": (of_channel(lambda items: items[:1] + items[2:]), (ChainBroken,)),
    "two records swapped": (of_channel(lambda items: items[1:] + items[:1]), (ChainBroken,)),
    "one record twice": (of_channel(lambda items: [*items, items[-1]]), (ChainBroken,)),
    "the newest records kept back": (live_too_early, (ChainBroken,)),
    "an access line that is none": (without_line, (UncoveredContent,)),
    "a record hidden behind a stub": (hiding, (UnjustifiedStub,)),
}


async def channel_through(connect: Connect, at: Relay, terms: Callable[..., Terms]) -> Channel:
    at.shows_log = False  # what is caught here is caught without the log
    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("hello"))
    jon = await connect("Jon", at.url)
    return await jon.channel(channel.id)


async def gather(channel: Channel, given: list[int]) -> None:
    async for event in channel.events():
        given += [event.version]


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_stops_the_channel(
    connect: Connect, hub: HubProcess, terms: Callable[..., Terms], lie: str
) -> None:
    change, expected = LIES[lie]
    async with relay(hub.url) as between:
        between.change = change
        theirs = await channel_through(connect, between, terms)
        given: list[int] = []
        with pytest.raises(HistoryBroken) as broken:
            await gather(theirs, given)
        assert given == list(range(1, len(given) + 1))
        assert isinstance(broken.value.problem, expected)
        assert broken.value.evidence is not None
        assert b"hello" not in broken.value.evidence.read_bytes()
        with pytest.raises(HistoryBroken):
            await theirs.post(0, Text("too late"))


async def test_a_stub_that_the_hub_gives_out_when_asked_is_no_attack(
    connect: Connect, hub: HubProcess, terms: Callable[..., Terms]
) -> None:
    async with relay(hub.url) as between:
        between.change = of_channel(last_as_stub)
        theirs = await channel_through(connect, between, terms)
        async for event in theirs.events():
            if event.content == Text("hello"):
                assert event.late
                return


async def test_a_receipt_that_does_not_fit_the_record_is_found_out(
    connect: Connect, hub: HubProcess, terms: Callable[..., Terms]
) -> None:
    def other_head(frame: frames.HubFrame) -> list[frames.HubFrame]:
        if not isinstance(frame, frames.Receipt):
            return [frame]
        return [frames.Receipt(frame.channel, [(c, v, Digest(flip(h, 0))) for c, v, h in frame.recorded])]

    async with relay(hub.url) as between:
        between.change = other_head
        theirs = await channel_through(connect, between, terms)
        await theirs.caught_up()
        with pytest.raises(HistoryBroken) as broken:
            await theirs.post(0, Text("mine"))
        assert isinstance(broken.value.problem, ForkedHistory)


async def test_a_hub_that_goes_back_is_found_out_after_a_restart(
    connect: Connect, hub: HubProcess, terms: Callable[..., Terms]
) -> None:
    """The client remembers the newest head it verified; a hub with another one is not believed."""
    async with relay(hub.url) as between:
        theirs = await channel_through(connect, between, terms)
        await theirs.caught_up()
        other = Digest(flip(theirs.head, 0))
        theirs._held.replay._heads[-1] = theirs._held.replay.head = other
        between.hang_up()
        await theirs._held.pulse.wait_for(lambda: theirs.broken, 20)
        assert theirs.broken is not None
        assert isinstance(theirs.broken.problem, ForkedHistory)
