"""What the hub's directory must do, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from crypto.signing import SigningKey
from domain.ids import Millis, OrganisationId
from protocol.listings.answers import Entries, Listing, Page, Search
from protocol.listings.entries import Entry, Person, Unit, encode_entry
from protocol.listings.errors import ForeignEntry, ForgedListing, ListingOutOfStep, WithheldEntry
from protocol.listings.heads import SignedHead, parse_head
from protocol.listings.making import next_version, publication
from protocol.listings.reading import verify_asked, verify_found, verify_whole
from protocol.trust import FORMAT, HubPin, OrganisationPin, Trust
from service.directory.listings import Listings
from service.errors import NotFound
from service.store import EventStore, StoreSettings
from tests.protocol.listings.small_listing import (
    DEPLOYMENT,
    NOW,
    OTHER_ROOT,
    OTHERS,
    OURS,
    ROOT,
    WEEK,
    an_id,
    authority,
    entry,
    facts,
    listing,
    signed,
)
from tests.service.store.conftest import Database, embedded_database, embedded_server

__all__ = ["embedded_database", "embedded_server"]

HUB = HubPin(bytes(16), SigningKey.from_seed(bytes(32)).public)
PINS = tuple(
    OrganisationPin(one, "x", "999999999", root.public, bytes(16)) for one, root in ((OURS, ROOT), (OTHERS, OTHER_ROOT))
)
TRUST = Trust(FORMAT, DEPLOYMENT, HUB, PINS, ())


@pytest.fixture
async def store(embedded_database: Database) -> AsyncIterator[EventStore]:
    async with EventStore(StoreSettings(embedded_database.dsn())) as store:
        yield store


@pytest.fixture
def directory(store: EventStore) -> Listings:
    return Listings(TRUST, store)


async def publish(
    directory: Listings, after: dict, head: SignedHead, before: dict | None = None, of: OrganisationId = OURS
) -> None:
    read, _ = await directory.verify_new(of, head)
    await directory.publish(head, read, publication(before or {}, after), NOW)


async def names(directory: Listings, text: str, most: int = 10) -> list[str]:
    found = verify_found(await directory.search(Search(text, most)), authority())
    return [one.name for one in found.entries]


async def test_entries_are_found_as_somebody_types(directory: Listings) -> None:
    await publish(directory, listing(), signed(listing()))
    anna, mottak = "Anna Ŋuorra Åsen", "Psykiatrisk akuttmottak"
    for typed in ("a", "ann", "anna ŋ", "anna nuorra", "asen", "aasen", "ÅSEN", "psykolog nordvik åsen"):
        assert anna in await names(directory, typed), typed
    for typed in ("mottak", "akutt", "psykiatrisk m", "motta nordvik", "akutten"):
        assert mottak in await names(directory, typed), typed
    assert await names(directory, "psykolog tynset") == []
    assert await names(directory, "'; drop:* & | !") == []
    assert await names(directory, " ") == []
    assert await names(directory, "nattevakt") == []


async def test_whole_names_come_first_then_beginnings_then_parts(directory: Listings) -> None:
    top = an_id("top")
    units = {"whole": "Vakt", "beginning": "Vaktrommet", "word": "Den vaktsomme", "part": "Psykiatrivakten"}
    entries = {top: entry("top")} | {
        an_id(key): encode_entry(Entry(OURS, an_id(key), Unit((name,), "", top, None, "")))
        for key, name in units.items()
    }
    await publish(directory, entries, signed(entries))
    assert await names(directory, "vakt") == list(units.values())
    found = await directory.search(Search("vakt", 2))
    assert (len(found.hits), found.more) == (2, True)


async def test_a_new_version_replaces_what_changed_and_removes_what_is_gone(
    directory: Listings, store: EventStore
) -> None:
    await publish(directory, listing(), signed(listing()))
    after = listing(unit=Unit(("Akuttposten",), "Nordvik", an_id("top"), None, ""))
    for gone in ("psychologist", "nights", "desk", "office"):
        del after[an_id(gone)]
    await publish(directory, after, signed(after, signed(listing())), listing())
    assert await names(directory, "akuttmottak") == []
    assert await names(directory, "anna akuttposten") == ["Anna Ŋuorra Åsen"]
    asked = Entries(OURS, tuple(sorted((an_id("anna"), an_id("desk")))))
    # Another hub on the same database has not seen the version before.
    found = verify_asked(await Listings(TRUST, store).entries(asked), asked, authority())
    assert [one.id for one in found.entries] == [an_id("anna")]


async def test_the_whole_listing_can_be_read_page_by_page(directory: Listings) -> None:
    top = an_id("top")
    entries = {top: entry("top")}
    for number in range(1100):
        person = Person((f"Test {number}",), "", top, None, "", "")
        entries[an_id(f"{number}")] = encode_entry(Entry(OURS, an_id(f"{number}"), person))
    await publish(directory, entries, signed(entries))
    pages: list[Page] = []
    after = None
    while not pages or pages[-1].more:
        pages.append(await directory.page(Listing(OURS, after)))
        after = sorted(entries)[sum(len(page.entries) for page in pages) - 1]
    assert verify_whole(pages, authority())[1] == entries
    with pytest.raises(NotFound):
        await directory.page(Listing(OTHERS, None))


async def test_only_what_the_organisation_signed_is_taken_in(directory: Listings) -> None:
    by_others = next_version((DEPLOYMENT, OURS), listing(), None, WEEK, OTHER_ROOT)
    with pytest.raises(ForgedListing):
        await publish(directory, listing(), by_others)
    with pytest.raises(ForeignEntry):
        await publish(directory, listing(), signed(listing()), of=OTHERS)
    with pytest.raises(ForgedListing):
        await publish(directory, listing(anna=facts()["top"]), signed(listing()))
    foreign = {an_id("top"): entry("top", organisation=OTHERS)}
    with pytest.raises(ForeignEntry):
        await publish(directory, foreign, signed(foreign))
    lacking = listing()
    del lacking[an_id("nights")]
    with pytest.raises(WithheldEntry):
        await publish(directory, lacking, signed(lacking))
    assert await names(directory, "anna") == []


async def test_versions_come_one_after_the_other_and_twice_is_once(directory: Listings) -> None:
    first = signed(listing())
    await publish(directory, listing(), first)
    await publish(directory, listing(), first)
    other = signed(listing(), validity=replace(WEEK, issued_at=Millis(NOW - 1)))
    with pytest.raises(ListingOutOfStep):
        await publish(directory, listing(), other)
    with pytest.raises(ListingOutOfStep):
        await directory.publish(other, parse_head(other.head), publication({}, listing()), NOW)
    await publish(directory, listing(), signed(listing(), first), listing())
