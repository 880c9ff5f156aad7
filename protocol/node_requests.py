"""What a member of staff asks their organisation's node: a certificate, a new key, an end. Signed by their device.

Travels as CBOR [request bytes, signer ‖ signature]; the request is CBOR
[1, deployment, organisation, device, what, facts, request id, made at].
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from crypto import cbor, labels, signing
from crypto.cbor import CborInput, CborValue
from crypto.errors import BadKey, BadSignature, CryptoError, Malformed
from crypto.hashing import Digest
from crypto.inbox_files import MAX_SEATS
from crypto.kem import PUBLIC_LENGTH, KemPublic, verify_kem_public
from crypto.shapes import array, blob, digest, exactly, fields, identifier, short_text, strictly_rising, whole
from crypto.signing import PUBLIC_KEY_LENGTH, PublicKey, verify_public_key
from domain.ids import Bytes16, DeploymentId, DeviceId, Millis, OrganisationId, PrincipalId
from protocol.acts import PROTOCOL, SIGNATURE, SIGNER
from protocol.errors import ForgedRecord, MalformedFrame

MAX_NODE_REQUEST: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Certify:
    """A certificate for the signing device, whose key this is. `kem`: the first KEM key of somebody who has none."""

    public_key: PublicKey
    kem: KemPublic | None


@dataclass(frozen=True, slots=True)
class Admit:
    """A certificate for another device of the same person, which the signing one has compared codes with."""

    device: DeviceId
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class Rotate:
    """A new version of the person's KEM key."""

    version: int
    kem: KemPublic


@dataclass(frozen=True, slots=True)
class SealKeyring:
    """The hash of the person's newest keyring file."""

    keyring_hash: Digest


@dataclass(frozen=True, slots=True)
class Renew:
    """A new version of the person's KEM key, and the keyring that holds it: stated together or not at all."""

    version: int
    kem: KemPublic
    keyring_hash: Digest


@dataclass(frozen=True, slots=True)
class RevokeDevice:
    """One of the person's own devices is lost."""

    device: DeviceId


@dataclass(frozen=True, slots=True)
class EndPrincipal:
    """The person leaves; nothing of theirs holds from here on."""


@dataclass(frozen=True, slots=True)
class RenewInbox:
    """A new key of a service inbox, whose seed has been left, sealed, for exactly those in `after`.

    `after`: everybody eligible, sorted, and how many statements of each one's key stream the device has read. The node
    refuses if its own ledger says anything else: somebody who has just left, or lost a device, got no seed then.
    """

    inbox: PrincipalId
    version: int
    kem: KemPublic
    after: tuple[tuple[bytes, int], ...]


Wish: TypeAlias = Certify | Admit | Rotate | SealKeyring | Renew | RevokeDevice | EndPrincipal | RenewInbox


@dataclass(frozen=True, slots=True)
class NodeRequest:
    """One wish of one device. `request_id` makes each different; `made_at` is in UTC milliseconds."""

    deployment: DeploymentId
    organisation: OrganisationId
    device: DeviceId
    wish: Wish
    request_id: Bytes16
    made_at: Millis


def sign_node_request(request: NodeRequest, key: signing.SigningKey) -> bytes:
    """The request as it travels."""
    what, facts = _facts(request.wish)
    r = request
    body = cbor.encode([PROTOCOL, r.deployment, r.organisation, r.device, what, facts, r.request_id, r.made_at])
    return cbor.encode([body, r.device + signing.sign(key, labels.NODE_REQUEST, body)])


def read_node_request(encoded: bytes) -> NodeRequest:
    """What the request says, believed in nothing: it tells which key to check it with. Raises `MalformedFrame`."""
    body, signature = _open(encoded)
    request = _read(body)
    if request.device != signature[:SIGNER]:
        raise MalformedFrame("a node request signed by another device")
    return request


