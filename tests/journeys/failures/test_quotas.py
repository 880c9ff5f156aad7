"""Who writes faster than allowed is slowed down, not garbled: everything arrives once and in the order of writing."""

import asyncio
from collections.abc import Callable

from tests.conftest import HubProcess
from tests.journeys.failures.authors import TILLITSPERSON, USER, Circle

TOO_MANY = 80


async def test_messages_beyond_the_quota_arrive_later_and_in_order(
    start_hub: Callable[..., HubProcess], people: Circle
) -> None:
    limits = {"SAMSNAKK_DEVICE_ACTS": "40", "SAMSNAKK_DEVICE_BURST": "20"}
    hub = await asyncio.to_thread(start_hub, people.world, **limits)
    await people.gather(hub.url, (TILLITSPERSON, USER))
    await asyncio.gather(*(author.say() for _ in range(TOO_MANY) for author in people.authors))
    assert b'samsnakk_refused_total{code="quota_exceeded"}' in hub.get("/metrics")[1]
    await people.verify(hub.url)
