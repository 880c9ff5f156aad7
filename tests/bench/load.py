"""Sending as fast as a window allows, or at a steady pace, and what came of it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.bench.measured import percentile

OUTSTANDING = 32
_PATIENCE = 60.0
_WARM_UP = 0.15
"""The part of a run that is not counted: caches fill, processors wake up."""


class Window:
    """How many messages are with everybody, and how many may still be on their way."""

    def __init__(self) -> None:
        self.sent = 0
        self.done = 0
        self._moved = asyncio.Event()

    def reached(self, done: int) -> None:
        if done > self.done:
            self.done = done
            self._moved.set()

    async def room(self, outstanding: int) -> None:
        while self.sent - self.done >= outstanding:
            self._moved.clear()
            async with asyncio.timeout(_PATIENCE):
                await self._moved.wait()


class Target(Protocol):
    """What is loaded. `send` sends message number `index`; `done_at` tells when the last receiver had each."""

    window: Window

    def send(self, index: int) -> None: ...

    async def done_at(self) -> dict[int, int]: ...


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: nanoseconds at which each message was sent, and at which it was with everybody."""

    sent_at: dict[int, int]
    done_at: dict[int, int]

    @property
    def rate(self) -> float:
        """Messages a second that reached everybody, after warming up."""
        ends = sorted(self.done_at.values())[int(len(self.done_at) * _WARM_UP) :]
        return (len(ends) - 1) / ((ends[-1] - ends[0]) / 1e9)

    @property
    def latencies(self) -> list[float]:
        """Milliseconds from sending to everybody, after warming up."""
        indexes = sorted(self.sent_at)[int(len(self.sent_at) * _WARM_UP) :]
        return [(self.done_at[index] - self.sent_at[index]) / 1e6 for index in indexes]

    def latency(self, share: float) -> float:
        return percentile(self.latencies, share)


async def _finish(target: Target, sent_at: dict[int, int]) -> Ran:
    await target.window.room(1)
    return Ran(sent_at, await target.done_at())


def _sender(target: Target, sent_at: dict[int, int]) -> Callable[[], None]:
    def send() -> None:
        index = target.window.sent
        sent_at[index] = time.monotonic_ns()
        target.window.sent += 1
        target.send(index)

    return send


async def flood(target: Target, seconds: float, outstanding: int = OUTSTANDING) -> Ran:
    """Keep that many messages on their way for a while."""
    sent_at: dict[int, int] = {}
    send = _sender(target, sent_at)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await target.window.room(outstanding)
        send()
    return await _finish(target, sent_at)


async def drip(target: Target, seconds: float, a_second: float) -> Ran:
    """Send at a steady pace, whatever comes back."""
    sent_at: dict[int, int] = {}
    send = _sender(target, sent_at)
    start = time.monotonic()
    for number in range(int(seconds * a_second)):
        await asyncio.sleep(max(0.0, start + number / a_second - time.monotonic()))
        send()
    return await _finish(target, sent_at)
