"""A node's folder.

node.toml        what it is told            trust.json     what is believed beforehand
ID.node          what it signs reading with, sealed likewise       ID.replica/     what the organisation took part in
ID.root          an organisation's root, sealed under the passphrase         ID.staff.csv   its staff register
ID.inboxes.csv   who may answer which service inbox
ID.next.root     the root that is to take its place, likewise
identity.key     the key that the register's people are hashed under         issued.db      every stream it issued
witness.db       what was seen of the hub's log and cosigned: never less than what was signed
evidence/        what the hub could not have served honestly
"""

import stat
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crypto import boxes, cbor, keyrings, labels
from crypto.derivation import expand_key
from crypto.errors import CryptoError
from crypto.keyring_slots import PassphraseSlot, open_passphrase_slot, passphrase_slot
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from domain.ids import OrganisationId, PrincipalId
from protocol.errors import SubstitutedKey
from protocol.standing_roots import StandingRoots
from protocol.trust import BadTrustFile, Trust, decode_trust, encode_trust
from samsnakk.node.configuration import BadNode, Configuration, read_configuration, write_configuration
from samsnakk.node.ledger import Ledger
from samsnakk.private_files import write_private

CONFIGURATION: Final = "node.toml"
TRUST: Final = "trust.json"
IDENTITY: Final = "identity.key"
ISSUED: Final = "issued.db"
EVIDENCE: Final = "evidence"
WITNESS: Final = "witness.db"
PORT: Final = "127.0.0.1:8600"
_IDENTITY_KEY: Final = labels.Label(labels.PREFIX + b"node-identity")
_SEED: Final = 32


@dataclass(frozen=True, slots=True)
class OpenNode:
    """A node's folder, open. Shows nothing secret."""

    path: Path
    configuration: Configuration
    trust: Trust = field(repr=False)
    roots: Mapping[OrganisationId, SigningKey] = field(repr=False)
    identity_key: SecretKey = field(repr=False)
    reading_seeds: Mapping[OrganisationId, SecretKey] = field(repr=False)
    """What this node signs its reading with and keeps its copy under, by organisation."""
    standing: StandingRoots = field(repr=False)
    """Every root that any organisation has had, by the trust file and the node's ledger."""

    def staff_file(self, organisation: OrganisationId) -> Path:
        """The organisation's staff register."""
        return self.path / f"{organisation.hex()}.staff.csv"

    def inboxes_file(self, organisation: OrganisationId) -> Path:
        """The organisation's register of who may answer which service inbox."""
        return inboxes_file(self.path, organisation)

    def identity(self, issuer: str, subject: str) -> str:
        """What stands in the register for a person's login: a keyed hash, so that the file names nobody."""
        return expand_key(self.identity_key, label=_IDENTITY_KEY, context=cbor.encode([issuer, subject])).hex()


def inboxes_file(folder: Path, organisation: OrganisationId) -> Path:
    """The organisation's register of service inboxes, in the node's folder."""
    return folder / f"{organisation.hex()}.inboxes.csv"


def secret_file(path: Path) -> bytes:
    """What a file of secrets holds. Raises `BadNode` where others than its owner may read it."""
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadNode(f"{path}: others may read this file; chmod 600 it")
        return path.read_bytes()
    except OSError as error:
        raise BadNode(f"{path}: {error.strerror}") from None


def passphrase_in(path: Path) -> str:
    """The passphrase in a file: its first line. Raises `BadNode`."""
    try:
        lines = secret_file(path).decode().splitlines()
    except UnicodeDecodeError:
        raise BadNode(f"{path}: not text") from None
    if not lines or not lines[0]:
        raise BadNode(f"{path}: no passphrase in the first line")
    return lines[0]


def create_node(
    path: Path, trust: Trust, hub: str, roots: Mapping[OrganisationId, bytes], passphrase: str, listen: str = PORT
) -> None:
    """Make a node's folder; `roots` are 32-byte root seeds, sealed at once. Raises `BadNode`."""
    pinned = trust.roots()
    for organisation, seed in roots.items():
        if len(seed) != _SEED or pinned.get(organisation) != SigningKey.from_seed(seed).public:
            raise BadNode(f"{organisation.hex()}: not the root that the trust file pins")
    if path.exists() and any(path.iterdir()):
        raise BadNode(f"{path}: not an empty folder")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    for organisation, seed in roots.items():
        write_private(path / f"{organisation.hex()}.root", _sealed(organisation, seed, passphrase))
        write_private(path / f"{organisation.hex()}.staff.csv", b"person,function,hpr,identity\n")
    write_private(path / IDENTITY, random_bytes(_SEED))
    write_private(path / TRUST, encode_trust(trust))
    write_private(path / CONFIGURATION, write_configuration(hub, listen, tuple(roots)).encode())


