"""What leaves the hub, to whom, from when until when, and what is written down before."""

import asyncio
import socket as sockets
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from crypto.key_statements import SignedStatement
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.ids import Version
from protocol import frames
from protocol.acts import Seen
from protocol.published_keys import encode_entries
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import (
    Reader,
    now,
    open_room,
    post,
    read_request,
    roster_now,
    signed_in,
    staff,
)


async def test_resuming_after_a_version_gives_exactly_what_follows(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as writing:
        room = await open_room(writing, world, [first, second])
        async with signed_in(hub.url, second) as reading:
            reader = Reader(room.by(second), reading)
            await reader.subscribe()
            await reader.until_caught_up()
        for number in range(5):
            await post(writing, room, f"mens du var borte {number}")
        async with signed_in(hub.url, second) as reading:
            reader.socket = reading
            await reader.subscribe(reader.replay.version)
            await reader.until_caught_up()
            assert reader.texts == [f"mens du var borte {number}" for number in range(5)]
            await post(writing, room, "og nå")
            await reader.until(reader.replay.version + 1)
            assert reader.texts[-1] == "og nå"


async def test_a_removed_member_gets_nothing_more_and_cannot_come_back(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as writing, signed_in(hub.url, second) as reading:
        room = await open_room(writing, world, [first, second])
        reader = Reader(room.by(second), reading)
        await reader.subscribe()
        await reader.until_caught_up()
        author, key = room.author, SecretKey(random_bytes(32))
        removal = [
            author.act(0, e.ParticipantLeft(second.id, "left-service"), seen=room.seen),
            author.epoch(0, 2, author.entries(first), key, room.membership + 1, room.seen),
        ]
        await writing.send(frames.Send(author.channel, frames.wire_acts(removal)))
        await writing.expect(frames.Receipt)
        assert (await reading.expect(frames.Unsubscribed)).code == "not_a_participant"
        room.key, room.epoch, room.membership = key, 2, room.membership + 1
        await post(writing, room, "uten deg")
        await reading.send(frames.Ping(1))
        assert isinstance(await reading.next(), frames.Pong), "something left after the removal"
        await reading.send(frames.Subscribe(read_request(room.by(second)), Version(0)))
        answer = await reading.next()
        assert isinstance(answer, frames.Refused)
        assert answer.code == "unknown_channel"


async def test_a_removal_without_a_new_key_is_refused(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first, second])
        removal = room.author.act(0, e.ParticipantLeft(second.id, "left-service"), seen=room.seen)
        await socket.send(frames.Send(room.author.channel, frames.wire_acts([removal])))
        answer = await socket.next()
        assert isinstance(answer, frames.Refused)
        assert answer.code == "rekey_missing"


async def test_delivery_ends_by_itself_when_a_membership_expires(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as writing, signed_in(hub.url, second) as reading:
        room = await open_room(writing, world, [first, second], valid_until=now() + 1500)
        reader = Reader(room.by(second), reading)
        await reader.subscribe()
        await reader.until_caught_up()
        assert (await reading.expect(frames.Unsubscribed)).code == "not_a_participant"
        # Nobody clicked anything, yet the old key is refused from now on: the next author makes a new one.
        await writing.send(frames.Send(room.author.channel, frames.wire_acts([room.message("gammel nøkkel")])))
        answer = await writing.next()
        assert isinstance(answer, frames.Refused)
        assert answer.code == "rekey_pending"
        key = SecretKey(random_bytes(32))
        unit = [
            room.author.epoch(0, 2, room.author.entries(first), key, room.membership, room.seen),
            room.author.message("ny nøkkel", key, membership=room.membership, epoch=2, seen=room.seen),
        ]
        await writing.send(frames.Send(room.author.channel, frames.wire_acts(unit)))
        await writing.expect(frames.Receipt)


async def test_a_new_key_of_a_member_is_entered_and_asks_for_a_new_epoch(
    start_hub: Callable[..., HubProcess], open_folder: Path
) -> None:
    world = World.create(open_folder / "moving")
    hub = start_hub(world)
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first, second])
        reader = Reader(room.author, socket)
        await reader.subscribe()
        await reader.until_caught_up()
        entries = world.add_key_version(second.key)
        room.author.directory.add(second.id, entries)
        await publish(hub, entries, second)
        while {r.key_version for r in roster_now(reader.replay) if r.principal == second.id} != {2}:
            await reader.until(reader.replay.version + 1)
        assert isinstance(reader.accepted[-1].header.event, e.KeyMoved)
        await socket.send(frames.Send(room.author.channel, frames.wire_acts([room.message("gammel nøkkel")])))
        refused = await socket.next()
        assert isinstance(refused, frames.Refused)
        assert refused.code == "membership_moved"
        key, membership = SecretKey(random_bytes(32)), room.membership + 1
        seen = Seen(reader.replay.version, reader.replay.head)
        unit = [room.author.epoch(0, 2, roster_now(reader.replay), key, membership, seen)]
        await socket.send(frames.Send(room.author.channel, frames.wire_acts(unit)))
        await reader.until(reader.replay.version + 1)
    assert hub.stop() == 0


