"""Following the log: one LISTEN connection wakes every reader of this process, a poll stands behind it.

A notification carries nothing and may be lost: readers always read by position, so all it can cost is one poll.
"""

import asyncio
from typing import Final

import structlog

from service.store.connection import Reconnecting, StoreSettings
from service.store.errors import FAILURES, StoreError, translate

CHANNEL: Final = "samsnakk_events"
_LONGEST_PAUSE: Final = 5.0

_log = structlog.get_logger(__name__)


class Bell:
    """Rings whenever there may be something new."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who listen."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def listen(self) -> asyncio.Event:
        """Return what the next ring sets. Take it before reading, so that nothing falls in between."""
        return self._next


async def listen(settings: StoreSettings, bell: Bell) -> None:
    """Ring the bell at each notification, on a connection that is opened again whenever it is lost; until cancelled."""
    connection = Reconnecting(settings)
    pause = settings.poll
    try:
        while True:
            try:
                await _listen_once(connection, bell, settings)
            except StoreError as error:
                # Subscribers poll meanwhile; the class name is all that may be told.
                _log.warning("store.listen_lost", error=type(error).__name__)
            connection.drop()
            bell.ring()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
    finally:
        connection.drop()


async def _listen_once(connection: Reconnecting, bell: Bell, settings: StoreSettings) -> None:
    link = await connection.use()
    lost = asyncio.Event()
    link.add_termination_listener(lambda _: lost.set())
    try:
        async with asyncio.timeout(settings.statement_deadline):
            await link.add_listener(CHANNEL, lambda *_: bell.ring())
    except FAILURES as error:
        raise translate(error) from error
    bell.ring()  # whatever came before LISTEN took effect
    await lost.wait()
