"""What a key stream is made of: signed statements about one principal's keys (protocol §3).

A statement is the CBOR array [1, deployment, principal, n, previous head, kind, facts, issuer, issued_at], signed by
the issuer's root key. Here is its form only; which statements may follow which is decided in `crypto.key_streams`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from crypto import labels
from crypto.cbor import CborInput, CborValue, decode, encode
from crypto.duty_facts import DutySet, duty_facts, parse_duty
from crypto.errors import BadKey, Malformed
from crypto.hashing import Digest
from crypto.kem import PUBLIC_LENGTH, KemPublic, verify_kem_public
from crypto.layers import KEYS_OF_A_VAULT
from crypto.root_facts import RootReplaced, StreamKept, parse_kept, parse_replaced, replaced_facts
from crypto.shapes import Id, array, digest, exactly, fields, identifier, short_text, strictly_rising, whole
from crypto.signing import PUBLIC_KEY_LENGTH, PublicKey, Signature, SigningKey, verify_public_key

FORMAT: Final = 1
MAX_STATEMENT: Final = 64 * 1024


class PrincipalKind(StrEnum):
    """Who can hold a KEM key. People sign, roles and vaults never do."""

    PERSON = "person"
    ROLE = "role"
    VAULT = "vault"


@dataclass(frozen=True, slots=True)
class PrincipalFounded:
    """The first statement of a stream. A user or relative belongs to no organisation and is their own issuer."""

    kind: PrincipalKind
    organisation: Id | None


@dataclass(frozen=True, slots=True)
class OwnRootFounded:
    """The first statement of a user or relative whose id is the hash of their root (`crypto.own_roots`)."""

    root: PublicKey


@dataclass(frozen=True, slots=True)
class DeviceCertified:
    """A device may sign for this person, for `organisation` (None: for themselves), until `valid_until` (ms)."""

    device: Id
    public_key: PublicKey
    organisation: Id | None
    valid_until: int


@dataclass(frozen=True, slots=True)
class NodeCertified:
    """A node may read, still sealed, what the organisation's vault may, until `valid_until` (ms). It signs no acts."""

    device: Id
    public_key: PublicKey
    valid_until: int


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    """The issuer's certificates of a device, or of a vault's node, end here, for good."""

    device: Id


@dataclass(frozen=True, slots=True)
class KeyVersionAdded:
    """The principal's next KEM key: one public key, or a vault's two (A, B)."""

    version: int
    kem: tuple[KemPublic, ...]


@dataclass(frozen=True, slots=True)
class EligibilitySet:
    """Everyone who may hold this role's seed from here on, sorted."""

    people: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class KeyringSealed:
    """The hash of the person's newest keyring file (`crypto.keyrings.keyring_hash`)."""

    keyring_hash: Digest


@dataclass(frozen=True, slots=True)
class PrincipalEnded:
    """Nothing follows."""


KeyFact: TypeAlias = (
    PrincipalFounded
    | OwnRootFounded
    | DeviceCertified
    | NodeCertified
    | DeviceRevoked
    | KeyVersionAdded
    | EligibilitySet
    | DutySet
    | KeyringSealed
    | PrincipalEnded
    | RootReplaced
    | StreamKept
)


@dataclass(frozen=True, slots=True)
class KeyStatement:
    """One statement. `n` counts from 1, `previous` is the stream's head before it, `issued_at` is in ms since 1970."""

    deployment: Id
    principal: Id
    n: int
    previous: Digest
    fact: KeyFact
    issuer: Id
    issued_at: int


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as it travels: its exact bytes, and the issuer's signature over them."""

    statement: bytes
    signature: Signature


def sign_statement(root: SigningKey, statement: KeyStatement) -> SignedStatement:
    """Signs with the issuer's root key. Raises `Malformed` if the statement could not be read back."""
    kind, facts = _facts(statement.fact)
    data = encode(
        [
            FORMAT,
            statement.deployment,
            statement.principal,
            statement.n,
            statement.previous,
            kind,
            facts,
            statement.issuer,
            statement.issued_at,
        ]
    )
    parse_statement(data)
    return SignedStatement(data, root.sign(labels.KEY_STATEMENT, data))


def parse_statement(data: bytes) -> KeyStatement:
    """The statement in `data`; its signature is not checked here. Raises `Malformed`."""
    items = array(decode(data, max_size=MAX_STATEMENT, max_depth=4), 9)
    form, deployment, principal, n, previous, kind, facts, issuer, issued_at = items
    whole(form, FORMAT, FORMAT)
    parse = _PARSERS.get(short_text(kind, 32))
    if parse is None:
        raise Malformed("unknown kind of statement")
    return KeyStatement(
        deployment=identifier(deployment),
        principal=identifier(principal),
        n=whole(n, 1),
        previous=digest(previous),
        fact=parse(facts),
        issuer=identifier(issuer),
        issued_at=whole(issued_at),
    )


