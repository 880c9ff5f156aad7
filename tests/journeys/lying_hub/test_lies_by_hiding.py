"""A hub that hides, rolls back or gives false receipts (docs/protocol.md §9); every such lie is noticed."""

import asyncio
from collections.abc import Callable

import msgspec

from domain.ids import Digest, Millis, Version
from protocol import frames
from protocol.errors import ChainBroken, ForkedHistory, UnjustifiedStub
from protocol.records import Record
from samsnakk import Terms, Text
from samsnakk.demo.world import World
from tests.journeys.lying_hub.alterations import at, swapped, texts_at
from tests.journeys.lying_hub.forging import Clumsy, Entry, altered, header_of, item_of, resigned, stub_of
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.room import Room


# ── hidden ───────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_message_behind_a_stub_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]
    await room.caught(await room.reader(lie=Clumsy(at(second, lambda it: [stub_of(it)]))), UnjustifiedStub)


async def test_a_message_behind_a_stub_and_refused_when_asked_for_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]

    class Refusing(Clumsy):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Fetched):
                return [frames.Refused(frame.request_id, "not_a_member", "")]
            return super().to_client(frame)

    await room.caught(await room.reader(lie=Refusing(at(second, lambda it: [stub_of(it)]))), UnjustifiedStub)


async def test_another_record_than_the_stub_stood_for_is_noticed(room: Room) -> None:
    first, second, _ = texts_at(room)
    other: list[Entry] = []

    class Exchanging(Clumsy):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Fetched):
                forged = item_of(altered(other[0], version=second))
                return [msgspec.structs.replace(frame, items=[forged])]
            return super().to_client(frame)

    def alter(entry: Entry) -> list[Entry]:
        if entry.version == first:
            other.append(entry)
        return [stub_of(entry)] if entry.version == second else [entry]

    await room.caught(await room.reader(lie=Exchanging(alter)), ChainBroken, f"version {second}")


async def test_a_joining_behind_a_stub_is_noticed_at_once(room: Room, terms: Callable[..., Terms]) -> None:
    joined = await room.channel.join(0, terms("Ingrid"))
    lie = Clumsy(at(joined.versions[0], lambda it: [stub_of(it)]))
    shown = await room.caught(await room.reader(lie=lie), UnjustifiedStub, "membership act")
    assert shown[-1].version == joined.versions[0] - 1


async def test_a_removal_behind_a_stub_is_noticed_at_once(
    room: Room, terms: Callable[..., Terms], world: World
) -> None:
    await room.channel.join(0, terms("Ingrid"))
    removed = await room.channel.remove(world.person("Ingrid").id)
    lie = Clumsy(at(removed.versions[0], lambda it: [stub_of(it)]))
    await room.caught(await room.reader(lie=lie), UnjustifiedStub, "membership act")


async def test_the_opening_behind_a_stub_is_noticed_at_once(room: Room) -> None:
    shown = await room.caught(
        await room.reader(lie=Clumsy(at(1, lambda it: [stub_of(it)]))), UnjustifiedStub, "opening"
    )
    assert shown == []


# ── shortened ────────────────────────────────────────────────────────────────────────────────────────────────────────
class RolledBack(Lie):
    """Says after a reconnect that the channel ends (or stood) at `version` with `head`."""

    def __init__(self, room: Room, version: Version, head: Digest) -> None:
        self.key, self.version, self.head = room.world.hub_key, version, head

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        if isinstance(frame, frames.Subscribed):
            line = resigned(frame.line, self.key, head_version=self.version, head=self.head)
            return [msgspec.structs.replace(frame, line=line)]
        return [] if isinstance(frame, frames.Events) else [frame]


async def test_a_history_rolled_back_between_two_connections_is_noticed(room: Room) -> None:
    channel = await room.deceived("Jon", Lie())
    second = texts_at(room)[1]
    room.liar.lie = RolledBack(room, second, room.channel.event(second).head)
    await room.liar.cut()
    shown = await room.caught(channel, ForkedHistory, "went back")
    assert shown[-1].version == room.channel.version


