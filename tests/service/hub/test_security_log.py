"""What a real hub refuses stands in its security log: by whom as far as that is proven, and nothing of anybody's."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import asyncpg
import pytest
import websockets

from crypto.random import new_id
from domain.ids import ChannelId, DeviceId, Version
from protocol import frames
from protocol.acts import PROTOCOL
from protocol.security_log import RefusedAttempts, decode_row
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import Author, Socket, open_room, read_request, signed_in, staff

CHANGES = ("UPDATE security_log SET head = before", "DELETE FROM security_log", "TRUNCATE security_log")


def shown(hub: HubProcess, code: int = 0) -> tuple[list[dict[str, Any]], str]:
    """What the operator's command prints."""
    environment = {**os.environ, "SAMSNAKK_DATA": str(hub.data / "postgres")}
    done = subprocess.run(
        [sys.executable, "-m", "service.app", "security"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def written(hub: HubProcess, wanted: Callable[[RefusedAttempts], bool]) -> RefusedAttempts:
    """The row, once it is there."""
    connection = await asyncpg.connect(hub.database_url("service"))
    try:
        async with asyncio.timeout(60):
            while True:
                rows = await connection.fetch("SELECT n, encoded FROM security_log ORDER BY n")
                found = [one for row in rows if wanted(one := decode_row(row["encoded"], row["n"]))]
                if found:
                    return found[0]
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    return start_hub(world)


async def test_reading_and_writing_where_one_takes_no_part_is_written_down_with_the_device(
    hub: HubProcess, world: World
) -> None:
    inside, outside = staff(world, "dps")[0], staff(world, "nordvik")[0]
    async with signed_in(hub.url, inside) as one, signed_in(hub.url, outside) as other:
        room = await open_room(one, world, [inside])
        await other.send(frames.Subscribe(read_request(room.by(outside)), Version(0)))
        assert (await other.expect(frames.Refused)).code == "unknown_channel"
        row = await written(hub, lambda row: row.channel == room.author.channel)
    assert (row.door, row.code, row.count) == ("subscription", "unknown_channel", 1)
    assert (row.device, row.proven, row.organisation) == (outside.device, True, outside.organisation)


async def test_a_device_that_nobody_certified_is_written_down_as_what_it_said(hub: HubProcess) -> None:
    stranger = DeviceId(new_id())
    address = hub.url.replace("http", "ws", 1) + "/ws"
    async with websockets.connect(address, compression=None, proxy=None) as ws:
        socket = Socket(ws)
        await socket.send(frames.Hello(PROTOCOL, stranger, "test"))
        await socket.expect(frames.Challenge)
        await socket.send(frames.Prove(bytes(64)))
        assert (await socket.expect(frames.Bye)).code == "unknown_device"
    row = await written(hub, lambda row: row.device == stranger)
    assert (row.door, row.code, row.proven, row.organisation) == ("device_login", "unknown_device", False, None)


async def test_a_file_that_is_not_for_one_is_written_down_by_its_door(hub: HubProcess, world: World) -> None:
    outside, channel = staff(world, "nordvik")[0], ChannelId(new_id())
    asked = read_request(Author(world, outside, channel), f"attachment {bytes(16).hex()} 0")
    address = f"{hub.url}/api/v1/channels/{channel.hex()}/attachments/{bytes(16).hex()}?thread=0"
    request = urllib.request.Request(address, headers={"Samsnakk-Request": b64encode(asked).decode()})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError):
        await asyncio.to_thread(urllib.request.urlopen, request)
    row = await written(hub, lambda row: row.channel == channel)
    assert row.door == "/api/v1/channels/{channel}/attachments/{file}"
    assert (row.device, row.proven) == (outside.device, False)


async def test_a_flood_is_a_count_and_the_log_checks_and_says_nothing_of_anybody(hub: HubProcess, world: World) -> None:
    outside = staff(world, "dps")[1]
    async with signed_in(hub.url, outside) as socket:
        author = Author(world, outside, ChannelId(new_id()))
        for _ in range(300):
            await socket.send(frames.Subscribe(read_request(author), Version(0)))
        for _ in range(300):
            await socket.expect(frames.Refused)
    await written(hub, lambda row: row.device == outside.device)
    rows, said = await asyncio.to_thread(shown, hub)
    assert len([row for row in rows if row["device"] == outside.device.hex()]) <= 2
    assert "none missing or changed" in said
    text = json.dumps(rows)
    assert not [person.name for person in staff(world, "nordvik") if person.name in text]
    assert "127.0.0.1" not in text
    status, metrics = await asyncio.to_thread(hub.get, "/metrics")
    assert status == 200
    assert b'samsnakk_security_refusals_total{code="unknown_channel",door="subscription"}' in metrics


async def test_nobody_changes_a_row_and_who_removes_the_guards_is_found(
    world: World, start_hub: Callable[..., HubProcess]
) -> None:
    hub, outside = start_hub(world), staff(world, "nordvik")[0]
    async with signed_in(hub.url, outside) as socket:
        for _ in range(3):
            channel = ChannelId(new_id())
            await socket.send(frames.Subscribe(read_request(Author(world, outside, channel)), Version(0)))
            await socket.expect(frames.Refused)
            await written(hub, partial(_is_about, channel))
    service = await asyncpg.connect(hub.database_url("service"))
    root = await asyncpg.connect(hub.database_url("superuser"))
    try:
        for connection in (service, root):
            for statement in (
                "UPDATE security_log SET head = before",
                "DELETE FROM security_log",
                "TRUNCATE security_log",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        await root.execute("ALTER TABLE security_log DISABLE TRIGGER ALL")
        await root.execute("DELETE FROM security_log WHERE n = 2")
    finally:
        await service.close()
        await root.close()
    _, said = await asyncio.to_thread(shown, hub, 65)
    assert "the security log at 3" in said
    assert hub.stop() == 0


def _is_about(channel: bytes, row: RefusedAttempts) -> bool:
    return row.channel == channel
