"""Doors of the hub: who gets in, what happens to nonsense, what is refused and how."""

import asyncio
import time
from dataclasses import replace

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from crypto import labels
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.ids import ChannelId, DeviceId, Version
from protocol import frames
from protocol.acts import Place, SignedAct
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import NOTHING_SEEN, Author, Reader, Socket, open_room, read_request, signed_in, staff


@pytest.fixture
def elle(world: World) -> Person:
    return world.person("Elle")


@pytest.fixture
def kari(world: World) -> Person:
    return world.person("Kari")


async def raw(hub: HubProcess) -> websockets.ClientConnection:
    return await websockets.connect(hub.url.replace("http", "ws") + "/ws", compression=None, proxy=None)


async def said_goodbye(ws: websockets.ClientConnection) -> str:
    """The code of the hub's last frame; the connection is closed after it."""
    code = ""
    try:
        while True:
            async with asyncio.timeout(5):
                frame = frames.decode_hub(await ws.recv(decode=False))
            if isinstance(frame, frames.Bye):
                code = frame.code
    except ConnectionClosed:
        return code


async def test_a_wrong_answer_to_the_challenge_is_turned_away(hub: HubProcess, kari: Person) -> None:
    async with await raw(hub) as ws:
        socket = Socket(ws)
        await socket.send(frames.Hello(1, kari.device, "test"))
        await socket.expect(frames.Challenge)
        await socket.send(frames.Prove(random_bytes(64)))
        assert await said_goodbye(ws) == "not_signed_in"


async def test_an_answer_to_another_challenge_is_worth_nothing(hub: HubProcess, kari: Person) -> None:
    async with await raw(hub) as first, await raw(hub) as second:
        challenges = []
        for ws in (first, second):
            await Socket(ws).send(frames.Hello(1, kari.device, "test"))
            challenges.append(await Socket(ws).expect(frames.Challenge))
        proof = kari.signing_key.sign(labels.CHALLENGE, frames.challenge_bytes(challenges[0], kari.device))
        await Socket(second).send(frames.Prove(proof))
        assert await said_goodbye(second) == "not_signed_in"


async def test_a_device_that_nobody_certified_is_turned_away(hub: HubProcess, kari: Person) -> None:
    async with await raw(hub) as ws:
        socket = Socket(ws)
        await socket.send(frames.Hello(1, DeviceId(new_id()), "test"))
        challenge = await socket.expect(frames.Challenge)
        await socket.send(frames.Prove(kari.signing_key.sign(labels.CHALLENGE, challenge.nonce)))
        assert await said_goodbye(ws) == "unknown_device"


async def test_another_protocol_version_is_refused_by_name(hub: HubProcess, kari: Person) -> None:
    async with await raw(hub) as ws:
        await Socket(ws).send(frames.Hello(2, kari.device, "test"))
        assert await said_goodbye(ws) == "unknown_protocol"


@pytest.mark.parametrize("nonsense", [b"", b"\xff", b"\x80", b"\x81\x65hello", b"\xa0", bytes(2000)])
async def test_nonsense_before_login_closes_the_connection(hub: HubProcess, nonsense: bytes) -> None:
    async with await raw(hub) as ws:
        await ws.send(nonsense)
        assert await said_goodbye(ws) == "malformed_frame"


async def test_text_frames_are_refused(hub: HubProcess) -> None:
    async with await raw(hub) as ws:
        await ws.send("hello")
        assert await said_goodbye(ws) == "malformed_frame"


async def test_a_page_of_another_origin_cannot_connect(hub: HubProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await websockets.connect(hub.url.replace("http", "ws") + "/ws", origin="https://evil.example", proxy=None)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


async def test_a_frame_above_the_limit_closes_the_connection(hub: HubProcess, kari: Person) -> None:
    async with signed_in(hub.url, kari) as socket:
        await socket.ws.send(bytes(frames.MAX_FRAME + 1))
        assert await said_goodbye(socket.ws) == ""
        assert socket.ws.close_code == 1009


async def test_an_unknown_channel_and_a_foreign_one_look_the_same(hub: HubProcess, world: World) -> None:
    ours, others = staff(world, "dps"), staff(world, "nav")
    async with signed_in(hub.url, ours[0]) as inside, signed_in(hub.url, others[0]) as outside:
        room = await open_room(inside, world, ours[:1])
        answers = []
        for channel in (room.author.channel, ChannelId(new_id())):
            author = Author(world, others[0], channel)
            await outside.send(frames.Subscribe(read_request(author), Version(0)))
            answers.append(await refusal(outside))
        assert answers[0] == answers[1] == "unknown_channel"


async def refusal(socket: Socket) -> str:
    frame = await socket.next()
    assert isinstance(frame, frames.Refused), frame
    return frame.code


async def test_an_act_signed_by_somebody_else_is_refused(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first, second])
        stolen = room.message("i ditt navn", by=second)
        await socket.send(frames.Send(room.author.channel, frames.wire_acts([stolen])))
        assert await refusal(socket) == "forged_record"


