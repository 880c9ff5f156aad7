"""Members and strangers who send by hand what no honest client would, to an honest hub with honest clients behind it.

The hub refuses by name what it can judge; what only the readers can judge (it never sees keys) harms nobody but its
author, or is mended by the others.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from crypto import cbor
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.channel.roster import roster
from domain.channel.state import Thread
from domain.channel.terms import RosterEntry
from domain.ids import MAIN_THREAD, EpochNo, PrincipalId, ThreadNo, Version
from protocol import frames
from protocol.acts import MAX_BODY, Header, Seen, SignedAct, body_hash
from protocol.sealing import seal_epoch, seal_message
from samsnakk import Audience, Channel, State, Terms, Text, Topic, Unknown
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened
from tests.conftest import HubProcess
from tests.journeys.lying_hub.liar import Lie
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


# ── authorship and place ─────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_message_in_anothers_name_is_refused(room: Room, by_hand: Hands, world: World) -> None:
    kari = world.person("Kari")
    async with by_hand("Jon") as jon:
        before = room.channel.version
        header = replace(jon.header(e.MessagePosted()), person=kari.id)
        sealed = seal_message(header, jon.key, random_bytes(32), cbor.encode({"kind": "text", "text": "Hilsen Kari"}))
        assert await jon.tries(jon.author.sign(*sealed)) == "device_not_valid"
        header = replace(jon.header(e.MessagesSeen(before)), person=kari.id, device=kari.device)
        assert await jon.tries(jon.author.sign(header, None)) == "forged_record"
        await nothing_happened(room.channel, before)


async def test_an_old_act_sent_again_is_recorded_once_whoever_sends_it(room: Room, by_hand: Hands) -> None:
    async with by_hand("Jon") as jon:
        place = jon.channel._held.places[room.channel.version - 1]
        assert place.act is not None
        before = room.channel.version
        await jon.tries(place.act.signed)
        await nothing_happened(room.channel, before)


async def test_an_old_act_sent_to_another_channel_is_refused(
    room: Room, by_hand: Hands, connect: Connect, terms: Callable[..., Terms]
) -> None:
    elsewhere = await (await connect("Kari")).open_channel()
    await elsewhere.join(0, terms("Jon"))
    before = elsewhere.version
    async with by_hand("Jon") as jon:
        place = jon.channel._held.places[room.channel.version - 1]
        assert place.act is not None
        jon.author.channel = elsewhere.id
        assert await jon.tries(place.act.signed) == "wrong_place"
    await nothing_happened(elsewhere, before)


async def test_an_old_act_moved_to_another_thread_is_refused(room: Room, by_hand: Hands) -> None:
    async with by_hand("Jon") as jon:
        old, before = jon.message("flytt meg"), room.channel.version
        fields = cbor.decode(old.header, max_size=64 * 1024)
        assert isinstance(fields, list)
        assert fields[4] == 0
        moved = replace(old, header=cbor.encode([*fields[:4], 1, *fields[5:]]))
        assert await jon.tries(moved) == "forged_record"
        await nothing_happened(room.channel, before)


# ── membership ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_stranger_neither_adds_nor_removes_nor_speaks(room: Room, by_hand: Hands, world: World) -> None:
    berit, ola = world.person("Berit"), world.person("Ola")
    async with by_hand("Berit") as stranger:
        before = room.channel.version
        codes = [
            await stranger.tries(*stranger.joining(berit, stranger.roster_with(berit))),
            await stranger.tries(*stranger.joining(ola, stranger.roster_with(ola))),
            await stranger.tries(stranger.act(e.ParticipantLeft(world.person("Kari").id, "removed"))),
            await stranger.tries(stranger.message("hei alle")),
        ]
        assert set(codes) == {"not_a_participant"}
        await nothing_happened(room.channel, before)


async def test_a_relative_neither_adds_nor_removes(
    room: Room, by_hand: Hands, world: World, connect: Connect, terms: Callable[..., Terms]
) -> None:
    await room.channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), room.channel)
    opening = await hers.open_thread(Audience.WITH_USER, Topic.FAMILY_AND_NETWORK, "Familie", [terms("Kari")])
    number = opening.thread
    assert number is not None
    await hers.join(number, terms("Máhtte", basis="consent"))
    his = await opened(await connect("Máhtte"), room.channel)
    async with by_hand("Máhtte", his) as hand:
        hand.number = number
        before = hers.version
        assert world.person("Máhtte").id in hand.thread.members
        adding = hand.joining(world.person("Ola"), hand.roster_with(world.person("Ola")))
        assert await hand.tries(*adding) == "not_permitted"
        assert await hand.tries(hand.act(e.ParticipantLeft(world.person("Kari").id, "removed"))) == "not_permitted"
        await nothing_happened(hers, before)


async def test_a_colleague_does_not_remove_the_tillitsperson(room: Room, by_hand: Hands, world: World) -> None:
    async with by_hand("Jon") as jon:
        before = room.channel.version
        assert (
            await jon.tries(jon.act(e.ParticipantLeft(world.person("Kari").id, "removed")))
            == "tillitsperson_must_hand_over"
        )
        await nothing_happened(room.channel, before)


async def test_what_needs_the_users_or_tillitspersons_approval_is_not_done_without(
    room: Room, by_hand: Hands, world: World
) -> None:
    ola = world.person("Ola")
    async with by_hand("Jon") as jon:
        before = room.channel.version
        assert await jon.tries(*jon.joining(ola, jon.roster_with(ola))) == "needs_approval"
        await nothing_happened(room.channel, before)


async def test_an_invisible_member_on_an_epochs_roster_is_refused(room: Room, by_hand: Hands, world: World) -> None:
    ola, berit, jon = (world.person(name) for name in ("Ola", "Berit", "Jon"))
    async with by_hand("Kari", room.channel) as kari:
        before = room.channel.version
        assert await kari.tries(*kari.joining(ola, kari.roster_with(ola, berit))) == "roster_mismatch"
        without_jon = tuple(r for r in kari.roster_with(ola) if r.principal != jon.id)
        assert await kari.tries(*kari.joining(ola, without_jon)) == "roster_mismatch"
        assert await kari.tries(kari.joining(ola, kari.roster_with(ola))[0]) == "rekey_missing"
        await nothing_happened(room.channel, before)


async def test_a_removed_member_writes_nothing_more(room: Room, by_hand: Hands, world: World) -> None:
    async with by_hand("Jon") as jon:
        late = jon.message("ett ord til")
        await room.channel.remove(world.person("Jon").id)
        before = room.channel.version
        assert await jon.tries(late) in {"unknown_channel", "not_a_participant", "stale_epoch"}
        await nothing_happened(room.channel, before)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_message_under_an_older_epoch_or_membership_is_refused(
    room: Room, by_hand: Hands, terms: Callable[..., Terms]
) -> None:
    async with by_hand("Jon") as jon:
        old_key, old_epoch, old_membership = jon.key, jon.epoch, jon.thread.membership_version
        await room.channel.join(0, terms("Ingrid"))
        await jon.channel.reached(room.channel.version)
        before = room.channel.version
        for changes in (
            {"epoch": old_epoch, "membership": old_membership},
            {"epoch": old_epoch},
            {"epoch": EpochNo(jon.epoch + 1)},
        ):
            ground = {"membership": jon.thread.membership_version, "seen": jon.seen, **changes}
            act = jon.author.message("gammel nøkkel", old_key, **ground)  # type: ignore[arg-type]
            assert await jon.tries(act) == "stale_epoch"
        await nothing_happened(room.channel, before)


def broken_for(principal: PrincipalId) -> Spoil:
    """One member's wrap has one bit flipped."""

    def spoil(header: Header, body: bytes) -> bytes:
        assert isinstance(header.event, e.EpochOpened)
        wraps = cbor.decode(body, max_size=MAX_BODY)
        assert isinstance(wraps, list)
        return cbor.encode(
            [
                wrap[:-1] + bytes([wrap[-1] ^ 1]) if entry.principal == principal and isinstance(wrap, bytes) else wrap
                for entry, wrap in zip(header.event.roster, wraps, strict=True)
            ]
        )

    return spoil


