"""Replaying a principal's key stream: whose keys hold, since when, until when (protocol §3).

Who may issue: the principal's organisation, or a user for themselves; certificates of a person's devices also any other
organisation, in its own name. Everything else breaks the stream, and a broken stream is believed in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from crypto import labels
from crypto.cbor import encode
from crypto.certificates import DeviceCertificate, verify_new
from crypto.errors import BadChain, BadKey
from crypto.hashing import Digest, hash_with
from crypto.kem import KemPublic
from crypto.key_statements import (
    DeviceCertified,
    DeviceRevoked,
    EligibilitySet,
    KeyringSealed,
    KeyStatement,
    KeyVersionAdded,
    NodeCertified,
    OwnRootFounded,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    parse_statement,
)
from crypto.layers import KEYS_OF_A_VAULT, kem_hash
from crypto.own_roots import verify_own_id
from crypto.shapes import Id, identifier
from crypto.signing import PublicKey, verify


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may act for a role from statement `n`, at `issued_at` (ms), until the next one."""

    n: int
    issued_at: int
    people: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of the principal's KEM key, current from `issued_at` (ms) until the next version."""

    version: int
    kem: tuple[KemPublic, ...]
    kem_hash: Digest
    issued_at: int


@dataclass(frozen=True, slots=True)
class KeyStreamState:
    """What a key stream says after its first `n` statements. Certificates and versions are in order of issue."""

    deployment: Id
    principal: Id
    kind: PrincipalKind
    organisation: Id | None
    n: int
    head: Digest
    issued_at: int
    certificates: tuple[DeviceCertificate, ...] = ()
    nodes: tuple[DeviceCertificate, ...] = ()
    """A vault's: what its organisation's node reads with. Apart from `certificates`, so that no act rests on them."""
    key_versions: tuple[KeyVersion, ...] = ()
    eligibilities: tuple[Eligibility, ...] = ()
    keyring_hash: Digest | None = None
    ended_at: int | None = None
    root: PublicKey | None = None
    """The root that the principal's id commits to; None where the root is pinned instead."""

    @property
    def eligible(self) -> tuple[Id, ...]:
        """Who may act for this role by its newest statement."""
        return self.eligibilities[-1].people if self.eligibilities else ()

    def eligible_at(self, recorded_at: int, entered: int | None) -> tuple[Id, ...]:
        """Who might act for this role where `entered` statements were known (None: all), at a recorded time (ms)."""
        for one in reversed(self.eligibilities):
            if (one.issued_at <= recorded_at) if entered is None else (one.n <= entered):
                return one.people
        return ()

    @property
    def owner(self) -> Id:
        """Who issues for this principal: its organisation, or a user themselves."""
        return self.principal if self.organisation is None else self.organisation

    def certificates_of(self, device: Id) -> tuple[DeviceCertificate, ...]:
        """All certificates of a device, whether they still hold or not."""
        return tuple(certificate for certificate in self.certificates if certificate.device == device)


def genesis_head(deployment: Id, principal: Id) -> Digest:
    """The head of a key stream before its first statement."""
    return hash_with(labels.KEY_STREAM_GENESIS, encode([identifier(deployment), identifier(principal)]))


def next_head(head: Digest, entry: SignedStatement) -> Digest:
    """H(key-stream; head ‖ cbor [statement, signature])."""
    return hash_with(labels.KEY_STREAM, head + encode([entry.statement, entry.signature]))


def replay(
    deployment: Id, principal: Id, entries: Sequence[SignedStatement], roots: Mapping[Id, PublicKey]
) -> KeyStreamState:
    """The state after `entries`, which must be the whole stream from its first statement.

    `roots` are the pinned root keys: of organisations by their id, and of a user by their own. Raises `BadChain`
    for a statement out of place, not its issuer's to make, or none at all; `BadSignature`; `Malformed`.
    """
    if not entries:
        raise BadChain("an empty key stream says nothing about anyone")
    state = begin(deployment, principal, entries[0], roots)
    for entry in entries[1:]:
        state = extend(state, entry, roots)
    return state


def begin(deployment: Id, principal: Id, entry: SignedStatement, roots: Mapping[Id, PublicKey]) -> KeyStreamState:
    """The state after a stream's first statement. Raises as `replay`."""
    statement = parse_statement(entry.statement)
    head = genesis_head(deployment, principal)
    match statement.fact:
        case PrincipalFounded(kind, organisation):
            if organisation is None and kind is not PrincipalKind.PERSON:
                raise BadChain("only people stand without an organisation")
            before = KeyStreamState(deployment, principal, kind, organisation, 0, head, 0)
        case OwnRootFounded(root):
            # The statement names the key it is checked with. That is safe because the id was there before it: an act
            # or a membership names the principal, and only one root has that id.
            verify_own_id(deployment, principal, root)
            before = KeyStreamState(deployment, principal, PrincipalKind.PERSON, None, 0, head, 0, root=root)
        case _:
            raise BadChain("a key stream begins with its principal")
    _verify_signature(before, statement, entry, roots)
    _verify_place(before, statement)
    _verify_owner(before, statement)
    return _moved(before, statement, entry)


def extend(state: KeyStreamState, entry: SignedStatement, roots: Mapping[Id, PublicKey]) -> KeyStreamState:
    """The state after one statement more. Raises as `replay`."""
    # The issuer's id is needed to know which key to check with; nothing else of the statement is used before that.
    statement = parse_statement(entry.statement)
    _verify_signature(state, statement, entry, roots)
    _verify_place(state, statement)
    if state.ended_at is not None:
        raise BadChain("nothing follows the end of a key stream")
    return _moved(_applied(state, statement), statement, entry)


