"""What the node signs: certificates and keys of its own people, and the end of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.key_heads import genesis_head
from crypto.key_statements import (
    DeviceCertified,
    DeviceRevoked,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    NodeCertified,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    parse_statement,
    sign_statement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import begin, extend
from crypto.signing import SigningKey
from domain.ids import DeviceId, Millis, OrganisationId, PrincipalId
from protocol.errors import SubstitutedKey
from protocol.node_requests import Admit, Certify, NodeRequest
from samsnakk.errors import SamsnakkError
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode
from samsnakk.node.granting import facts_of
from samsnakk.node.ledger import Ledger
from samsnakk.node.staff import Entry, read_staff

MAX_AGE: Final = 5 * 60 * 1000
"""A wish is granted for five minutes either side of the node's clock, milliseconds."""


class NotGranted(SamsnakkError):
    """The node does not do what was asked. `code` says why; `shown` is what whoever keeps the register needs."""

    def __init__(self, code: str, shown: str = "") -> None:
        super().__init__(f"the node refuses: {code}", "Ask your organisation's administrator.")
        self.code = code
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Login:
    """Who has just signed in, as far as the node needs to know.

    `identity` is the register's keyed hash, `organisation` the one that the login was made for.
    """

    identity: str
    hpr: str | None = field(repr=False)
    organisation: OrganisationId


