"""Requests a device signs for itself: to read, and to use the hub's HTTP doors. A read request stands, as signed, in
the access line that precedes the content."""

from dataclasses import dataclass
from typing import Any

from crypto import cbor, labels, signing
from crypto.errors import BadKey, BadSignature, Malformed
from domain.access.events import Purpose, Shown
from domain.ids import (
    Bytes16,
    ChannelId,
    DeploymentId,
    DeviceId,
    Millis,
    OrganisationId,
    PrincipalId,
    ThreadNo,
    Version,
)
from protocol.acts import PROTOCOL, SIGNATURE, SIGNER, Place
from protocol.errors import ForgedRecord, MalformedFrame

MAX_REQUEST = 16 * 1024
MAX_AGE = 5 * 60 * 1000
"""A request is honoured for five minutes either side of the hub's clock, milliseconds."""
_FIELDS = 12


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Who wants to read what, as whom and what for. `request_id` (16 bytes) makes each one different.

    `threads` empty: every thread the reader takes part in.
    """

    place: Place
    person: PrincipalId
    device: DeviceId
    organisation: OrganisationId | None
    role: PrincipalId | None
    purpose: Purpose
    threads: tuple[ThreadNo, ...]
    request_id: Bytes16
    made_at: Millis
    action: str

    @property
    def reader(self) -> PrincipalId:
        """The principal that reads: the role if acting for one, else the person."""
        return self.role or self.person


def sign_request(request: ReadRequest, key: signing.SigningKey, label: labels.Label = labels.READ_REQUEST) -> bytes:
    """The request as it travels: CBOR [request bytes, signer ‖ signature]. A node has a label of its own."""
    r = request
    body = cbor.encode(
        [
            PROTOCOL,
            r.place.deployment,
            r.place.channel,
            r.person,
            r.device,
            r.organisation,
            r.role,
            r.purpose.value,
            list(r.threads),
            r.request_id,
            r.made_at,
            r.action,
        ]
    )
    return cbor.encode([body, r.device + signing.sign(key, label, body)])


def signer_of(encoded: bytes) -> DeviceId:
    """The device that says it signed.

    Raises:
        MalformedFrame: not a signed request.

    """
    return DeviceId(_open(encoded)[1][:SIGNER])


def audit_action(case: Version, shows: Shown) -> str:
    """What an auditor asks for who looks on the case opened at this version: all of it, from the first version on."""
    return f"audit {case} {shows.value}"


def asks_as(encoded: bytes) -> tuple[PrincipalId, DeviceId]:
    """The person and device that the request names, its signature unchecked: whose keys are needed to check it.

    Raises:
        MalformedFrame: not a signed request.

    """
    request = _read(_decode(_open(encoded)[0]))
    return request.person, request.device


def asks_about(encoded: bytes) -> ChannelId:
    """The channel that the request names, its signature unchecked.

    Raises:
        MalformedFrame: not a signed request.

    """
    return _read(_decode(_open(encoded)[0])).place.channel


def verify_request(encoded: bytes, public_key: bytes, label: labels.Label = labels.READ_REQUEST) -> ReadRequest:
    """The request, once its signature holds under the device's `public_key` and the label it signs requests under.

    Raises:
        ForgedRecord: the signature does not fit.
        MalformedFrame: the signed bytes are no request.

    """
    body, signature = _open(encoded)
    try:
        signing.verify(public_key, label, body, signature[SIGNER:])
    except (BadSignature, BadKey):
        raise ForgedRecord("request") from None
    request = _read(_decode(body))
    if request.device != signature[:SIGNER]:
        raise ForgedRecord("request signed by another device")
    return request


def _open(encoded: bytes) -> tuple[bytes, bytes]:
    match _decode(encoded):
        case [bytes() as body, bytes() as signature] if len(signature) == SIGNATURE:
            return body, signature
        case _:
            raise MalformedFrame("request")


def _decode(encoded: bytes) -> object:
    try:
        return cbor.decode(encoded, max_size=MAX_REQUEST)
    except Malformed:
        raise MalformedFrame("request") from None


def _read(fields: object) -> ReadRequest:
    if not isinstance(fields, list) or len(fields) != _FIELDS or fields[0] is True or fields[0] != PROTOCOL:
        raise MalformedFrame("request")
    f: list[Any] = fields
    fits = (
        all(isinstance(i, bytes) and len(i) == SIGNER for i in (*f[1:5], f[9]))
        and all(i is None or (isinstance(i, bytes) and len(i) == SIGNER) for i in f[5:7])
        and isinstance(f[7], str)
        and f[7] in set(Purpose)
        and isinstance(f[8], list)
        and all(type(n) is int and n >= 0 for n in (*f[8], f[10]))
        and isinstance(f[11], str)
    )
    if not fits:
        raise MalformedFrame("request")
    place = Place(DeploymentId(f[1]), ChannelId(f[2]))
    threads = tuple(ThreadNo(n) for n in f[8])
    return ReadRequest(place, f[3], f[4], f[5], f[6], Purpose(f[7]), threads, f[9], f[10], f[11])
