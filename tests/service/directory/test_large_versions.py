"""A large version comes in pieces and is written step by step; readers see all of it or nothing, whatever happens."""

from collections.abc import AsyncIterator

import pytest

from domain.ids import EntryId
from protocol.listings.answers import Entries, Publication, encode_publication
from protocol.listings.entries import Entry, Person, encode_entry
from protocol.listings.errors import ForgedListing, ListingOutOfStep, MalformedListing
from protocol.listings.heads import SignedHead, parse_head
from protocol.listings.making import in_pieces, next_version, publication
from protocol.listings.reading import verify_asked
from service.directory import listings as directory_listings
from service.directory import versions
from service.directory.listings import Listings
from service.errors import Overloaded
from service.store import EventStore, StoreSettings, listing_versions
from tests.protocol.listings.small_listing import (
    DEPLOYMENT,
    NOW,
    OTHER_ROOT,
    OTHERS,
    OURS,
    WEEK,
    an_id,
    authority,
    entry,
    listing,
    signed,
)
from tests.service.directory.test_listings import TRUST, names, publish
from tests.service.store.conftest import Database, embedded_database, embedded_server

__all__ = ["embedded_database", "embedded_server"]

Bytes = dict[EntryId, bytes]
MANY = 2600


@pytest.fixture
async def store(embedded_database: Database) -> AsyncIterator[EventStore]:
    async with EventStore(StoreSettings(embedded_database.dsn())) as store:
        yield store