def verify_node_request(encoded: bytes, public_key: bytes) -> NodeRequest:
    """The request, once its signature holds under `public_key`. Raises `ForgedRecord`, `MalformedFrame`."""
    body, signature = _open(encoded)
    try:
        signing.verify(public_key, labels.NODE_REQUEST, body, signature[SIGNER:])
    except (BadSignature, BadKey):
        raise ForgedRecord("node request") from None
    return read_node_request(encoded)


def _open(encoded: bytes) -> tuple[bytes, bytes]:
    try:
        body, signature = array(cbor.decode(encoded, max_size=MAX_NODE_REQUEST), 2)
        return blob(body), exactly(signature, SIGNATURE)
    except Malformed:
        raise MalformedFrame("node request") from None


def _read(body: bytes) -> NodeRequest:
    try:
        items = array(cbor.decode(body, max_size=MAX_NODE_REQUEST), 8)
        protocol, deployment, organisation, device, what, facts, request_id, made_at = items
        whole(protocol, PROTOCOL, PROTOCOL)
        return NodeRequest(
            DeploymentId(identifier(deployment)),
            OrganisationId(identifier(organisation)),
            DeviceId(identifier(device)),
            _wish(short_text(what, 32), facts),
            identifier(request_id),
            Millis(whole(made_at)),
        )
    except CryptoError:
        raise MalformedFrame("node request") from None


def _facts(wish: Wish) -> tuple[str, dict[str, CborInput]]:
    match wish:
        case Certify(public_key, kem):
            return "certify", {"public_key": public_key, "kem": kem}
        case Admit(device, public_key):
            return "admit", {"device": device, "public_key": public_key}
        case Renew(version, kem, keyring_hash):
            return "renew", {"version": version, "kem": kem, "hash": keyring_hash}
        case Rotate(version, kem):
            return "rotate", {"version": version, "kem": kem}
        case SealKeyring(keyring_hash):
            return "keyring", {"hash": keyring_hash}
        case RevokeDevice(device):
            return "revoke", {"device": device}
        case EndPrincipal():
            return "end", {}
        case RenewInbox(inbox, version, kem, after):
            return "inbox-key", {"inbox": inbox, "version": version, "kem": kem, "after": after}


def _wish(what: str, facts: CborValue) -> Wish:
    match what:
        case "certify":
            public_key, kem = fields(facts, "public_key", "kem")
            key = verify_public_key(exactly(public_key, PUBLIC_KEY_LENGTH))
            return Certify(key, None if kem is None else _kem(kem))
        case "admit":
            device, public_key = fields(facts, "device", "public_key")
            key = verify_public_key(exactly(public_key, PUBLIC_KEY_LENGTH))
            return Admit(DeviceId(identifier(device)), key)
        case "renew":
            version, kem, found = fields(facts, "version", "kem", "hash")
            return Renew(whole(version, 1), _kem(kem), digest(found))
        case "rotate":
            version, kem = fields(facts, "version", "kem")
            return Rotate(whole(version, 1), _kem(kem))
        case "keyring":
            (found,) = fields(facts, "hash")
            return SealKeyring(digest(found))
        case "revoke":
            (device,) = fields(facts, "device")
            return RevokeDevice(DeviceId(identifier(device)))
        case "end":
            fields(facts)
            return EndPrincipal()
        case "inbox-key":
            return _inbox_key(facts)
        case _:
            raise Malformed("unknown wish")


def _inbox_key(facts: CborValue) -> RenewInbox:
    inbox, version, kem, after = fields(facts, "inbox", "version", "kem", "after")
    rows = [array(row, 2) for row in array(after)]
    people = tuple((identifier(person), whole(n, 1)) for person, n in rows)
    strictly_rising(person for person, _ in people)
    if not 0 < len(people) <= MAX_SEATS:
        raise Malformed("for nobody, or for too many")
    return RenewInbox(PrincipalId(identifier(inbox)), whole(version, 1), _kem(kem), people)


def _kem(value: CborValue) -> KemPublic:
    return verify_kem_public(exactly(value, PUBLIC_LENGTH))
