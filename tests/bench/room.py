"""The scene of every measurement: staff of four organisations in one channel, and an author who writes there."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from crypto.random import new_command_id, new_id, random_bytes
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.evolve import evolve
from domain.channel.roster import roster
from domain.channel.state import NOTHING
from domain.channel.terms import Standing, VaultRef
from domain.ids import ChannelId, CommandId, Digest, EpochNo, Millis, ThreadNo, Version
from protocol import frames
from protocol.acts import Header, Place, Seen, SignedAct, parse_header, sign_act
from protocol.contents import Text, encode_content
from protocol.directory import Directory
from protocol.sealing import seal_epoch, seal_message
from samsnakk.demo.authority import Person
from samsnakk.demo.cast import ORGANISATIONS, PersonSpec
from samsnakk.demo.world import World

MEMBERS = 10
HOUSES = ("dps", "nordvik", "sorvik", "nav")
TEXT_BYTES = 300
_DIGITS = 8
NO_EPOCH = EpochNo(0)
NOTHING_SEEN = Seen(Version(0), Digest(bytes(32)))


def new_world(folder: Path) -> World:
    """Ten people of four organisations."""
    people = [
        PersonSpec(f"m{number}", f"Person {number} (oppdiktet)", "ansatt", HOUSES[number % len(HOUSES)])
        for number in range(MEMBERS)
    ]
    return World.create(folder, organisations=ORGANISATIONS[: len(HOUSES)], people=people)


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


@dataclass(slots=True)
class Author:
    """Somebody who writes into one channel: seals and signs as every client must, and remembers nothing."""

    person: Person
    place: Place
    key: SigningKey = field(repr=False)
    epoch_key: SecretKey = field(repr=False)
    membership_version: int = 0
    epoch: EpochNo = NO_EPOCH
    seen: Seen = NOTHING_SEEN

    def header(self, thread: ThreadNo | None, event: e.ChannelEvent) -> Header:
        return Header(
            place=self.place,
            thread=thread,
            event=event,
            person=self.person.id,
            device=self.person.device,
            organisation=self.person.organisation,
            role=None,
            membership_version=self.membership_version,
            epoch=self.epoch,
            command_id=CommandId(new_command_id(now())),
            seen=self.seen,
            claimed_at=now(),
            body_hash=None,
        )

    def act(self, thread: ThreadNo | None, event: e.ChannelEvent) -> SignedAct:
        return sign_act(self.header(thread, event), None, self.key)

    def message(self, index: int, size: int = TEXT_BYTES) -> SignedAct:
        """A sealed and signed text of `size` characters that begins with its number."""
        content = encode_content(Text(f"{index:0{_DIGITS}d}".ljust(size, "x")))
        header, body = seal_message(
            self.header(ThreadNo(0), e.MessagePosted()), self.epoch_key, random_bytes(32), content
        )
        return sign_act(header, body, self.key)

    def frame(self, first: int, count: int = 1, size: int = TEXT_BYTES) -> bytes:
        """A `send` frame with `count` messages."""
        acts = [self.message(index, size) for index in range(first, first + count)]
        return frames.encode(frames.Send(self.place.channel, frames.wire_acts(acts)))


def index_of(text: str) -> int:
    """The number with which the text begins."""
    return int(text[:_DIGITS])


def _joining(world: World, directory: Directory, person: Person) -> e.ParticipantJoined:
    house = world.organisation_of(person)
    assert house is not None
    return e.ParticipantJoined(
        principal=person.id,
        standing=Standing.STAFF,
        organisation=house.id,
        function="nurse",
        legal_basis="treatment",
        valid_until=None,
        key=directory.current_key(person.id),
        vault=VaultRef(house.vault.id, directory.current_key(house.vault.id)),
        history_from=None,
    )


def open_room(world: World, members: int = MEMBERS) -> tuple[Author, list[SignedAct]]:
    """A new channel with that many members: its author, and the unit that opens it."""
    directory = Directory(world.trust)
    people = world.people[:members]
    place = Place(world.deployment, ChannelId(new_id()))
    author = Author(people[0], place, people[0].signing_key, SecretKey(random_bytes(32)))
    events: list[tuple[ThreadNo | None, e.ChannelEvent]] = [
        (None, e.ChannelOpened(random_bytes(32), 1, people[0].id)),
        *((ThreadNo(0), _joining(world, directory, person)) for person in people),
        (ThreadNo(0), e.CareClaimed("treatment", "treatment")),
    ]
    acts = [author.act(thread, event) for thread, event in events]
    acts.append(_first_epoch(author, acts, directory))
    return author, acts


def _first_epoch(author: Author, acts: list[SignedAct], directory: Directory) -> SignedAct:
    """The channel's first key, for exactly those who are members after `acts`."""
    channel = NOTHING
    for version, act in enumerate(acts, 1):
        header, _ = parse_header(act.header)
        channel = evolve(channel, Recorded(header.act(), Version(version), now()))
    main = channel.threads[ThreadNo(0)]
    author.membership_version, author.epoch = main.membership_version, EpochNo(1)
    opened = e.EpochOpened(EpochNo(1), roster(channel, main, now()), Digest(bytes(32)))
    header, body = seal_epoch(author.header(ThreadNo(0), opened), author.epoch_key, directory.public_keys)
    return sign_act(header, body, author.key)


def unit_frame(author: Author, acts: list[SignedAct]) -> bytes:
    return frames.encode(frames.Send(author.place.channel, frames.wire_acts(acts)))
