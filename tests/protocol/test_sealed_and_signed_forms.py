"""Requests, contents, trust files, snapshots and sealed bodies, damaged: each parser has its one error."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from crypto.errors import CannotOpen
from crypto.labels import ACT, CHALLENGE, HUB_ACT, READ_REQUEST
from crypto.signing import sign
from domain.access.events import Purpose
from domain.ids import Millis, Version
from protocol import sealing
from protocol.contents import Agreement, KnownContent, Task, Text, Unknown, decode_content, encode_content
from protocol.errors import (
    BadContent,
    ForgedRecord,
    MalformedAct,
    MalformedFrame,
    NulInText,
    TextTooLong,
)
from protocol.requests import ReadRequest, sign_request, signer_of, verify_request
from protocol.snapshots import UnusableSnapshot, decode_state, encode_state
from protocol.trust import (
    BadTrustFile,
    ChannelName,
    HubPin,
    KeyStreamEntries,
    KeyStreamEntry,
    OrganisationPin,
    PersonPin,
    decode_trust,
    encode_trust,
)
from tests.protocol.anything import any_among, nearly, nearly_value, patient
from tests.protocol.keyholders import ANNA, IDA, MALLORY, trust
from tests.protocol.small_channel import part, told
from tests.protocol.stream_builder import PLACE, epoch_key

LARGE = 1 << 20
SMALL_ORDER = (1).to_bytes(32, "little")

any_content = any_among(get_args(KnownContent))
any_request = st.builds(
    ReadRequest,
    place=st.just(PLACE),
    person=st.just(ANNA.person),
    device=st.just(ANNA.device),
    organisation=st.just(ANNA.organisation),
    role=st.none() | st.binary(min_size=16, max_size=16),
    purpose=st.sampled_from(Purpose),
    threads=st.lists(st.integers(0, 9), max_size=4).map(tuple),
    request_id=st.binary(min_size=16, max_size=16),
    made_at=st.integers(0, 1 << 40),
    action=st.sampled_from(["subscribe", "fetch"]),
)


REQUEST = ReadRequest(
    PLACE, ANNA.person, ANNA.device, ANNA.organisation, None, Purpose.TREATMENT, (), bytes(16), Millis(0), "subscribe"
)


def _body(signed: bytes) -> bytes:
    parts = cbor.decode(signed, max_size=LARGE)
    assert isinstance(parts, list)
    assert isinstance(parts[0], bytes)
    return parts[0]


# requests


@patient
@given(any_request)
def test_a_read_request_comes_back_as_it_was(request: ReadRequest) -> None:
    signed = sign_request(request, ANNA.signing)
    assert signer_of(signed) == ANNA.device
    assert verify_request(signed, ANNA.signing.public) == request


request_bytes = any_request.map(lambda request: sign_request(request, ANNA.signing))


@patient
@given(nearly(request_bytes) | nearly_value(request_bytes))
def test_whatever_stands_in_a_requests_place_is_refused(data: bytes) -> None:
    with suppress(MalformedFrame):
        signer_of(data)
    try:
        again = sign_request(verify_request(data, ANNA.signing.public), ANNA.signing)
    except (MalformedFrame, ForgedRecord):
        return
    assert again == data


@patient
@given(nearly_value(request_bytes.map(_body)))
def test_a_signed_request_of_another_form_is_malformed(body: bytes) -> None:
    signed = cbor.encode([body, ANNA.device + sign(ANNA.signing, READ_REQUEST, body)])
    try:
        again = sign_request(verify_request(signed, ANNA.signing.public), ANNA.signing)
    except (MalformedFrame, ForgedRecord):
        return
    assert again == signed


@pytest.mark.parametrize("at", range(12))
def test_no_field_of_a_request_takes_another_type(at: int) -> None:
    fields: Any = cbor.decode(_body(sign_request(REQUEST, ANNA.signing)), max_size=LARGE)
    other: Any
    for other in (True, -1, {}, [True], ["a"], [[]], b"short"):
        body = cbor.encode([*fields[:at], other, *fields[at + 1 :]])
        signed = cbor.encode([body, ANNA.device + sign(ANNA.signing, READ_REQUEST, body)])
        with pytest.raises((MalformedFrame, ForgedRecord)):
            verify_request(signed, ANNA.signing.public)


@pytest.mark.parametrize(
    "key", [SMALL_ORDER, b"", bytes(31), b"\xff" * 32], ids=["small order", "none", "short", "no point"]
)
def test_a_request_under_a_key_that_is_none_is_forged(key: bytes) -> None:
    with pytest.raises(ForgedRecord):
        verify_request(sign_request(REQUEST, ANNA.signing), key)


def test_a_request_signed_by_another_device_than_it_names_is_forged() -> None:
    for key in (ANNA.signing, MALLORY.signing):
        signed = sign_request(replace(REQUEST, device=MALLORY.device), key)
        with pytest.raises(ForgedRecord):
            verify_request(cbor.encode([_body(signed), ANNA.device + bytes(64)]), key.public)
    body = _body(sign_request(replace(REQUEST, device=MALLORY.device), ANNA.signing))
    with pytest.raises(ForgedRecord, match="another device"):
        verify_request(cbor.encode([body, ANNA.device + sign(ANNA.signing, READ_REQUEST, body)]), ANNA.signing.public)


def test_a_signature_for_something_else_is_no_request() -> None:
    body = _body(sign_request(REQUEST, ANNA.signing))
    for label in (ACT, CHALLENGE, HUB_ACT):
        with pytest.raises(ForgedRecord):
            verify_request(cbor.encode([body, ANNA.device + sign(ANNA.signing, label, body)]), ANNA.signing.public)


# contents


@patient
@given(any_content)
def test_every_content_comes_back_as_it_was(content: Any) -> None:
    assert decode_content(encode_content(content)) == content


content_bytes = any_content.map(encode_content)


@patient
@given(nearly(content_bytes) | nearly_value(content_bytes))
def test_whatever_was_sealed_is_shown_or_is_bad_content(data: bytes) -> None:
    with suppress(BadContent):
        content = decode_content(data)
        assert isinstance(content, Unknown) or encode_content(content) == data


def test_a_content_of_a_newer_program_is_kept_by_its_name() -> None:
    assert decode_content(cbor.encode({"kind": "hologram", "depth": 3})) == Unknown("hologram")


@pytest.mark.parametrize(
    ("text", "error"),
    [("a\0b", NulInText), ("\ud800", BadContent), ("å" * 32_769, TextTooLong)],
    ids=["U+0000", "half a sign", "too long"],
)
def test_a_text_that_not_every_end_can_keep_is_not_sealed(text: str, error: type[BadContent]) -> None:
    for content in (Text(text), Agreement((text,), "", ()), Agreement((), "", (Task("", text),))):
        with pytest.raises(error) as caught:
            encode_content(content)
        assert text[:8] not in str(caught.value)


def test_a_content_that_is_too_large_as_a_whole_is_not_sealed() -> None:
    with pytest.raises(TextTooLong):
        encode_content(Agreement(("x" * 60_000,) * 5, ""))


def test_a_number_that_not_every_end_can_keep_is_not_sealed() -> None:
    with pytest.raises(BadContent):
        encode_content(Text("hei", Version(1 << 53)))


def test_one_content_has_one_encoding() -> None:
    with pytest.raises(BadContent):
        decode_content(cbor.encode({"kind": "text", "text": "hei"}))
    lie: Any
    for lie in ({"reply_to": None, "text": "hei"}, {"kind": "text", "reply_to": None, "text": "hei", "more": 1}, []):
        with pytest.raises(BadContent):
            decode_content(cbor.encode(lie))


# trust files and snapshots

trust_bytes = encode_trust(trust())


def test_a_trust_file_comes_back_as_it_was() -> None:
    assert encode_trust(decode_trust(trust_bytes)) == trust_bytes


@patient
@given(nearly(st.just(trust_bytes)) | nearly(st.just(b'{"format":1,"deployment":"AAAA","name":"x"}')))
def test_whatever_stands_in_a_trust_files_place_is_one_or_refused(data: bytes) -> None:
    with suppress(BadTrustFile):
        assert decode_trust(encode_trust(decode_trust(data))) == decode_trust(data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": 2},
        {"deployment": bytes(15)},
        {"hub": HubPin(bytes(16), SMALL_ORDER)},
        {"hub": HubPin(bytes(16), bytes(31))},
        {"hub": HubPin(bytes(17), bytes(32))},
        {"organisations": (OrganisationPin(bytes(16), "", "", SMALL_ORDER, bytes(16)),)},
        {"people": (PersonPin(bytes(16), "", "", None, SMALL_ORDER),)},
        {"people": (PersonPin(bytes(15), "", "", None),)},
        {"channels": (ChannelName(b"", ""),)},
        {"key_streams": (KeyStreamEntries(bytes(16), (KeyStreamEntry(b"", bytes(63)),)),)},
        {"key_streams": (KeyStreamEntries(bytes(3), ()),)},
    ],
)
def test_a_trust_file_with_a_wrong_length_or_a_key_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadTrustFile):
        decode_trust(encode_trust(msgspec.structs.replace(trust(), **wrong)))


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"x":' * 100_000, trust_bytes.replace(b"clinic", b"\xff\xfe")])
def test_a_hostile_trust_file_is_refused_by_its_one_error(data: bytes) -> None:
    with pytest.raises(BadTrustFile):
        decode_trust(data)


snapshots = st.just(encode_state(told().channel))


def test_a_snapshot_comes_back_as_it_was() -> None:
    assert decode_state(encode_state(told().channel)) == told().channel


@patient
@given(nearly(snapshots))
def test_a_damaged_snapshot_is_unusable_or_a_state(data: bytes) -> None:
    with suppress(UnusableSnapshot):
        encode_state(decode_state(data))


# sealed bodies

bodies = st.sampled_from([record.signed.body for record in told().records if record.signed.body])


@patient
@given(nearly(bodies))
def test_whatever_lies_beside_a_header_opens_or_does_not(body: bytes) -> None:
    story = told()
    for version in (7, 8, 6):
        header, _ = part(story, version)
        for opening in (
            lambda h: sealing.open_message(h, body, epoch_key(0, 2)),
            lambda h: sealing.open_granted_message(h, body, epoch_key(0, 2)),
            lambda h: sealing.message_key(h, body, epoch_key(0, 2)),
            lambda h: sealing.open_epoch(h, body, IDA.principal, IDA.kem()),
            lambda h: sealing.open_grant(h, body, IDA.kem()),
        ):
            with suppress(CannotOpen, MalformedAct):
                opening(header)
