"""The form of statements; what may follow what is in test_key_streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import CborInput, decode, encode
from crypto.errors import Malformed
from crypto.key_statements import (
    MAX_STATEMENT,
    DeviceRevoked,
    EligibilitySet,
    KeyFact,
    KeyringSealed,
    PrincipalEnded,
    parse_statement,
)
from crypto.shapes import array
from tests.crypto.fixed import flipped, kem_key, some_digest, some_id
from tests.crypto.stream_writing import CLINIC, NAV, ROOTS, STAFF, USER, Said, certified, version, written

PHONE = some_id("telephone")


@pytest.mark.parametrize(
    "fact",
    [
        STAFF,
        USER,
        certified("telephone"),
        certified("telephone", None),
        DeviceRevoked(PHONE),
        version(1),
        version(2, "officer A", "officer B"),
        EligibilitySet(()),
        EligibilitySet(tuple(sorted([NAV, CLINIC]))),
        KeyringSealed(some_digest("keyring")),
        PrincipalEnded(),
    ],
)
def test_a_statement_is_read_back_as_it_was_signed(fact: KeyFact) -> None:
    (entry,) = written(Said(fact))
    assert parse_statement(entry.statement).fact == fact


def _changed(said: Said, at: int, value: CborInput) -> bytes:
    items = array(decode(written(said)[0].statement, max_size=MAX_STATEMENT))
    items[at] = value  # type: ignore[assignment]
    return encode(items)


KEM = kem_key("version 1").public
DEVICE_FACTS: dict[str, CborInput] = {
    "device": PHONE,
    "public_key": ROOTS[NAV],
    "organisation": None,
    "valid_until": 1,
}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("principal", {"kind": "person"}),
        ("principal", {"kind": "robot", "organisation": None}),
        ("principal", {"kind": b"person", "organisation": None}),
        ("principal", {"kind": "person", "organisation": b"short"}),
        ("principal", {"kind": "person", "organisation": None, "more": 1}),
        ("principal", []),
        ("device-certified", DEVICE_FACTS | {"device": b"short"}),
        ("device-certified", DEVICE_FACTS | {"public_key": bytes(32)}),
        ("device-certified", DEVICE_FACTS | {"public_key": bytes(31)}),
        ("device-certified", DEVICE_FACTS | {"valid_until": -1}),
        ("device-revoked", {"device": None}),
        ("key-version", {"version": 0, "kem": [KEM]}),
        ("key-version", {"version": 1, "kem": []}),
        ("key-version", {"version": 1, "kem": [KEM[:-1]]}),
        ("key-version", {"version": 1, "kem": [KEM[:-32] + bytes(32)]}),
        ("key-version", {"version": 1, "kem": [KEM, KEM]}),
        ("key-version", {"version": 1, "kem": [KEM, flipped(KEM), KEM]}),
        ("eligibility", {"people": [NAV, NAV]}),
        ("eligibility", {"people": sorted([NAV, CLINIC], reverse=True)}),
        ("eligibility", {"people": ["Ola"]}),
        ("keyring", {"hash": bytes(31)}),
        ("ended", {"why": "moved"}),
        ("unknown", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_facts_of_another_shape_are_malformed(kind: str, facts: CborInput) -> None:
    items = array(decode(written(Said(STAFF))[0].statement, max_size=MAX_STATEMENT))
    with pytest.raises(Malformed):
        parse_statement(encode([*items[:5], kind, facts, *items[7:]]))


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 2), (0, True), (1, b"short"), (2, None), (3, 0), (4, b"short"), (7, b"short"), (8, -1), (8, "now")],
)
def test_a_statement_of_another_shape_is_malformed(at: int, value: CborInput) -> None:
    with pytest.raises(Malformed):
        parse_statement(_changed(Said(STAFF), at, value))


@given(st.binary(max_size=200))
def test_other_bytes_are_no_statement(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_statement(data)


def test_what_could_not_be_read_back_is_not_signed() -> None:
    with pytest.raises(Malformed):
        written(Said(version(0)))
