"""Letting a node work until something holds."""

import asyncio
from collections.abc import Callable

from samsnakk import Channel
from samsnakk.node.faults import ChannelFault
from samsnakk.node.replica.copying import Copying
from samsnakk.node.running import Node

DEADLINE = 60.0


async def rounds_until(node: Node, holds: Callable[[], object]) -> list[ChannelFault]:
    """Rounds until it holds; what they found in channels."""
    found: list[ChannelFault] = []
    async with asyncio.timeout(DEADLINE):
        while not holds():
            found += (await node.look()).in_channels
            await asyncio.sleep(0.02)
    return found


async def caught_up(node: Node, channel: Channel) -> Copying:
    """Rounds until the first copy that has the channel holds it as far as its reader; nothing may be wrong with it."""

    def copy() -> Copying | None:
        mine = (one for one in node.copies if channel.id in one.shelf.channels)
        return next((one for one in mine if one.shelf.of(channel.id).held >= channel.version), None)

    assert not await rounds_until(node, copy)
    found = copy()
    assert found is not None
    return found