class Issuer:
    """Signs with the organisations' roots. Everything signed is in the ledger first; publishing is somebody else's."""

    def __init__(self, node: OpenNode, ledger: Ledger, now: Callable[[], Millis]) -> None:
        self.node = node
        self.ledger = ledger
        self.now = now
        for stream in node.trust.key_streams:
            self.adopt(PrincipalId(stream.principal), stream.signed())

    def adopt(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> bool:
        """Take over a stream of one of the own organisations that was begun elsewhere, or went on there.

        Tells whether it was new. Raises `SubstitutedKey` where it is not the stream that stands in the ledger.
        """
        known = self.ledger.entries(principal)
        shared = min(len(known), len(entries))
        if self.node.standing.is_organisation(principal):
            self.node.standing.add({principal: entries})
        else:
            try:
                state = self._replayed(principal, entries)
            except CryptoError as error:
                raise SubstitutedKey(str(error)) from None
            if state is None or state.owner not in self.node.roots:
                return False
        if tuple(entries[:shared]) != known[:shared]:
            raise SubstitutedKey("two key streams of one principal")
        if len(entries) <= len(known):
            return False
        self.ledger.append(principal, entries[len(known) :], after=len(known))
        return True

    def issued_elsewhere(self, entries: Sequence[SignedStatement]) -> bool:
        """Whether none of these is in the name of an organisation of this node. Raises `SubstitutedKey`."""
        try:
            return all(parse_statement(entry.statement).issuer not in self.node.roots for entry in entries)
        except CryptoError as error:
            raise SubstitutedKey(str(error)) from None

    def state(self, principal: PrincipalId) -> KeyStreamState | None:
        """What the principal's stream says by the ledger; None where there is none; roots' streams have none."""
        if self.node.standing.is_organisation(principal):
            return None
        return self._replayed(principal, self.ledger.entries(principal))

    def staff(self, organisation: OrganisationId) -> dict[PrincipalId, Entry]:
        """The organisation's register as it stands on disk now. Raises `BadNode`."""
        return dict(read_staff(self.node.staff_file(organisation)))

    def certify(self, request: NodeRequest, login: Login) -> PrincipalId:
        """A certificate for the request's device, for whoever signed in, and nobody else. Raises `NotGranted`."""
        wish = request.wish
        if not isinstance(wish, Certify):
            raise NotGranted("another_wish")
        root = self._timely(request)
        entry = self._registered(request.organisation, login)
        self._not_somebody_elses(request.device, entry.person)
        state = self.state(entry.person)
        until = self.now() + self.node.configuration.validity
        certificate = DeviceCertified(request.device, wish.public_key, request.organisation, until)
        facts: list[KeyFact] = [certificate]
        if state is None:
            if wish.kem is None:
                raise NotGranted("no_key")
            facts = [
                PrincipalFounded(PrincipalKind.PERSON, request.organisation),
                KeyVersionAdded(1, (wish.kem,)),
                certificate,
            ]
        elif state.organisation != request.organisation:
            raise NotGranted("another_organisation")
        elif wish.kem is not None and wish.kem not in state.key_versions[0].kem:
            raise NotGranted("has_keys")  # an old device or the recovery code brings them; this one would read nothing
        self._state(entry.person, request.organisation, root, facts)
        return entry.person

    def admit(self, request: NodeRequest, login: Login) -> PrincipalId:
        """A certificate for another device, wished by a certified one of whoever signed in. Raises `NotGranted`."""
        wish = request.wish
        if not isinstance(wish, Admit):
            raise NotGranted("another_wish")
        root = self._timely(request)
        person, _ = self._person_of(request)
        if self._registered(request.organisation, login).person != person:
            raise NotGranted("another_person")
        self._not_somebody_elses(wish.device, person)
        until = self.now() + self.node.configuration.validity
        certificate = DeviceCertified(wish.device, wish.public_key, request.organisation, until)
        self._state(person, request.organisation, root, [certificate])
        return person

    def grant(self, request: NodeRequest) -> PrincipalId:
        """A wish of a device that has a certificate. The signature was checked. Raises `NotGranted`."""
        root = self._timely(request)
        person, state = self._person_of(request)
        facts = facts_of(request.wish, len(state.key_versions) + 1)
        if not facts:
            raise NotGranted("another_wish")
        self._state(person, request.organisation, root, facts)
        return person

    def asker(self, request: NodeRequest) -> PrincipalId:
        """Whose wish it is, which uses it up. The signature was checked. Raises `NotGranted`."""
        self._timely(request)
        return self._person_of(request)[0]

    def people_of(self, inbox: KeyStreamState) -> dict[PrincipalId, KeyStreamState]:
        """The key streams of everybody eligible for the inbox, as far as the ledger has them."""
        found = {PrincipalId(person): self.state(PrincipalId(person)) for person in inbox.eligible}
        return {person: state for person, state in found.items() if state is not None}

    def state_of(self, principal: PrincipalId, organisation: OrganisationId, facts: Sequence[KeyFact]) -> None:
        """State something in an inbox's or the vault's stream. Raises `NotGranted` where its rules forbid it."""
        self._state(principal, organisation, self.node.roots[organisation], facts)

    def device_key(self, request: NodeRequest) -> bytes:
        """The key to check a wish of a certified device with. Raises `NotGranted`."""
        _, state = self._person_of(request)
        return state.certificates_of(request.device)[-1].public_key

    def certify_node(self, vault: PrincipalId, node: NodeCertified) -> None:
        """Say in the vault's stream that this node reads for it. Raises `NotGranted`."""
        state = self.state(vault)
        if state is None or state.owner not in self.node.roots:
            raise NotGranted("no_vault")
        organisation = OrganisationId(state.owner)
        self._state(vault, organisation, self.node.roots[organisation], [node])

    def end(self, person: PrincipalId) -> bool:
        """Revoke all devices of somebody who has left, and end the stream; tells whether there was anything to end."""
        state = self.state(person)
        if state is None or state.ended_at is not None or state.owner not in self.node.roots:
            return False
        organisation = OrganisationId(state.owner)
        live = {c.device for c in state.certificates if c.revoked_at is None}
        facts: list[KeyFact] = [*(DeviceRevoked(device) for device in sorted(live)), PrincipalEnded()]
        self._state(person, organisation, self.node.roots[organisation], facts)
        return True

    def revoke(self, person: PrincipalId, device: DeviceId) -> None:
        """End one device of a person. Raises `NotGranted`."""
        state = self.state(person)
        if state is None or state.owner not in self.node.roots:
            raise NotGranted("unknown_person")
        organisation = OrganisationId(state.owner)
        self._state(person, organisation, self.node.roots[organisation], [DeviceRevoked(device)])

    def departed(self) -> list[PrincipalId]:
        """People with a stream that has not ended who stand in their organisation's register no more.

        Raises `BadNode` where so many are missing at once that the register is more likely damaged: an end is for good.
        """
        registers = {organisation: self.staff(organisation) for organisation in self.node.roots}
        found: list[PrincipalId] = []
        living = 0
        for principal in self.ledger.principals():
            state = self.state(principal)
            if state is None or state.kind is not PrincipalKind.PERSON or state.ended_at is not None:
                continue
            living += 1
            if principal not in registers[OrganisationId(state.owner)]:
                found.append(principal)
        if len(found) > 1 and 2 * len(found) > living:
            raise BadNode("the staff register lacks more than half of the people; revoke them by name if that is so")
        return found

    def _timely(self, request: NodeRequest) -> SigningKey:
        at = self.now()
        root = self.node.roots.get(request.organisation)
        if root is None or request.deployment != self.node.trust.deployment:
            raise NotGranted("another_organisation")
        fresh = abs(at - request.made_at) <= MAX_AGE
        if not fresh or not self.ledger.use_once(request.request_id, at, Millis(at - 2 * MAX_AGE)):
            raise NotGranted("stale_request")
        return root

    def welcome(self, login: Login) -> None:
        """Look whether whoever signed in stands in the register, before anything is asked. Raises `NotGranted`."""
        self._registered(login.organisation, login)

    def _registered(self, organisation: OrganisationId, login: Login) -> Entry:
        if login.organisation != organisation:
            raise NotGranted("another_organisation")
        entry = next((e for e in self.staff(organisation).values() if e.identity == login.identity), None)
        if entry is None:
            raise NotGranted("not_registered", login.identity)  # a keyed hash: it names nobody
        if entry.hpr and entry.hpr != login.hpr:
            raise NotGranted("another_hpr_number")
        return entry

    def _not_somebody_elses(self, device: DeviceId, person: PrincipalId) -> None:
        """One device speaks for one person: a colleague who signs in at it by mistake gets no certificate for it."""
        for other in self.ledger.naming(device):
            state = self.state(other) if other != person else None
            if state is not None and state.certificates_of(device):
                raise NotGranted("another_persons_device")

    def _person_of(self, request: NodeRequest) -> tuple[PrincipalId, KeyStreamState]:
        for person in self.staff(request.organisation) if request.organisation in self.node.roots else ():
            state = self.state(person)
            if state is None or state.organisation != request.organisation:
                continue
            if any(c.holds_at(self.now()) for c in state.certificates_of(request.device)):
                return person, state
        raise NotGranted("device_not_valid")

    def _state(
        self, principal: PrincipalId, issuer: OrganisationId, root: SigningKey, facts: Sequence[KeyFact]
    ) -> None:
        """Sign and keep the facts, all or none. Raises `NotGranted` where the stream's rules forbid one."""
        state = self.state(principal)
        after = 0 if state is None else state.n
        signed: list[SignedStatement] = []
        roots = self.node.standing.lines
        deployment = self.node.trust.deployment_id
        for fact in facts:
            head = genesis_head(deployment, principal) if state is None else state.head
            n, at = (1, self.now()) if state is None else (state.n + 1, max(self.now(), state.issued_at))
            try:
                statement = KeyStatement(deployment, principal, n, Digest(head), fact, issuer, at)
                entry = sign_statement(root, statement)
                state = begin(deployment, principal, entry, roots) if state is None else extend(state, entry, roots)
            except CryptoError as error:
                raise NotGranted("not_allowed") from error
            signed.append(entry)
        self.ledger.append(principal, signed, after=after)

    def _replayed(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> KeyStreamState | None:
        state: KeyStreamState | None = None
        deployment, roots = self.node.trust.deployment_id, self.node.standing.lines
        for entry in entries:
            state = begin(deployment, principal, entry, roots) if state is None else extend(state, entry, roots)
        return state
