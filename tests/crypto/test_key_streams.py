from dataclasses import replace

import pytest

from crypto.certificates import DeviceCertificate
from crypto.errors import BadChain, BadSignature
from crypto.key_heads import genesis_head
from crypto.key_statements import (
    DeviceRevoked,
    EligibilitySet,
    KeyringSealed,
    PrincipalEnded,
)
from crypto.key_streams import extend, replay
from crypto.layers import kem_hash
from crypto.signing import PublicKey
from tests.crypto.fixed import flipped, kem_key, some_digest, some_id
from tests.crypto.stream_writing import (
    CLINIC,
    DEPLOYMENT,
    LATER,
    NAV,
    PERSON,
    ROLE,
    ROOTS,
    SCHOOL,
    STAFF,
    USER,
    VAULT,
    Said,
    certified,
    read,
    state_of,
    version,
    written,
)

PHONE = some_id("telephone")
STREAM = [Said(STAFF), Said(version(1)), Said(certified("telephone")), Said(version(2)), Said(DeviceRevoked(PHONE))]


def test_a_whole_stream_tells_devices_and_key_versions() -> None:
    said = [replace(one, issued_at=1000 + at) for at, one in enumerate(STREAM)]
    state = state_of(*said)
    assert (state.n, state.kind, state.organisation, state.issued_at) == (5, STAFF.kind, NAV, 1004)
    assert [(one.version, one.issued_at) for one in state.key_versions] == [(1, 1001), (2, 1003)]
    assert state.key_versions[0].kem_hash == kem_hash([kem_key("version 1").public])
    (certificate,) = state.certificates_of(PHONE)
    assert (certificate.certified_at, certificate.valid_until, certificate.revoked_at) == (1002, LATER, 1004)


def test_replaying_step_by_step_gives_the_same_state() -> None:
    entries = written(*STREAM)
    state = read(entries[:1])
    for entry in entries[1:]:
        state = extend(state, entry, ROOTS)
    assert state == read(entries)


def test_two_streams_never_begin_with_the_same_head() -> None:
    assert len({genesis_head(DEPLOYMENT, PERSON), genesis_head(DEPLOYMENT, NAV), genesis_head(PERSON, PERSON)}) == 3


@pytest.mark.parametrize(("at", "holds"), [(999, False), (1000, True), (LATER - 1, True), (LATER, False)])
def test_a_certificate_holds_from_its_issue_to_its_end(at: int, holds: bool) -> None:
    (certificate,) = state_of(Said(STAFF), Said(certified("telephone"))).certificates
    assert certificate.holds_at(at) is holds


def test_a_revoked_certificate_holds_for_what_was_recorded_before() -> None:
    certificate = DeviceCertificate(PHONE, PublicKey(bytes(32)), NAV, 1000, LATER, revoked_at=2000, revoked_n=3)
    assert certificate.holds_at(1999)
    assert not certificate.holds_at(2000)


def test_where_statements_are_entered_in_order_a_revocation_counts_from_its_entry() -> None:
    certificate = DeviceCertificate(PHONE, PublicKey(bytes(32)), NAV, 1000, LATER, revoked_at=2000, revoked_n=3)
    assert certificate.holds_at(2500, entered=2)
    assert not certificate.holds_at(2500, entered=3)
    assert not certificate.holds_at(1500, entered=3)
    assert not certificate.holds_at(LATER, entered=2)


def test_a_user_speaks_for_themselves() -> None:
    state = state_of(
        Said(USER, PERSON),
        Said(version(1), PERSON),
        Said(certified("telephone", None), PERSON),
        Said(KeyringSealed(some_digest("keyring")), PERSON),
    )
    assert state.owner == PERSON
    assert state.keyring_hash == some_digest("keyring")


def test_a_person_may_be_certified_by_a_second_organisation() -> None:
    state = state_of(Said(STAFF), Said(certified("telephone")), Said(certified("telephone", CLINIC), CLINIC))
    assert [one.organisation for one in state.certificates_of(PHONE)] == [NAV, CLINIC]


def test_another_organisation_revokes_its_own_certificate_only() -> None:
    state = state_of(
        Said(STAFF),
        Said(certified("telephone")),
        Said(certified("telephone", CLINIC), CLINIC),
        Said(DeviceRevoked(PHONE), CLINIC, 2000),
    )
    assert [one.revoked_at for one in state.certificates] == [None, 2000]


def test_the_persons_own_organisation_revokes_a_lost_device_everywhere() -> None:
    state = state_of(
        Said(STAFF),
        Said(certified("telephone", CLINIC), CLINIC),
        Said(certified("telephone")),
        Said(DeviceRevoked(PHONE)),
    )
    assert [one.revoked_at for one in state.certificates] == [1000, 1000]


def test_a_certificate_is_renewed_by_a_second_one() -> None:
    state = state_of(Said(STAFF), Said(certified("telephone")), Said(certified("telephone", until=LATER + 1)))
    assert [one.valid_until for one in state.certificates_of(PHONE)] == [LATER, LATER + 1]


def test_a_role_lists_who_is_eligible_and_the_last_list_counts() -> None:
    people = tuple(sorted([some_id("Ola"), some_id("Per")]))
    state = state_of(Said(ROLE), Said(EligibilitySet(people)), Said(EligibilitySet(people[:1])))
    assert state.eligible == people[:1]


def test_a_vault_has_two_keys() -> None:
    state = state_of(Said(VAULT), Said(version(1, "officer A", "officer B")))
    assert state.key_versions[0].kem_hash == kem_hash([kem_key("officer A").public, kem_key("officer B").public])


