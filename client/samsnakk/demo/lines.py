"""What the conductor and a participant's process say to each other: one JSON object a line, over stdin and stdout.

A process gets orders (`Order`) and answers each with `Done` or `Failed`; besides, it reports what it saw. It exits
when its standard input closes, so that no process outlives the conductor.
"""

from typing import Final, TypeAlias

import msgspec

from domain.channel.terms import Audience, Standing, Topic
from domain.ids import Millis
from protocol.contents import KnownContent
from samsnakk.demo.script import Deed

LONGEST_LINE: Final = 4 * 1024 * 1024


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


class Begin(Line, frozen=True, tag="begin"):
    """The first line of all: the hub's address. Processes start while the hub still does."""

    url: str


class OpenChannel(Order, frozen=True, tag="open-channel"):
    """Open the channel as its first tillitsperson."""

    terms: Terms


class Watch(Order, frozen=True, tag="watch"):
    """Subscribe, and report everything from the beginning on."""


class Arrive(Order, frozen=True, tag="arrive"):
    """Vouch for the user's arrival."""

    user: bytes


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


class Done(Line, frozen=True, tag="done"):
    """The order was carried out and recorded. `first` and `version`: the first and last version of its unit."""

    number: int
    first: int
    version: int
    thread: int | None = None


class Failed(Line, frozen=True, tag="failed"):
    """The order was not carried out; `code` stands in the error table."""

    number: int
    code: str
    advice: str


class Online(Line, frozen=True, tag="online"):
    """The profile is unlocked and the hub has let the device in."""


class Saw(Line, frozen=True, tag="saw"):
    """One verified place of the channel, as this process holds it: what it could decrypt is in `content`."""

    version: int
    thread: int | None
    recorded_at: Millis
    kind: str
    author: bytes | None
    state: str
    content: KnownContent | None
    sealed: int
    late: bool


class Ended(Line, frozen=True, tag="ended"):
    """The hub no longer serves this participant; `code` says why."""

    code: str


class Broken(Line, frozen=True, tag="broken"):
    """The process stopped trusting what it is served, or cannot go on."""

    problem: str


AnyOrder: TypeAlias = (
    OpenChannel
    | Watch
    | Arrive
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
AnyReport: TypeAlias = Done | Failed | Online | Saw | Ended | Broken

_BEGIN: Final = msgspec.json.Decoder(Begin)
_ORDERS: Final[msgspec.json.Decoder[AnyOrder]] = msgspec.json.Decoder(AnyOrder)
_REPORTS: Final[msgspec.json.Decoder[AnyReport]] = msgspec.json.Decoder(AnyReport)


def encode_line(line: Line) -> bytes:
    """The line with its end."""
    return msgspec.json.encode(line) + b"\n"


def read_begin(line: bytes) -> Begin:
    """The first line. Raises `msgspec.MsgspecError`."""
    return _BEGIN.decode(line)


def read_order(line: bytes) -> AnyOrder:
    """What the conductor said. Raises `msgspec.MsgspecError`."""
    return _ORDERS.decode(line)


def read_report(line: bytes) -> AnyReport:
    """What a participant's process said. Raises `msgspec.MsgspecError`."""
    return _REPORTS.decode(line)