async def test_another_head_at_the_version_where_the_connection_was_lost_is_noticed(room: Room) -> None:
    channel = await room.deceived("Jon", Lie())
    room.liar.lie = RolledBack(room, channel.version, Digest(bytes(32)))
    await room.liar.cut()
    await room.caught(channel, ForkedHistory, "another head at the same version")


async def test_a_history_that_went_on_differently_while_the_connection_was_lost_is_noticed(room: Room) -> None:
    channel = await room.deceived("Jon", Lie())
    before = channel.version
    room.liar.lie = Silent()
    await room.channel.post(0, Text("fire"))
    await room.channel.post(0, Text("fem"))
    room.liar.lie = Clumsy(swapped(before + 1, before + 2))
    await room.liar.cut()
    await room.caught(channel, ChainBroken, f"version {before + 2}")


async def test_less_than_the_access_line_promises_is_noticed(room: Room) -> None:
    third = texts_at(room)[2]

    class Shortened(Clumsy):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Events) and not frame.items:
                return [msgspec.structs.replace(frame, head=room.channel.event(Version(third - 1)).head)]
            changed = super().to_client(frame)
            return [
                msgspec.structs.replace(f, head=room.channel.event(Version(third - 1)).head)
                if isinstance(f, frames.Events)
                else f
                for f in changed
            ]

    await room.caught(await room.reader(lie=Shortened(at(third, lambda _: []))), ChainBroken, "less than")


class Silent(Lie):
    """Pushes nothing."""

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        return [] if isinstance(frame, frames.Events) else [frame]


# ── receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class FalseReceipt(Lie):
    """Changes what a receipt says; `swallow` also keeps the act from the real hub."""

    def __init__(self, version: Version | None = None, head: Digest | None = None) -> None:
        self.version, self.head = version, head

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        if not isinstance(frame, frames.Receipt):
            return [frame]
        recorded = [(c, self.version or v, self.head or h) for c, v, h in frame.recorded]
        return [msgspec.structs.replace(frame, recorded=recorded)]


async def test_a_receipt_with_another_head_is_noticed(room: Room) -> None:
    channel = await room.deceived("Jon", FalseReceipt(head=Digest(bytes(32))))
    posting = asyncio.create_task(channel.post(0, Text("står dette?")))
    await room.caught(channel, ForkedHistory, "receipt")
    assert isinstance((await asyncio.gather(posting, return_exceptions=True))[0], Exception)


async def test_a_receipt_that_names_somebody_elses_act_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]
    channel = await room.deceived("Jon", FalseReceipt(second, room.channel.event(second).head))
    posting = asyncio.create_task(channel.post(0, Text("står dette?")))
    await room.caught(channel, ForkedHistory, "receipt")
    assert isinstance((await asyncio.gather(posting, return_exceptions=True))[0], Exception)


async def test_a_receipt_for_what_was_never_recorded_is_noticed_at_the_next_act(room: Room) -> None:
    class Swallowing(Lie):
        def to_hub(self, frame: frames.ClientFrame) -> list[frames.Frame]:
            if not isinstance(frame, frames.Send):
                return [frame]
            command = header_of(Record(frames.signed_acts(frame.acts)[0], Version(1), Millis(1), bytes(32))).command_id
            return [frames.Receipt(frame.channel, [(command, next_version, Digest(bytes(range(32))))])]

    channel = await room.deceived("Jon", Swallowing())
    next_version = Version(room.channel.version + 1)
    posting = asyncio.create_task(channel.post(0, Text("kom dette frem?")))
    await room.channel.post(0, Text("fire"))
    await room.caught(channel, ForkedHistory, "receipt")
    assert isinstance((await asyncio.gather(posting, return_exceptions=True))[0], Exception)