@pytest.fixture
def directory(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> Listings:
    monkeypatch.setattr(directory_listings, "_TURN", 0.0)
    monkeypatch.setattr(versions, "PAGE", 500)
    return Listings(TRUST, store)


def crowd(name: str, count: int = MANY) -> Bytes:
    people = {an_id("top"): entry("top")}
    for number in range(count):
        person = Person((f"{name} {number}",), "", an_id("top"), None, "", "")
        people[an_id(f"{number}")] = encode_entry(Entry(OURS, an_id(f"{number}"), person))
    return people


async def stage(directory: Listings, head: SignedHead, what: Publication, size: int = 100_000) -> int:
    pieces = in_pieces(what, size)
    for number, piece in enumerate(pieces):
        await directory.stage(head, parse_head(head.head), number, encode_publication(piece))
    return len(pieces)


async def finish(directory: Listings, head: SignedHead, count: int) -> int:
    """How many requests it took."""
    for request in range(1, 1000):
        if (await directory.finish(head, parse_head(head.head), count, NOW)).finished:
            return request
    pytest.fail("never finished")


async def rows(store: EventStore) -> int:
    return int((await store.reader.fetch("SELECT count(*) FROM listing_entries"))[0][0])


def test_pieces_hold_everything_once_and_none_is_larger_than_asked_for() -> None:
    whole = publication({an_id("gone"): b""}, crowd("Test", 300))
    pieces = in_pieces(whole, 5000)
    assert len(pieces) > 3
    assert all(len(encode_publication(piece)) <= 5000 for piece in pieces)
    assert [one for piece in pieces for one in piece.entries] == list(whole.entries)
    assert [one for piece in pieces for one in piece.removed] == list(whole.removed)
    assert in_pieces(Publication((), ())) == (Publication((), ()),)


async def test_readers_see_the_old_version_until_the_new_one_is_there_as_a_whole(
    directory: Listings, store: EventStore
) -> None:
    await publish(directory, listing(), signed(listing()))
    after = crowd("Nyansatt")
    head = signed(after, signed(listing()))
    count = await stage(directory, head, publication(listing(), after))
    assert count > 3
    seen = []
    for _ in range(1000):
        progress = await directory.finish(head, parse_head(head.head), count, NOW)
        seen.append(
            (progress.done, await names(directory, "psykiatrisk akuttm", 1), await names(directory, "nyansatt 44", 1))
        )
        if progress.finished:
            break
    done, olds, news = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    assert len(set(done)) > 2
    assert all(bool(before) != bool(later) for before, later in zip(olds, news, strict=True))
    assert (olds[0], olds[-1]) == (["Psykiatrisk akuttmottak"], [])
    assert news[-1][0] == "Nyansatt 44"
    assert await rows(store) == len(after)


async def test_an_abandoned_version_is_forgotten_and_another_one_takes_its_place(
    directory: Listings, store: EventStore
) -> None:
    await publish(directory, listing(), signed(listing()))
    given_up = crowd("Halvferdig")
    head = signed(given_up, signed(listing()))
    count = await stage(directory, head, publication(listing(), given_up))
    while not (await directory.finish(head, parse_head(head.head), count, NOW)).done:
        pass
    assert await rows(store) > len(listing())

    # The hub is started again, and the organisation signs something else.
    await store.reader.fetch("UPDATE listing_stages SET busy_until = 0")
    again = Listings(TRUST, store)
    after = listing(anna=Person(("Anna Ny",), "", an_id("unit"), None, "", ""))
    await publish(again, after, signed(after, signed(listing())), listing())
    assert await names(again, "anna", 1) == ["Anna Ny"]
    assert await names(again, "halvferdig") == []
    assert await names(again, "psykiatrisk akuttm", 1) == ["Psykiatrisk akuttmottak"]
    assert await rows(store) == len(after)
    assert (await store.reader.fetch("SELECT count(*) FROM listing_pieces"))[0][0] == 0
    asked = Entries(OURS, tuple(sorted((an_id("anna"), an_id("desk")))))
    assert len(verify_asked(await again.entries(asked), asked, authority()).entries) == 2


async def test_pieces_that_do_not_give_what_was_signed_change_nothing(directory: Listings, store: EventStore) -> None:
    await publish(directory, listing(), signed(listing()))
    head = signed(crowd("Test", 10), signed(listing()))
    count = await stage(directory, head, publication(listing(), crowd("Annen", 10)))
    with pytest.raises(ForgedListing):
        await finish(directory, head, count)
    with pytest.raises(ListingOutOfStep):
        await directory.finish(head, parse_head(head.head), count + 1, NOW)
    with pytest.raises(MalformedListing):
        await directory.stage(head, parse_head(head.head), 0, b"\x80")
    assert await names(directory, "psykiatrisk akuttm", 1) == ["Psykiatrisk akuttmottak"]
    assert await rows(store) == len(listing())


async def test_there_is_room_for_one_unfinished_version_of_an_organisation(
    directory: Listings, store: EventStore
) -> None:
    first, second = crowd("En", 50), crowd("To", 50)
    for after in (first, second):
        await stage(directory, signed(after), publication({}, after), 2000)
    kept = (await store.reader.fetch("SELECT sum(octet_length(data)) FROM listing_pieces"))[0][0]
    assert kept < 2 * len(encode_publication(publication({}, first)))
    await listing_versions.begin_stage(store, bytes(16), bytes(32), 1)
    await listing_versions.begin_stage(store, OURS, bytes(32), listing_versions.ABANDONED + 2)
    assert (await store.reader.fetch("SELECT count(*) FROM listing_stages"))[0][0] == 1


async def test_one_large_version_at_a_time_and_whoever_leaves_makes_way(
    directory: Listings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = crowd("En")
    second = {an_id("top"): entry("top", organisation=OTHERS)}
    theirs = next_version((DEPLOYMENT, OTHERS), second, None, WEEK, OTHER_ROOT)
    count = await stage(directory, signed(first), publication({}, first))
    await directory.finish(signed(first), parse_head(signed(first).head), count, NOW)
    other = await stage(directory, theirs, publication({}, second))
    with pytest.raises(Overloaded):
        await finish(directory, theirs, other)
    monkeypatch.setattr(directory_listings, "_PATIENCE", 0.0)
    await finish(directory, theirs, other)
    # The same organisation may begin anew at once.
    again = crowd("To", 40)
    await finish(directory, signed(again), await stage(directory, signed(again), publication({}, again)))
    assert (await names(directory, "to 1"))[0] == "To 1"


async def test_two_hubs_that_write_at_once_show_one_version_or_the_other(
    directory: Listings, store: EventStore
) -> None:
    beside = Listings(TRUST, store)
    first, second = crowd("En", 1500), crowd("To", 1400)
    count = await stage(directory, signed(first), publication({}, first))
    head = signed(first)
    while not (await directory.finish(head, parse_head(head.head), count, NOW)).done:
        pass
    with pytest.raises(ListingOutOfStep):
        await publish(beside, second, signed(second))
    await directory.finish(head, parse_head(head.head), count, NOW)
    # The first one is silent for so long that the other one takes its place; then it comes back.
    await store.reader.fetch("UPDATE listing_stages SET busy_until = 0")
    await publish(beside, second, signed(second))
    with pytest.raises(ListingOutOfStep):
        await finish(directory, head, count)
    assert (await names(beside, "to 1"))[0] == "To 1"
    assert await names(beside, "en 1") == []
