"""Pauses between attempts, never the same for two clients."""

import asyncio

from crypto.random import random_bytes


async def pause(seconds: float) -> None:
    """Sleep half to one and a half times as long, at random, so that many clients do not come back together."""
    await asyncio.sleep(jittered(seconds))


def jittered(seconds: float) -> float:
    """Half to one and a half times as many seconds."""
    return seconds * (0.5 + int.from_bytes(random_bytes(2)) / 65536)
