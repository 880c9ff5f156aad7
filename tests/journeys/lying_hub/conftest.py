"""A conversation through an honest hub, and a liar whom its next reader will meet instead."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from samsnakk import Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, clients, connect, terms
from tests.conftest import HubProcess
from tests.journeys.lying_hub.hands import by_hand
from tests.journeys.lying_hub.liar import LyingHub
from tests.journeys.lying_hub.room import Room

__all__ = ["by_hand", "clients", "connect", "terms"]


@pytest.fixture
async def liar(hub: HubProcess) -> AsyncIterator[LyingHub]:
    async with LyingHub(hub.url) as between:
        yield between


@pytest.fixture
async def room(
    liar: LyingHub, clients: AsyncExitStack, connect: Connect, terms: Callable[..., Terms], world: World
) -> Room:
    """Kari has opened a channel, Jon is in it and has not looked yet."""
    assert clients is not None  # asked for behind the liar, so that the clients close before it does
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    for text in ("Jeg kommer i morgen.", "Klokka ett passer.", "Da sees vi på kafeen."):
        await channel.post(0, Text(text))
    return Room(world, channel, liar, connect)
