"""What is exported stands behind the cosignatures of enough organisations' nodes."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from crypto.log_policies import fewest
from samsnakk import Client, Text
from samsnakk.demo.world import World
from samsnakk.evidence.collecting import collect
from samsnakk.node.running import Node
from tests.client.conftest import Connect
from tests.client.evidence.bundles import Made, written
from tests.conftest import HubProcess
from tests.journeys.node.test_witness import nodes_of


async def test_enough_nodes_stand_behind_what_is_exported(
    world: World, hub: HubProcess, connect: Connect, tmp_path: Path
) -> None:
    keys = [one.key for one in world.organisations]
    async with AsyncExitStack() as stack:
        nodes = await nodes_of(stack, world, hub, tmp_path / "nodes", tuple(keys[: fewest(len(keys))]))
        made = await made_of(world, await connect("Kari"), tmp_path, nodes)
        found = made.verified()
        assert found.enough
        assert len(found.cosigned) == fewest(len(keys))
        assert made.collected.witnessed


async def made_of(world: World, client: Client, folder: Path, nodes: list[Node]) -> Made:
    """A bundle made while nodes go round."""
    channel = await client.open_channel()
    await channel.post(0, Text("Buorre beaivi"))

    async def going_round() -> None:
        while True:
            for node in nodes:
                await node.look()

    async with asyncio.TaskGroup() as tasks:
        rounds = tasks.create_task(going_round())
        collected = await collect(client, channel)
        rounds.cancel()
    return written(world, client, channel, collected, folder)
