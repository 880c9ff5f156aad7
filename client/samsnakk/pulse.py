"""Waiting for a state to change, without polling and without missing a change."""

import asyncio
from collections.abc import Callable


class Pulse:
    """Whoever changes something beats; whoever waits looks again at every beat."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Something changed: everybody who waits looks again."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait_for(self, holds: Callable[[], object], deadline: float | None = None) -> None:
        """Return as soon as `holds()`. `deadline` in seconds; None where the caller has one of its own.

        Raises:
            TimeoutError: it did not come to hold in time.

        """
        async with asyncio.timeout(deadline):
            while not holds():
                await self._event.wait()
