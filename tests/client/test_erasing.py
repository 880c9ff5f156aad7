"""Two people of an organisation erase what was written for it, through a real hub, and nobody has it any more."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.ids import MAIN_THREAD, Version
from samsnakk import Channel, Files, Profile, Refused, State, Terms, Text
from samsnakk.demo.searching import found_below
from samsnakk.demo.world import World
from samsnakk.erasing import DecisionStanding
from tests.client.conftest import KEY, Connect, opened, texts

SECRET = "dette skulle aldri vært skrevet her"


@dataclass
class Room:
    """Kari and Jon of one organisation, Ola of another, in one channel."""

    kari: Channel
    jon: Channel
    ola: Channel


@pytest.fixture
async def room(connect: Connect, terms: Callable[..., Terms]) -> Room:
    kari, jon, ola = await connect("Kari"), await connect("Jon"), await connect("Ola")
    channel = await kari.open_channel()
    for name in ("Jon", "Ola"):
        await channel.join(0, terms(name))
    return Room(channel, await opened(jon, channel), await opened(ola, channel))


async def decided(room: Room, *targets: int) -> int:
    sent = await room.kari.propose_erasure(0, targets, "persons-right")
    await room.jon.reached(sent.version)
    return (await room.jon.approve_erasure(sent.version)).version


async def confirmed(channel: Channel, ref: int) -> DecisionStanding:
    """The decision, once the hub has said that its copy is clean."""

    def found() -> DecisionStanding | None:
        standing = (one for one in channel.erasures().decisions if one.ref == ref)
        return next((one for one in standing if one.decision.hub_at is not None), None)

    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(found)
    standing = found()
    assert standing is not None
    return standing


async def test_what_two_have_decided_is_gone_for_everybody_and_everybody_sees_who_decided_it(
    room: Room, world: World
) -> None:
    sent = await room.kari.post(0, Text(SECRET))
    stays = await room.kari.post(0, Text("dette blir"))
    await room.ola.reached(stays.version)
    assert room.ola.event(sent.version).content == Text(SECRET)
    ref = await decided(room, sent.version)
    for channel in (room.kari, room.jon, room.ola):
        await channel.reached(Version(ref))
        event = channel.event(sent.version)
        assert (event.state, event.content, event.author) == (State.ERASED, None, None)
        assert await texts(channel) == ["dette blir"]
        (one,) = channel.erasures().decisions
        assert one.decision.proposal.proposer == world.person("Kari").id
        assert one.decision.approver == world.person("Jon").id
        assert one.decision.proposal.legal_basis == "persons-right"


async def test_the_hub_says_when_its_own_copy_is_clean_and_each_node_that_is_missing_is_named(
    room: Room, world: World
) -> None:
    sent = await room.kari.post(0, Text(SECRET))
    standing = await confirmed(room.kari, await decided(room, sent.version))
    houses = [world.organisation_of(world.person(name)) for name in ("Kari", "Ola")]
    assert standing.decision.missing == {house.vault.id for house in houses if house is not None}


async def test_who_comes_later_or_again_gets_a_gap_that_the_decision_explains(
    room: Room, connect: Connect, terms: Callable[..., Terms]
) -> None:
    sent = await room.kari.post(0, Text(SECRET))
    ref = await decided(room, sent.version)
    await room.kari.join(0, terms("Ingrid", history=0))
    theirs = await opened(await connect("Ingrid"), room.kari)
    assert theirs.broken is None
    assert theirs.event(sent.version).state is State.ERASED
    assert theirs.erasures().decisions[0].ref == ref


async def test_one_person_alone_and_a_colleague_of_another_organisation_are_refused(room: Room) -> None:
    sent = await room.kari.post(0, Text(SECRET))
    ref = (await room.kari.propose_erasure(0, [sent.version], "persons-right", told="skrevet om feil person")).version
    with pytest.raises(Refused, match="same_person_twice"):
        await room.kari.approve_erasure(ref)
    await room.ola.reached(ref)
    with pytest.raises(Refused, match="not_the_organisation"):
        await room.ola.approve_erasure(ref)
    with pytest.raises(Refused, match="not_the_organisation"):
        await room.ola.propose_erasure(0, [sent.version], "persons-right")
    await room.jon.reached(ref)
    await room.jon.refuse_erasure(ref, "not-needed")
    await room.kari.reached(room.jon.version)
    with pytest.raises(Refused, match="unknown_erasure"):
        await room.kari.approve_erasure(ref)
    assert room.kari.event(sent.version).content == Text(SECRET)


async def test_nothing_of_it_remains_in_the_files_of_a_program_and_the_rest_is_still_read_after_a_restart(
    room: Room, connect: Connect, tmp_path: Path, clients: AsyncExitStack
) -> None:
    sent = await room.kari.post(0, Text(SECRET))
    await room.jon.reached(sent.version)
    await room.jon._parts.kept.keep_draft(MAIN_THREAD, "")  # what is on its way to the disk is there after this
    before = _sealed_row(tmp_path / "Jon", sent.version)
    assert found_below(tmp_path / "Jon", {"row": before}) == {"row"}
    ref = await decided(room, sent.version)
    await room.jon.reached(Version(ref))
    await room.jon._parts.kept.keep_draft(MAIN_THREAD, "")
    assert found_below(tmp_path / "Jon", {"row": before}) == set()
    await room.jon.post(0, Text("dette blir"))
    await clients.aclose()
    again = await opened(await connect("Jon"), room.kari)
    assert again.broken is None
    assert again.event(sent.version).state is State.ERASED
    assert await texts(again) == ["dette blir"]


def _sealed_row(folder: Path, version: int) -> bytes:
    """The middle of what lies on the disk for this version: sealed, but there."""
    with closing(sqlite3.connect(Profile.open(folder).unlock(key=KEY).store_file)) as database:
        found = database.execute("SELECT sealed FROM items WHERE a = ?", (version,)).fetchone()[0]
    return bytes(found[40:104])


async def test_a_correction_of_what_is_to_be_erased_is_not_forgotten(room: Room) -> None:
    first = await room.kari.post(0, Text("hun heter Kari Feil"))
    second = await room.kari.post(0, Text("hun heter Kari Rett"), corrects=first.version)
    await room.kari.post(0, Text("noe annet"))
    assert room.kari.linked_to([first.version]) == [second.version]
    assert room.kari.linked_to([second.version]) == [first.version]
    assert room.kari.linked_to([first.version, second.version]) == []


async def test_the_users_wish_goes_to_each_organisation_that_it_concerns(room: Room) -> None:
    mine, theirs = await room.kari.post(0, Text("en")), await room.ola.post(0, Text("to"))
    await room.kari.reached(theirs.version)
    with pytest.raises(Refused, match="not_permitted"):
        await room.kari.wish_erasure(0, [mine.version, theirs.version])


async def test_an_erased_file_is_nowhere_and_one_that_another_message_names_stays(room: Room) -> None:
    gone, kept = b"g" * 3000, b"k" * 3000
    first = await room.kari.upload(0, gone, "feil.pdf")
    second = await room.kari.upload(0, kept, "rett.pdf")
    both = await room.kari.post(0, Files((first, second), "to filer"))
    await room.kari.post(0, Files((second,), "den rette"))
    await room.jon.reached(both.version)
    assert await room.jon.download(0, first) == gone
    await confirmed(room.jon, await decided(room, both.version))
    with pytest.raises(Refused, match="not_found"):
        await room.jon.download(0, first)
    assert await room.jon.download(0, second) == kept
