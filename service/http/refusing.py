"""Which refusals at the HTTP doors are attempts at what somebody may not do, for the security log."""

from base64 import b64decode
from typing import Final

from aiohttp import web

from protocol.errors import ProtocolError
from protocol.requests import signer_of
from protocol.table import TABLE
from service.handle.security import Attempt
from service.http.doors import CORE, REQUEST_HEADER

_REFUSED: Final = frozenset({401, 403, 429})
_NOBODY: Final = frozenset({"no_session"})
"""What pages ask to learn whether somebody is signed in."""
_DOOR: Final = 64
_ID: Final = 16


def note_refusal(request: web.Request, code: str) -> None:
    """Write it down where it counts: who may not, and signed requests for what is not theirs."""
    status = TABLE[code].status
    signed = request.headers.get(REQUEST_HEADER)
    if code in _NOBODY or not (status in _REFUSED or (status == web.HTTPNotFound.status_code and signed)):
        return
    resource = request.match_info.route.resource
    door = (resource.canonical if resource is not None else "unknown")[:_DOOR] or "unknown"
    attempt = Attempt(door, code, request.remote, _signer(signed), channel=_channel(request))
    request.app[CORE].security.note(attempt)


def _signer(signed: str | None) -> bytes | None:
    """The device that a request says it is from; nothing of it need be true."""
    try:
        return signer_of(b64decode(signed or "", validate=True))
    except (ProtocolError, ValueError):
        return None


def _channel(request: web.Request) -> bytes | None:
    try:
        found = bytes.fromhex(request.match_info.get("channel", ""))
    except ValueError:
        return None
    return found if len(found) == _ID else None