async def test_a_changed_byte_in_header_signature_or_body_is_refused(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        for part in ("header", "signature", "body"):
            good = room.message("uendret")
            raw_part: bytes = getattr(good, part)
            bad: SignedAct = replace(good, **{part: raw_part[:-1] + bytes([raw_part[-1] ^ 1])})
            await socket.send(frames.Send(room.author.channel, frames.wire_acts([bad])))
            assert await refusal(socket) in {"forged_record", "malformed_act"}


async def test_an_act_for_another_channel_or_deployment_is_refused(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        other = await open_room(socket, world, [first])
        await socket.send(frames.Send(other.author.channel, frames.wire_acts([room.message("feil kanal")])))
        assert await refusal(socket) == "wrong_place"
        header = room.author.header(0, e.WrapFailed(1))  # type: ignore[arg-type]
        moved = replace(header, place=Place(world.deployment.__class__(new_id()), room.author.channel))
        await socket.send(frames.Send(room.author.channel, frames.wire_acts([room.author.sign(moved, None)])))
        assert await refusal(socket) == "wrong_place"


async def test_the_same_bytes_get_the_first_receipt_and_are_recorded_once(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        send = frames.Send(room.author.channel, frames.wire_acts([room.message("bare én gang")]))
        receipts = []
        for _ in range(3):
            await socket.send(send)
            receipts.append(await socket.expect(frames.Receipt))
        assert receipts[0] == receipts[1] == receipts[2]
        reader = Reader(room.author, socket)
        await reader.subscribe()
        await reader.until_caught_up()
        assert reader.texts == ["bare én gang"]


async def test_a_command_id_used_for_other_bytes_is_an_error(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        header = room.author.header(
            0, e.MessagesSeen(Version(1)), membership=room.membership, epoch=room.epoch, seen=room.seen
        )
        again = replace(header, event=e.MessagesSeen(Version(2)))
        for act in (header, again):
            await socket.send(frames.Send(room.author.channel, frames.wire_acts([room.author.sign(act, None)])))
        await socket.expect(frames.Receipt)
        assert await refusal(socket) == "command_reused"


async def test_a_channel_opened_without_a_care_claim_is_refused(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    author = Author(world, first, ChannelId(new_id()))
    key = SecretKey(random_bytes(32))
    joins = [author.act(0, author.joined(first))]
    nothing = [author.act(None, e.ChannelOpened(random_bytes(32), 1, first.id)), *joins]
    nothing.append(author.epoch(0, 1, author.entries(first), key, len(joins), NOTHING_SEEN))
    async with signed_in(hub.url, first) as socket:
        await socket.send(frames.Send(author.channel, frames.wire_acts(nothing)))
        assert await refusal(socket) == "care_claim_missing"
        await socket.send(frames.Send(author.channel, frames.wire_acts([author.act(0, e.MessagesSeen(Version(1)))])))
        assert await refusal(socket) in {"channel_not_open", "unknown_channel"}


async def test_a_unit_with_one_bad_act_records_nothing(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        unit = [room.message("god"), room.author.act(5, e.MessagesSeen(Version(1)), seen=room.seen)]
        await socket.send(frames.Send(room.author.channel, frames.wire_acts(unit)))
        assert await refusal(socket) == "unknown_thread"
        reader = Reader(room.author, socket)
        await reader.subscribe()
        await reader.until_caught_up()
        assert reader.texts == []


async def test_a_read_request_made_for_another_door_or_another_day_is_refused(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        for request in (read_request(room.author, "history"), read_request(room.author, made_at=1)):
            await socket.send(frames.Subscribe(request, Version(0)))
            assert await refusal(socket) == "stale_request"


async def test_flooding_beyond_the_quota_is_refused_and_does_no_harm(start_hub: object, world: World) -> None:
    hub: HubProcess = start_hub(world, SAMSNAKK_DEVICE_BURST="20", SAMSNAKK_DEVICE_ACTS="1")  # type: ignore[operator]
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        for number in range(40):
            act = room.message(f"melding {number}")
            await socket.send(frames.Send(room.author.channel, frames.wire_acts([act])))
        answers = [await socket.next() for _ in range(40)]
        refused = [a.code for a in answers if isinstance(a, frames.Refused)]
        # What was sent behind a refused unit is refused too: an author's order is kept.
        assert refused[0] == "quota_exceeded"
        assert set(refused) <= {"quota_exceeded", "out_of_turn"}
        assert 15 <= sum(isinstance(a, frames.Receipt) for a in answers) <= 20 + 3
    assert hub.stop() == 0


async def test_health_and_readiness_answer_and_metrics_hold_no_ids(hub: HubProcess, world: World) -> None:
    assert hub.get("/healthz")[0] == 200
    assert hub.get("/readyz")[0] == 200
    status, page = hub.get("/metrics")
    assert status == 200
    assert b"samsnakk_acts_recorded" in page
    for person in world.people:
        assert person.id.hex().encode() not in page
        assert person.device.hex().encode() not in page


async def test_unknown_doors_and_ids_get_a_problem_with_advice(hub: HubProcess) -> None:
    for path in ("/api/v1/key-streams/" + "00" * 16, "/api/v1/key-streams/xyz", "/nowhere"):
        status, body = hub.get(path)
        assert (status, b'"not_found"' in body) == (404, True)


async def test_a_draining_hub_says_goodbye_and_ends_well(start_hub: object, world: World) -> None:
    hub: HubProcess = start_hub(world)  # type: ignore[operator]
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        reader = Reader(room.author, socket)
        await reader.subscribe()
        await reader.until_caught_up()
        started = time.monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(hub.stop))
        ended = await socket.expect(frames.Unsubscribed)
        assert ended.code == "draining"
        assert await stopping == 0
        assert time.monotonic() - started < 10