def open_node(path: Path, passphrase: str) -> OpenNode:
    """Open a node's folder. Raises `BadNode`."""
    configuration = read_configuration(path / CONFIGURATION)
    try:
        trust = decode_trust((path / TRUST).read_bytes())
    except OSError as error:
        raise BadNode(f"{path / TRUST}: {error.strerror}") from None
    except BadTrustFile as error:
        raise BadNode(f"{path / TRUST}: {error.detail}") from None
    roots: dict[OrganisationId, SigningKey] = {}
    standing = _standing(path, trust)
    for organisation in configuration.organisations:
        roots[organisation] = _current(path, organisation, passphrase, standing)
    reading = {organisation: _reading_seed(path, organisation, passphrase) for organisation in roots}
    return OpenNode(path, configuration, trust, roots, SecretKey(secret_file(path / IDENTITY)), reading, standing)


def _reading_seed(path: Path, organisation: OrganisationId, passphrase: str) -> SecretKey:
    """Made the first time it is needed: a node that is begun anew gets a new one, and a certificate for it."""
    file = path / f"{organisation.hex()}.node"
    if not file.exists():
        write_private(file, _sealed(organisation, random_bytes(_SEED), passphrase))
    return _seed_in(file, organisation, passphrase)


def _standing(path: Path, trust: Trust) -> StandingRoots:
    """The roots by trust file and ledger. Raises `BadNode`."""
    standing = StandingRoots(trust)
    streams = {PrincipalId(one.principal): one.signed() for one in trust.key_streams}
    try:
        standing.add({who: entries for who, entries in streams.items() if standing.is_organisation(who)})
        if (path / ISSUED).exists():
            with closing(Ledger(path / ISSUED)) as ledger:
                standing.add({who: ledger.entries(who) for who in standing.organisations()})
    except SubstitutedKey as error:
        raise BadNode(f"{path / ISSUED}: {error.detail}") from None
    return standing


def _current(path: Path, organisation: OrganisationId, passphrase: str, standing: StandingRoots) -> SigningKey:
    """The organisation's newest root. One that was made and stated, but not put in its place yet, is put there now."""
    file, following = path / f"{organisation.hex()}.root", path / next_root_file(organisation)
    newest = standing.newest.get(organisation)
    if following.exists() and _key_in(following, organisation, passphrase).public == newest:
        following.replace(file)
    root = _key_in(file, organisation, passphrase)
    if newest != root.public:
        raise BadNode(f"{organisation.hex()}.root: not the root that trust file and ledger name")
    return root


def _key_in(path: Path, organisation: OrganisationId, passphrase: str) -> SigningKey:
    return SigningKey.from_seed(_seed_in(path, organisation, passphrase))


def next_root_file(organisation: OrganisationId) -> str:
    """The name of the file with the root that is to come."""
    return f"{organisation.hex()}.next.root"


def next_root(path: Path, organisation: OrganisationId, passphrase: str) -> SigningKey:
    """The root that is to come, made if there is none yet. Raises `BadNode`."""
    file = path / next_root_file(organisation)
    if not file.exists():
        write_private(file, _sealed(organisation, random_bytes(_SEED), passphrase))
    return _key_in(file, organisation, passphrase)


def _sealed(organisation: OrganisationId, seed: bytes, passphrase: str) -> bytes:
    """The form of a keyring that holds a root and nothing else; the organisation's id stands where a person's would."""
    key = SecretKey(random_bytes(_SEED))
    slot = passphrase_slot(organisation, key, passphrase, random_bytes(32))
    ring = keyrings.Keyring(person=organisation, seeds=(), root_seed=SecretKey(seed), pins={})
    return keyrings.seal_keyring(ring, key, [slot], nonce=random_bytes(boxes.NONCE_LENGTH))


def root_seed_in(folder: Path, organisation: OrganisationId, passphrase: str) -> SecretKey:
    """An organisation's 32-byte root seed from the node's folder. Raises `BadNode`."""
    return _seed_in(folder / f"{organisation.hex()}.root", organisation, passphrase)


def _seed_in(path: Path, organisation: OrganisationId, passphrase: str) -> SecretKey:
    sealed = secret_file(path)
    try:
        file = keyrings.parse_keyring_file(sealed)
        slot = next(slot for slot in file.slots if isinstance(slot, PassphraseSlot))
        ring = keyrings.open_keyring(file, organisation, open_passphrase_slot(organisation, slot, passphrase))
    except (CryptoError, StopIteration):
        raise BadNode(f"{path}: does not open with this passphrase, or is damaged") from None
    if ring.root_seed is None:
        raise BadNode(f"{path}: holds no root")
    return ring.root_seed
