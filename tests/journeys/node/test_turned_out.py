"""A colleague who has left is told so, whichever of two things arrives first: not served any more, or not let in."""

import asyncio
from collections.abc import Callable

import pytest

from protocol import frames
from samsnakk import SignInRefused, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened
from tests.client.relay import relay
from tests.conftest import HubProcess
from tests.journeys.node.conftest import House


async def test_a_departed_colleague_is_told_also_by_a_hub_that_hangs_up_before_it_says_so_in_the_channel(
    house: House, connect: Connect, hub: HubProcess, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("Mens Jon er her."))
    async with relay(hub.url) as between:
        his = await opened(await connect("Jon", between.url), channel)
        # Both come from the hub within a second; here nothing arrives but that his device does not count any more.
        between.change = lambda frame: [] if isinstance(frame, frames.Events | frames.Unsubscribed) else [frame]
        reading = asyncio.ensure_future(anext(his.events(his.version)))
        house.register({world.person("Kari").id: ""})
        assert (await house.node.look()).ended == (world.person("Jon").id,)
        async with asyncio.timeout(30):
            with pytest.raises(SignInRefused, match="device_not_valid"):
                await reading
        assert his.event(his.version).content == Text("Mens Jon er her.")
