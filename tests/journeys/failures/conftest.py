"""People in a channel, and hubs that tests may harm."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.failures.authors import Circle, circle


@pytest.fixture
def own_hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    """What is done to it disturbs no other test."""
    return start_hub(world)


@pytest.fixture
async def people(world: World, tmp_path: Path) -> AsyncIterator[Circle]:
    async with circle(world, tmp_path) as made:
        yield made
