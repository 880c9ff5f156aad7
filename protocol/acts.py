"""Acts: a signed header and, beside it, an erasable body (docs/protocol.md §4).

The signer's device id stands in front of the signature, outside the header, so that the signature can be checked
before a single byte of the header is parsed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crypto import cbor, hashing, labels, signing
from crypto.errors import BadKey, BadSignature, Malformed
from domain.access.events import AccessEvent
from domain.channel.acts import Act, Author
from domain.channel.audits import DUTY_OF
from domain.channel.kinds import Body, Kind
from domain.ids import (
    ChannelId,
    CommandId,
    DeploymentId,
    DeviceId,
    Digest,
    EpochNo,
    Millis,
    OrganisationId,
    PrincipalId,
    ThreadNo,
    Version,
)
from protocol.errors import ForgedRecord, MalformedAct, UnknownProtocol, WrongPlace
from protocol.facts import KIND_OF, Event, facts_of, read_facts

PROTOCOL = 1
SUITE = 1
MAX_HEADER = 64 * 1024
MAX_BODY = 768 * 1024
"""Bytes: the wraps of the largest roster (256 members) need about 600 KiB."""
SIGNER = 16
SIGNATURE = SIGNER + 64
"""A signature travels as signer's device id (16) ‖ Ed25519 signature (64)."""
_FIELDS = 18
_ARRAY_17, _ARRAY_18 = b"\x91", b"\x92"
"""The first byte of a header core and of a header: all that differs but the body hash at the end (RFC 8949 §3)."""
_VERSIONS = cbor.encode(PROTOCOL) + cbor.encode(SUITE)
_HASH = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act belongs; an act made for one place is refused everywhere else."""

    deployment: DeploymentId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class Seen:
    """Version and head of the channel as the author saw them when acting."""

    version: Version
    head: Digest


@dataclass(frozen=True, slots=True)
class Header:
    """What the device signs. `event` is the kind and its facts; `body_hash` is null for kinds without a body."""

    place: Place
    thread: ThreadNo | None
    event: Event
    person: PrincipalId | None
    device: DeviceId
    organisation: OrganisationId | None
    role: PrincipalId | None
    membership_version: int
    epoch: EpochNo
    command_id: CommandId
    seen: Seen
    claimed_at: Millis
    body_hash: Digest | None
    core: bytes = field(default=b"", compare=False, repr=False)
    """`header_core` of these very fields where it is known already; empty where it is yet to be made."""

    def act(self) -> Act:
        """The part of the header that the channel decides about. Whether the author has the duty that the act rests
        on is `protocol.duties`'.

        Raises:
            MalformedAct: it is a line of the access log, which is another stream.

        """
        if isinstance(self.event, AccessEvent):
            raise MalformedAct("an access line is no act of the channel")
        duty = DUTY_OF.get(type(self.event))
        author = Author(self.person, self.device, self.organisation, self.role, duty)
        return Act(author, self.thread, self.event, self.membership_version, self.epoch)


@dataclass(frozen=True, slots=True)
class SignedAct:
    """The bytes that travel: header, signature (signer ‖ Ed25519), and the body beside them."""

    header: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    body: bytes | None = field(repr=False)

    @property
    def signer(self) -> DeviceId:
        """The device that says it signed; the header must name the same one."""
        return DeviceId(self.signature[:SIGNER])


@dataclass(frozen=True, slots=True)
class VerifiedAct:
    """An act whose signature, place, suite, facts and body hash hold. Only `verify_act` and `sign_act` make these."""

    header: Header
    kind: Kind
    signed: SignedAct


def body_hash(body: bytes) -> Digest:
    """SHA-256 over the labelled body."""
    return Digest(hashing.hash_with(labels.BODY, body))


def header_core(header: Header) -> bytes:
    """The header without its body hash: what a message key and the sealed content are bound to."""
    return header.core or cbor.encode(_fields(header))


def _fields(h: Header) -> list[Any]:
    return [
        PROTOCOL,
        SUITE,
        h.place.deployment,
        h.place.channel,
        h.thread,
        KIND_OF[type(h.event)].name,
        h.person,
        h.device,
        h.organisation,
        h.role,
        h.membership_version,
        h.epoch,
        h.command_id,
        h.seen.version,
        h.seen.head,
        h.claimed_at,
        facts_of(h.event),
    ]


def encode_header(header: Header) -> bytes:
    """Deterministic CBOR of the header: an array of 18."""
    return _ARRAY_18 + header_core(header)[1:] + cbor.encode(header.body_hash)


def sign_act(
    header: Header, body: bytes | None, key: signing.SigningKey, label: labels.Label = labels.ACT
) -> SignedAct:
    """Sign `header`, whose `body_hash` must already be that of `body`."""
    encoded = encode_header(header)
    return SignedAct(encoded, header.device + signing.sign(key, label, encoded), body)


def verify_act(
    signed: SignedAct, place: Place, public_key: Callable[[DeviceId], tuple[bytes, labels.Label]]
) -> VerifiedAct:
    """Check signature, then shape, then place and body.

    Args:
        signed: as received.
        place: the deployment and channel the caller expects.
        public_key: the signer's Ed25519 key and the label it signs under; raises `UnknownDevice`.

    Raises:
        ForgedRecord: the signature does not fit the bytes or names another device than the header.
        MalformedAct, UnknownKind, UnknownProtocol, WrongPlace: the signed bytes are not such an act.

    """
    if len(signed.signature) != SIGNATURE or len(signed.header) > MAX_HEADER:
        raise MalformedAct("signature or header size")
    key, label = public_key(signed.signer)
    try:
        signing.verify(key, label, signed.header, signed.signature[SIGNER:])
    except (BadSignature, BadKey):
        raise ForgedRecord("signature") from None
    header, kind = parse_header(signed.header)
    if header.device != signed.signer:
        raise ForgedRecord("signed by another device")
    if header.place != place:
        raise WrongPlace
    _check_body(header, kind, signed.body)
    return VerifiedAct(header, kind, signed)


def _check_body(header: Header, kind: Kind, body: bytes | None) -> None:
    if (kind.body is Body.NONE) is not (header.body_hash is None):
        raise MalformedAct("body hash")
    if body is None:
        return
    if len(body) > MAX_BODY:
        raise MalformedAct("body size")
    if header.body_hash is None or body_hash(body) != header.body_hash:
        raise ForgedRecord("body")


def parse_header(encoded: bytes) -> tuple[Header, Kind]:
    """Read a header strictly.

    Raises:
        UnknownProtocol: made for another protocol version or suite.
        MalformedAct, UnknownKind: anything else that is not a header of a known kind.

    """
    try:
        fields = cbor.decode(encoded, max_size=MAX_HEADER)
    except Malformed as error:
        raise MalformedAct(str(error)) from None
    if not isinstance(fields, list) or len(fields) != _FIELDS:
        raise MalformedAct("header")
    # The bytes, because Python takes `true` for 1.
    if encoded[1:3] != _VERSIONS:
        raise UnknownProtocol
    body_hash_at = len(encoded) - (1 if fields[-1] is None else _HASH + 2)
    return _read_fields(fields, _ARRAY_17 + encoded[1:body_hash_at])


def _is_well_formed(f: list[Any]) -> bool:
    ids = (f[2], f[3], f[7], f[12])
    optional = (f[6], f[8], f[9])
    counts = (f[10], f[11], f[13], f[15])
    return (
        all(isinstance(i, bytes) and len(i) == SIGNER for i in ids)
        and all(i is None or (isinstance(i, bytes) and len(i) == SIGNER) for i in optional)
        and all(type(n) is int and n >= 0 for n in counts)
        and (f[4] is None or (type(f[4]) is int and f[4] >= 0))
        and isinstance(f[5], str)
        and isinstance(f[14], bytes)
        and len(f[14]) == _HASH
        and isinstance(f[16], dict)
        and (f[17] is None or (isinstance(f[17], bytes) and len(f[17]) == _HASH))
    )


def _read_fields(f: list[Any], core: bytes) -> tuple[Header, Kind]:
    if not _is_well_formed(f):
        raise MalformedAct("header fields")
    kind, event = read_facts(f[5], f[16])
    header = Header(
        place=Place(f[2], f[3]),
        thread=f[4],
        event=event,
        person=f[6],
        device=f[7],
        organisation=f[8],
        role=f[9],
        membership_version=f[10],
        epoch=f[11],
        command_id=f[12],
        seen=Seen(f[13], f[14]),
        claimed_at=f[15],
        body_hash=f[17],
        core=core,
    )
    return header, kind
