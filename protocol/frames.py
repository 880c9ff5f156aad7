"""Frames of the WebSocket at `/ws`: CBOR arrays whose first item is the frame's name (docs/protocol.md §8)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from crypto import cbor
from crypto.errors import Malformed
from domain.ids import (
    Bytes16,
    Bytes32,
    ChannelId,
    CommandId,
    Count,
    DeviceId,
    Digest,
    Millis,
    ThreadNo,
    Version,
)
from protocol import audit_frames, frame_root, login_frames
from protocol.acts import SignedAct
from protocol.errors import MalformedFrame

MAX_FRAME = 1024 * 1024
"""Bytes; a longer frame closes the connection (1009)."""
MAX_UNIT = 64
"""Acts in one unit."""
MAX_LOG_SIZES = 8
"""Earlier logs that one question about the log may name."""
MAX_LOG_NAMES = 64
"""Streams that one question about the log may name."""
WireAct = tuple[bytes, bytes, bytes | None]


Frame = frame_root.Frame
Hello = login_frames.Hello
Challenge = login_frames.Challenge
Prove = login_frames.Prove
Welcome = login_frames.Welcome
Audit = audit_frames.Audit
Audited = audit_frames.Audited
Noticed = audit_frames.Noticed


class Subscribe(Frame, frozen=True, tag="subscribe"):
    """Client: push me the channel from `after` + 1 on. `request` is a signed read request; the line embeds it."""

    request: bytes
    after: Version


class Subscribed(Frame, frozen=True, tag="subscribed"):
    """Hub: the access line of this interval, durable before this left. `line` is an item of the access stream."""

    channel: ChannelId
    request_id: Bytes16
    line: list[Any]


class Unsubscribe(Frame, frozen=True, tag="unsubscribe"):
    """Client: stop; the hub closes the interval."""

    channel: ChannelId


class Unsubscribed(Frame, frozen=True, tag="unsubscribed"):
    """Hub: the interval is over; `code` says why (`service/push/subscription.py` lists the codes)."""

    channel: ChannelId
    code: str


class Fetch(Frame, frozen=True, tag="fetch"):
    """Client: versions `start`..`until` of one thread again, now that a grant opens them."""

    request: bytes
    thread: ThreadNo
    start: Version
    until: Version


class Fetched(Frame, frozen=True, tag="fetched"):
    """Hub: the disclosure's access line and the items; `more` asks the client to go on after the last one."""

    channel: ChannelId
    request_id: Bytes16
    line: list[Any]
    items: list[list[Any]]
    more: bool


class ReadAccessLog(Frame, frozen=True, tag="read-access-log"):
    """Client: the access log's lines after `after`: own lines whole, the user gets all, others as stubs."""

    request: bytes
    after: Version


class Events(Frame, frozen=True, tag="events"):
    """Hub: consecutive items of a stream ("channel" or "access"). `head` is the stream's head after the last."""

    channel: ChannelId
    stream: str
    items: list[list[Any]]
    head: Digest
    live: bool


class Send(Frame, frozen=True, tag="send"):
    """Client: record these acts of one channel together or not at all."""

    channel: ChannelId
    acts: Annotated[list[WireAct], Meta(min_length=1, max_length=MAX_UNIT)]


class Receipt(Frame, frozen=True, tag="receipt"):
    """Hub: durable. One (command_id, version, head) an act, in the order sent."""

    channel: ChannelId
    recorded: list[tuple[CommandId, Version, Digest]]


class Refused(Frame, frozen=True, tag="refused"):
    """Hub: nothing of the unit that began with `command_id` was recorded. `code` stands in the error table."""

    command_id: Bytes16
    code: str
    detail: str


class Typing(Frame, frozen=True, tag="typing"):
    """Client: the person is writing in the thread. Never stored."""

    channel: ChannelId
    thread: ThreadNo


class IsTyping(Frame, frozen=True, tag="is-typing"):
    """Hub: this device of another member is writing."""

    channel: ChannelId
    thread: ThreadNo
    device: DeviceId


class AskLog(Frame, frozen=True, tag="ask-log"):
    """Client: show that the log goes on from the logs of these sizes, and the newest heads of the streams `names`.

    From the first question on, checkpoints are pushed.
    """

    request_id: Bytes16
    after: Annotated[list[Count], Meta(max_length=MAX_LOG_SIZES)]
    names: Annotated[list[Bytes32], Meta(max_length=MAX_LOG_NAMES)]