def _verify_signature(
    state: KeyStreamState, statement: KeyStatement, entry: SignedStatement, roots: Mapping[Id, PublicKey]
) -> None:
    own = state.root if statement.issuer == state.principal else None
    root = own or roots.get(statement.issuer)
    if root is None:
        raise BadChain("the issuer's root is not pinned")
    try:
        verify(root, labels.KEY_STATEMENT, entry.statement, entry.signature)
    except BadKey:
        raise BadChain("the issuer's pinned root is not a key") from None


def _verify_place(state: KeyStreamState, statement: KeyStatement) -> None:
    if (statement.deployment, statement.principal) != (state.deployment, state.principal):
        raise BadChain("a statement of another stream")
    if (statement.n, statement.previous) != (state.n + 1, state.head):
        raise BadChain("a statement that does not follow the one before it")
    if statement.issued_at < state.issued_at:
        raise BadChain("a statement older than the one before it")


def _verify_owner(state: KeyStreamState, statement: KeyStatement) -> None:
    if statement.issuer != state.owner:
        raise BadChain("not this issuer's to state")


def _moved(state: KeyStreamState, statement: KeyStatement, entry: SignedStatement) -> KeyStreamState:
    return replace(state, n=statement.n, head=next_head(state.head, entry), issued_at=statement.issued_at)


def _applied(state: KeyStreamState, statement: KeyStatement) -> KeyStreamState:
    fact = statement.fact
    match fact:
        case DeviceCertified():
            return _certify(state, statement, fact)
        case NodeCertified():
            return _certify_node(state, statement, fact)
        case DeviceRevoked():
            return _revoke(state, statement, fact)
        case _:
            _verify_owner(state, statement)
    match fact:
        case KeyVersionAdded():
            return _add_version(state, statement, fact)
        case EligibilitySet(people):
            _verify_kind(state, PrincipalKind.ROLE)
            newest = Eligibility(statement.n, statement.issued_at, people)
            return replace(state, eligibilities=(*state.eligibilities, newest))
        case KeyringSealed(keyring_hash):
            _verify_kind(state, PrincipalKind.PERSON)
            return replace(state, keyring_hash=keyring_hash)
        case PrincipalEnded():
            return replace(state, ended_at=statement.issued_at)
        case PrincipalFounded() | OwnRootFounded():
            raise BadChain("a key stream has one principal, stated once")
        case _:
            assert_never(fact)


def _verify_kind(state: KeyStreamState, kind: PrincipalKind) -> None:
    if state.kind is not kind:
        raise BadChain("not for this kind of principal")


def _certify(state: KeyStreamState, statement: KeyStatement, fact: DeviceCertified) -> KeyStreamState:
    _verify_kind(state, PrincipalKind.PERSON)
    # Only a user certifies in nobody's name; every organisation certifies in its own and in no other's.
    if statement.issuer != (state.principal if fact.organisation is None else fact.organisation):
        raise BadChain("a certificate in another's name")
    if fact.organisation is None and state.organisation is not None:
        raise BadChain("an organisation's person does not certify their own devices")
    certificate = DeviceCertificate(
        fact.device, fact.public_key, fact.organisation, statement.issued_at, fact.valid_until
    )
    verify_new(certificate, state.certificates_of(fact.device))
    return replace(state, certificates=(*state.certificates, certificate))


def _certify_node(state: KeyStreamState, statement: KeyStatement, fact: NodeCertified) -> KeyStreamState:
    _verify_kind(state, PrincipalKind.VAULT)
    _verify_owner(state, statement)
    node = DeviceCertificate(fact.device, fact.public_key, statement.issuer, statement.issued_at, fact.valid_until)
    verify_new(node, [earlier for earlier in state.nodes if earlier.device == fact.device])
    return replace(state, nodes=(*state.nodes, node))


def _revoke(state: KeyStreamState, statement: KeyStatement, fact: DeviceRevoked) -> KeyStreamState:
    """The owner revokes all certificates of a device, another organisation those that it issued itself."""
    all_of_them = statement.issuer == state.owner

    def ends(certificate: DeviceCertificate) -> bool:
        mine = all_of_them or certificate.organisation == statement.issuer
        return mine and certificate.device == fact.device and certificate.revoked_at is None

    def after(certificates: Sequence[DeviceCertificate]) -> tuple[DeviceCertificate, ...]:
        return tuple(
            replace(one, revoked_at=statement.issued_at, revoked_n=statement.n) if ends(one) else one
            for one in certificates
        )

    if not any(ends(certificate) for certificate in (*state.certificates, *state.nodes)):
        raise BadChain("nothing here that this issuer could revoke")
    return replace(state, certificates=after(state.certificates), nodes=after(state.nodes))


def _add_version(state: KeyStreamState, statement: KeyStatement, fact: KeyVersionAdded) -> KeyStreamState:
    if len(fact.kem) != (KEYS_OF_A_VAULT if state.kind is PrincipalKind.VAULT else 1):
        raise BadChain("a vault has two KEM keys, everyone else one")
    if fact.version != len(state.key_versions) + 1:
        raise BadChain("key versions rise by one")
    version = KeyVersion(fact.version, fact.kem, kem_hash(fact.kem), statement.issued_at)
    if any(earlier.kem_hash == version.kem_hash for earlier in state.key_versions):
        raise BadChain("a new key version with an old key")
    return replace(state, key_versions=(*state.key_versions, version))
