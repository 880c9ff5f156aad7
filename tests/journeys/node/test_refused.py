"""An organisation's node learns what the hub refused to its own people's devices, and finds a log that was changed."""

import asyncio

import asyncpg
import pytest

from crypto import cbor
from crypto.random import new_id
from domain.ids import ChannelId, Version
from protocol import frames
from protocol.security_log import GENESIS
from samsnakk.cli.node_refused import show_refused
from samsnakk.demo.world import World
from samsnakk.node.refused import refused_attempts
from samsnakk.node.running import copying
from samsnakk.private_files import write_private
from tests.conftest import HubProcess
from tests.journeys.node.conftest import House
from tests.service.hub.raw_client import Author, read_request, signed_in


async def tried(hub: HubProcess, world: World, name: str) -> None:
    """Somebody asks for a channel that is not theirs."""
    person = world.person(name)
    async with signed_in(hub.url, person) as socket:
        asked = read_request(Author(world, person, ChannelId(new_id())))
        await socket.send(frames.Subscribe(asked, Version(0)))
        await socket.expect(frames.Refused)


async def rows(hub: HubProcess) -> int:
    connection = await asyncpg.connect(hub.database_url("service"))
    try:
        return int(await connection.fetchval("SELECT coalesce(max(n), 0) FROM security_log"))
    finally:
        await connection.close()


async def written(hub: HubProcess, more_than: int) -> None:
    async with asyncio.timeout(60):
        while await rows(hub) <= more_than:  # noqa: ASYNC110 - another process writes them
            await asyncio.sleep(0.1)


async def test_a_node_is_told_of_its_own_people_once_and_finds_a_log_that_goes_on_otherwise(
    house: House, hub: HubProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    node = house.node.issuer.node
    async with copying(house.node):
        await house.node.look()  # the node's own certificate is at the hub
    before = await rows(hub)
    await tried(hub, world, "Kari")
    await written(hub, before)
    between = await rows(hub)
    await tried(hub, world, "Ingrid")
    await written(hub, between)
    found = await refused_attempts(node, house.organisation, house.node.doors)
    kari, ingrid = world.person("Kari"), world.person("Ingrid")
    assert {(one.device, one.door) for one in found if one.device == kari.device} == {(kari.device, "subscription")}
    assert ingrid.device not in {one.device for one in found}
    assert {one.organisation for one in found} == {house.organisation}
    assert await refused_attempts(node, house.organisation, house.node.doors) == []
    assert await show_refused(house.node) == 0
    assert "ingenting nytt er avvist" in capsys.readouterr().out
    mark = node.path / f"{house.organisation.hex()}.refused"
    write_private(mark, cbor.encode([between, GENESIS]))
    assert await show_refused(house.node) == 3
    assert "henger ikke sammen" in capsys.readouterr().out
