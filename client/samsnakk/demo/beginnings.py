"""What the processes of a demonstration say before the play begins: who they are, in public keys alone.

    hub           HubMade ▸         ◂ Trusted                  ready
    node          ◂ Found           NodeMade ▸    ◂ Trusted    ◂ Work     NodeReady ▸
    participant   Made ▸            ◂ Begin       SignedIn ▸   Online ▸   orders (`samsnakk.demo.lines`)

Every secret is made in the process that keeps it, in its own folder, and no line carries one.
"""

from typing import TypeAlias

import msgspec

from protocol.trust import OrganisationPin, PersonPin
from samsnakk.demo.lines import Line


class OrganisationPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation that a node is to found. `inbox`: what its service inbox is called; None if it takes no part."""

    key: str
    name: str
    number: str
    inbox: str | None


class StaffPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody for an organisation's register. `duty`: reads and acts for its service inbox."""

    key: str
    name: str
    title: str
    organisation: str
    function: str
    duty: bool


class HubMade(Line, frozen=True, tag="hub-made"):
    """The hub's device id and public key."""

    device: bytes
    public_key: bytes


class Found(Line, frozen=True, tag="found"):
    """Whom a node serves. A node that is there already answers with what it has."""

    organisations: tuple[OrganisationPlan, ...]
    staff: tuple[StaffPlan, ...]


class NodeMade(Line, frozen=True, tag="node-made"):
    """What a node's organisations give to the trust file; ids of organisations, staff and inboxes by their key."""

    pins: tuple[OrganisationPin, ...]
    people: tuple[PersonPin, ...]
    organisations: dict[str, bytes]
    staff: dict[str, bytes]
    inboxes: dict[str, bytes]


class Trusted(Line, frozen=True, tag="trusted"):
    """The trust file."""

    trust: bytes


class Work(Line, frozen=True, tag="work"):
    """Where the hub is, and the identity provider."""

    hub: str
    issuer: str


class NodeReady(Line, frozen=True, tag="node-ready"):
    """The node's door is open here. `listed`: entries that it has published in the directory just now."""

    url: str
    listed: int = 0


class Made(Line, frozen=True, tag="made"):
    """A participant's process has begun. `own`: id and key stream of one's own root."""

    own: tuple[bytes, bytes] | None


class Begin(Line, frozen=True, tag="begin"):
    """Where everything is, and who one is there. `person` None: the user before she has arrived, and whoever has `own`.

    `alone`: has left, and shows only what was received before.
    """

    url: str
    trust: bytes
    node: str | None
    organisation: bytes | None
    person: bytes | None
    inbox: bytes | None
    alone: bool


Beginning: TypeAlias = HubMade | Found | NodeMade | Trusted | Work | NodeReady | Made | Begin

_BEGINNINGS: msgspec.json.Decoder[Beginning] = msgspec.json.Decoder(Beginning)


def read_beginning(line: bytes) -> Beginning:
    """One of these lines. Raises `msgspec.MsgspecError`."""
    return _BEGINNINGS.decode(line)
