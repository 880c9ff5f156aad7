"""A hub that falsifies who has read what: lines left out, moved here from elsewhere, cut short, or about the past."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from crypto import labels
from domain.access.events import DisclosureMade, IntervalClosed, IntervalOpened, Purpose, Reach
from domain.ids import ChannelId, Digest, Millis, ThreadNo, Version
from protocol import frames, records
from protocol.acts import Place, sign_act
from protocol.errors import ChainBroken, ForgedRecord, ForkedHistory, ProtocolError, UncoveredContent
from protocol.records import Record, genesis_head, next_head, read_item
from protocol.requests import ReadRequest, sign_request
from samsnakk import ALL_HISTORY, Audience, Channel, HistoryBroken, Terms, Text, Topic
from tests.client.conftest import opened
from tests.journeys.lying_hub.forging import Item, altered, header_of, item_of, resigned, stub_of
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.room import Room

Forge = Callable[[list[Item]], list[Item]]


class AnotherLog(Lie):
    """Serves another access log, with versions and heads that fit: all the hub can do with its own key."""

    def __init__(self, room: Room, forge: Forge) -> None:
        self.room = room
        self.forge = forge
        self.real: list[Item] = []

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        if not isinstance(frame, frames.Events) or frame.stream != records.ACCESS:
            return [frame]
        self.real += frame.items
        if not frame.live:
            return []
        items, self.real = self._numbered(self.forge(self.real)), []
        return [msgspec.structs.replace(frame, items=items, head=self._head(items))]

    def _numbered(self, items: list[Item]) -> list[Item]:
        return [item_of(altered(read_item(item), version=Version(n))) for n, item in enumerate(items, 1)]

    def _head(self, items: list[Item]) -> Digest:
        secret = self.room.channel.state.stream_secret
        head = genesis_head(self.room.world.deployment, secret, records.ACCESS)
        for item in items:
            head = next_head(head, stub_of(read_item(item)).leaf())
        return head


def _event(item: Item) -> object:
    entry = read_item(item)
    return header_of(entry).event if isinstance(entry, Record) else None


async def _asked(room: Room, channel: Channel, error: type[ProtocolError], detail: str) -> None:
    with pytest.raises(HistoryBroken):
        await channel.who_read()
    await room.caught(channel, error, detail)


# ── what a reader holds against the log ──────────────────────────────────────────────────────────────────────────────
async def test_a_line_that_was_given_to_the_reader_and_then_left_out_is_missed(room: Room) -> None:
    channel = await room.deceived("Jon", AnotherLog(room, lambda lines: [i for i in lines if _event(i) is None]))
    await _asked(room, channel, ChainBroken, "a line that this end was given")


async def test_a_log_that_became_shorter_is_missed(room: Room) -> None:
    lie = AnotherLog(room, lambda lines: lines)
    channel = await room.deceived("Jon", lie)
    assert len(await channel.access_log()) == 2
    lie.forge = lambda lines: lines[1:]
    await _asked(room, channel, ChainBroken, "access log")


async def test_a_line_about_a_reading_of_another_channel_is_refused(room: Room) -> None:
    other = elsewhere(room, "Jon")

    def moved(lines: list[Item]) -> list[Item]:
        return [
            resigned(item, room.world.hub_key, request=other) if isinstance(_event(item), IntervalOpened) else item
            for item in lines
        ]

    channel = await room.deceived("Jon", AnotherLog(room, moved))
    await _asked(room, channel, ForgedRecord, "another channel")


async def test_a_look_up_that_nobody_asked_for_is_no_line(room: Room) -> None:
    def invented(lines: list[Item]) -> list[Item]:
        line = next(item for item in lines if isinstance(_event(item), IntervalOpened))
        opened = _event(line)
        assert isinstance(opened, IntervalOpened)
        return [*lines, made_of(line, room, opened)]

    channel = await room.deceived("Jon", AnotherLog(room, invented))
    await _asked(room, channel, ForgedRecord, "another reading")


def made_of(line: Item, room: Room, opened: IntervalOpened) -> Item:
    """A look-up that embeds the request of a subscription."""
    made = DisclosureMade(
        reader=opened.reader,
        device=opened.device,
        organisation=opened.organisation,
        role=opened.role,
        purpose=opened.purpose,
        legal_basis="treatment",
        reach=Reach.HISTORY,
        thread=ThreadNo(0),
        start=Version(1),
        until=Version(2),
        file=None,
        request=opened.request,
    )
    return saying(line, room, made)


def saying(line: Item, room: Room, event: DisclosureMade | IntervalClosed) -> Item:
    """A line that says this, signed by the hub."""
    record = read_item(line)
    changed = replace(header_of(record), event=event, core=b"")
    return item_of(altered(record, signed=sign_act(changed, None, room.world.hub_key, labels.HUB_ACT)))


def elsewhere(room: Room, name: str) -> bytes:
    """What somebody has truly signed to read another channel."""
    person = room.world.person(name)
    request = ReadRequest(
        place=Place(room.world.deployment, ChannelId(bytes(16))),
        person=person.id,
        device=person.device,
        organisation=person.organisation,
        role=None,
        purpose=Purpose.COORDINATION,
        threads=(),
        request_id=bytes(16),
        made_at=Millis(1),
        action="subscribe",
    )
    return sign_request(request, person.signing_key)


async def test_lines_beside_another_history_than_the_readers_are_found(room: Room) -> None:
    def beside(lines: list[Item]) -> list[Item]:
        forged = Digest(b"x" * 32)
        return [
            resigned(item, room.world.hub_key, head=forged) if isinstance(_event(item), IntervalOpened) else item
            for item in lines
        ]

    channel = await room.deceived("Jon", Lie())
    room.liar.lie = AnotherLog(room, beside)
    await _asked(room, channel, ForkedHistory, "another head")


# ── what the user finds about others ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("cut_short", [False, True])
async def test_the_user_finds_a_reading_that_the_log_hides_by_the_readers_next_act(room: Room, cut_short: bool) -> None:
    jon = room.world.person("Jon")
    await room.channel.user_arrived(room.world.person("Elle").id)
    hers = await room.reader("Elle", Lie())
    await hers.caught_up()
    theirs = await opened(await room.connect("Jon"), room.channel)
    sent = await theirs.post(0, Text("Jeg har lest alt."))
    await hers.reached(sent.version)

    def forged(lines: list[Item]) -> list[Item]:
        about_jon = [n for n, item in enumerate(lines, 1) if getattr(_event(item), "reader", None) == jon.id]
        if not cut_short:
            return lines[: about_jon[0] - 1]
        early = IntervalClosed(Version(about_jon[0]), Version(2), "asked")
        return [*lines, saying(lines[-1], room, early)]

    room.liar.lie = AnotherLog(room, forged)
    (found,) = (await hers.who_read()).unlogged
    assert (found.person, found.device) == (jon.id, jon.device)


# ── content behind a line that does not cover it ─────────────────────────────────────────────────────────────────────
async def test_content_after_the_end_that_the_line_names_is_refused(room: Room) -> None:
    class Over(Lie):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if not isinstance(frame, frames.Subscribed):
                return [frame]
            line = resigned(frame.line, room.world.hub_key, lease_until=Millis(1))
            return [msgspec.structs.replace(frame, line=line)]

    channel = await room.reader(lie=Over())
    await room.caught(channel, UncoveredContent)


async def test_older_history_behind_the_line_of_another_thread_is_refused(
    room: Room, terms: Callable[..., Terms]
) -> None:
    """Jon may look thread 0 up; the hub puts a message of thread 1 into the answer, of which he holds a leaf."""
    apart = await room.channel.open_thread(Audience.WITH_USER, Topic.HOUSING, "Bolig", [terms("Ingrid")])
    assert apart.thread is not None
    theirs = await room.channel.post(apart.thread, Text("bare for oss to"))
    mine = await room.channel.post(0, Text("for Jon også"))
    await room.channel.join(apart.thread, terms("Jon"))
    foreign = room.channel.items(mine.version)[theirs.version - 1]

    class Slipped(Lie):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Fetched):
                return [msgspec.structs.replace(frame, items=[*frame.items, foreign])]
            return [frame]

    channel = await room.deceived("Jon", Slipped())
    await room.channel.grant_history(0, room.world.person("Jon").id, ALL_HISTORY)
    await room.caught(channel, UncoveredContent, "outside the look-up")
