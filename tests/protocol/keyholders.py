"""Invented people and organisations with real keys, the same in every run, and the key streams that certify them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.key_heads import genesis_head, next_head
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
from crypto.layers import kem_hash
from crypto.signing import SigningKey
from domain import ids
from domain.channel.terms import KeyRef, Standing, VaultRef
from protocol.trust import FORMAT, HubPin, KeyStreamEntries, KeyStreamEntry, OrganisationPin, PersonPin, Trust
from tests.crypto.fixed import kem_key, signing_key, some_id

DEPLOYMENT = ids.DeploymentId(some_id("deployment"))
CHANNEL = ids.ChannelId(some_id("channel"))
HUB_DEVICE = ids.DeviceId(some_id("hub"))
HUB_KEY = signing_key("hub")
CERTIFIED = 1_000
"""Milliseconds: when everybody's first statements are made."""
EXPIRES = 10_000_000


@dataclass(frozen=True, slots=True)
class Keyholder:
    """A person with one device, or that person acting for an inbox."""

    name: str
    standing: Standing
    house: str | None = None
    inbox: str | None = None

    @property
    def person(self) -> ids.PrincipalId:
        return ids.PrincipalId(some_id(self.name))

    @property
    def role(self) -> ids.PrincipalId | None:
        return ids.PrincipalId(some_id(self.inbox)) if self.inbox is not None else None

    @property
    def principal(self) -> ids.PrincipalId:
        return self.role or self.person

    @property
    def device(self) -> ids.DeviceId:
        return ids.DeviceId(some_id(f"telephone of {self.name}"))

    @property
    def signing(self) -> SigningKey:
        return signing_key(f"telephone of {self.name}")

    @property
    def organisation(self) -> ids.OrganisationId | None:
        return ids.OrganisationId(some_id(self.house)) if self.house is not None else None

    def kem(self, version: int = 1) -> list[KemKey]:
        return kem_keys(self.inbox or self.name, version)

    def key(self, version: int = 1) -> KeyRef:
        return key_ref(self.inbox or self.name, version)

    @property
    def vault(self) -> VaultRef | None:
        if self.house is None or self.standing not in {Standing.STAFF, Standing.INBOX}:
            return None
        return VaultRef(ids.PrincipalId(some_id(f"vault of {self.house}")), key_ref(f"vault of {self.house}"))


ANNA = Keyholder("Anna", Standing.STAFF, "clinic")
ARNE = Keyholder("Arne", Standing.STAFF, "clinic")
DESK = Keyholder("Arne", Standing.INBOX, "clinic", inbox="clinic desk")
BERIT = Keyholder("Berit", Standing.STAFF, "town")
MALLORY = Keyholder("Mallory", Standing.STAFF, "clinic")
IDA = Keyholder("Ida", Standing.USER)
ROLF = Keyholder("Rolf", Standing.RELATIVE)
PEOPLE = (ANNA, ARNE, BERIT, MALLORY, IDA, ROLF)
HOUSES = ("clinic", "town")
INBOXES = {"clinic desk": "clinic"}


def kem_keys(name: str, version: int = 1) -> list[KemKey]:
    """One KEM key, two for a vault."""
    parts = ("A", "B") if name.startswith("vault") else ("",)
    return [kem_key(f"{name} {version} {part}") for part in parts]


def key_ref(name: str, version: int = 1) -> KeyRef:
    return KeyRef(version, ids.Digest(kem_hash([key.public for key in kem_keys(name, version)])))


def added(name: str, version: int = 1) -> KeyVersionAdded:
    return KeyVersionAdded(version, tuple(key.public for key in kem_keys(name, version)))


def stated(
    principal: bytes,
    issuer: bytes,
    root: SigningKey,
    facts: Sequence[KeyFact],
    *,
    after: Sequence[SignedStatement] = (),
    at: int = CERTIFIED,
) -> list[SignedStatement]:
    """The key stream `after`, and these statements behind it."""
    entries = list(after)
    head: Digest = genesis_head(DEPLOYMENT, principal)
    for entry in entries:
        head = next_head(head, entry)
    for fact in facts:
        statement = KeyStatement(DEPLOYMENT, principal, len(entries) + 1, head, fact, issuer, at)
        entries.append(sign_statement(root, statement))
        head = next_head(head, entries[-1])
    return entries


def root_of(holder: Keyholder) -> tuple[bytes, SigningKey]:
    """Who issues for this person: id and root key."""
    if holder.house is None:
        return holder.person, signing_key(f"root of {holder.name}")
    return some_id(holder.house), signing_key(f"root of {holder.house}")


def entries_of(holder: Keyholder, *more: KeyFact, at: int = CERTIFIED) -> list[SignedStatement]:
    """The key stream of a person: founded, version 1, one device, and `more` said at the time `at`."""
    issuer, root = root_of(holder)
    first: list[KeyFact] = [
        PrincipalFounded(PrincipalKind.PERSON, holder.organisation),
        added(holder.name),
        DeviceCertified(holder.device, holder.signing.public, holder.organisation, EXPIRES),
    ]
    begun = stated(holder.person, issuer, root, first)
    return stated(holder.person, issuer, root, more, after=begun, at=at)


def streams() -> dict[bytes, list[SignedStatement]]:
    """Everybody's key stream by principal."""
    found = {bytes(holder.person): entries_of(holder) for holder in PEOPLE}
    for house in HOUSES:
        issuer, root, vault = some_id(house), signing_key(f"root of {house}"), f"vault of {house}"
        facts: list[KeyFact] = [PrincipalFounded(PrincipalKind.VAULT, issuer), added(vault)]
        found[some_id(vault)] = stated(some_id(vault), issuer, root, facts)
    for inbox, house in INBOXES.items():
        issuer, root = some_id(house), signing_key(f"root of {house}")
        role: list[KeyFact] = [
            PrincipalFounded(PrincipalKind.ROLE, issuer),
            added(inbox),
            EligibilitySet((ARNE.person,)),
        ]
        found[some_id(inbox)] = stated(some_id(inbox), issuer, root, role)
    return found


def trust(without: Sequence[bytes] = ()) -> Trust:
    """The trust file, with all key streams but those of `without`."""
    return Trust(
        format=FORMAT,
        deployment=DEPLOYMENT,
        hub=HubPin(HUB_DEVICE, HUB_KEY.public),
        organisations=tuple(
            OrganisationPin(
                some_id(house), house, "000000000", signing_key(f"root of {house}").public, some_id(f"vault of {house}")
            )
            for house in HOUSES
        ),
        people=tuple(
            PersonPin(h.person, h.name, "", h.organisation, None if h.house else root_of(h)[1].public) for h in PEOPLE
        ),
        key_streams=tuple(
            KeyStreamEntries(principal, tuple(KeyStreamEntry(one.statement, one.signature) for one in entries))
            for principal, entries in streams().items()
            if principal not in without
        ),
    )
