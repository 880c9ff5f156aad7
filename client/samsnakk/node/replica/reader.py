"""In whose name a node reads: its organisation's vault, with a key of its own that signs nothing but requests."""

from dataclasses import dataclass
from typing import Final

from crypto import keyrings, labels
from crypto.derivation import expand_key
from crypto.key_statements import NodeCertified
from crypto.signing import SigningKey
from domain.access.events import Purpose
from domain.ids import ChannelId, DeviceId, Millis, OrganisationId, PrincipalId
from protocol.acts import Place
from samsnakk.asking import Reader
from samsnakk.clock import HubClock
from samsnakk.node.configuration import DAY, BadNode
from samsnakk.node.folder import OpenNode
from samsnakk.node.issuing import Issuer
from samsnakk.profile import Identity, Unlocked

VALIDITY: Final = 365 * DAY
RENEW: Final = 30 * DAY
"""A certificate is renewed when less is left of it. Seldom: each one makes the next author of a channel re-key."""
_DEVICE: Final = labels.Label(labels.PREFIX + b"node-device")
_STORE: Final = labels.Label(labels.PREFIX + b"node-store")


@dataclass(frozen=True, slots=True)
class VaultReader:
    """One organisation's vault and the node's key to read for it."""

    organisation: OrganisationId
    name: str
    unlocked: Unlocked

    @property
    def vault(self) -> PrincipalId:
        """The vault."""
        return self.unlocked.identity.person

    def reader(self, channel: bytes, clock: HubClock) -> Reader:
        """Who asks for a channel; sixteen zero bytes stand for none."""
        identity, key = self.unlocked.identity, self.unlocked.signing_key
        place = Place(self.unlocked.trust.deployment_id, ChannelId(channel))
        vault, device, label = identity.person, identity.device, labels.NODE_READ_REQUEST
        return Reader(place, vault, device, identity.organisation, None, Purpose.ARCHIVE, key, clock, label)

    def certificate(self, at: Millis) -> NodeCertified:
        """What the vault's stream must say about this node."""
        return NodeCertified(self.unlocked.identity.device, self.unlocked.signing_key.public, at + VALIDITY)


def vault_reader(node: OpenNode, organisation: OrganisationId) -> VaultReader:
    """Who reads for the organisation. Raises `BadNode` where the trust file knows no vault."""
    pin = next((pin for pin in node.trust.organisations if pin.id == organisation), None)
    if pin is None:
        raise BadNode(f"{organisation.hex()}: not in the trust file")
    seed, vault = node.reading_seeds[organisation], PrincipalId(pin.vault)
    device = DeviceId(expand_key(seed, label=_DEVICE, context=organisation)[:16])
    local = expand_key(seed, label=_STORE, context=organisation)
    folder = node.path / f"{organisation.hex()}.replica"
    folder.mkdir(mode=0o700, exist_ok=True)
    identity = Identity(vault, device, organisation)
    ring = keyrings.Keyring(person=vault, seeds=(), root_seed=None, pins={})
    # No KEM key: the vault's two lie with its key officers, and the node opens nothing.
    unlocked = Unlocked(folder, identity, node.trust, SigningKey.from_seed(seed), {vault: {}}, local, ring, local)
    return VaultReader(organisation, pin.name, unlocked)


def certify(issuer: Issuer, reader: VaultReader, at: Millis) -> str:
    """See to it that the vault's stream certifies this node; why that cannot be, or nothing."""
    state = issuer.state(reader.vault)
    if state is None or state.ended_at is not None or state.owner != reader.organisation:
        return f"{reader.name}: the vault has no key stream here; run `samsnakk node adopt`"
    device = reader.unlocked.identity.device
    mine = [node for node in state.nodes if node.device == device]
    if any(node.revoked_at is not None for node in mine):
        return f"{reader.name}: this node's reading was revoked; docs/node.md says how to go on"
    if not any(node.valid_until > at + RENEW for node in mine):
        issuer.certify_node(reader.vault, reader.certificate(at))
    return ""
