"""Real SDK clients of one channel, driven step by step from synchronous code."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from crypto import cbor
from crypto.kem import KemKey
from crypto.random import new_id
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened
from domain.ids import PrincipalId, Version
from protocol.acts import MAX_BODY, Header, body_hash
from protocol.sealing import PublicKeys, seal_epoch
from samsnakk import Channel, ChannelEnded, ChannelEvent, Client, State, Unlocked
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.client.conftest import KEY, make_profile

DEADLINE = 20.0
T = TypeVar("T")


@dataclass
class Seat:
    """One person's client. `given` is what the running iterator gave out."""

    person: Person
    unlocked: Unlocked
    url: str
    client: Client
    channel: Channel | None = None
    given: list[ChannelEvent] = field(default_factory=list)
    following: "asyncio.Task[None] | None" = None

    @property
    def here(self) -> Channel:
        assert self.channel is not None, "not in the channel yet"
        return self.channel

    async def take_part(self, channel: bytes) -> Channel:
        """Open the channel, or ask again after an end; returns when it is up to date."""
        if self.channel is None:
            self.channel = await self.client.channel(channel)
        elif self.channel.ended is not None:
            await self.channel.resume()
        if self.following is None or self.following.done():
            # From the first place again: who was invited anew may have been given what lies before.
            self.following = asyncio.create_task(self._follow(self.channel))
        await self.channel.caught_up()
        return self.channel

    async def _follow(self, channel: Channel) -> None:
        self.given = []
        async for event in channel.events():
            self.given.append(event)

    def drop(self) -> None:
        """The connection is cut, without a word to either end."""
        socket = self.client._connection._socket
        if socket is not None:
            socket.transport.abort()

    async def restart(self) -> None:
        """The program ends and is started again on the same profile."""
        await self.close()
        self.client = await Client(self.unlocked, self.url).__aenter__()
        again, self.channel = self.channel, None
        self.given = []
        if again is not None and again.ended is None:
            # Whoever was removed a moment ago need not have heard of it before the program ended.
            with suppress(ChannelEnded):
                await self.take_part(again.id)

    async def close(self) -> None:
        if self.following is not None:
            self.following.cancel()
            with suppress(asyncio.CancelledError):
                await self.following
        await self.client.__aexit__(None, None, None)

    def is_settled(self, version: Version) -> bool:
        """Whether everything up to `version` is here, nothing is asked for and nothing is on its way out."""
        parts = self.here._parts
        quiet = parts.follower.inbox.empty() and not parts.follower._look_ups
        sent = not parts.sender.outbox.waiting and not parts.sender.outbox.flying
        given = {event.version for event in self.given}
        return self.here.live and self.here.version >= version and quiet and sent and version in given

    def unread(self) -> list[int]:
        """Versions whose keys are still on their way."""
        channel = self.here
        return [v for v in range(1, channel.version + 1) if channel.event(Version(v)).state is State.ON_ITS_WAY]

    def state(self) -> str:
        """Where it stands, for whoever wonders why it does not settle."""
        parts, channel = self.here._parts, self.here
        broken = [n for n, t in channel.state.threads.items() if t.epoch is not None and t.epoch.broken]
        outbox = parts.sender.outbox
        return (
            f"version {channel.version} live {channel.live} ended {channel.ended} broken {channel.broken}"
            f" on the way {self.unread()} broken epochs {broken} given {len(self.given)}"
            f" inbox {parts.follower.inbox.qsize()} asked {len(parts.follower._look_ups)}"
            f" waiting {outbox.waiting} flying {outbox.flying}"
        )

    async def settled(self, version: Version) -> None:
        """Wait until `is_settled`, or until the hub serves this reader no longer."""
        await self.wait_for(lambda: self.is_settled(version) or self.here.ended)

    async def ended(self) -> None:
        """Wait until the hub serves this reader no longer."""
        await self.wait_for(lambda: self.here.ended)

    async def wait_for(self, holds: Callable[[], object]) -> None:
        """Whoever calls this has a deadline."""
        while not holds():  # noqa: ASYNC110 - several tasks and the hub bring it about
            await asyncio.sleep(0.005)


class Crew:
    """Everybody's clients and the loop they live in."""

    def __init__(self, world: World, url: str, folder: Path) -> None:
        self.world = world
        self.url = url
        self.folder = folder / new_id().hex()
        self.seats: dict[str, Seat] = {}
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        async def in_time() -> T:
            async with asyncio.timeout(DEADLINE):
                return await work

        return self._runner.run(in_time())

    def open(self, *names: str) -> None:
        for name in names:
            self.seats[name] = self.run(self._seat(name))

    async def _seat(self, name: str) -> Seat:
        unlocked = self._profile(name, name)
        return Seat(self.world.person(name), unlocked, self.url, await Client(unlocked, self.url).__aenter__())

    def _profile(self, name: str, folder: str) -> Unlocked:
        return make_profile(self.world, name, self.folder / folder).unlock(key=KEY)

    async def fresh(self, name: str, channel: bytes) -> Seat:
        """The same device with an empty local store: it fetches everything from version 1."""
        unlocked = self._profile(name, f"{name}-{new_id().hex()}")
        seat = Seat(self.seats[name].person, unlocked, self.url, await Client(unlocked, self.url).__aenter__())
        await seat.take_part(channel)
        return seat

    async def new_key(self, name: str) -> None:
        """The person's devices have the new private key before anybody seals for it."""
        entries = self.world.add_key_version(name)
        person = self.world.person(name)
        seat = self.seats[name]
        known = cast("dict[int, KemKey]", seat.unlocked.kem_keys[person.id])
        known.update(person.kem_keys)
        seat.person = person
        await seat.client.publish(person.id, entries)

    def close(self) -> None:
        for seat in self.seats.values():
            self.run(seat.close())
        self._runner.close()


@dataclass
class Saboteur:
    """Stands in for the sealing of epochs: the next one by `committer` holds a wrap that `victim` cannot open."""

    committer: PrincipalId | None = None
    victim: PrincipalId | None = None
    broken: int = 0

    def seal(self, header: Header, epoch_key: SecretKey, public_keys: PublicKeys) -> tuple[Header, bytes]:
        header, body = seal_epoch(header, epoch_key, public_keys)
        assert isinstance(header.event, EpochOpened)
        roster = [entry.principal for entry in header.event.roster]
        if header.person != self.committer or self.victim not in roster:
            return header, body
        wraps = cast("list[bytes]", cbor.decode(body, max_size=MAX_BODY))
        place = roster.index(self.victim)
        wraps[place] = wraps[place][:-1] + bytes([wraps[place][-1] ^ 1])
        self.victim = None
        self.broken += 1
        spoiled = cbor.encode(cast("Any", wraps))
        return replace(header, body_hash=body_hash(spoiled), core=b""), spoiled
