"""The demonstration's directory: realistic, invented, and imported by the importer that everybody uses."""

from collections import Counter
from datetime import date, timedelta
from importlib.resources import files

import pytest

from domain.duty.oslo import instant
from protocol.listings.entries import Inbox, Organisation, Person, parse_entry
from protocol.listings.reading import duty
from samsnakk.demo.cast import ORGANISATIONS
from samsnakk.demo.listed import ASKED, FILES, listed, principals
from samsnakk.demo.world import World
from samsnakk.importing.assembling import Imported, read_listing
from service.directory.words import folded_name, words_of


def of(world: World, key: str) -> Imported:
    organisation = world.organisation(key)
    ours = listed(organisation, principals(world, organisation))
    assert ours is not None
    return read_listing(files("samsnakk.demo").joinpath("listings", FILES[key]).read_bytes(), FILES[key], ours)


@pytest.mark.parametrize("key", FILES)
def test_each_organisations_file_is_in_order_and_names_the_cast(world: World, key: str) -> None:
    entries = [parse_entry(raw) for raw in of(world, key).entries.values()]
    kinds = Counter(type(one.facts) for one in entries)
    assert len(kinds) >= 6
    [top] = [one.facts for one in entries if isinstance(one.facts, Organisation)]
    organisation = world.organisation(key)
    assert (top.names[0], top.number) == (organisation.name, organisation.number)
    of_cast = {one.id: one.name for one in world.people if one.organisation == organisation.id}
    people = {one.facts.principal: one.name for one in entries if isinstance(one.facts, Person) and one.facts.principal}
    assert people == of_cast
    inboxes = {one.facts.principal: one.name for one in entries if isinstance(one.facts, Inbox) and one.facts.principal}
    assert inboxes == {organisation.inbox.id: organisation.inbox.name}


def test_everybody_else_in_the_files_is_clearly_invented(world: World) -> None:
    for key in FILES:
        facts = [parse_entry(raw).facts for raw in of(world, key).entries.values()]
        numbers = [one.number for one in facts if isinstance(one, Person) and one.number]
        assert all(number.startswith("99900") for number in numbers)
        phones = [getattr(one, "phone", "") for one in facts]
        assert all(phone.startswith("22 00 0") for phone in phones if phone not in ("", "116 117"))
    assert all(organisation.number.startswith("0000000") for organisation in ORGANISATIONS)


def test_around_the_clock_somebody_is_on_duty_where_it_is_promised_and_the_fallback_is_named_elsewhere(
    world: World,
) -> None:
    known = {entry: parse_entry(raw) for entry, raw in of(world, "dps").entries.items()}
    staffed, empty = (
        next(i for i, one in known.items() if set(words_of(text)) <= set(words_of(folded_name(one.name))))
        for text in ASKED
    )
    for hour in range(0, 24 * 21, 3):
        at = instant(date(2026, 11, 23) + timedelta(hour // 24), hour % 24 * 60)
        assert duty(staffed, known, at).staffing.staffed
        told = duty(empty, known, at)
        assert not told.staffing.staffed
        assert told.instead is not None
