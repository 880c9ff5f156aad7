"""A hub that serves an organisation's directory otherwise than it was signed is caught by the organisation's node."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from protocol.listings.answers import (
    Entries,
    Listing,
    decode_found,
    decode_page,
    decode_question,
    encode_found,
    encode_page,
)
from protocol.listings.errors import ForgedListing, OlderListing, WithheldEntry
from samsnakk import Client, Refused
from samsnakk.demo.world import World
from samsnakk.listings import TEXTS
from samsnakk.node import watching
from samsnakk.node.listing_watch import ListingWatch
from samsnakk.node.replica.copying import Copying
from samsnakk.node.running import copying, machine_now
from tests.client.conftest import Connect
from tests.client.test_directory import DAY, Publisher
from tests.journeys.node.conftest import House
from tests.journeys.node.rounds import rounds_until

Ask = Callable[[bytes, bytes], Awaitable[bytes]]


@pytest.fixture(scope="module")
def clinic(world: World) -> Publisher:
    return Publisher(world)


async def ready(house: House, copy: Copying) -> ListingWatch:
    """The hub has heard that this node reads for the organisation."""
    await rounds_until(house.node, lambda: copy.connected)
    return house.node.listings[copy]


def lying(copy: Copying, becomes: Callable[[bytes, bytes], bytes]) -> Ask:
    """From here on the hub answers this instead; returns how it was."""
    honest = copy._doors.ask_directory

    async def ask(question: bytes, request: bytes) -> bytes:
        return becomes(question, await honest(question, request))

    copy._doors.ask_directory = ask  # type: ignore[method-assign]
    return honest


def another_phone(question: bytes, answer: bytes) -> bytes:
    """Only where somebody asks for entries: whole listings are as signed."""
    if not isinstance(decode_question(question), Entries):
        return answer
    found = decode_found(answer)
    hits = tuple(replace(hit, entry=bytes((*hit.entry[:-1], hit.entry[-1] ^ 1))) for hit in found.hits)
    return encode_found(replace(found, hits=hits))


def nothing_found(question: bytes, answer: bytes) -> bytes:
    if not isinstance(decode_question(question), Entries):
        return answer
    return encode_found(replace(decode_found(answer), hits=()))


LIES: dict[str, tuple[Callable[[bytes, bytes], bytes], type]] = {
    "another entry": (another_phone, ForgedListing),
    "an entry kept back": (nothing_found, WithheldEntry),
}


async def found_by(watch: ListingWatch, house: House, problem: type) -> None:
    """Caught, once, with evidence that stays and says what happened."""
    (fault,), todo = await watch.check(machine_now())
    assert (bytes(fault.principal), fault.code, todo) == (bytes(house.organisation), watching.DIRECTORY, "")
    folder = house.node.issuer.node.path / "evidence"
    (text,) = folder.glob("directory-*.txt")
    assert TEXTS[problem].removesuffix(".") in text.read_text("utf-8")
    assert watching.ADVICE in text.read_text("utf-8")
    assert text.with_suffix(".cbor").stat().st_size
    assert await watch.check(machine_now()) == ([], "")  # told once


@pytest.mark.parametrize("lie", LIES)
async def test_a_hub_that_serves_another_entry_is_caught_by_the_node(
    house: House, connect: Connect, clinic: Publisher, lie: str
) -> None:
    await clinic.publish(await connect("Kari"), clinic.facts())
    async with copying(house.node) as (copy,):
        watch = await ready(house, copy)
        for _ in range(2):
            assert await watch.check(machine_now()) == ([], "")
        becomes, problem = LIES[lie]
        lying(copy, becomes)
        await found_by(watch, house, problem)


async def test_a_hub_that_goes_back_to_an_older_directory_is_caught_by_the_node_also_after_a_restart(
    house: House, connect: Connect, clinic: Publisher
) -> None:
    kari: Client = await connect("Kari")
    await clinic.publish(kari, clinic.facts())
    old: dict[bytes, bytes] = {}

    def noted(question: bytes, answer: bytes) -> bytes:
        return old.setdefault(question, answer) and answer

    async with copying(house.node) as (copy,):
        watch = await ready(house, copy)
        lying(copy, noted)
        assert await watch.check(machine_now()) == ([], "")
        await clinic.publish(kari, {**clinic.facts(), "jon": clinic.facts()["kari"]})
        assert await watch.check(machine_now()) == ([], "")
    async with copying(house.node) as (copy,):
        watch = await ready(house, copy)
        lying(copy, old.get)
        await found_by(watch, house, OlderListing)


async def test_a_listing_that_leaves_an_entry_out_and_one_that_is_gone_are_caught(
    house: House, connect: Connect, clinic: Publisher
) -> None:
    kari = await connect("Kari")
    await clinic.publish(kari, clinic.facts())
    async with copying(house.node) as (copy,):
        watch = await ready(house, copy)

        def shorter(question: bytes, answer: bytes) -> bytes:
            if not isinstance(decode_question(question), Listing):
                return answer
            page = decode_page(answer)
            return encode_page(replace(page, entries=page.entries[:-1]))

        honest = lying(copy, shorter)
        await clinic.publish(kari, {**clinic.facts(), "desk": clinic.facts()["duty"]})  # a version that is read whole
        ((fault,), _) = await watch.check(machine_now())
        assert fault.code == watching.DIRECTORY
        copy._doors.ask_directory = honest  # type: ignore[assignment,method-assign]
        assert await watch.check(machine_now()) == ([], "")

        async def gone(_question: bytes, _request: bytes) -> bytes:
            raise Refused("not_found")

        copy._doors.ask_directory = gone  # type: ignore[assignment,method-assign]
        ((fault,), _) = await watch.check(machine_now())
        assert fault.code == watching.DIRECTORY


async def test_a_directory_that_has_to_be_renewed_is_said_and_nobody_is_blamed(
    house: House, connect: Connect, clinic: Publisher
) -> None:
    kari = await connect("Kari")
    await clinic.publish(kari, clinic.facts(), valid=DAY - 1000)
    async with copying(house.node) as (copy,):
        watch = await ready(house, copy)
        faults, todo = await watch.check(machine_now())
        assert not faults
        assert "fornye" in todo
        round_ = await house.node.look()
        assert not round_.faults
    await clinic.publish(kari, clinic.facts())
