"""Comparing with others: what the organisation's node has checked of the log must be part of the log shown here.

A hub that shows one log to the node and another one here would be believed by both for ever; it cannot show that one
log goes on from both.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from crypto.notes import MAX_NOTE
from protocol.errors import ForgedCheckpoint
from samsnakk.errors import Disconnected
from samsnakk.log.following import LogFollower
from samsnakk.node_place import node_place
from samsnakk.pauses import pause

EVERY: Final = 300.0
"""Seconds between two comparisons."""
SEEN: Final = "/node/v1/log"
"""The node's door."""
_SOME: Final = 10.0

Fetch = Callable[[str], Awaitable[str | None]]


async def compare_for_ever(log: LogFollower, folder: Path, node: str | None, fetch: Fetch | None = None) -> None:
    """Ask the node again and again; returns where none is known. A node out of reach is asked later."""
    place = node_place(folder)
    url = node if node is not None else (None if place is None else place.url)
    if url is None:
        return
    while True:
        try:
            note = await (fetch or _fetched)(url.rstrip("/") + SEEN)
            if note:
                log.compare(note)
        except (Disconnected, ForgedCheckpoint):
            pass  # not the hub's word, so nothing against the hub
        if log.broken is not None:
            return
        await pause(EVERY)


async def _fetched(url: str) -> str | None:
    import aiohttp  # noqa: PLC0415 - importing it costs half of a program's start

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SOME)) as session,
            session.get(url) as answer,
        ):
            data = await answer.content.read(MAX_NOTE + 1)
            return data.decode() if answer.ok and len(data) <= MAX_NOTE else None
    except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError):
        raise Disconnected from None