def another_key_for(principal: PrincipalId, author: Author) -> Spoil:
    """One member's wrap opens, and holds another key than everybody else's."""

    def spoil(header: Header, body: bytes) -> bytes:
        assert isinstance(header.event, e.EpochOpened)
        other = cbor.decode(
            seal_epoch(header, SecretKey(random_bytes(32)), author.directory.public_keys)[1], max_size=MAX_BODY
        )
        wraps = cbor.decode(body, max_size=MAX_BODY)
        assert isinstance(wraps, list)
        assert isinstance(other, list)
        roster_and_both = zip(header.event.roster, wraps, other, strict=True)
        return cbor.encode(
            [theirs if entry.principal == principal else wrap for entry, wrap, theirs in roster_and_both]
        )

    return spoil


@pytest.mark.parametrize("kind", ["a broken wrap", "another key"])
async def test_who_was_given_no_good_key_reads_after_the_next_author_has_mended_it_and_others_read_on(
    room: Room, by_hand: Hands, world: World, connect: Connect, terms: Callable[..., Terms], kind: str
) -> None:
    ingrid, ola = world.person("Ingrid"), world.person("Ola")
    await room.channel.join(0, terms("Ingrid"))
    hers = await opened(await connect("Ingrid"), room.channel)
    jons = await room.deceived("Jon", Lie())
    async with by_hand("Kari", room.channel) as kari:
        spoil = broken_for(ingrid.id) if kind == "a broken wrap" else another_key_for(ingrid.id, kari.author)
        before = kari.channel.version
        assert await kari.tries(*kari.joining_with_wraps(ola, kari.roster_with(ola), spoil)) == RECORDED
        said = Version(before + 3)
    await hers.reached(said)
    await jons.reached(said)
    assert text_at(jons, said) == SAID
    await jons._held.pulse.wait_for(lambda: failed(jons), 20)
    assert hers.event(said).state is State.ON_ITS_WAY
    sent = await jons.post(0, Text("Nå skal alle kunne lese."))
    await hers.reached(sent.version)
    assert text_at(hers, sent.version) == "Nå skal alle kunne lese."
    assert text_at(hers, said) == SAID
    assert hers.broken is None


