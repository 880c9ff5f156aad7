"""Members who send false keys, stale epochs or nonsense by hand, to an honest hub with honest clients behind it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto import cbor
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.ids import MAIN_THREAD, EpochNo, PrincipalId, Version
from protocol import frames
from protocol.acts import MAX_BODY, Header, body_hash
from protocol.sealing import seal_epoch, seal_message
from samsnakk import Channel, State, Terms, Text, Unknown
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened
from tests.journeys.lying_hub.hands import RECORDED, SAID, Hands, Spoil, nothing_happened
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.room import Room
from tests.service.hub.raw_client import Author


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
