"""The access log as FHIR: two independent programs take it, and it says what IHE BALP asks of a disclosure."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.access.events import Purpose, Reach, ThreadBasis
from domain.access.readings import Reading
from domain.ids import Millis, OrganisationId, PrincipalId, ThreadNo, Version
from samsnakk.evidence.fhir import PROFILE, PURPOSES, Named, Subject, audit_events, instant
from tests.node_packages import installed, node

HERE = Path(__file__).resolve().parent / "fhir"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
ids = st.binary(min_size=16, max_size=16)
times = st.integers(0, 4102444800000).map(Millis)  # until 2100
bases = st.builds(ThreadBasis, st.integers(0, 99).map(ThreadNo), st.sampled_from(["hpl-25", "phbl-3-4"]))
readings = st.builds(
    Reading,
    line=st.integers(1, 9999).map(Version),
    reader=ids.map(PrincipalId),
    person=ids.map(PrincipalId),
    device=ids,
    organisation=st.none() | ids.map(OrganisationId),
    role=st.none() | ids.map(PrincipalId),
    purpose=st.sampled_from(Purpose),
    bases=st.lists(bases, min_size=1, max_size=3).map(tuple),
    start=st.integers(1, 9).map(Version),
    until=st.integers(9, 99).map(Version),
    channel_version=st.integers(1, 99).map(Version),
    opened_at=times,
    closed_at=st.none() | times,
    reach=st.none() | st.sampled_from(Reach),
    file=st.none() | ids,
)
NURSE, HOUSE, HUB, CHANNEL = (bytes([n]) * 16 for n in range(1, 5))
SUBJECT = Subject(bytes(16), CHANNEL, b"u" * 16, HUB)
NAMES = {NURSE: Named("Kari Test"), HOUSE: Named("Fjellheim DPS", "000000019")}


def reading(**changed: Any) -> Reading:
    said: dict[str, Any] = {
        "line": Version(7),
        "reader": PrincipalId(NURSE),
        "person": PrincipalId(NURSE),
        "device": b"d" * 16,
        "organisation": OrganisationId(HOUSE),
        "role": None,
        "purpose": Purpose.TREATMENT,
        "bases": (ThreadBasis(ThreadNo(0), "hpl-25"),),
        "start": Version(1),
        "until": Version(12),
        "channel_version": Version(9),
        "opened_at": Millis(1700000000123),
        "closed_at": Millis(1700000060000),
    }
    return Reading(**{**said, **changed})


def event(**changed: Any) -> dict[str, Any]:
    (found,) = audit_events([reading(**changed)], SUBJECT, NAMES)
    return found


def of_type(slices: list[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    """The slices with this code as type."""
    return [one for one in slices if code in (one["type"].get("code"), *_codes(one["type"]))]


def _codes(concept: dict[str, Any]) -> list[str]:
    return [coding["code"] for coding in concept.get("coding", [])]


def faults(resources: list[dict[str, Any]]) -> list[list[str]]:
    """What npm `fhir` finds wrong with each."""
    done = subprocess.run(
        [str(node()), str(installed(HERE, "validate.mjs"))],
        input="\n".join(json.dumps(one) for one in resources),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_independent_validator_finds_nothing_wrong_in_any_kind_of_reading() -> None:
    made = [event(purpose=purpose) for purpose in Purpose]
    made += [event(reach=reach, file=b"f" * 16, closed_at=None) for reach in Reach]
    made += [event(role=PrincipalId(b"r" * 16)), event(organisation=None, person=PrincipalId(b"x" * 16))]
    assert faults(made) == [[] for _ in made]


def test_the_validator_would_find_what_is_wrong() -> None:
    without_agents = event() | {"agent": []}
    wrong_outcome = event() | {"outcome": "fine"}
    misspelt = event() | {"recoded": "x"}
    assert all(faults([without_agents, wrong_outcome, misspelt]))


@given(st.lists(readings, max_size=4))
def test_a_second_program_takes_every_reading_there_can_be(some: list[Reading]) -> None:
    for resource in audit_events(some, SUBJECT, NAMES):
        assert AuditEvent.model_validate(resource).get_resource_type() == "AuditEvent"
        follows_the_profile(resource)


def test_the_second_program_refuses_what_is_no_audit_event() -> None:
    with pytest.raises(ValidationError):
        AuditEvent.model_validate(event() | {"agent": [{"requestor": "maybe"}]})


def follows_the_profile(resource: dict[str, Any]) -> None:
    """The rules of IHE BALP, PrivacyDisclosure.Source, by hand: no validator here knows the profile."""
    assert resource["meta"]["profile"] == [PROFILE]
    assert "modifierExtension" not in resource
    assert (resource["type"]["system"], resource["type"]["code"]) == (DCM, "110106")
    assert resource["action"] == "R"
    assert "disclose" in [one["code"] for one in resource["subtype"]]
    assert resource["recorded"]
    assert resource["outcome"] == "0"
    assert resource["purposeOfEvent"]
    (source,) = of_type(resource["agent"], "110153")
    (recipient,) = of_type(resource["agent"], "110152")
    for one in (source, recipient):
        assert one["who"]["identifier"]["value"].startswith("urn:uuid:")
        assert one["network"]["address"]
    assert source["who"] == resource["source"]["observer"]  # val-audit-source
    (patient,) = of_type(resource["entity"], "1")
    assert patient["role"]["code"] == "1"
    assert patient["what"]["type"] == "Patient"
    assert len(resource["entity"]) > 1
    assert [one["requestor"] for one in resource["agent"]].count(True) == 1


def test_it_says_who_for_whom_when_why_and_on_which_basis() -> None:
    found = event(role=PrincipalId(b"r" * 16))
    (user,) = of_type(found["agent"], "IRCP")
    assert (user["who"]["display"], user["requestor"]) == ("Kari Test", True)
    assert user["policy"] == ["urn:samsnakk:legal-basis:hpl-25"]
    (house,) = of_type(found["agent"], "PROV")
    assert house["who"]["display"] == "Fjellheim DPS"
    assert house["who"]["identifier"] == {"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "000000019"}
    assert of_type(found["agent"], "ASSIGNED")
    assert found["recorded"] == "2023-11-14T22:13:20.123Z"
    assert found["period"] == {"start": "2023-11-14T22:13:20.123Z", "end": "2023-11-14T22:14:20.000Z"}
    details = {one["type"]: one["valueString"] for one in found["entity"][1]["detail"]}
    assert (details["thread"], details["first version"], details["last version"]) == ("0", "1", "12")


def test_a_user_reading_about_herself_belongs_to_no_organisation() -> None:
    found = event(organisation=None, purpose=Purpose.OWN_RECORD)
    assert not of_type(found["agent"], "PROV")
    assert found["purposeOfEvent"][0]["coding"][0]["code"] == "PATRQT"


def test_every_purpose_has_a_code_of_hl7() -> None:
    assert set(PURPOSES) == set(Purpose)


@given(times)
def test_times_are_instants_of_fhir(at: Millis) -> None:
    assert len(instant(at)) == len("2023-11-14T22:13:20.123Z")
