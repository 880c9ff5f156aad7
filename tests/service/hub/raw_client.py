"""A bare client for tests of the hub: frames in, frames out, no comfort and no mercy. It can also misbehave."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import websockets

from crypto import labels
from crypto.random import new_command_id, new_id, random_bytes
from crypto.shapes import SecretKey
from domain.access.events import Purpose
from domain.channel import events as e
from domain.channel.roster import roster
from domain.channel.terms import RosterEntry, Standing, VaultRef
from domain.ids import ChannelId, CommandId, Digest, EpochNo, Millis, PrincipalId, ThreadNo, Version
from protocol import frames, records
from protocol.acts import Header, Place, Seen, SignedAct, sign_act
from protocol.contents import Text, decode_content, encode_content
from protocol.directory import Directory
from protocol.facts import Event
from protocol.replay import Accepted, Replay
from protocol.requests import ReadRequest, sign_request
from protocol.sealing import open_epoch, open_message, seal_epoch, seal_message
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World

DEADLINE = 10.0
NOTHING_SEEN = Seen(Version(0), Digest(bytes(32)))
_F = TypeVar("_F", bound=frames.Frame)


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


@dataclass
class Author:
    """Builds acts as one person, in one channel, by hand."""

    world: World
    person: Person
    channel: ChannelId
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.world.trust)

    @property
    def place(self) -> Place:
        return Place(self.world.deployment, self.channel)

    def header(
        self, thread: int | None, event: Event, *, membership: int = 0, epoch: int = 0, seen: Seen = NOTHING_SEEN
    ) -> Header:
        return Header(
            place=self.place,
            thread=None if thread is None else ThreadNo(thread),
            event=event,
            person=self.person.id,
            device=self.person.device,
            organisation=self.person.organisation,
            role=None,
            membership_version=membership,
            epoch=EpochNo(epoch),
            command_id=CommandId(new_command_id(now())),
            seen=seen,
            claimed_at=now(),
            body_hash=None,
        )

    def act(self, thread: int | None, event: Event, **fields: object) -> SignedAct:
        return self.sign(self.header(thread, event, **fields), None)  # type: ignore[arg-type]

    def sign(self, header: Header, body: bytes | None) -> SignedAct:
        return sign_act(header, body, self.person.signing_key)

    def joined(self, who: Person, *, valid_until: int | None = None, basis: str = "treatment") -> e.ParticipantJoined:
        organisation = self.world.organisation_of(who)
        vault = None
        if organisation is not None:
            vault = VaultRef(organisation.vault.id, self.directory.current_key(organisation.vault.id))
        return e.ParticipantJoined(
            principal=who.id,
            standing=Standing.STAFF if organisation is not None else Standing.RELATIVE,
            organisation=who.organisation,
            function="nurse",
            legal_basis=basis,
            valid_until=None if valid_until is None else Millis(valid_until),
            key=self.directory.current_key(who.id),
            vault=vault,
            history_from=None,
        )

    def epoch(
        self, thread: int, number: int, entries: Sequence[RosterEntry], key: SecretKey, membership: int, seen: Seen
    ) -> SignedAct:
        event = e.EpochOpened(EpochNo(number), tuple(entries), bytes(32))
        header = self.header(thread, event, membership=membership, epoch=number, seen=seen)
        return self.sign(*seal_epoch(header, key, self.directory.public_keys))

    def message(
        self, text: str, key: SecretKey, *, membership: int, epoch: int, seen: Seen, thread: int = 0
    ) -> SignedAct:
        header = self.header(thread, e.MessagePosted(), membership=membership, epoch=epoch, seen=seen)
        return self.sign(*seal_message(header, key, random_bytes(32), encode_content(Text(text))))

    def entries(self, *people: Person) -> tuple[RosterEntry, ...]:
        """The roster of these people and their organisations' vaults."""
        organisations = [self.world.organisation_of(who) for who in people]
        ids = {who.id for who in people} | {o.vault.id for o in organisations if o is not None}
        keys = {principal: self.directory.current_key(PrincipalId(principal)) for principal in ids}
        return tuple(RosterEntry(PrincipalId(p), k.version, k.kem_hash) for p, k in sorted(keys.items()))


@dataclass
class Socket:
    """One signed-in connection. Frames are taken in the order they come."""

    ws: websockets.ClientConnection

    async def send(self, frame: frames.Frame) -> None:
        await self.ws.send(frames.encode(frame))

    async def next(self) -> frames.HubFrame:
        async with asyncio.timeout(DEADLINE):
            data = await self.ws.recv()
        assert isinstance(data, bytes)
        return frames.decode_hub(data)

    async def expect(self, kind: type[_F]) -> _F:
        """The next frame of that kind; any refusal on the way is the failure."""
        while True:
            frame = await self.next()
            if isinstance(frame, kind):
                return frame
            assert not isinstance(frame, frames.Refused | frames.Bye), frame