def failed(channel: Channel) -> bool:
    events = [channel.event(Version(v)) for v in range(1, channel.version + 1)]
    return any(isinstance(event.facts, e.WrapFailed) for event in events)


def text_at(channel: Channel, version: Version) -> str:
    content = channel.event(version).content
    assert isinstance(content, Text)
    return content.text


# ── nonsense ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_message_that_opens_for_nobody_harms_nobody(room: Room, by_hand: Hands) -> None:
    async with by_hand("Jon") as jon:
        jon_key = jon.channel._held.keys.epochs[MAIN_THREAD, jon.epoch]
        header = jon.header(e.MessagePosted())
        wrong = jon.author.sign(*seal_message(header, SecretKey(random_bytes(32)), random_bytes(32), b"\xa0"))
        assert await jon.tries(wrong) == RECORDED
        unopened = jon.channel.version
        header = jon.header(e.MessagePosted())
        assert await jon.tries(jon.author.sign(*seal_message(header, jon_key, random_bytes(32), b"\xff"))) == RECORDED
        nonsense = jon.channel.version
    sent = await room.channel.post(0, Text("Vi går videre."))
    assert text_at(room.channel, sent.version) == "Vi går videre."
    assert room.channel.event(unopened).content is None
    assert isinstance(room.channel.event(nonsense).content, Unknown)
    assert room.channel.broken is None


async def test_oversize_and_malformed_acts_are_refused_and_the_others_talk_on(room: Room, by_hand: Hands) -> None:
    async with by_hand("Jon") as jon:
        before = room.channel.version
        body = bytes(MAX_BODY + 1)
        large = jon.author.sign(replace(jon.header(e.MessagePosted()), body_hash=body_hash(body)), body)
        assert await jon.tries(large) == "malformed_act"
        good = jon.message("uten kropp")
        assert await jon.tries(replace(good, body=None)) == "malformed_act"
        assert await jon.tries(replace(good, signature=good.signature[:-1])) == "malformed_act"
        bad_header = replace(good, header=good.header + b"\0")
        assert await jon.tries(bad_header) == "forged_record"
        many = [jon.act(e.MessagesSeen(Version(1))) for _ in range(frames.MAX_UNIT + 1)]
        await jon.socket.send(frames.Send(jon.author.channel, frames.wire_acts(many)))
        answer = await jon.socket.next()
        assert isinstance(answer, frames.Bye)
        assert answer.code == "malformed_frame"
        await nothing_happened(room.channel, before)
