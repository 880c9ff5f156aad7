"""A user's root of her own: her id is its hash, so nobody can put another in its place."""

import pytest

from crypto.errors import BadChain, BadSignature
from crypto.key_statements import (
    DeviceRevoked,
    KeyStatement,
    KeyVersionAdded,
    OwnRootFounded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    sign_statement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import extend, replay
from crypto.own_roots import own_id
from tests.crypto.fixed import kem_key, signing_key, some_id
from tests.protocol.arrival.exchange_making import first_facts, own_entries
from tests.protocol.stream_builder import PLACE

HERE = PLACE.deployment
ELLE = own_id(HERE, signing_key("Elle").public)


def test_a_stream_under_a_root_of_ones_own_needs_no_pin() -> None:
    state = replay(HERE, ELLE, own_entries("Elle"), {})
    assert (state.principal, state.organisation, state.kind) == (ELLE, None, PrincipalKind.PERSON)
    assert state.root == signing_key("Elle").public
    assert len(state.certificates) == len(state.key_versions) == 1


def test_no_other_root_founds_a_stream_of_that_id() -> None:
    facts = [OwnRootFounded(signing_key("Mallory").public), *first_facts("Elle")[1:]]
    with pytest.raises(BadChain, match="not this principal's own"):
        replay(HERE, ELLE, own_entries("Elle", facts, signer="Mallory"), {})


def test_a_root_signs_for_its_own_id_only_not_even_where_another_is_pinned() -> None:
    pinned = {ELLE: signing_key("Mallory").public}
    with pytest.raises(BadSignature):
        replay(HERE, ELLE, own_entries("Elle", signer="Mallory"), pinned)
    assert replay(HERE, ELLE, own_entries("Elle"), pinned).root == signing_key("Elle").public


def test_a_root_counts_in_one_deployment_only() -> None:
    assert own_id(some_id("elsewhere"), signing_key("Elle").public) != ELLE
    with pytest.raises(BadChain):
        replay(some_id("elsewhere"), ELLE, own_entries("Elle"), {})


def test_a_stream_has_one_founding() -> None:
    for again in (OwnRootFounded(signing_key("Elle").public), PrincipalFounded(PrincipalKind.PERSON, None)):
        with pytest.raises(BadChain, match="stated once"):
            replay(HERE, ELLE, own_entries("Elle", [*first_facts("Elle"), again]), {})


def next_by(name: str, fact: DeviceRevoked | KeyVersionAdded, issuer: bytes) -> SignedStatement:
    state = founded()
    statement = KeyStatement(HERE, ELLE, state.n + 1, state.head, fact, issuer, state.issued_at)
    return sign_statement(signing_key(name), statement)


def founded() -> KeyStreamState:
    return replay(HERE, ELLE, own_entries("Elle"), {})


def test_only_her_own_root_goes_on_with_her_stream() -> None:
    fresh = KeyVersionAdded(2, (kem_key("second").public,))
    assert len(extend(founded(), next_by("Elle", fresh, ELLE), {}).key_versions) == 2
    clinic = some_id("clinic")
    with pytest.raises(BadSignature):
        extend(founded(), next_by("clinic", fresh, ELLE), {clinic: signing_key("clinic").public})
    with pytest.raises(BadChain):
        extend(founded(), next_by("clinic", fresh, clinic), {clinic: signing_key("clinic").public})