class LogProof(Frame, frozen=True, tag="log-proof"):
    """Hub: the newest checkpoint, a proof for each size that was asked for, and what stands in each name's place."""

    request_id: Bytes16
    note: str
    consistency: list[list[Bytes32]]
    heads: list[tuple[bytes | None, list[Bytes32]]]


class PushedCheckpoint(Frame, frozen=True, tag="checkpoint"):
    """Hub: a newer checkpoint, and that it goes on from the first `after` records, where the last one pushed stood."""

    note: str
    after: Count
    consistency: list[Bytes32]


class LogPromised(Frame, frozen=True, tag="promised"):
    """Hub: these records, receipted here, will be in the log where they say."""

    promises: list[bytes]


class Ping(Frame, frozen=True, tag="ping"):
    """Client: still there? Answered by `pong`, in order behind everything already sent."""

    mark: Count


class Pong(Frame, frozen=True, tag="pong"):
    """Hub: the answer, with the hub's clock."""

    mark: Count
    now: Millis


class Bye(Frame, frozen=True, tag="bye"):
    """Either end, last: why the connection ends."""

    code: str
    detail: str


Looking = Fetch | ReadAccessLog | Audit
"""Looking something up, outside a subscription."""
ClientFrame = Hello | Prove | Subscribe | Unsubscribe | Looking | Send | Typing | AskLog | Ping | Bye
LogFrame = PushedCheckpoint | LogPromised | LogProof
HubFrame = (
    Challenge
    | Welcome
    | Subscribed
    | Unsubscribed
    | Fetched
    | Audited
    | Noticed
    | Events
    | Receipt
    | Refused
    | IsTyping
    | LogFrame
    | Pong
    | Bye
)

_CLIENT: dict[str, type[Frame]] = {str(kind.__struct_config__.tag): kind for kind in get_args(ClientFrame)}
_HUB: dict[str, type[Frame]] = {str(kind.__struct_config__.tag): kind for kind in get_args(HubFrame)}


def encode(frame: Frame) -> bytes:
    """The frame as it travels."""
    return cbor.encode(msgspec.to_builtins(frame, builtin_types=(bytes,)))


def decode_client(data: bytes) -> ClientFrame:
    """What the hub accepts.

    Raises:
        MalformedFrame: not exactly one client frame in deterministic CBOR.

    """
    return _decode(data, _CLIENT)  # type: ignore[return-value]


def decode_hub(data: bytes) -> HubFrame:
    """What a client accepts.

    Raises:
        MalformedFrame: not exactly one hub frame in deterministic CBOR.

    """
    return _decode(data, _HUB)  # type: ignore[return-value]


def _decode(data: bytes, expected: Mapping[str, type[Frame]]) -> Frame:
    try:
        value = cbor.decode(data, max_size=MAX_FRAME)
    except Malformed as error:
        raise MalformedFrame(str(error)) from None
    # One known type at a time: for a union, msgspec would work out its types anew at every call.
    if not isinstance(value, list) or not value or not isinstance(value[0], str) or value[0] not in expected:
        raise MalformedFrame("unknown frame")
    kind = expected[value[0]]
    try:
        frame: Frame = msgspec.convert(value, kind, builtin_types=(bytes,), strict=True)
    except msgspec.ValidationError as error:
        raise MalformedFrame(str(error)) from None
    if len(value) != 1 + len(frame.__struct_fields__):
        raise MalformedFrame("number of fields")
    return frame


def challenge_bytes(challenge: Challenge, device: DeviceId) -> bytes:
    """What a device signs to log in: bound to deployment, device and nonce, so it is good nowhere else."""
    return cbor.encode([challenge.protocol, challenge.deployment, device, challenge.nonce])


def wire_acts(acts: Sequence[SignedAct]) -> list[WireAct]:
    """Signed acts as they stand in a `send` frame."""
    return [(act.header, act.signature, act.body) for act in acts]


def signed_acts(acts: Sequence[WireAct]) -> tuple[SignedAct, ...]:
    """And back."""
    return tuple(SignedAct(header, signature, body) for header, signature, body in acts)