async def test_a_stalled_reader_is_cut_off_and_loses_nothing(
    start_hub: Callable[..., HubProcess], world: World
) -> None:
    hub = start_hub(world, SAMSNAKK_WRITE_BUFFER="65536")
    first, second, third = staff(world, "dps")[:2] + staff(world, "nordvik")[:1]
    async with signed_in(hub.url, first) as writing, signed_in(hub.url, third) as brisk:
        room = await open_room(writing, world, [first, second, third])
        reader = Reader(room.by(third), brisk)
        await reader.subscribe()
        await reader.until_caught_up()
        async with signed_in(hub.url, second) as stalled:
            await stalled.send(frames.Subscribe(read_request(room.by(second)), Version(0)))
            await stalled.expect(frames.Subscribed)
            stalled.ws.transport.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
            stalled.ws.transport.pause_reading()
            sent = 0
            while b"samsnakk_slow_readers_cut_off_total 0.0" in hub.get("/metrics")[1]:
                for _ in range(20):
                    await post(writing, room, "x" * 20000)
                    sent += 1
                    await reader.until(reader.replay.version + 1)
                assert sent < 2000, "the stalled reader was never cut off"
            stalled.ws.transport.abort()
        assert len(reader.texts) == sent
        async with signed_in(hub.url, second) as back:
            again = Reader(room.by(second), back)
            await again.subscribe()
            await again.until_caught_up()
            assert len(again.texts) == sent
    assert hub.stop() == 0


async def test_a_revoked_device_is_turned_out_while_connected_and_its_threads_get_a_new_key(
    start_hub: Callable[..., HubProcess], open_folder: Path
) -> None:
    world = World.create(open_folder / "revoking")
    hub = start_hub(world)
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as writing, signed_in(hub.url, second) as lost:
        room = await open_room(writing, world, [first, second])
        reader = Reader(room.author, writing)
        await reader.subscribe()
        await reader.until(reader.replay.version + 7)
        thief = Reader(room.by(second), lost)
        await thief.subscribe()
        await thief.until_caught_up()
        await publish(hub, world.revoke_device(second.key), second)
        with pytest.raises(AssertionError, match="device_not_valid"):
            await lost.expect(frames.Pong)
        await writing.send(frames.Send(room.author.channel, frames.wire_acts([room.message("gammel nøkkel")])))
        while not isinstance(answer := await writing.next(), frames.Refused):
            pass
        assert answer.code == "rekey_pending"
    with pytest.raises((AssertionError, ConnectionClosed)):
        async with signed_in(hub.url, second):
            pass
    assert hub.stop() == 0


async def publish(hub: HubProcess, entries: Sequence[SignedStatement], who: Person) -> None:
    url = f"{hub.url}/api/v1/key-streams/{who.id.hex()}"
    request = urllib.request.Request(url, data=encode_entries(entries), method="POST")  # noqa: S310 - our own hub
    with await asyncio.to_thread(urllib.request.urlopen, request) as answer:
        assert answer.status == 200


async def test_what_another_hub_process_recorded_is_pushed_here_too(
    start_hub: Callable[..., HubProcess], world: World, hub: HubProcess
) -> None:
    other = start_hub(world, DATABASE_URL=hub.database_url("service"))
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as here, signed_in(other.url, second) as there:
        room = await open_room(here, world, [first, second])
        reader = Reader(room.by(second), there)
        await reader.subscribe()
        await reader.until_caught_up()
        await post(here, room, "fra den andre huben")
        while not reader.texts:
            await reader.until(reader.replay.version + 1)
        assert reader.texts == ["fra den andre huben"]
    assert other.stop() == 0
