"""The three things that are loaded and compared: the hub with ten clients that believe nothing, the hub with ten
connections that only count, and the least that could carry the same bytes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from crypto.cbor import decode
from protocol import frames
from tests.bench.crews import Crew, crews
from tests.bench.light import LightSocket, open_light, sign_in, subscription
from tests.bench.load import Window
from tests.bench.raw import RawPlace
from tests.bench.room import MEMBERS, TEXT_BYTES, Author
from tests.bench.stage import Stage

_PATIENCE = 60.0


class Counted:
    """Receivers that count frames: message n is done when every one of them has n."""

    def __init__(self, window: Window, receivers: int) -> None:
        self._window = window
        self._have = [0] * receivers
        self._done_at: dict[int, int] = {}

    def attach(self, number: int, light: LightSocket) -> None:
        def heard(_: bytes) -> None:
            self._have[number] += 1
            done = min(self._have)
            if done > self._window.done:
                self._done_at[done - 1] = time.monotonic_ns()
                self._window.reached(done)

        light.hear = heard

    async def done_at(self) -> dict[int, int]:
        told, self._done_at = self._done_at, {}
        return told


class Sealing:
    """The author's side of a hub: each message is sealed and signed when it is sent."""

    def __init__(self, light: LightSocket, author: Author, size: int = TEXT_BYTES) -> None:
        self.window = Window()
        self._light = light
        self._author = author
        self._size = size
        light.hear = self._answered

    def send(self, index: int) -> None:
        self._light.send(self._author.frame(index, size=self._size))

    def _answered(self, payload: bytes) -> None:
        # Only a refusal is looked at closely: a receipt says nothing that the members do not know better.
        if b"refused" in payload[:16]:
            raise RuntimeError(str(frames.decode_hub(payload)))


class WithMembers(Sealing):
    """The hub with members who verify and decrypt everything, in processes of their own."""

    def __init__(self, light: LightSocket, author: Author, size: int) -> None:
        super().__init__(light, author, size)
        self.crews: list[Crew] = []

    def advanced(self) -> None:
        self.window.reached(min(crew.done for crew in self.crews))

    async def done_at(self) -> dict[int, int]:
        found = [await crew.done_at() for crew in self.crews]
        return {index: max(times[index] for times in found) for index in found[0]}


@contextlib.asynccontextmanager
async def with_members(
    stage: Stage, light: LightSocket, author: Author, names: list[str], size: int = TEXT_BYTES
) -> AsyncIterator[WithMembers]:
    """Members with these names, up to date and listening."""
    target = WithMembers(light, author, size)
    async with crews(stage, author.place, names, target.advanced) as found:
        target.crews = found
        yield target


class WithCounters(Sealing):
    """The hub with ten subscribers that only count the frames they are sent."""

    def __init__(self, light: LightSocket, author: Author) -> None:
        super().__init__(light, author)
        self.counted = Counted(self.window, MEMBERS)

    async def done_at(self) -> dict[int, int]:
        return await self.counted.done_at()


@contextlib.asynccontextmanager
async def with_counters(stage: Stage, light: LightSocket, author: Author) -> AsyncIterator[WithCounters]:
    """Ten subscribers, up to date and listening."""
    target = WithCounters(light, author)
    lights = [await sign_in(stage.url, person) for person in stage.world.people[:MEMBERS]]
    try:
        for number, (person, one) in enumerate(zip(stage.world.people, lights, strict=False)):
            await _subscribed(one, subscription(author.place, person))
            target.counted.attach(number, one)
        yield target
    finally:
        for one in lights:
            one.close()


async def _subscribed(light: LightSocket, request: bytes) -> None:
    """Subscribe and pass over what was recorded before."""
    live = asyncio.Event()

    def heard(payload: bytes) -> None:
        found = decode(payload, max_size=frames.MAX_FRAME)
        if isinstance(found, list) and found[0] == "events" and found[-1] is True:
            live.set()

    light.hear = heard
    light.send(request)
    async with asyncio.timeout(_PATIENCE):
        await live.wait()


class RawTarget:
    """Group commit and a socket, with the same number of bytes: no signature, no rule, no key."""

    def __init__(self, sender: LightSocket, payload: bytes) -> None:
        self.window = Window()
        self.counted = Counted(self.window, MEMBERS)
        self._sender = sender
        self._payload = payload

    def send(self, _: int) -> None:
        self._sender.send(self._payload)

    async def done_at(self) -> dict[int, int]:
        return await self.counted.done_at()


@contextlib.asynccontextmanager
async def raw_target(place: RawPlace) -> AsyncIterator[RawTarget]:
    """Ten receivers that count, and a sender."""
    lights = [await open_light(place.url) for _ in range(MEMBERS + 1)]
    target = RawTarget(lights[-1], bytes(place.sizes.send))
    try:
        for number, one in enumerate(lights[:-1]):
            target.counted.attach(number, one)
            one.send(b"subscribe")
        lights[-1].send(b"send")
        await asyncio.sleep(0.1)
        yield target
    finally:
        for one in lights:
            one.close()