@asynccontextmanager
async def signed_in(url: str, person: Person) -> AsyncIterator[Socket]:
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/ws", compression=None, max_size=frames.MAX_FRAME, proxy=None
    ) as ws:
        socket = Socket(ws)
        await socket.send(frames.Hello(1, person.device, "test"))
        challenge = await socket.expect(frames.Challenge)
        proof = person.signing_key.sign(labels.CHALLENGE, frames.challenge_bytes(challenge, person.device))
        await socket.send(frames.Prove(proof))
        await socket.expect(frames.Welcome)
        yield socket


@dataclass
class Room:
    """A channel with some staff in thread 0, opened by the first of them, and the key of its newest epoch."""

    author: Author
    people: tuple[Person, ...]
    key: SecretKey
    seen: Seen
    membership: int
    epoch: int = 1

    def by(self, person: Person) -> Author:
        return replace(self.author, person=person)

    def message(self, text: str, by: Person | None = None) -> SignedAct:
        author = self.by(by or self.people[0])
        return author.message(text, self.key, membership=self.membership, epoch=self.epoch, seen=self.seen)


async def open_room(socket: Socket, world: World, people: Sequence[Person], **joining: object) -> Room:
    """Open a channel with these staff; the first person opens it, and brings the others along.

    `joining` goes to the others' membership rows.
    """
    author = Author(world, people[0], ChannelId(new_id()))
    key = SecretKey(random_bytes(32))
    joins = [author.act(0, author.joined(people[0]))]
    joins += [author.act(0, author.joined(who, **joining)) for who in people[1:]]  # type: ignore[arg-type]
    roster_entries = author.entries(*people)
    unit = [
        author.act(None, e.ChannelOpened(random_bytes(32), 1, people[0].id)),
        *joins,
        author.act(0, e.CareClaimed("treatment", "treatment")),
        author.epoch(0, 1, roster_entries, key, len(joins), NOTHING_SEEN),
    ]
    await socket.send(frames.Send(author.channel, frames.wire_acts(unit)))
    receipt = await socket.expect(frames.Receipt)
    _, version, head = receipt.recorded[-1]
    return Room(author, tuple(people), key, Seen(version, head), len(joins))


def read_request(author: Author, action: str = "subscribe", **changes: object) -> bytes:
    person = author.person
    request = ReadRequest(
        place=author.place,
        person=person.id,
        device=person.device,
        organisation=person.organisation,
        role=None,
        purpose=Purpose.TREATMENT,
        threads=(),
        request_id=new_id(),
        made_at=now(),
        action=action,
    )
    return sign_request(replace(request, **changes), person.signing_key)  # type: ignore[arg-type]


@dataclass
class Reader:
    """Follows a channel, verifying everything, and opens what it can."""

    author: Author
    socket: Socket
    replay: Replay = field(init=False)
    keys: dict[tuple[int, int], SecretKey] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    lines: list[frames.Subscribed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.replay = Replay(self.author.place, self.author.person.id, self.author.directory)

    async def subscribe(self, after: int = 0) -> None:
        await self.socket.send(frames.Subscribe(read_request(self.author), Version(after)))

    async def until_caught_up(self) -> None:
        while True:
            frame = await self.socket.next()
            self.take(frame)
            if isinstance(frame, frames.Events) and frame.live and not frame.items:
                self.replay.verify_stubs(now())
                return

    async def until(self, version: int) -> None:
        while self.replay.version < version:
            self.take(await self.socket.next())

    def take(self, frame: frames.HubFrame) -> None:
        assert not isinstance(frame, frames.Refused | frames.Bye | frames.Unsubscribed), frame
        if isinstance(frame, frames.Subscribed):
            self.lines.append(frame)
        if isinstance(frame, frames.Events):
            assert self.lines, "content before its access line"
            for item in frame.items:
                self._open(self.replay.accept(item))
            assert not frame.items or self.replay.head == frame.head

    def _open(self, place: Accepted) -> None:
        self.accepted.append(place)
        if place.act is None or place.body is None:
            return
        header = place.header
        if isinstance(header.event, e.EpochOpened):
            entry = next((r for r in header.event.roster if r.principal == self.author.person.id), None)
            if entry is not None:
                kem = [self.author.person.kem_keys[entry.key_version]]
                key = open_epoch(header, place.body, self.author.person.id, kem)
                self.keys[header.thread or 0, header.event.epoch] = key
        if isinstance(header.event, e.MessagePosted):
            content = decode_content(open_message(header, place.body, self.keys[header.thread or 0, header.epoch]))
            assert isinstance(content, Text)
            self.texts.append(content.text)


def roster_now(replay: Replay, thread: int = 0) -> tuple[RosterEntry, ...]:
    return roster(replay.channel, replay.channel.threads[ThreadNo(thread)], now())


def line_of(subscribed: frames.Subscribed) -> records.Record:
    record = records.read_item(subscribed.line)
    assert isinstance(record, records.Record)
    return record


def staff(world: World, organisation: str) -> list[Person]:
    return [p for p in world.people if p.organisation == world.organisation(organisation).id]


async def post(socket: Socket, room: Room, text: str, by: Person | None = None) -> frames.Receipt:
    await socket.send(frames.Send(room.author.channel, frames.wire_acts([room.message(text, by)])))
    return await socket.expect(frames.Receipt)
