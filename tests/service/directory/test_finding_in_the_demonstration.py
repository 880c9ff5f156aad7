"""The demonstration's directory, searched as somebody types: marks or none, parts of compounds, role and place."""

from collections.abc import AsyncIterator
from importlib.resources import files

import pytest

from domain.ids import Millis
from protocol.listings.answers import Search
from protocol.listings.making import Validity, next_version, publication
from protocol.listings.reading import Authority, verify_found
from samsnakk.demo.listed import FILES, listed, principals
from samsnakk.demo.world import World
from samsnakk.importing.assembling import read_listing
from service.directory.listings import Listings
from service.store import EventStore, StoreSettings
from tests.service.store.conftest import Database, embedded_database, embedded_server

__all__ = ["embedded_database", "embedded_server"]

NOW = Millis(1_790_000_000_000)
WEEK = Validity(NOW, Millis(NOW + 7 * 24 * 60 * 60 * 1000))
FOUND = {
    "áslat čuovžajávri": "Áslat Čuovžajávri",
    "aslat cuov": "Áslat Čuovžajávri",
    "Aslak Cuovzajavri": "Áslat Čuovžajávri",
    "emil zagarlia": "Emil Žagarlia",
    "simmerud": "Fredrik Šimmerud",
    "ane duvva": "Ane Đuvvá",
    "per ándde báhk": "Per Ándde Báhkkavárri",
    "hege ravnas": "Hege Ravnås",
    "hege ravnaas": "Hege Ravnås",
    "TRÅHOLT": "Wenche Tråholt",
    "traholt": "Wenche Tråholt",
    "øyjord": "Sunniva Øyjord",
    "oeyjord": "Sunniva Øyjord",
    "oyjord": "Sunniva Øyjord",
    "bjorkas": "Mai Liis Bjørkås",
    "mottak": "Psykiatrisk akuttmottak",
    "tjenesten sør": "Hjemmetjenesten sør",
    "fellesskap elveb": "Elvebredden bofellesskap",
    "nødhjelp": "NAV Nordvik, økonomisk nødhjelp",
    "psykolog nordvik": "Kari Lindmoen",
    "overlege sørvik": "Áslat Čuovžajávri",
    "lege i vakt nordvik": "Emil Žagarlia",
    "veileder nav": "Berit Ánne Guovdu",
    "jobbspesialist": "veileder",
    "boligkonsulent sorvik": "Ola Vassli",
    "gielda davvi": "Nordvik kommune",
    "fastlege torget": "fastlege",
    "psykiáhtralaš": "Allmennpsykiatrisk poliklinikk",
}
"""What is typed, and what is then among the first."""


@pytest.fixture
async def directory(embedded_database: Database, world: World) -> AsyncIterator[Listings]:
    async with EventStore(StoreSettings(embedded_database.dsn())) as store:
        found = Listings(world.trust, store)
        for organisation in world.organisations:
            ours = listed(organisation, principals(world, organisation))
            assert ours is not None
            name = FILES[organisation.key]
            entries = read_listing(files("samsnakk.demo").joinpath("listings", name).read_bytes(), name, ours).entries
            signed = next_version((world.deployment, organisation.id), entries, None, WEEK, organisation.root)
            head, _ = await found.verify_new(organisation.id, signed)
            await found.publish(signed, head, publication({}, entries), NOW)
        yield found


async def test_everybody_and_everything_is_found_as_people_type_it(directory: Listings, world: World) -> None:
    authority = Authority(world.deployment, world.trust.roots(), {}, NOW)
    missed = {}
    for typed, expected in FOUND.items():
        names = [one.name for one in verify_found(await directory.search(Search(typed, 5)), authority).entries]
        if expected not in names:
            missed[typed] = names
    assert missed == {}
