"""The trust file: what an end believes before anybody tells it anything. Exchanged out of band, never by the hub.

It pins the deployment, the hub's key and the root keys. Names stand here for people to read; keys of principals are
not believed for standing here, but because a pinned root signed them (their key streams).
"""

import msgspec
from msgspec import Struct

from crypto.errors import BadKey
from crypto.key_statements import SignedStatement
from crypto.signing import PublicKey, Signature, verify_public_key
from domain.ids import DeploymentId
from protocol.errors import ProtocolError

FORMAT = 1
_LENGTHS = {"id": 16, "key": 32, "signature": 64}


class BadTrustFile(ProtocolError):
    """The trust file is not one; `detail` says where."""


class HubPin(Struct, frozen=True, forbid_unknown_fields=True):
    """The hub signs its own acts as this device with this key."""

    device: bytes
    public_key: bytes


class OrganisationPin(Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation: its root key (signs only), its vault, and what people call it."""

    id: bytes
    name: str
    number: str
    root: bytes
    vault: bytes


class PersonPin(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or inbox: what people call them, and for users and relatives the root key of their own."""

    id: bytes
    name: str
    title: str
    organisation: bytes | None
    root: bytes | None = None
    inbox: bool = False


class ChannelName(Struct, frozen=True, forbid_unknown_fields=True):
    """A local name for a channel, for commands; not part of the protocol."""

    id: bytes
    name: str


class KeyStreamEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One signed statement of a principal's key stream."""

    statement: bytes
    signature: bytes


class KeyStreamEntries(Struct, frozen=True, forbid_unknown_fields=True):
    """A principal's whole key stream, oldest first."""

    principal: bytes
    entries: tuple[KeyStreamEntry, ...]

    def signed(self) -> tuple[SignedStatement, ...]:
        """The entries as `crypto.key_streams` wants them."""
        return tuple(SignedStatement(e.statement, Signature(e.signature)) for e in self.entries)


class Trust(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    deployment: bytes
    hub: HubPin
    organisations: tuple[OrganisationPin, ...]
    people: tuple[PersonPin, ...]
    channels: tuple[ChannelName, ...] = ()
    key_streams: tuple[KeyStreamEntries, ...] = ()

    @property
    def deployment_id(self) -> DeploymentId:
        """The deployment, typed."""
        return DeploymentId(self.deployment)

    def roots(self) -> dict[bytes, PublicKey]:
        """Every pinned root key by the id of its issuer."""
        of_people = {p.id: PublicKey(p.root) for p in self.people if p.root is not None}
        return {**of_people, **{o.id: PublicKey(o.root) for o in self.organisations}}

    def name_of(self, principal: bytes) -> str:
        """What people call a person, inbox, organisation or vault; a short id where nobody has said."""
        for person in self.people:
            if person.id == principal:
                return person.name
        for organisation in self.organisations:
            if organisation.id == principal:
                return organisation.name
            if organisation.vault == principal:
                return f"{organisation.name} (arkiv)"
        return principal.hex()[:8]


def encode_trust(trust: Trust) -> bytes:
    """The file: JSON, byte strings in base64, two spaces of indent, so that people can read and compare it."""
    return msgspec.json.format(msgspec.json.encode(trust), indent=2) + b"\n"


def decode_trust(data: bytes) -> Trust:
    """Read a trust file strictly.

    Raises:
        BadTrustFile: not such a file, of another format, an id has the wrong length, or a key is none.

    """
    try:
        trust = msgspec.json.decode(data, type=Trust, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadTrustFile(str(error)) from None
    if trust.format != FORMAT:
        raise BadTrustFile(f"format {trust.format}; this program reads format {FORMAT}")
    _check_lengths(trust)
    _check_keys(trust)
    return trust


def _check_lengths(trust: Trust) -> None:
    ids = [("deployment", trust.deployment), ("hub.device", trust.hub.device)]
    keys = [("hub.public_key", trust.hub.public_key)]
    for organisation in trust.organisations:
        ids += [("organisations.id", organisation.id), ("organisations.vault", organisation.vault)]
        keys.append(("organisations.root", organisation.root))
    for person in trust.people:
        ids.append(("people.id", person.id))
        keys += [("people.root", person.root)] if person.root is not None else []
    ids += [("channels.id", channel.id) for channel in trust.channels]
    ids += [("key_streams.principal", stream.principal) for stream in trust.key_streams]
    signatures = [("key_streams.entries.signature", e.signature) for s in trust.key_streams for e in s.entries]
    for kind, found in (("id", ids), ("key", keys), ("signature", signatures)):
        for where, value in found:
            if len(value) != _LENGTHS[kind]:
                raise BadTrustFile(f"{where}: {_LENGTHS[kind]} bytes in base64 expected")


def _check_keys(trust: Trust) -> None:
    """Under a key of small order anybody could sign, so it is not believed even where it is pinned."""
    try:
        verify_public_key(trust.hub.public_key)
        for root in trust.roots().values():
            verify_public_key(root)
    except BadKey:
        raise BadTrustFile("hub.public_key or root: not a public key") from None
