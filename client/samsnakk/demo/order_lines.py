"""What the conductor says to a process: orders, one JSON object a line. `samsnakk.demo.lines` reads and writes them."""

from typing import TypeAlias

import msgspec

from domain.channel.terms import Audience, Standing, Topic
from domain.ids import Millis
from protocol.contents import KnownContent
from protocol.trust import PersonPin
from samsnakk.demo.script import Deed


class Line(msgspec.Struct, frozen=True, tag_field="line", forbid_unknown_fields=True):
    """Root of everything said. Ids and hashes travel as base64."""


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On which terms somebody takes part."""

    principal: bytes
    standing: Standing
    organisation: bytes | None
    function: str
    legal_basis: str
    valid_until: Millis | None


class Order(Line, frozen=True):
    """Root of what the conductor says; the answer repeats `number`."""

    number: int


class OpenChannel(Order, frozen=True, tag="open-channel"):
    """Open the channel as its first tillitsperson."""

    terms: Terms


class Watch(Order, frozen=True, tag="watch"):
    """Subscribe, and report everything from the beginning on. `alone`: only what was received before."""

    alone: bool = False


class Invite(Order, frozen=True, tag="invite"):
    """Invite the user; the answer is `Invited`."""

    name: str


class Come(Order, frozen=True, tag="come"):
    """The user comes by this link, or somebody under a root of their own who has been vouched for: without one."""

    link: str | None


class Admit(Order, frozen=True, tag="admit"):
    """Wait for the invited user and let her in; the answer is `Admitted`."""


class Vouch(Order, frozen=True, tag="vouch"):
    """Hand the hub the key stream of somebody who stands under a root of their own."""

    principal: bytes
    bundle: bytes


class Called(Order, frozen=True, tag="called"):
    """What somebody is called, for the trust file in the own profiles."""

    person: PersonPin


class Post(Order, frozen=True, tag="post"):
    """Post a message."""

    thread: int
    content: KnownContent
    asks: bool
    due: Millis | None
    corrects: int | None


class About(Order, frozen=True, tag="about"):
    """Retract, settle, approve, decline or confirm what was recorded at `target`."""

    what: Deed
    thread: int
    target: int


class Misplace(Order, frozen=True, tag="misplace"):
    """Hide a message from these principals."""

    thread: int
    target: int
    hidden_from: tuple[bytes, ...]


class Take(Order, frozen=True, tag="take"):
    """Take a question, or accept one that was offered."""

    thread: int
    target: int
    offered: bool
    until: Millis | None


class Offer(Order, frozen=True, tag="offer"):
    """Hand a question on."""

    thread: int
    target: int
    to: bytes


class Join(Order, frozen=True, tag="join"):
    """Add somebody to a thread or propose it; `history`: None from now, 0 all, else the first version."""

    thread: int
    terms: Terms
    history: int | None
    proposed: bool


class Remove(Order, frozen=True, tag="remove"):
    """Remove somebody, or leave."""

    principal: bytes
    reason: str


class Grant(Order, frozen=True, tag="grant"):
    """Open older messages from a version on (0: all)."""

    thread: int
    to: bytes
    history: int


class OpenThread(Order, frozen=True, tag="open-thread"):
    """Open a thread with these members. The answer names its number."""

    audience: Audience
    topic: Topic
    title: str
    reason: str | None
    review_at: Millis | None
    members: tuple[Terms, ...]


class HandOver(Order, frozen=True, tag="hand-over"):
    """Offer the role of tillitsperson."""

    to: bytes
    ends_access: bool


class Close(Order, frozen=True, tag="close"):
    """Close the channel with a summary."""

    text: str
    contact: str


class Reopen(Order, frozen=True, tag="reopen"):
    """Open it again."""


class Depart(Order, frozen=True, tag="depart"):
    """For a node: strike this person from the register."""

    person: bytes


class Examine(Order, frozen=True, tag="examine"):
    """For everybody: say which secrets you hold, as fingerprints, and whether one lies in this folder, the hub's."""

    folder: str


class LookUp(Order, frozen=True, tag="look-up"):
    """Ask the directory whom one would write to; the answer is `LookedUp`."""


AnyOrder: TypeAlias = (
    OpenChannel
    | Watch
    | Invite
    | Come
    | Admit
    | Vouch
    | Called
    | LookUp
    | Depart
    | Examine
    | Post
    | About
    | Misplace
    | Take
    | Offer
    | Join
    | Remove
    | Grant
    | OpenThread
    | HandOver
    | Close
    | Reopen
)
