"""What the conductor and a participant's process say to each other: one JSON object a line, over stdin and stdout.

A process gets orders (`Order`) and answers each, mostly with `Done` or `Failed`; besides, it reports what it saw.
It exits when its standard input closes, so that no process outlives the conductor.
"""

from typing import Final, TypeAlias

import msgspec

from domain.ids import Millis
from protocol.contents import KnownContent
from samsnakk.demo.order_lines import (
    About,
    Admit,
    AnyOrder,
    Called,
    Close,
    Come,
    Depart,
    Examine,
    Grant,
    HandOver,
    Invite,
    Join,
    Line,
    LookUp,
    Misplace,
    Offer,
    OpenChannel,
    OpenThread,
    Order,
    Post,
    Remove,
    Reopen,
    Take,
    Terms,
    Vouch,
    Watch,
)

__all__ = [
    "LONGEST_LINE",
    "About",
    "Admit",
    "Admitted",
    "Answer",
    "AnyOrder",
    "AnyReport",
    "Broken",
    "Called",
    "Came",
    "Close",
    "Come",
    "Depart",
    "Done",
    "Duty",
    "Ended",
    "Examine",
    "Failed",
    "Grant",
    "HandOver",
    "Holds",
    "Invite",
    "Invited",
    "Join",
    "Line",
    "LookUp",
    "LookedUp",
    "Misplace",
    "Offer",
    "Online",
    "OpenChannel",
    "OpenThread",
    "Order",
    "Post",
    "Remove",
    "Reopen",
    "Saw",
    "SignedIn",
    "Take",
    "Terms",
    "Vouch",
    "Watch",
    "encode_line",
    "read_order",
    "read_report",
]
LONGEST_LINE: Final = 4 * 1024 * 1024


class Holds(Line, frozen=True, tag="holds"):
    """SHA-256 of every secret held, by what it is; which of them lie in the hub's folder, where none may.

    `control`: something public, which must lie there, was found by the same search. `roots`: a node's public root keys.
    """

    number: int
    secrets: dict[str, str]
    found: tuple[str, ...]
    control: bool
    roots: tuple[bytes, ...] = ()


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was searched for, the inbox that was found, and who is on duty there, in words."""

    asked: str
    inbox: str
    text: str
    warning: bool


class LookedUp(Line, frozen=True, tag="looked-up"):
    """What the directory says."""

    number: int
    found: tuple[Duty, ...]


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


class Invited(Line, frozen=True, tag="invited"):
    """The link for the user: as good as a key until it is used."""

    number: int
    link: str


class Admitted(Line, frozen=True, tag="admitted"):
    """The user is in. `code`: the safety code, to be compared with hers."""

    number: int
    first: int
    version: int
    code: str


class Came(Line, frozen=True, tag="came"):
    """The user, or somebody under a root of their own, is there."""

    number: int
    person: bytes
    code: str


class SignedIn(Line, frozen=True, tag="signed-in"):
    """Signed in with OpenID Connect, at the node or at the hub (`at`), through this provider."""

    at: str
    provider: str


class Online(Line, frozen=True, tag="online"):
    """The process is ready for orders; whoever has a profile has been let in by the hub."""


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


Answer: TypeAlias = Done | Failed | Invited | Admitted | Came | Holds | LookedUp
AnyReport: TypeAlias = Answer | SignedIn | Online | Saw | Ended | Broken

_ORDERS: Final[msgspec.json.Decoder[AnyOrder]] = msgspec.json.Decoder(AnyOrder)
_REPORTS: Final[msgspec.json.Decoder[AnyReport]] = msgspec.json.Decoder(AnyReport)


def encode_line(line: Line) -> bytes:
    """The line with its end."""
    return msgspec.json.encode(line) + b"\n"


def read_order(line: bytes) -> AnyOrder:
    """What the conductor said. Raises `msgspec.MsgspecError`."""
    return _ORDERS.decode(line)


def read_report(line: bytes) -> AnyReport:
    """What a participant's process said. Raises `msgspec.MsgspecError`."""
    return _REPORTS.decode(line)
