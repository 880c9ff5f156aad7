"""The keys behind a demonstration world, and the signed key streams made with them.

In real life every organisation keeps its own root and every person their own device; here one folder holds all of
them, which is why a demonstration world proves nothing about anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.key_heads import genesis_head
from crypto.key_statements import (
    DeviceCertified,
    EligibilitySet,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    sign_statement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import begin, extend
from crypto.layers import KEYS_OF_A_VAULT
from crypto.random import new_id, random_bytes
from crypto.signing import PublicKey, Signature, SigningKey
from domain.ids import DeploymentId, DeviceId, Millis, OrganisationId, PrincipalId
from samsnakk.demo.cast import OrganisationSpec, PersonSpec

SEED = 32
VALIDITY = 5 * 366 * 24 * 60 * 60 * 1000
"""How long a device certificate of this world holds, milliseconds."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A principal's KEM seeds by key version: one each, or a vault's two."""

    id: PrincipalId
    name: str
    seeds: tuple[tuple[bytes, ...], ...] = field(repr=False)

    def kem_keys(self, version: int | None = None) -> tuple[KemKey, ...]:
        """The private KEM keys of one version; of the newest if none is named."""
        return tuple(KemKey.from_seed(seed) for seed in self.seeds[(version or len(self.seeds)) - 1])

    def with_new_seeds(self) -> "Holder":
        """The same principal with one key version more."""
        fresh = tuple(random_bytes(SEED) for _ in self.seeds[-1])
        return replace(self, seeds=(*self.seeds, fresh))


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with its root, its vault and its service inbox."""

    key: str
    id: OrganisationId
    name: str
    number: str
    root_seed: bytes = field(repr=False)
    vault: Holder
    inbox: Holder

    @property
    def root(self) -> SigningKey:
        """Signs the key streams of the organisation's people, vault and inbox."""
        return SigningKey.from_seed(self.root_seed)


@dataclass(frozen=True, slots=True)
class Person:
    """A person with one device. `organisation` None: the user or a relative, who has a root of their own."""

    key: str
    title: str
    organisation: OrganisationId | None
    device: DeviceId
    device_seed: bytes = field(repr=False)
    root_seed: bytes | None = field(repr=False)
    holder: Holder

    @property
    def id(self) -> PrincipalId:
        """The person as a principal."""
        return self.holder.id

    @property
    def name(self) -> str:
        """The full name; the title says that the person is invented."""
        return self.holder.name

    @property
    def signing_key(self) -> SigningKey:
        """The device's key."""
        return SigningKey.from_seed(self.device_seed)

    @property
    def kem_keys(self) -> dict[int, KemKey]:
        """The private KEM keys by version."""
        return {version: self.holder.kem_keys(version)[0] for version in range(1, len(self.holder.seeds) + 1)}


@dataclass(frozen=True, slots=True)
class Stream:
    """A principal's key stream as far as it is made: (statement, signature) pairs, oldest first."""

    principal: PrincipalId
    issuer: bytes
    entries: tuple[tuple[bytes, bytes], ...] = ()

    def signed(self) -> tuple[SignedStatement, ...]:
        """The entries as `crypto.key_streams` wants them."""
        return tuple(SignedStatement(statement, Signature(signature)) for statement, signature in self.entries)


def new_holder(name: str, keys: int = 1) -> Holder:
    """A principal with a fresh key version 1."""
    return Holder(PrincipalId(new_id()), name, (tuple(random_bytes(SEED) for _ in range(keys)),))


def new_organisation(spec: OrganisationSpec) -> Organisation:
    """An organisation with fresh keys."""
    return Organisation(
        key=spec.key,
        id=OrganisationId(new_id()),
        name=spec.name,
        number=spec.number,
        root_seed=random_bytes(SEED),
        vault=new_holder(f"{spec.name} (arkiv)", KEYS_OF_A_VAULT),
        inbox=new_holder(spec.inbox),
    )


def new_person(spec: PersonSpec, organisation: OrganisationId | None) -> Person:
    """A person with fresh keys and a device."""
    return Person(
        key=spec.key,
        title=spec.title,
        organisation=organisation,
        device=DeviceId(new_id()),
        device_seed=random_bytes(SEED),
        root_seed=random_bytes(SEED) if organisation is None else None,
        holder=new_holder(spec.name),
    )


def with_statement(stream: Stream, deployment: DeploymentId, root: SigningKey, fact: KeyFact, at: Millis) -> Stream:
    """The stream with one statement more, signed by the issuer's root. Raises `BadChain` where it may not follow."""
    roots = {stream.issuer: root.public}
    state = replay_stream(stream, deployment, roots)
    head = genesis_head(deployment, stream.principal) if state is None else state.head
    statement = KeyStatement(
        deployment=deployment,
        principal=stream.principal,
        n=1 if state is None else state.n + 1,
        previous=Digest(head),
        fact=fact,
        issuer=stream.issuer,
        issued_at=at if state is None else max(at, state.issued_at),
    )
    signed = sign_statement(root, statement)
    longer = replace(stream, entries=(*stream.entries, (signed.statement, signed.signature)))
    replay_stream(longer, deployment, roots)
    return longer


def replay_stream(stream: Stream, deployment: DeploymentId, roots: dict[bytes, PublicKey]) -> KeyStreamState | None:
    """What the stream says; None while it is empty."""
    state: KeyStreamState | None = None
    for entry in stream.signed():
        state = begin(deployment, stream.principal, entry, roots) if state is None else extend(state, entry, roots)
    return state


def founding_facts(kind: PrincipalKind, organisation: bytes | None, holder: Holder) -> list[KeyFact]:
    """The first statements of any principal: who it is, and its first key."""
    return [
        PrincipalFounded(kind, organisation),
        KeyVersionAdded(1, tuple(key.public for key in holder.kem_keys(1))),
    ]


def facts_of_person(person: Person, at: Millis) -> list[KeyFact]:
    """The first statements of a person with one device."""
    return [
        *founding_facts(PrincipalKind.PERSON, person.organisation, person.holder),
        DeviceCertified(person.device, person.signing_key.public, person.organisation, at + VALIDITY),
    ]


def facts_of_inbox(organisation: Organisation, eligible: Sequence[PrincipalId]) -> list[KeyFact]:
    """The first statements of a service inbox: everybody named may act for it."""
    founding = founding_facts(PrincipalKind.ROLE, organisation.id, organisation.inbox)
    return [*founding, EligibilitySet(tuple(sorted(eligible)))]


def facts_of_vault(organisation: Organisation) -> list[KeyFact]:
    """The first statements of a vault."""
    return founding_facts(PrincipalKind.VAULT, organisation.id, organisation.vault)
