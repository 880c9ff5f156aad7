"""The access log: a line for every reading, durable before anything it covers leaves the hub."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import WebSocketException

from domain.access.events import IntervalClosed, IntervalOpened
from domain.ids import Version
from protocol import frames, records
from protocol.acts import parse_header, verify_act
from protocol.directory import Directory
from protocol.requests import verify_request
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import (
    Author,
    Reader,
    Socket,
    line_of,
    open_room,
    post,
    read_request,
    signed_in,
    staff,
)


async def access_lines(socket: Socket, author: Author) -> list[records.Record | records.Stub]:
    await socket.send(frames.ReadAccessLog(read_request(author, "access-log"), Version(0)))
    lines: list[records.Record | records.Stub] = []
    while True:
        page = await socket.expect(frames.Events)
        lines += [records.read_item(item) for item in page.items]
        if page.live:
            return lines


def opened_by(line: records.Record | records.Stub, world: World) -> IntervalOpened | IntervalClosed | None:
    """The line's event, its signature by the hub checked."""
    if isinstance(line, records.Stub):
        return None
    header, _ = parse_header(line.signed.header)
    event = verify_act(line.signed, header.place, Directory(world.trust).signer).header.event
    assert isinstance(event, IntervalOpened | IntervalClosed)
    return event


async def test_the_line_embeds_the_readers_own_request_and_names_the_basis(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        reader = Reader(room.author, socket)
        await reader.subscribe()
        await reader.until_caught_up()
        act = verify_act(line_of(reader.lines[0]).signed, room.author.place, Directory(world.trust).signer)
        event = act.header.event
        assert isinstance(event, IntervalOpened)
        request = verify_request(event.request, first.signing_key.public)
        assert (request.reader, event.reader, event.device) == (first.id, first.id, first.device)
        assert [(basis.thread, basis.legal_basis) for basis in event.threads] == [(0, "treatment")]
        assert 0 < event.head_version <= reader.replay.version


async def test_readers_see_their_own_lines_and_leaves_of_the_others(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as one, signed_in(hub.url, second) as two:
        room = await open_room(one, world, [first, second])
        for socket, who in ((one, first), (two, second)):
            reader = Reader(room.by(who), socket)
            await reader.subscribe()
            await reader.until_caught_up()
        lines = await access_lines(two, room.by(second))
        whole = [event for line in lines if isinstance(event := opened_by(line, world), IntervalOpened)]
        assert len(lines) == 2
        assert [event.reader for event in whole] == [second.id]


@pytest.mark.slow
async def test_killing_the_hub_at_any_moment_never_leaves_content_without_its_line(
    start_hub: Callable[..., HubProcess], world: World
) -> None:
    hub = start_hub(world)
    for _ in range(5):
        await kill_while_reading(hub, world)
    assert hub.stop() == 0


async def kill_while_reading(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as writing:
        room = await open_room(writing, world, [first, second])
        for number in range(50):
            await post(writing, room, f"innhold {number}")
    received: list[frames.HubFrame] = []

    async def read() -> None:
        with suppress(WebSocketException, OSError, TimeoutError, AssertionError):
            while True:
                async with signed_in(hub.url, second) as reading:
                    await reading.send(frames.Subscribe(read_request(room.by(second)), Version(0)))
                    for _ in range(3):
                        received.append(await reading.next())  # noqa: PERF401 - the hub may die between two

    reading = asyncio.create_task(read())
    await asyncio.sleep(random.uniform(0.005, 0.25))
    hub.kill()
    await reading
    hub.start()
    async with signed_in(hub.url, second) as socket:
        lines = await access_lines(socket, room.by(second))
        found = [event for line in lines if isinstance(event := opened_by(line, world), IntervalOpened)]
        recorded = {verify_request(event.request, second.signing_key.public).request_id for event in found}
    requests = {frame.request_id for frame in received if isinstance(frame, frames.Subscribed)}
    assert requests <= recorded
    content = sum(isinstance(frame, frames.Events) and bool(frame.items) for frame in received)
    assert content <= len(requests), "content left before a line"