def _facts(fact: KeyFact) -> tuple[str, dict[str, CborInput]]:  # noqa: C901, PLR0911 - one for each kind
    match fact:
        case PrincipalFounded(kind, organisation):
            return "principal", {"kind": kind, "organisation": organisation}
        case OwnRootFounded(root):
            return "own-root", {"root": root}
        case DeviceCertified(device, public_key, organisation, valid_until):
            return "device-certified", {
                "device": device,
                "public_key": public_key,
                "organisation": organisation,
                "valid_until": valid_until,
            }
        case NodeCertified(device, public_key, valid_until):
            return "node-certified", {"device": device, "public_key": public_key, "valid_until": valid_until}
        case DeviceRevoked(device):
            return "device-revoked", {"device": device}
        case KeyVersionAdded(version, kem):
            return "key-version", {"version": version, "kem": kem}
        case EligibilitySet() | DutySet():
            return _people_facts(fact)
        case KeyringSealed(keyring_hash):
            return "keyring", {"hash": keyring_hash}
        case PrincipalEnded():
            return "ended", {}
        case RootReplaced():
            return "root-replaced", replaced_facts(fact)
        case StreamKept(n):
            return "stream-kept", {"n": n}
        case _:
            assert_never(fact)


def _people_facts(fact: EligibilitySet | DutySet) -> tuple[str, dict[str, CborInput]]:
    return ("eligibility", {"people": fact.people}) if isinstance(fact, EligibilitySet) else ("duty", duty_facts(fact))


def _optional_id(value: CborValue) -> Id | None:
    return None if value is None else identifier(value)


def _principal(facts: CborValue) -> PrincipalFounded:
    kind, organisation = fields(facts, "kind", "organisation")
    if kind not in set(PrincipalKind):
        raise Malformed("unknown kind of principal")
    return PrincipalFounded(PrincipalKind(str(kind)), _optional_id(organisation))


def _public_key(value: CborValue) -> PublicKey:
    try:
        return verify_public_key(exactly(value, PUBLIC_KEY_LENGTH))
    except BadKey:
        raise Malformed("not a public key") from None


def _own_root(facts: CborValue) -> OwnRootFounded:
    (root,) = fields(facts, "root")
    return OwnRootFounded(_public_key(root))


def _device_certified(facts: CborValue) -> DeviceCertified:
    device, public_key, organisation, until = fields(facts, "device", "public_key", "organisation", "valid_until")
    return DeviceCertified(identifier(device), _public_key(public_key), _optional_id(organisation), whole(until))


def _node_certified(facts: CborValue) -> NodeCertified:
    device, public_key, until = fields(facts, "device", "public_key", "valid_until")
    return NodeCertified(identifier(device), _public_key(public_key), whole(until))


def _device_revoked(facts: CborValue) -> DeviceRevoked:
    (device,) = fields(facts, "device")
    return DeviceRevoked(identifier(device))


def _key_version(facts: CborValue) -> KeyVersionAdded:
    version, kem = fields(facts, "version", "kem")
    raw = [exactly(public, PUBLIC_LENGTH) for public in array(kem)]
    if not 1 <= len(raw) <= KEYS_OF_A_VAULT or len(set(raw)) != len(raw):
        raise Malformed("a key version has one KEM key, or two different ones")
    try:
        return KeyVersionAdded(whole(version, 1), tuple(verify_kem_public(public) for public in raw))
    except BadKey:
        raise Malformed("not a public KEM key") from None


def _eligibility(facts: CborValue) -> EligibilitySet:
    (people,) = fields(facts, "people")
    ids = tuple(identifier(person) for person in array(people))
    strictly_rising(ids)
    return EligibilitySet(ids)


def _keyring(facts: CborValue) -> KeyringSealed:
    (keyring_hash,) = fields(facts, "hash")
    return KeyringSealed(digest(keyring_hash))


def _ended(facts: CborValue) -> PrincipalEnded:
    fields(facts)
    return PrincipalEnded()


_PARSERS: Final[dict[str, Callable[[CborValue], KeyFact]]] = {
    "principal": _principal,
    "own-root": _own_root,
    "device-certified": _device_certified,
    "node-certified": _node_certified,
    "device-revoked": _device_revoked,
    "key-version": _key_version,
    "eligibility": _eligibility,
    "duty": parse_duty,
    "keyring": _keyring,
    "ended": _ended,
    "root-replaced": parse_replaced,
    "stream-kept": parse_kept,
}
