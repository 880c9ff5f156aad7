"""Whose keys hold: the replayed key streams of every known principal, judged at recorded time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crypto import key_streams, labels
from crypto.certificates import DeviceCertificate
from crypto.errors import CryptoError
from crypto.key_statements import PrincipalKind, SignedStatement, parse_statement
from crypto.key_stream_states import KeyStreamState, KeyVersion
from crypto.signing import PublicKey
from domain.channel.terms import KeyRef
from domain.ids import DeploymentId, DeviceId, Digest, Millis, OrganisationId, PrincipalId
from protocol.acts import Header
from protocol.errors import DeviceNotValid, SubstitutedKey, UnknownDevice, UnknownKey
from protocol.standing_roots import StandingRoots
from protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class Known:
    """One principal: its key stream's entries as received, and what they say."""

    entries: tuple[SignedStatement, ...]
    state: KeyStreamState


@dataclass(frozen=True, slots=True)
class Speaker:
    """For whom a device says it speaks."""

    device: DeviceId
    person: PrincipalId
    organisation: OrganisationId | None
    role: PrincipalId | None


ALL_KNOWN: Mapping[PrincipalId, int] = MappingProxyType({})
"""No stream is judged by what was entered: everything known counts, by time."""


class Directory:
    """Key streams by principal, and whose device is whose. Grows only; nothing unverified enters."""

    def __init__(self, trust: Trust) -> None:
        self.deployment: DeploymentId = trust.deployment_id
        self.hub = DeviceId(trust.hub.device)
        self._hub_key = PublicKey(trust.hub.public_key)
        self.roots = StandingRoots(trust)
        self._vaults = {OrganisationId(one.id): PrincipalId(one.vault) for one in trust.organisations}
        self._known: dict[PrincipalId, Known] = {}
        self._owners: dict[DeviceId, PrincipalId] = {}
        self.add_all({PrincipalId(stream.principal): stream.signed() for stream in trust.key_streams})

    def add_all(self, streams: Mapping[PrincipalId, Sequence[SignedStatement]]) -> None:
        """Take in many key streams, those of organisations first: the others are signed under the roots there.

        Raises `SubstitutedKey` as `add`.
        """
        own = {who: entries for who, entries in streams.items() if self.roots.is_organisation(who)}
        self.roots.add(own)
        for principal, entries in streams.items():
            if principal not in own:
                self.add(principal, entries)

    def add(
        self, principal: PrincipalId, entries: Sequence[SignedStatement], *, newest_only: bool = False
    ) -> KeyStreamState:
        """Take in a whole key stream; it must continue the one already known.

        `newest_only`: nothing new that ends under a root that was replaced. For the hub, where a thief would bring it;
        who reads a stream later takes such statements in, and counts them for nothing.

        Raises:
            SubstitutedKey: not signed by the pinned root, broken, or another history than the one known.

        """
        known = self._known.get(principal)
        if known is not None and tuple(entries[: len(known.entries)]) != known.entries:
            if known.entries[: len(entries)] == tuple(entries):
                return known.state  # an older copy of the same stream
            raise SubstitutedKey("two key streams of one principal")
        try:
            if known is None:
                state = key_streams.replay(self.deployment, principal, entries, self.roots.lines)
            else:
                state = known.state
                for entry in entries[len(known.entries) :]:
                    state = key_streams.extend(state, entry, self.roots.lines)
        except CryptoError as error:
            raise SubstitutedKey(str(error)) from None
        if newest_only and not self._ends_under_the_newest(state, entries[0 if known is None else known.state.n :]):
            raise SubstitutedKey("stated under a root that was replaced")
        devices = [DeviceId(certificate.device) for certificate in (*state.certificates, *state.nodes)]
        # Who came first keeps the device: otherwise a rogue root could make an honest device look forged.
        if any(self._owners.get(device, principal) != principal or device == self.hub for device in devices):
            raise SubstitutedKey("a device of somebody else")
        self._known[principal] = Known(tuple(entries), state)
        self._owners.update(dict.fromkeys(devices, principal))
        return state

    def _ends_under_the_newest(self, state: KeyStreamState, new: Sequence[SignedStatement]) -> bool:
        issuers = {parse_statement(entry.statement).issuer for entry in new}
        return all(key_streams.in_force(state, issuer, self.roots.lines) for issuer in issuers)

    def vault_of(self, organisation: OrganisationId) -> PrincipalId | None:
        """The vault that is pinned for the organisation."""
        return self._vaults.get(organisation)

    def principals(self) -> Iterable[PrincipalId]:
        """Everybody known."""
        return self._known.keys()

    def entries(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """The key stream as received, also an organisation's own; empty if unknown."""
        if self.roots.is_organisation(principal):
            return self.roots.entries(principal)
        known = self._known.get(principal)
        return known.entries if known is not None else ()

    def state(self, principal: PrincipalId) -> KeyStreamState:
        """What the principal's key stream says.

        Raises:
            UnknownKey: no key stream of that principal is known here (yet).

        """
        known = self._known.get(principal)
        if known is None:
            raise UnknownKey
        return known.state

    def has_left(self, principal: PrincipalId) -> bool:
        """Whether the principal's key stream has ended; not of somebody unknown."""
        known = self._known.get(principal)
        return known is not None and known.state.ended_at is not None

    def state_at(self, principal: PrincipalId, n: int) -> KeyStreamState:
        """What the principal's key stream said after its first `n` statements.

        Raises:
            UnknownKey: no such stream is known here, or none of that length (yet).

        """
        state = self.state(principal)
        if state.n == n:
            return state
        if not 0 < n < state.n:
            raise UnknownKey
        return key_streams.replay(self.deployment, principal, self.entries(principal)[:n], self.roots.lines)

    def signer(self, device: DeviceId) -> tuple[bytes, labels.Label]:
        """The key a device's acts are checked with, and the label it signs under.

        Raises:
            UnknownDevice: nobody certified it.

        """
        if device == self.hub:
            return self._hub_key, labels.HUB_ACT
        certificates = self.state(self.owner(device)).certificates_of(device)
        if not certificates:
            raise UnknownDevice  # a node's: it signs no acts
        return certificates[-1].public_key, labels.ACT

    def owner(self, device: DeviceId) -> PrincipalId:
        """The person whose device it is, or the vault whose node.

        Raises:
            UnknownDevice: nobody certified it.

        """
        owner = self._owners.get(device)
        if owner is None:
            raise UnknownDevice
        return owner

    def is_certified(self, device: DeviceId, at: Millis) -> bool:
        """Whether any certificate of the device, or of the node, holds at `at`."""
        try:
            state = self.state(self.owner(device))
            if state.ended_at is not None and state.kind is PrincipalKind.VAULT:
                return False
            return any(c.holds_at(at) for c in (*state.certificates_of(device), *nodes_of(state, device)))
        except (UnknownDevice, UnknownKey):
            return False

    def verify_author(self, header: Header, at: Millis, entered: Mapping[PrincipalId, int] = ALL_KNOWN) -> None:
        """Check that the header's device spoke for its person, organisation and role at recorded time `at`.

        `entered`: how far each key stream was entered in the channel before the act (`Channel.key_streams`); what
        came later changes nothing about it. Streams that are not named there are judged by time.

        Raises:
            DeviceNotValid: no certificate says so, or it was not yet, no longer or never valid.
            UnknownDevice, UnknownKey: nothing is known (yet) about the device or role.

        """
        if (header.person is None) is not (header.device == self.hub):
            raise DeviceNotValid
        if header.person is None:
            return
        speaker = Speaker(header.device, header.person, header.organisation, header.role)
        self.verify_speaker(speaker, at, entered)

    def verify_speaker(self, speaker: Speaker, at: Millis, entered: Mapping[PrincipalId, int] = ALL_KNOWN) -> None:
        """As `verify_author`, for anything a device signs."""
        if self.owner(speaker.device) != speaker.person:
            raise DeviceNotValid
        certificates = self.state(speaker.person).certificates_of(speaker.device)
        known = entered.get(speaker.person)
        if not any(_speaks_for(c, speaker.organisation) and c.holds_at(at, known) for c in certificates):
            raise DeviceNotValid
        if speaker.role is not None and not self._may_act_for(speaker, speaker.role, at, entered.get(speaker.role)):
            raise DeviceNotValid

    def _may_act_for(self, speaker: Speaker, role: PrincipalId, at: Millis, entered: int | None) -> bool:
        """Whether the role is the organisation's and its key stream names the person."""
        state = self.state(role)
        of_theirs = state.kind is PrincipalKind.ROLE and state.organisation == speaker.organisation
        return of_theirs and speaker.person in state.eligible_at(at, entered)

    def is_eligible(self, role: PrincipalId, person: PrincipalId, organisation: OrganisationId | None) -> bool:
        """Whether the role's newest statement names the person, and the role is the organisation's."""
        state = self.state(role)
        return state.kind is PrincipalKind.ROLE and state.organisation == organisation and person in state.eligible

    def key(self, principal: PrincipalId, version: int) -> KeyVersion:
        """One certified key version of a principal.

        Raises:
            UnknownKey: no such version is known here (yet).

        """
        for key in self.state(principal).key_versions:
            if key.version == version:
                return key
        raise UnknownKey

    def public_keys(self, principal: PrincipalId, version: int) -> tuple[bytes, ...]:
        """The certified public KEM keys to wrap for. Raises `UnknownKey` as `key`, and where a new root struck it."""
        key = self.key(principal, version)
        if key.struck:
            raise UnknownKey
        return tuple(key.kem)

    def current_key(self, principal: PrincipalId) -> KeyRef:
        """The newest certified key of a principal.

        Raises:
            UnknownKey: it has none, has ended, or its organisation's newest root has not kept it (yet).

        """
        state = self.state(principal)
        key = newest_key(state)
        if key is None or not key_streams.in_force(state, state.owner, self.roots.lines):
            raise UnknownKey
        return key

    def verify_key(
        self, principal: PrincipalId, claimed: KeyRef, organisation: OrganisationId | None, kind: PrincipalKind
    ) -> None:
        """Check that a membership names the certified key, and the organisation that certified it.

        Raises:
            SubstitutedKey: another key, another organisation or another kind of principal than the certified one.
            UnknownKey: nothing is known (yet) about that version.

        """
        if Digest(self.key(principal, claimed.version).kem_hash) != claimed.kem_hash:
            raise SubstitutedKey("key")
        state = self.state(principal)
        if state.kind is not kind:
            raise SubstitutedKey("kind of principal")
        mine = {state.organisation, *(c.organisation for c in state.certificates)}
        if organisation is not None and organisation not in mine:
            raise SubstitutedKey("organisation")


def nodes_of(state: KeyStreamState, device: DeviceId) -> list[DeviceCertificate]:
    """The certificates of an organisation's node, in its vault's key stream."""
    return [node for node in state.nodes if node.device == device]


def newest_key(state: KeyStreamState) -> KeyRef | None:
    """The key to wrap for at this point of the key stream; None where there is none or the principal has ended."""
    good = [key for key in state.key_versions if not key.struck]
    if not good or state.ended_at is not None:
        return None
    newest = good[-1]
    return KeyRef(newest.version, Digest(newest.kem_hash))


def _speaks_for(certificate: DeviceCertificate, organisation: OrganisationId | None) -> bool:
    """Staff devices speak for the organisation that certified them. A user's own device speaks for herself; the
    organisation her messages name is the one whose basis carries the thread, which the channel's rules check."""
    return certificate.organisation is None or certificate.organisation == organisation
