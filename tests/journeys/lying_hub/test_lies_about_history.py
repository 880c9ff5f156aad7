"""A hub that lies to one client about what was recorded, while the others are served honestly (docs/protocol.md §9).

Clumsy lies leave everything else as it was; thorough ones renumber, make new heads and sign new lines. Either way the
client finds it with what it holds itself, says what is wrong, keeps the evidence and shows nothing false.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from domain.channel import events as e
from domain.ids import MAIN_THREAD, Digest, Millis, Version
from protocol.acts import Seen, SignedAct, sign_act
from protocol.errors import ChainBroken, ForgedRecord, ForkedHistory, UnauthorisedRecord, UnjustifiedStub
from protocol.records import Record
from samsnakk import Terms, Text
from tests.client.conftest import Connect
from tests.journeys.lying_hub.alterations import at, recorded, swapped, texts_at
from tests.journeys.lying_hub.forging import Clumsy, Entry, Thorough, altered
from tests.journeys.lying_hub.room import Room
from tests.service.hub.raw_client import Author


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
