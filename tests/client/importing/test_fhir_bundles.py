"""FHIR bundles: what mCSD says becomes entries, what has no place is told, and every mistake with its JSON path."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duty.rules import OnHolidays, OpenThen, Shift, Span, Swap
from domain.ids import OrganisationId
from protocol.listings.entries import Hours, Inbox, Organisation, Person, Plan, Role, Unit, encode_entry, parse_entry
from protocol.listings.making import entry_id
from samsnakk.importing.assembling import Ours, read_listing
from samsnakk.importing.problems import ImportRefused, Problem

SURGERY = Ours(OrganisationId(bytes([7] * 16)), "000000051")
SAMPLE: dict[str, Any] = json.loads(files("samsnakk.demo").joinpath("listings/legekontor.json").read_bytes())
SYNTHETIC = "13819012345"
Change = Callable[[dict[str, dict[str, Any]]], object]


def changed(change: Change) -> bytes:
    """The sample with some of its resources changed, by `Type/id`; `Bundle` is the whole."""
    whole = deepcopy(SAMPLE)
    by_code = {f"{e['resource']['resourceType']}/{e['resource']['id']}": e["resource"] for e in whole["entry"]}
    change({**by_code, "Bundle": whole})
    return json.dumps(whole).encode()


def mistakes(data: bytes) -> tuple[Problem, ...]:
    try:
        read_listing(data, "katalog.json", SURGERY)
    except ImportRefused as refused:
        return refused.problems
    return ()


def facts(data: bytes, code: str) -> Any:
    found = read_listing(data, "katalog.json", SURGERY).entries
    return parse_entry(found[entry_id(SURGERY.organisation, code)]).facts


def left_out(data: bytes) -> dict[str, int]:
    return {one.what: one.times for one in read_listing(data, "katalog.json", SURGERY).left_out}


GOOD = changed(lambda _: None)


def test_each_resource_becomes_what_it_is_here() -> None:
    top, unit = facts(GOOD, "Organization/torget"), facts(GOOD, "Organization/lab")
    assert isinstance(top, Organisation)
    assert (top.names, top.place, top.number, top.service) == (
        ("Torget legekontor", "Legekontoret på torget"),
        "Nordvik",
        "000000051",
        "gp",
    )
    assert isinstance(unit, Unit)
    assert unit.stands_in == entry_id(SURGERY.organisation, "HealthcareService/felles")
    person, role = facts(GOOD, "Practitioner/ane"), facts(GOOD, "PractitionerRole/ane-sekretaer")
    assert isinstance(person, Person)
    assert (person.names, person.title, person.place) == (("Ane Đuvvá",), "helsesekretær", "Nordvik")
    assert isinstance(role, Role)
    assert (role.function, role.inbox) == ("medical-secretary", unit.stands_in)


def test_opening_hours_holidays_turns_and_swaps_come_with_it() -> None:
    desk = facts(GOOD, "HealthcareService/felles")
    assert isinstance(desk, Inbox)
    hours, plan = facts(GOOD, "HealthcareService/felles#hours"), facts(GOOD, "HealthcareService/vakt#plan")
    assert isinstance(hours, Hours)
    assert hours.rules.weekly == tuple(Span(day, 480, 930) for day in range(1, 6))
    assert hours.rules.holidays is OnHolidays.CLOSED
    closed = (date(2026, 12, 24), date(2027, 3, 11), date(2027, 3, 12))
    assert hours.rules.exceptions == tuple(OpenThen(day, ()) for day in closed)
    assert isinstance(plan, Plan)
    torstein, mai = (entry_id(SURGERY.organisation, f"Practitioner/{who}") for who in ("torstein", "mai"))
    assert plan.rules.shifts[0] == Shift(1, 480, 960, 1, (torstein,))
    assert plan.rules.shifts[-1] == Shift(5, 480, 960, 2, (mai,))
    assert plan.rules.swaps == (Swap(date(2026, 12, 24), 480, 720, (mai,)),)
    assert (plan.rules.weeks, plan.rules.first_week) == (2, date(2026, 1, 5))


def test_the_order_of_resources_and_the_bytes_of_the_file_change_nothing() -> None:
    backwards = changed(lambda r: r["Bundle"]["entry"].reverse())
    again = b"\xef\xbb\xbf \n" + GOOD
    entries = [read_listing(data, "x", SURGERY).entries for data in (GOOD, backwards, again)]
    assert entries[0] == entries[1] == entries[2]


def test_what_the_directory_has_no_place_for_is_told() -> None:
    told = left_out(GOOD)
    for what in ("Endpoint", "Organization.identifier (HER-id)", "Organization.telecom (annet enn telefon)"):
        assert told[what] == 1
    more = changed(
        lambda r: r["Practitioner/mai"].update(gender="female", photo=[{"title": "x"}], birthDate="1980-01-01")
    )
    assert {"Practitioner.gender", "Practitioner.photo", "Practitioner.birthDate"} <= left_out(more).keys()
    extra = {"resource": {"resourceType": "Patient", "id": "x", "name": [{"text": "x"}]}}
    assert left_out(changed(lambda r: r["Bundle"]["entry"].append(extra)))["Patient"] == 1

    def end(resources: dict[str, dict[str, Any]]) -> None:
        for code in ("PractitionerRole/ane-sekretaer", "Practitioner/ane"):
            resources[code]["active"] = False

    gone = changed(end)
    assert left_out(gone)["PractitionerRole som ikke er aktiv"] == 1


def put(code: str, **members: Any) -> Change:
    return lambda resources: resources[code].update(members)


def drop(code: str, name: str) -> Change:
    return lambda resources: resources[code].pop(name)


ORG, DESK, ROLE, MAN = (
    "Organization/torget",
    "HealthcareService/felles",
    "PractitionerRole/mai-fastlege",
    "Practitioner/mai",
)
NUMBER = {"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "000000052"}
NOWHERE = {"reference": "Location/x"}
CASES: dict[str, tuple[Change, str, str]] = {
    "another bundle": (put("Bundle", type="document"), "$.type", "samling av ressurser"),
    "one page of several": (put("Bundle", link=[{"relation": "next", "url": "x"}]), "$.link[0].relation", "én side"),
    "a resource twice": (put("HealthcareService/lab", id="vakt"), "$.entry[6].resource.id", "før"),
    "no id": (drop(DESK, "id"), "$.entry[4].resource.id", "id mangler"),
    "what changes every meaning": (put(DESK, modifierExtension=[]), "$.entry[4].resource.modifierExtension", "hensyn"),
    "a text that is a number": (put(DESK, name=1), "$.entry[4].resource.name", "skal det stå en tekst"),
    "a list that is none": (put(DESK, type={}), "$.entry[4].resource.type", "skal det stå en liste"),
    "a wrong check digit": (
        put(ORG, identifier=[NUMBER]),
        "$.entry[0].resource.identifier[0].value",
        "kontrollsifferet",
    ),
    "no name": (drop(DESK, "name"), "$.entry[4].resource.name", "navnet mangler"),
    "no code": (drop(DESK, "type"), "$.entry[4].resource.type", "koden mangler"),
    "nothing above": (drop(DESK, "providedBy"), "$.entry[4].resource.providedBy", "mangler"),
    "a reference into nothing": (
        put(DESK, providedBy={"reference": "Organization/x"}),
        "$.entry[4].resource.providedBy.reference",
        "ikke står i filen",
    ),
    "a reference to another kind": (
        put(DESK, providedBy={"reference": "Practitioner/mai"}),
        "$.entry[4].resource.providedBy.reference",
        "av typen person",
    ),
    "a reference without address": (
        put(DESK, providedBy={"display": "Torget"}),
        "$.entry[4].resource.providedBy.reference",
        "peker ikke på en ressurs",
    ),
    "units in a circle": (
        put("Organization/lab", partOf={"reference": "Organization/lab"}),
        "$.entry[1].resource.partOf.reference",
        "i ring",
    ),
    "a second organisation": (drop("Organization/lab", "partOf"), "$.entry[1].resource.id", "flere virksomheter"),
    "a place that is not there": (put(DESK, location=[NOWHERE]), "$.entry[4].resource.location", "stedet"),
    "a person without a role": (drop(ROLE, "practitioner"), "$.entry[8].resource", "ingen PractitionerRole"),
    "absence in a role": (put(ROLE, notAvailable=[{}]), "$.entry[11].resource.notAvailable", "fravær"),
    "a day that is none": (
        put(DESK, availableTime=[{"daysOfWeek": ["man"], "allDay": True}]),
        "$.entry[4].resource.availableTime[0].daysOfWeek",
        "ikke finnes",
    ),
    "a clock that is none": (
        put(DESK, availableTime=[{"availableStartTime": "8", "availableEndTime": "10:00:00"}]),
        "$.entry[4].resource.availableTime[0].availableStartTime",
        "klokkeslett",
    ),
    "a telephone that is none": (
        put(DESK, telecom=[{"system": "phone", "value": "ring"}]),
        "$.entry[4].resource.telecom[0].value",
        "telefonnummer",
    ),
    "a national id by its system": (
        put(MAN, identifier=[{"system": "urn:oid:2.16.578.1.12.4.1.4.2", "value": "x"}]),
        "$.entry[8].resource.identifier[0].value",
        "D-nummer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_its_path_and_what_to_write_instead(name: str) -> None:
    change, path, what = CASES[name]
    told = [one for one in mistakes(changed(change)) if one.where.path == path]
    assert [what in one.what for one in told] == [True], mistakes(changed(change))
    assert str(told[0]).startswith(f"katalog.json, {path}: ")
    assert told[0].instead.endswith(".")


def test_all_mistakes_are_told_at_once() -> None:
    def both(resources: dict[str, Any]) -> None:
        CASES["no name"][0](resources)
        CASES["a national id by its system"][0](resources)
        CASES["a reference into nothing"][0](resources)

    assert {one.where.path for one in mistakes(changed(both))} >= {
        CASES[name][1] for name in ("no name", "a national id by its system", "a reference into nothing")
    }


@pytest.mark.parametrize("value", [SYNTHETIC, f"Mai {SYNTHETIC[:6]} {SYNTHETIC[6:]}", int(SYNTHETIC), {SYNTHETIC: 1}])
@pytest.mark.parametrize("name", ["comment", "id", "identifier", "name"])
def test_a_number_of_a_person_is_refused_wherever_it_stands_and_never_repeated(name: str, value: Any) -> None:
    told = mistakes(changed(put(DESK, **{name: value})))
    assert "fødselsnummer" in told[0].what
    assert not any(part in str(told) for part in (SYNTHETIC, SYNTHETIC[:6], SYNTHETIC[6:]))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'{"a": 1, "a": 2}', "to ganger"),
        (b'{"resourceType": "Bundle",', "ikke gyldig JSON"),
        (b'{"a": NaN}', "ikke gyldig JSON"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "nivåer"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nøstet"),
        (b'{"a": ' + b"9" * 5000 + b"}", "ikke gyldig JSON"),
        (b"[]", "ikke et JSON-objekt"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"{}", "samling av ressurser"),
    ],
)
def test_a_file_that_is_no_bundle_says_why(data: bytes, what: str) -> None:
    assert what in mistakes(data)[0].what


def test_a_syntax_error_has_its_line_and_column() -> None:
    assert str(mistakes(b'{\n "a": }')[0]).startswith("katalog.json, rad 2, kolonne «7»")


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for step, inner in steps for one in paths(inner, (*path, step)))]


ALL_PATHS = [path for path in paths(SAMPLE) if path]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(ALL_PATHS), values)
def test_whatever_stands_anywhere_is_taken_over_in_one_form_or_refused_with_one_error(
    path: tuple[Any, ...], value: Any
) -> None:
    whole = deepcopy(SAMPLE)
    holder: Any = whole
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    try:
        found = read_listing(json.dumps(whole).encode(), "x.json", SURGERY)
    except ImportRefused:
        return
    assert all(encode_entry(parse_entry(raw)) == raw for raw in found.entries.values())


@given(values)
def test_any_json_is_refused_with_one_error(value: Any) -> None:
    with pytest.raises(ImportRefused):
        read_listing(json.dumps(value).encode(), "x.json", SURGERY)
