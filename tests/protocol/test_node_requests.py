"""Wishes to a node: what is signed comes back, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor, labels
from crypto.hashing import Digest
from crypto.inbox_files import MAX_SEATS
from crypto.kem import KemKey
from crypto.signing import SigningKey
from domain.ids import DeploymentId, DeviceId, Millis, OrganisationId, PrincipalId
from protocol.errors import ForgedRecord, MalformedFrame
from protocol.node_requests import (
    Admit,
    Certify,
    EndPrincipal,
    NodeRequest,
    Renew,
    RenewInbox,
    RevokeDevice,
    Rotate,
    SealKeyring,
    Wish,
    read_node_request,
    sign_node_request,
    verify_node_request,
)

KEY = SigningKey.from_seed(bytes(range(32)))
KEM = KemKey.from_seed(bytes(range(32))).public
WISHES: list[Wish] = [
    Certify(KEY.public, KEM),
    Certify(KEY.public, None),
    Admit(DeviceId(bytes(16)), KEY.public),
    Rotate(2, KEM),
    Renew(2, KEM, Digest(bytes(32))),
    SealKeyring(Digest(bytes(32))),
    RevokeDevice(DeviceId(bytes(16))),
    EndPrincipal(),
    RenewInbox(PrincipalId(bytes(16)), 2, KEM, ((bytes(16), 1), (bytes([1] * 16), 2**40))),
    RenewInbox(PrincipalId(bytes(16)), 1, KEM, tuple((n.to_bytes(16), 2**32) for n in range(MAX_SEATS))),
]


def request(wish: Wish) -> NodeRequest:
    one = bytes([1] * 16)
    return NodeRequest(DeploymentId(one), OrganisationId(one), DeviceId(one), wish, one, Millis(5))


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
def test_a_signed_wish_comes_back_as_it_was(wish: Wish) -> None:
    assert verify_node_request(sign_node_request(request(wish), KEY), KEY.public) == request(wish)


def test_another_key_or_another_purpose_does_not_pass() -> None:
    asked = request(EndPrincipal())
    with pytest.raises(ForgedRecord):
        verify_node_request(sign_node_request(asked, SigningKey.from_seed(bytes(32))), KEY.public)
    body = cbor.decode(sign_node_request(asked, KEY), max_size=1024)[0]  # type: ignore[index]
    assert isinstance(body, bytes)
    other = cbor.encode([body, asked.device + KEY.sign(labels.READ_REQUEST, body)])
    with pytest.raises(ForgedRecord):
        verify_node_request(other, KEY.public)


@given(st.binary(max_size=200))
def test_anything_else_is_one_error(data: bytes) -> None:
    for value in (data, cbor.encode([data, bytes(80)])):
        with pytest.raises(MalformedFrame):
            read_node_request(value)


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_byte_of_a_wish_can_be_changed(at: int, mask: int) -> None:
    signed = bytearray(sign_node_request(request(RevokeDevice(DeviceId(bytes(16)))), KEY))
    signed[at % len(signed)] ^= mask
    with pytest.raises((ForgedRecord, MalformedFrame)):
        verify_node_request(bytes(signed), KEY.public)
