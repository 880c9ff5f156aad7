"""Frames of audits; `protocol.frames` has them under its own name."""

from typing import Any

from domain.access.events import Shown
from domain.ids import Bytes16, ChannelId, Digest, Version
from protocol.frame_root import Frame


class Audit(Frame, frozen=True, tag="audit"):
    """Client: show what the audit case opened at version `case` opens: headers ("records") or access lines."""

    request: bytes
    case: Version
    shows: Shown


class Audited(Frame, frozen=True, tag="audited"):
    """Hub: the look's access line, and consecutive items from the first on, page after page; none has a body.

    `head` is the head after the last item of the page; `more`: another page follows by itself.
    """

    channel: ChannelId
    request_id: Bytes16
    line: list[Any]
    items: list[list[Any]]
    head: Digest
    more: bool


class Noticed(Frame, frozen=True, tag="noticed"):
    """Hub, to the user: an access line about an auditor's look, before anything is released. An item of that stream."""

    channel: ChannelId
    line: list[Any]
