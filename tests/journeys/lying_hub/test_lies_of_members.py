"""Members and strangers who send by hand what no honest client would, to an honest hub with honest clients behind it.

The hub refuses by name what it can judge; what only the readers can judge (it never sees keys) harms nobody but its
author, or is mended by the others.
"""

from collections.abc import Callable
from dataclasses import replace

from crypto import cbor
from crypto.random import random_bytes
from domain.channel import events as e
from protocol.sealing import seal_message
from samsnakk import Audience, Terms, Topic
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened
from tests.journeys.lying_hub.hands import Hands, nothing_happened
from tests.journeys.lying_hub.room import Room


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
