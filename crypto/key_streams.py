"""Replaying a principal's key stream: whose keys hold, since when, until when (protocol §3).

Who may issue: the principal's organisation, or a user for themselves; certificates of a person's devices also any other
organisation, in its own name. Everything else breaks the stream, and a broken stream is believed in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, assert_never

from crypto import labels
from crypto.certificates import DeviceCertificate, verify_new
from crypto.duty_facts import DutySet
from crypto.errors import BadChain, BadKey, BadSignature
from crypto.kept_streams import keep
from crypto.key_heads import genesis_head, next_head
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
from crypto.key_stream_states import Charged, Eligibility, KeyStreamState, KeyVersion
from crypto.layers import KEYS_OF_A_VAULT, kem_hash
from crypto.own_roots import verify_own_id
from crypto.root_facts import RootReplaced, StreamKept
from crypto.shapes import Id
from crypto.signing import PublicKey, verify

Roots: TypeAlias = Mapping[Id, PublicKey | tuple[PublicKey, ...]]
"""Root keys by issuer: one, or all that an organisation has had, the newest last (`crypto.root_lines.roots_of`)."""


def replay(deployment: Id, principal: Id, entries: Sequence[SignedStatement], roots: Roots) -> KeyStreamState:
    """The state after `entries`, which must be the whole stream from its first statement.

    `roots`: of organisations by their id, and pinned ones of users by their own. A statement under a root that was
    replaced holds its place; what it is worth, the newest root says (`stream-kept`). Raises `BadChain` for a statement
    out of place, not its issuer's to make, or none at all; `BadSignature`; `Malformed`.
    """
    if not entries:
        raise BadChain("an empty key stream says nothing about anyone")
    state = begin(deployment, principal, entries[0], roots)
    for entry in entries[1:]:
        state = extend(state, entry, roots)
    return state


def begin(deployment: Id, principal: Id, entry: SignedStatement, roots: Roots) -> KeyStreamState:
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
    root = _verify_signature(before, statement, entry, roots)
    _verify_place(before, statement)
    _verify_owner(before, statement)
    return _moved(before, before, (statement, root), entry)


def extend(state: KeyStreamState, entry: SignedStatement, roots: Roots) -> KeyStreamState:
    """The state after one statement more. Raises as `replay`."""
    # The issuer's id is needed to know which key to check with; nothing else of the statement is used before that.
    statement = parse_statement(entry.statement)
    root = _verify_signature(state, statement, entry, roots)
    _verify_place(state, statement)
    newer = state.signed_under.get(statement.issuer, root) != root
    if newer is not isinstance(statement.fact, StreamKept):
        raise BadChain("a new root says first, and once, what counts")
    if state.ended_at is not None and not newer:
        raise BadChain("nothing follows the end of a key stream")
    return _moved(state, _applied(state, statement), (statement, root), entry)


def in_force(state: KeyStreamState, issuer: Id, roots: Roots) -> bool:
    """Whether what the issuer stated here was stated, or kept, under the newest root it has."""
    known = _line(roots, issuer)
    return not known or state.signed_under.get(issuer) in (None, known[-1])


def _line(roots: Roots, issuer: Id) -> tuple[PublicKey, ...]:
    found = roots.get(issuer, ())
    return found if isinstance(found, tuple) else (found,)


def _verify_signature(
    state: KeyStreamState, statement: KeyStatement, entry: SignedStatement, roots: Roots
) -> PublicKey:
    """The root that signed: of those the issuer has had, none older than the one it signed with here before."""
    own = state.root if statement.issuer == state.principal else None
    line = (own,) if own is not None else _line(roots, statement.issuer)
    before = state.signed_under.get(statement.issuer)
    if not line or (before is not None and before not in line):
        raise BadChain("the issuer's root is not pinned")
    # The newest root signs most, so it is tried first; any that holds is the one that signed.
    for root in reversed(line[0 if before is None else line.index(before) :]):
        try:
            verify(root, labels.KEY_STATEMENT, entry.statement, entry.signature)
        except BadSignature:
            continue
        except BadKey:
            raise BadChain("the issuer's pinned root is not a key") from None
        return root
    raise BadSignature


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


def _moved(
    before: KeyStreamState, after: KeyStreamState, said: tuple[KeyStatement, PublicKey], entry: SignedStatement
) -> KeyStreamState:
    statement, root = said
    return replace(
        after,
        n=statement.n,
        head=next_head(before.head, entry),
        issued_at=statement.issued_at,
        signed_under={**before.signed_under, statement.issuer: root},
        before=before if before.n else None,
    )


def _applied(state: KeyStreamState, statement: KeyStatement) -> KeyStreamState:
    fact = statement.fact
    match fact:
        case DeviceCertified():
            return _certify(state, statement, fact)
        case NodeCertified():
            return _certify_node(state, statement, fact)
        case DeviceRevoked():
            return _revoke(state, statement, fact)
        case StreamKept():
            return keep(state, statement, fact)
        case _:
            _verify_owner(state, statement)
    match fact:
        case KeyVersionAdded():
            return _add_version(state, statement, fact)
        case EligibilitySet() | DutySet():
            return _set_people(state, statement, fact)
        case KeyringSealed(keyring_hash):
            _verify_kind(state, PrincipalKind.PERSON)
            return replace(state, keyring_hash=keyring_hash)
        case PrincipalEnded():
            return replace(state, ended_at=statement.issued_at)
        case PrincipalFounded() | OwnRootFounded() | RootReplaced():
            raise BadChain("a key stream has one principal, stated once, and roots stand in streams of their own")
        case _:
            assert_never(fact)


def _set_people(state: KeyStreamState, statement: KeyStatement, fact: EligibilitySet | DutySet) -> KeyStreamState:
    if isinstance(fact, EligibilitySet):
        _verify_kind(state, PrincipalKind.ROLE)
        newest = Eligibility(statement.n, statement.issued_at, fact.people)
        return replace(state, eligibilities=(*state.eligibilities, newest))
    _verify_kind(state, PrincipalKind.VAULT)
    charged = Charged(fact.duty, statement.n, statement.issued_at, fact.people)
    return replace(state, charged=(*state.charged, charged))


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
