"""An organisation's node reads for the vault, as archive, and does nothing else with its key."""

from dataclasses import replace

import pytest

from crypto import labels
from crypto.key_statements import DeviceRevoked, KeyFact, NodeCertified, PrincipalEnded, PrincipalFounded, PrincipalKind
from domain.access.events import Purpose
from domain.ids import DeviceId, Millis, OrganisationId, PrincipalId
from protocol.directory import Directory
from protocol.errors import DeviceNotValid, ForgedRecord, SubstitutedKey, UnknownDevice
from protocol.readers import is_node, signed_request, verify_reader
from protocol.requests import ReadRequest, sign_request
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import ANNA, CERTIFIED, EXPIRES, added, stated
from tests.protocol.stream_builder import PLACE, directory

HOUSE = OrganisationId(some_id("clinic"))
VAULT = PrincipalId(some_id("vault of clinic"))
NODE = DeviceId(some_id("node of clinic"))
KEY = signing_key("node of clinic")
AT = Millis(CERTIFIED + 1)
CERTIFICATE = NodeCertified(NODE, KEY.public, EXPIRES)
ASKED = ReadRequest(PLACE, VAULT, NODE, HOUSE, None, Purpose.ARCHIVE, (), some_id("request"), AT, "subscribe")


def known(*more: KeyFact) -> Directory:
    keys = directory()
    root = signing_key("root of clinic")
    before = keys.entries(VAULT)
    first: list[KeyFact] = [] if before else [PrincipalFounded(PrincipalKind.VAULT, HOUSE), added("vault of clinic")]
    keys.add(VAULT, stated(VAULT, HOUSE, root, [*first, CERTIFICATE, *more], after=before))
    return keys


def test_a_node_reads_for_its_vault() -> None:
    keys = known()
    asked = signed_request(sign_request(ASKED, KEY, labels.NODE_READ_REQUEST), keys)
    verify_reader(asked, keys, AT)
    assert is_node(NODE, keys)
    assert keys.is_certified(NODE, AT)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ASKED, person=ANNA.person),
        replace(ASKED, organisation=OrganisationId(some_id("town"))),
        replace(ASKED, role=VAULT),
        replace(ASKED, purpose=Purpose.TREATMENT),
        replace(ASKED, person=PrincipalId(some_id("vault of town"))),
    ],
    ids=["as a person", "of another organisation", "as a role", "for treatment", "for another vault"],
)
def test_a_node_reads_as_nobody_else_and_for_nothing_else(wrong: ReadRequest) -> None:
    keys = known()
    with pytest.raises(DeviceNotValid):
        verify_reader(signed_request(sign_request(wrong, KEY, labels.NODE_READ_REQUEST), keys), keys, AT)


def test_a_node_signs_no_acts() -> None:
    with pytest.raises(UnknownDevice):
        known().signer(NODE)


def test_what_a_node_signs_as_people_do_counts_for_nothing() -> None:
    with pytest.raises(ForgedRecord):
        signed_request(sign_request(ASKED, KEY), known())


def test_a_person_does_not_read_as_archive() -> None:
    keys = known()
    asked = replace(ASKED, person=ANNA.person, device=ANNA.device, organisation=ANNA.organisation)
    with pytest.raises(DeviceNotValid):
        verify_reader(asked, keys, AT)
    verify_reader(replace(asked, purpose=Purpose.TREATMENT), keys, AT)


@pytest.mark.parametrize("end", [DeviceRevoked(NODE), PrincipalEnded()], ids=["revoked", "its vault has ended"])
def test_a_node_that_has_ended_reads_nothing(end: KeyFact) -> None:
    keys = known(end)
    assert not keys.is_certified(NODE, AT)
    with pytest.raises(DeviceNotValid):
        verify_reader(ASKED, keys, AT)


def test_a_nodes_certificate_runs_out() -> None:
    with pytest.raises(DeviceNotValid):
        verify_reader(ASKED, known(), Millis(EXPIRES))


def test_a_node_is_nobody_elses_device() -> None:
    root = signing_key("root of clinic")
    keys = directory()
    before = keys.entries(VAULT)
    first: list[KeyFact] = [] if before else [PrincipalFounded(PrincipalKind.VAULT, HOUSE), added("vault of clinic")]
    stolen = NodeCertified(ANNA.device, KEY.public, EXPIRES)
    with pytest.raises(SubstitutedKey):
        keys.add(VAULT, stated(VAULT, HOUSE, root, [*first, stolen], after=before))
