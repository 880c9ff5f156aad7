"""Which refusals on a connection are attempts at what somebody may not do, for the security log."""

from typing import Final

from domain.ids import DeviceId
from protocol import frames
from protocol.errors import ProtocolError
from protocol.requests import asks_about
from service.handle.security import Attempt, SecurityLog, is_attempt

_DOORS: Final[dict[type, str]] = {
    frames.Send: "act",
    frames.Subscribe: "subscription",
    frames.Fetch: "history",
    frames.ReadAccessLog: "access_log",
    frames.Audit: "audit",
}


def note_refusal(
    security: SecurityLog, frame: frames.Frame | None, code: str, device: DeviceId, remote: str | None
) -> None:
    """Write it down where it counts. The device has proven itself when it connected."""
    if is_attempt(code):
        door = _DOORS.get(type(frame), "connection")
        security.note(Attempt(door, code, remote, device, proven=True, channel=_channel_of(frame)))


def _channel_of(frame: frames.Frame | None) -> bytes | None:
    """The channel it was about, as far as it says so."""
    channel = getattr(frame, "channel", None)
    if channel is not None:
        return bytes(channel)
    try:
        return asks_about(getattr(frame, "request", b""))
    except ProtocolError:
        return None
