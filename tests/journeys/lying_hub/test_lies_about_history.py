"""A hub that lies to one client about what was recorded, while the others are served honestly (docs/protocol.md §9).

Clumsy lies leave everything else as it was; thorough ones renumber, make new heads and sign new lines. Either way the
client finds it with what it holds itself, says what is wrong, keeps the evidence and shows nothing false.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import msgspec

from domain.channel import events as e
from domain.ids import MAIN_THREAD, Digest, Millis, Version
from protocol import frames
from protocol.acts import Seen, SignedAct, sign_act
from protocol.errors import ChainBroken, ForgedRecord, ForkedHistory, UnauthorisedRecord, UnjustifiedStub
from protocol.records import Record
from samsnakk import Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect
from tests.journeys.lying_hub.forging import Clumsy, Entry, Thorough, altered, header_of, item_of, resigned, stub_of
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.room import Room
from tests.service.hub.raw_client import Author


def at(version: int, becomes: Callable[[Entry], list[Entry]]) -> Callable[[Entry], list[Entry]]:
    """Only the entry of this version becomes something else."""
    return lambda entry: becomes(entry) if entry.version == version else [entry]


def swapped(first: int, second: int) -> Callable[[Entry], list[Entry]]:
    held: list[Entry] = []

    def alter(entry: Entry) -> list[Entry]:
        if entry.version == first:
            held.append(entry)
            return []
        return [entry, held.pop()] if entry.version == second and held else [entry]

    return alter


def recorded(entry: Entry) -> Record:
    assert isinstance(entry, Record)
    return entry


def texts_at(room: Room) -> list[Version]:
    events = (room.channel.event(Version(v)) for v in range(1, room.channel.version + 1))
    return [event.version for event in events if isinstance(event.content, Text)]


# ── left out, moved, doubled ─────────────────────────────────────────────────────────────────────────────────────────
async def test_an_event_left_out_is_missed(room: Room) -> None:
    second = texts_at(room)[1]
    await room.caught(await room.reader(lie=Clumsy(at(second, lambda _: []))), ChainBroken, f"version {second + 1}")


async def test_an_event_left_out_is_missed_although_everything_after_it_was_renumbered(room: Room) -> None:
    second = texts_at(room)[1]
    lie = Thorough(room.world, at(second, lambda _: []))
    await room.caught(await room.reader(lie=lie), ForkedHistory)


async def test_the_newest_event_withheld_shows_at_the_next_act(room: Room) -> None:
    last = room.channel.version
    deceived = await room.deceived("Jon", Thorough(room.world, at(last, lambda _: [])))
    assert deceived.version == last - 1
    await room.channel.post(0, Text("fire"))
    await room.caught(deceived, ForkedHistory)


async def test_two_events_in_another_order_are_noticed(room: Room) -> None:
    second, third = texts_at(room)[1:]
    await room.caught(await room.reader(lie=Clumsy(swapped(second, third))), ChainBroken)


async def test_another_order_of_dependent_acts_is_noticed_although_everything_was_made_to_fit(room: Room) -> None:
    second, third = texts_at(room)[1:]
    await room.caught(await room.reader(lie=Thorough(room.world, swapped(second, third))), ForkedHistory)


async def test_an_event_served_twice_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]
    await room.caught(await room.reader(lie=Clumsy(at(second, lambda it: [it, it]))), ChainBroken)


async def test_an_old_event_replayed_as_a_new_one_is_noticed(room: Room) -> None:
    first, _, third = texts_at(room)
    old: list[Entry] = []

    def alter(entry: Entry) -> list[Entry]:
        if entry.version == first:
            old.append(entry)
        return [entry, altered(old[0], recorded_at=entry.recorded_at)] if entry.version == third else [entry]

    await room.caught(await room.reader(lie=Thorough(room.world, alter)), UnauthorisedRecord, "one act recorded twice")


async def test_two_members_who_were_told_different_orders_notice_at_the_next_act(
    room: Room, connect: Connect, terms: Callable[..., Terms]
) -> None:
    await room.channel.join(0, terms("Ingrid"))
    one, other = await asyncio.gather(room.channel.post(0, Text("ja")), room.channel.post(0, Text("nei")))
    ingrid = await (await connect("Ingrid")).channel(room.channel.id)
    await ingrid.caught_up()
    jon = await room.deceived("Jon", Thorough(room.world, swapped(one.version, other.version)))
    assert jon.version == ingrid.version
    assert jon.head != ingrid.head
    await ingrid.post(0, Text("hva sa du?"))
    await room.caught(jon, ForkedHistory, in_place=False)


async def test_an_act_whose_author_was_shown_another_history_is_noticed(room: Room) -> None:
    last, thread = room.channel.version, room.channel.state.threads[MAIN_THREAD]
    assert thread.epoch is not None
    elsewhere = Seen(last, Digest(bytes(32)))
    said = Author(room.world, room.world.person("Kari"), room.channel.id).act(
        0,
        e.MessagesSeen(last),
        membership=thread.membership_version,
        epoch=thread.epoch.number,
        seen=elsewhere,
    )
    await room.caught(await room.reader(lie=Adding(said, last)), ForkedHistory, f"heads differ at {last}")


# ── changed ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_the_body_of_another_message_is_noticed(room: Room) -> None:
    first, second, _ = texts_at(room)
    bodies: list[bytes | None] = []

    def alter(entry: Entry) -> list[Entry]:
        if entry.version == first:
            bodies.append(recorded(entry).signed.body)
        if entry.version == second:
            return [altered(entry, signed=replace(recorded(entry).signed, body=bodies[0]))]
        return [entry]

    await room.caught(await room.reader(lie=Clumsy(alter)), ForgedRecord, "body")


async def test_a_body_withheld_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]
    lie = Clumsy(at(second, lambda it: [altered(it, signed=replace(recorded(it).signed, body=None))]))
    await room.caught(await room.reader(lie=lie), UnjustifiedStub, "body withheld")


async def test_a_changed_time_breaks_the_chain(room: Room) -> None:
    second = texts_at(room)[1]
    lie = Clumsy(at(second, lambda it: [altered(it, recorded_at=Millis(it.recorded_at + 1))]))
    shown = await room.caught(await room.reader(lie=lie), ForkedHistory, in_place=False)
    assert [event.version for event in shown] == list(range(1, second + 1))


async def test_a_changed_time_of_the_newest_event_does_not_fit_the_announced_head(room: Room) -> None:
    last = room.channel.version
    lie = Clumsy(at(last, lambda it: [altered(it, recorded_at=Millis(it.recorded_at + 1))]))
    shown = await room.caught(await room.reader(lie=lie), ForkedHistory, "the access line names")
    assert [event.version for event in shown] == list(range(1, last))


async def test_a_back_dated_event_is_noticed(room: Room) -> None:
    second = texts_at(room)[1]
    lie = Clumsy(at(second, lambda it: [altered(it, recorded_at=Millis(1))]))
    await room.caught(await room.reader(lie=lie), ChainBroken, "goes backwards")


async def test_a_changed_time_shows_at_the_next_act_although_everything_was_made_to_fit(room: Room) -> None:
    last = room.channel.version
    lie = Thorough(room.world, at(last, lambda it: [altered(it, recorded_at=Millis(it.recorded_at + 60_000))]))
    deceived = await room.deceived("Jon", lie)
    await room.channel.post(0, Text("fire"))
    await room.caught(deceived, ForkedHistory, in_place=False)


async def test_an_act_of_another_channel_is_noticed(room: Room, connect: Connect, terms: Callable[..., Terms]) -> None:
    elsewhere = await (await connect("Kari")).open_channel()
    await elsewhere.join(0, terms("Jon"))
    foreign = await elsewhere.post(0, Text("i en annen kanal"))
    place = elsewhere._held.places[foreign.version - 1]
    assert place.act is not None
    signed, second = place.act.signed, texts_at(room)[1]
    lie = Thorough(room.world, at(second, lambda it: [altered(it, signed=signed)]))
    await room.caught(await room.reader(lie=lie), ForgedRecord, "wrong_place")


async def test_a_member_that_the_hub_brings_in_by_itself_is_noticed(room: Room) -> None:
    world, last = room.world, room.channel.version
    author = Author(world, world.person("Kari"), room.channel.id)
    header = author.header(0, author.joined(world.person("Ola")), seen=Seen(last, room.channel.head))
    forged = sign_act(replace(header, device=world.hub_device), None, world.hub_key)
    await room.caught(await room.reader(lie=Adding(forged, last)), ForgedRecord)


async def test_a_member_brought_in_by_somebody_outside_is_noticed(room: Room) -> None:
    world, last = room.world, room.channel.version
    author = Author(world, world.person("Berit"), room.channel.id)
    forged = author.act(0, author.joined(world.person("Berit")), seen=Seen(last, room.channel.head))
    await room.caught(await room.reader(lie=Adding(forged, last)), UnauthorisedRecord, "not_a_participant")


class Adding(Clumsy):
    """Serves, behind everything recorded, one act that was never recorded."""

    def __init__(self, act: SignedAct, after: Version) -> None:
        super().__init__(at(after, lambda it: [it, Record(act, Version(after + 1), it.recorded_at, bytes(32))]))


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
            told = (command, Version(room.channel.version + 1), Digest(bytes(range(32))))
            return [frames.Receipt(frame.channel, [told])]

    channel = await room.deceived("Jon", Swallowing())
    posting = asyncio.create_task(channel.post(0, Text("kom dette frem?")))
    await room.channel.post(0, Text("fire"))
    await room.caught(channel, ForkedHistory, "receipt")
    assert isinstance((await asyncio.gather(posting, return_exceptions=True))[0], Exception)
