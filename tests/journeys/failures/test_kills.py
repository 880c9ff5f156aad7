"""kill -9 of the hub or of PostgreSQL at random moments under load: nothing acknowledged is lost or doubled."""

import asyncio
import random
import signal

import pytest

from tests.conftest import HubProcess
from tests.journeys.failures.authors import TILLITSPERSON, USER, Circle
from tests.journeys.failures.database import Harmed

NAMES = (TILLITSPERSON, "Ingrid", USER)


async def _survive(hub: HubProcess, people: Circle, rounds: int) -> None:
    await people.gather(hub.url, NAMES)
    await people.while_writing(_kill(hub, people, rounds))
    await people.verify(hub.url)
    assert people.written > rounds * len(NAMES)
    assert hub.stop() == 0


async def _kill(hub: HubProcess, people: Circle, rounds: int) -> None:
    """Both kinds come in every two rounds; the moment is any."""
    for number in range(rounds):
        await asyncio.sleep(random.uniform(0.01, 0.6))
        if number % 2:
            Harmed(hub).send(signal.SIGKILL)
        else:
            hub.kill()
            await asyncio.to_thread(hub.start)
        await people.all_get_on()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killing_hub_or_database_at_any_moment_loses_and_doubles_nothing(
    own_hub: HubProcess, people: Circle
) -> None:
    await _survive(own_hub, people, rounds=5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_killing_hub_or_database_fifty_times_loses_and_doubles_nothing(
    own_hub: HubProcess, people: Circle
) -> None:
    await _survive(own_hub, people, rounds=50)
