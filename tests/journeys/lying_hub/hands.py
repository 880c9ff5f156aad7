"""Acting by hand, past every honest client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.channel.roster import roster
from domain.channel.state import Thread
from domain.channel.terms import RosterEntry
from domain.ids import MAIN_THREAD, EpochNo, ThreadNo, Version
from protocol import frames
from protocol.acts import Header, Seen, SignedAct, body_hash
from protocol.sealing import seal_epoch
from samsnakk import Channel, Text
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.lying_hub.room import Room
from tests.service.hub.raw_client import Author, Socket, now, signed_in

RECORDED = "recorded"
SAID = "Ingrid skal ikke lese dette."


@dataclass
class Hand:
    """Sends acts by hand as one person. `channel`: an honest client's, from which state and keys are taken."""

    author: Author
    socket: Socket
    channel: Channel
    number: ThreadNo = MAIN_THREAD

    @property
    def thread(self) -> Thread:
        return self.channel.state.threads[self.number]

    @property
    def epoch(self) -> EpochNo:
        assert self.thread.epoch is not None
        return self.thread.epoch.number

    @property
    def key(self) -> SecretKey:
        return self.channel._held.keys.epochs[self.number, self.epoch]

    @property
    def seen(self) -> Seen:
        return Seen(self.channel.version, self.channel.head)

    def header(self, event: e.ChannelEvent, **changes: int) -> Header:
        ground = {"membership": self.thread.membership_version, "epoch": int(self.epoch), **changes}
        return self.author.header(self.number, event, seen=self.seen, **ground)

    def act(self, event: e.ChannelEvent, **changes: int) -> SignedAct:
        return self.author.sign(self.header(event, **changes), None)

    def message(self, text: str, **changes: object) -> SignedAct:
        ground = {"membership": self.thread.membership_version, "epoch": self.epoch, "seen": self.seen, **changes}
        return self.author.message(text, self.key, **ground)  # type: ignore[arg-type]

    def joining(self, who: Person, entries: tuple[RosterEntry, ...]) -> list[SignedAct]:
        """Somebody joins, and the epoch that belongs to it."""
        return self.joining_with_wraps(who, entries, lambda _, body: body)[:2]

    def joining_with_wraps(self, who: Person, entries: tuple[RosterEntry, ...], spoil: "Spoil") -> list[SignedAct]:
        """Somebody joins; the epoch's wraps are what `spoil` makes of them; and a message under the new key."""
        number, membership = EpochNo(self.epoch + 1), self.thread.membership_version + 1
        key = SecretKey(random_bytes(32))
        header = self.header(e.EpochOpened(number, entries, bytes(32)), membership=membership, epoch=number)
        header, body = seal_epoch(header, key, self.author.directory.public_keys)
        body = spoil(header, body)
        epoch = self.author.sign(replace(header, body_hash=body_hash(body), core=b""), body)
        said = self.author.message(SAID, key, membership=membership, epoch=number, seen=self.seen)
        return [self.act(self.author.joined(who)), epoch, said]

    def roster_with(self, *people: Person) -> tuple[RosterEntry, ...]:
        """The rightful roster, and these people besides, with their organisations' vaults."""
        now_on = roster(self.channel.state, self.thread, now())
        return tuple(sorted({*now_on, *self.author.entries(*people)}, key=lambda entry: entry.principal))

    async def tries(self, *acts: SignedAct) -> str:
        """What the hub says: the code of its refusal, or that it recorded the unit."""
        await self.socket.send(frames.Send(self.author.channel, frames.wire_acts(acts)))
        while True:
            frame = await self.socket.next()
            if isinstance(frame, frames.Refused):
                return frame.code
            if isinstance(frame, frames.Receipt):
                await self.channel.reached(frame.recorded[-1][1])
                return RECORDED


Spoil = Callable[[Header, bytes], bytes]
Hands = Callable[..., AbstractAsyncContextManager[Hand]]


@pytest.fixture
def by_hand(room: Room, hub: HubProcess, world: World) -> Hands:
    """Somebody's hand, informed by an honest client: the one given, else one of Jon's."""

    @asynccontextmanager
    async def begin(name: str, informed: Channel | None = None) -> AsyncIterator[Hand]:
        person = world.person(name)
        channel = informed or await room.reader()
        await channel.reached(room.channel.version)
        async with signed_in(hub.url, person) as socket:
            yield Hand(Author(world, person, room.channel.id), socket, channel)

    return begin


async def nothing_happened(channel: Channel, before: Version) -> None:
    """The next honest act is the next that people made; the hub may enter movements of keys meanwhile."""
    sent = await channel.post(0, Text("Vi går videre."))
    later = [channel.event(Version(v)) for v in range(before + 1, sent.version + 1)]
    assert [event.version for event in later if event.author is not None] == [sent.version]
