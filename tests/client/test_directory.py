"""Looking people up through a real hub, and through one that lies; and what changes when the on-call plan does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from time import time_ns

import pytest

from domain.channel.legal_bases import OrganisationKind
from domain.duty.oslo import local
from domain.duty.rules import OnCallPlan, OnHolidays, OpeningHours, Shift, Swap
from domain.ids import EntryId, Millis
from protocol.errors import ProtocolError
from protocol.listings.answers import Entries, Found, decode_found, encode_found
from protocol.listings.entries import Entry, Facts, Hours, Inbox, Organisation, Person, Plan, Unit, encode_entry
from protocol.listings.errors import ExpiredListing, ForeignEntry, ForgedListing, OlderListing, WithheldEntry
from protocol.listings.heads import SignedHead
from protocol.listings.making import Validity, entry_id, next_version, publication
from samsnakk import Client, Refused
from samsnakk.cli import main
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.world import World
from samsnakk.listings import TEXTS, ListingNotBelieved
from tests.client.conftest import Connect
from tests.conftest import HubProcess

DAY = 24 * 60 * 60 * 1000
Swaps = tuple[Swap, ...]


def now() -> Millis:
    return Millis(time_ns() // 1_000_000)


class Publisher:
    """The clinic of the demonstration, which publishes itself."""

    def __init__(self, world: World) -> None:
        self.organisation, self.deployment = world.organisation("dps"), world.deployment
        self.world = world
        self.newest: SignedHead | None = None
        self.standing: dict[EntryId, bytes] = {}

    def id(self, name: str) -> EntryId:
        return entry_id(self.organisation.id, name)

    def facts(self, swaps: Swaps = ()) -> dict[str, Facts]:
        kari, jon = self.world.person("Kari"), self.world.person("Jon")
        always = tuple(Shift(day, 0, 1440, 0, (self.id("kari"),)) for day in range(1, 8))
        rules = OnCallPlan(local(now()).day - timedelta(local(now()).day.weekday()), 1, always, OnHolidays.USUAL, swaps)
        unit = self.id("unit")
        return {
            "top": Organisation((self.organisation.name,), "Nordvik", "", "specialist-health", "22 00 00 00"),
            "unit": Unit(("Psykiatrisk akuttmottak",), "Nordvik", self.id("top"), self.id("duty"), ""),
            "duty": Inbox(
                ("Vakttelefonen",), "", unit, self.organisation.inbox.id, "acute", None, self.id("plan"), None, ""
            ),
            "desk": Inbox(("Ekspedisjonen",), "", unit, None, "referral", self.id("shut"), None, None, ""),
            "kari": Person((kari.name,), "Nordvik", unit, kari.id, "psykolog", ""),
            "jon": Person((jon.name,), "Nordvik", unit, jon.id, "sykepleier", ""),
            "plan": Plan(("Vaktplan",), rules),
            "shut": Hours(("Alltid stengt",), OpeningHours((), OnHolidays.CLOSED, ())),
        }

    async def publish(self, client: Client, facts: dict[str, Facts], valid: int = 7 * DAY) -> None:
        after = {self.id(n): encode_entry(Entry(self.organisation.id, self.id(n), f)) for n, f in facts.items()}
        validity = Validity(Millis(now() - DAY), Millis(now() - DAY + valid))
        place = (self.deployment, self.organisation.id)
        signed = next_version(place, after, self.newest, validity, self.organisation.root)
        await client.listings.publish(self.organisation.id, signed, publication(self.standing, after))
        self.newest, self.standing = signed, after


@pytest.fixture
async def kari(connect: Connect) -> Client:
    return await connect("Kari")


@pytest.fixture(scope="module")
def clinic(world: World) -> Publisher:
    return Publisher(world)


async def test_people_are_found_and_who_is_on_duty_is_told(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    found = await kari.listings.search("psykolog nordvik")
    assert [one.name for one in found.entries] == ["Kari Lindmoen"]
    assert "Psykiatrisk akuttmottak" in [one.name for one in (await kari.listings.search("mottak")).entries]
    duty = await kari.listings.on_duty(clinic.organisation.id, clinic.id("duty"))
    assert [one.name for one in duty.people] == ["Kari Lindmoen"]
    assert duty.warning is None
    head, whole = await kari.listings.whole(clinic.organisation.id)
    assert (head, whole) == (clinic.newest, clinic.standing)


async def test_an_unstaffed_inbox_warns_and_names_the_stand_in(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    duty = await kari.listings.on_duty(clinic.organisation.id, clinic.id("desk"))
    assert duty.instead is not None
    assert duty.instead.name == "Vakttelefonen"
    assert duty.warning is not None
    assert duty.warning.startswith("«Ekspedisjonen» har stengt nå. Skriv til «Vakttelefonen» i stedet")


async def test_a_changed_on_call_plan_changes_who_is_on_duty_at_once(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    before = await kari.listings.on_duty(clinic.organisation.id, clinic.id("duty"))
    today = local(now()).day
    swaps = tuple(Swap(today + timedelta(ahead), 0, 1440, (clinic.id("jon"),)) for ahead in (-1, 0, 1))
    await clinic.publish(kari, clinic.facts(swaps))
    after = await kari.listings.on_duty(clinic.organisation.id, clinic.id("duty"))
    assert [[one.facts.principal for one in told.people] for told in (before, after)] == [  # type: ignore[union-attr]
        [clinic.world.person("Kari").id],
        [clinic.world.person("Jon").id],
    ]


async def test_who_may_not_sign_for_the_organisation_publishes_nothing(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    standing = (clinic.newest, clinic.standing, clinic.organisation)
    clinic.organisation = replace(clinic.organisation, root_seed=bytes(32))
    with pytest.raises(Refused) as refused:
        await clinic.publish(kari, clinic.facts())
    clinic.newest, clinic.standing, clinic.organisation = standing
    assert refused.value.code == "forged_listing"


Lie = Callable[[Found], Found]


def lying(client: Client, lie: Lie) -> None:
    """From here on the hub answers with a lie."""
    honest: Callable[[bytes, bytes], Awaitable[bytes]] = client._doors.ask_directory

    async def ask(question: bytes, request: bytes) -> bytes:
        return encode_found(lie(decode_found(await honest(question, request))))

    client._doors.ask_directory = ask  # type: ignore[method-assign]


def other_phone(found: Found) -> Found:
    return replace(found, hits=tuple(replace(hit, entry=hit.entry.replace(b"acute", b"brute")) for hit in found.hits))


LIES: dict[str, tuple[Lie, type[ProtocolError]]] = {
    "a changed entry": (other_phone, ForgedListing),
    "an entry kept back": (lambda found: replace(found, hits=()), WithheldEntry),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_hub_that_serves_another_entry_is_caught_and_the_reader_is_told(
    kari: Client, clinic: Publisher, lie: str
) -> None:
    await clinic.publish(kari, clinic.facts())
    change, expected = LIES[lie]
    lying(kari, change)
    with pytest.raises(ListingNotBelieved) as caught:
        await kari.listings.on_duty(clinic.organisation.id, clinic.id("duty"))
    assert type(caught.value.problem) is expected
    assert TEXTS[expected].removesuffix(".") in str(caught.value)
    assert "Ring virksomheten" in str(caught.value)


async def test_a_hub_that_answers_with_another_inbox_is_caught(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    desk = decode_found(await kari.listings._ask(_asked(clinic, "desk")))
    lying(kari, lambda _: desk)
    with pytest.raises(ListingNotBelieved) as caught:
        await kari.listings.on_duty(clinic.organisation.id, clinic.id("duty"))
    assert type(caught.value.problem) is ForeignEntry


async def test_a_hub_that_goes_back_to_an_older_plan_is_caught_also_after_a_restart(
    connect: Connect, kari: Client, clinic: Publisher
) -> None:
    await clinic.publish(kari, clinic.facts())
    old = decode_found(await kari.listings._ask(_asked(clinic, "plan")))
    await clinic.publish(kari, clinic.facts((Swap(local(now()).day, 0, 1440, ()),)))
    await kari.listings.search("vakttelefonen")
    again = await connect("Kari")
    lying(again, lambda _: old)
    with pytest.raises(ListingNotBelieved) as caught:
        await again.listings.search("vakttelefonen")
    assert type(caught.value.problem) is OlderListing


async def test_an_expired_listing_is_not_shown_and_the_reader_is_told(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts(), valid=DAY - 1000)
    with pytest.raises(ListingNotBelieved) as caught:
        await kari.listings.search("vakttelefonen")
    assert type(caught.value.problem) is ExpiredListing
    assert "fornye" in str(caught.value)
    await clinic.publish(kari, clinic.facts())


def test_the_command_line_finds_people_and_warns_before_somebody_writes_in_vain(
    world: World, hub: HubProcess, clinic: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = world.profile("Ingrid")

    async def publish() -> None:
        async with Client(unlock_profile(profile.folder), hub.url) as client:
            await clinic.publish(client, clinic.facts())

    asyncio.run(publish())

    def said(*words: str) -> tuple[int, str]:
        code = main(["directory", *words, "--as", "Ingrid", "--data", str(profile.folder), "--url", hub.url])
        return code, capsys.readouterr().out

    code, found = said("search", "psykolog", "nordvik")
    assert (code, "Kari Lindmoen  (person, Nordvik)" in found) == (0, True)
    assert said("duty", "vakttelefonen") == (0, "Vakttelefonen\n  På vakt nå: Kari Lindmoen.\n")
    assert "Skriv til «Vakttelefonen» i stedet" in said("duty", "ekspedisjonen")[1]
    assert "Tittel: psykolog" in said("show", found.split()[-1])[1]
    assert said("search", "finnes ikke") == (1, "Fant ingenting i katalogen.\n")
    assert said("duty", "kari")[0] == 1


def test_the_command_line_says_in_plain_words_why_it_shows_nothing(
    world: World, hub: HubProcess, clinic: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = world.profile("Ingrid")

    async def publish(valid: int) -> None:
        async with Client(unlock_profile(profile.folder), hub.url) as client:
            await clinic.publish(client, clinic.facts(), valid)

    asyncio.run(publish(DAY - 1000))
    code = main(["directory", "search", "kari", "--as", "Ingrid", "--data", str(profile.folder), "--url", hub.url])
    told = capsys.readouterr()
    assert (code, told.out, "be den om å fornye katalogen" in told.err) == (1, "", True)
    asyncio.run(publish(7 * DAY))


def _asked(clinic: Publisher, name: str) -> Entries:
    return Entries(clinic.organisation.id, (clinic.id(name),))


async def test_what_an_organisation_is_comes_from_its_own_signed_listing(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())
    assert await kari.listings.organisation_kind(clinic.organisation.id) is OrganisationKind.SPECIALIST_HEALTH
    assert await kari.listings.organisation_kind(clinic.world.organisation("nav").id) is None


async def test_a_hub_that_says_something_else_of_an_organisation_is_caught(kari: Client, clinic: Publisher) -> None:
    await clinic.publish(kari, clinic.facts())

    def as_nav(found: Found) -> Found:
        changed = tuple(
            replace(hit, entry=hit.entry.replace(b"specialist-health", b"labour-and-welfare"[:17]))
            for hit in found.hits
        )
        return replace(found, hits=changed)

    lying(kari, as_nav)
    with pytest.raises(ListingNotBelieved):
        await kari.listings.organisation_kind(clinic.organisation.id)
