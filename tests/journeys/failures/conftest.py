"""A hub of its own for every test: what is done to it must not disturb others."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.failures.authors import Circle, circle


@pytest.fixture
def own_hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    return start_hub(world)


@pytest.fixture
async def people(world: World, tmp_path: Path, own_hub: HubProcess) -> AsyncIterator[Circle]:
    """Closed before the hub is: a client that waits for a dead hub waits patiently."""
    assert own_hub.url
    async with circle(world, tmp_path) as made:
        yield made