def test_an_ended_principal_says_when() -> None:
    assert state_of(Said(STAFF), Said(PrincipalEnded(), issued_at=3000)).ended_at == 3000


BROKEN = {
    "nothing": [],
    "another beginning": [Said(version(1))],
    "a second beginning": [Said(STAFF), Said(STAFF)],
    "a role of no organisation": [Said(replace(ROLE, organisation=None), PERSON)],
    "a vault of no organisation": [Said(replace(VAULT, organisation=None), PERSON)],
    "a beginning by another organisation": [Said(STAFF, CLINIC)],
    "a beginning by the person themselves": [Said(STAFF, PERSON)],
    "a user begun by an organisation": [Said(USER, NAV)],
    "a number left out": [Said(STAFF), Said(version(1), n=3)],
    "a number repeated": [Said(STAFF), Said(version(1), n=1)],
    "a beginning that is not number 1": [Said(STAFF, n=2)],
    "a wrong previous head": [Said(STAFF), Said(version(1), previous=some_digest("other"))],
    "a wrong genesis": [Said(STAFF, previous=some_digest("other"))],
    "another deployment": [Said(STAFF), Said(version(1), deployment=some_id("other"))],
    "another principal": [Said(STAFF), Said(version(1), principal=some_id("other"))],
    "time running backwards": [Said(STAFF, issued_at=1000), Said(version(1), issued_at=999)],
    "an issuer whose root is not pinned": [Said(STAFF), Said(certified("telephone", SCHOOL), SCHOOL)],
    "a key version by another organisation": [Said(STAFF), Said(version(1), CLINIC)],
    "a key version by the employed person": [Said(STAFF), Said(version(1), PERSON)],
    "a key version left out": [Said(STAFF), Said(version(2))],
    "a key version repeated": [Said(STAFF), Said(version(1)), Said(version(1, "other"))],
    "an old key in a new version": [Said(STAFF), Said(version(1, "same")), Said(version(2, "same"))],
    "a person with two KEM keys": [Said(STAFF), Said(version(1, "A", "B"))],
    "a vault with one KEM key": [Said(VAULT), Said(version(1))],
    "a certificate in another organisation's name": [Said(STAFF), Said(certified("telephone", CLINIC))],
    "a certificate by the employed person": [Said(STAFF), Said(certified("telephone", None), PERSON)],
    "a certificate in nobody's name": [Said(STAFF), Said(certified("telephone", None))],
    "a certificate that has ended": [Said(STAFF), Said(certified("telephone", until=1000))],
    "a certificate for a role": [Said(ROLE), Said(certified("telephone"))],
    "a certificate for a vault": [Said(VAULT), Said(certified("telephone"))],
    "a device with a second key": [
        Said(STAFF),
        Said(certified("telephone")),
        Said(certified("telephone", CLINIC, key="other"), CLINIC),
    ],
    "a revoked device that comes back": [
        Said(STAFF),
        Said(certified("telephone")),
        Said(DeviceRevoked(PHONE)),
        Said(certified("telephone")),
    ],
    "a revocation of an unknown device": [Said(STAFF), Said(DeviceRevoked(PHONE))],
    "a revocation of another organisation's certificate": [
        Said(STAFF),
        Said(certified("telephone")),
        Said(DeviceRevoked(PHONE), CLINIC),
    ],
    "a second revocation": [
        Said(STAFF),
        Said(certified("telephone")),
        Said(DeviceRevoked(PHONE)),
        Said(DeviceRevoked(PHONE)),
    ],
    "eligibility of a person": [Said(STAFF), Said(EligibilitySet(()))],
    "eligibility by another organisation": [Said(ROLE), Said(EligibilitySet(()), CLINIC)],
    "a keyring of a role": [Said(ROLE), Said(KeyringSealed(some_digest("keyring")))],
    "an end by another organisation": [Said(STAFF), Said(PrincipalEnded(), CLINIC)],
    "something after the end": [Said(STAFF), Said(PrincipalEnded()), Said(version(1))],
}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN.keys())
def test_a_stream_is_broken_by(said: list[Said]) -> None:
    with pytest.raises(BadChain):
        state_of(*said)


def test_a_statement_signed_by_somebody_else_is_refused() -> None:
    with pytest.raises(BadSignature):
        state_of(Said(STAFF, signer="clinic"))
    with pytest.raises(BadSignature):
        state_of(Said(STAFF), Said(version(1), signer="clinic"))


def test_a_changed_signature_is_refused() -> None:
    entries = written(*STREAM)
    entries[2] = replace(entries[2], signature=flipped(entries[2].signature))  # type: ignore[arg-type]
    with pytest.raises(BadSignature):
        read(entries)


def test_statements_swapped_or_left_out_break_the_stream() -> None:
    entries = written(*STREAM)
    for other in ([*entries[:1], *entries[2:]], [entries[0], entries[2], entries[1]], entries[1:], entries[::-1]):
        with pytest.raises(BadChain):
            read(other)


def test_a_stream_is_not_another_principals() -> None:
    with pytest.raises(BadChain):
        replay(DEPLOYMENT, some_id("Ola"), written(*STREAM), ROOTS)


def test_a_pinned_root_that_is_no_key_believes_nothing() -> None:
    with pytest.raises(BadChain):
        replay(DEPLOYMENT, PERSON, written(*STREAM), {NAV: PublicKey(bytes(32))})
