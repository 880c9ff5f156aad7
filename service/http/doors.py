"""What the HTTP doors share: the hub behind them and ids in paths."""

from base64 import b64decode

from aiohttp import web

from protocol.errors import MalformedFrame
from service.errors import NotFound
from service.handle.core import Core

CORE: web.AppKey[Core] = web.AppKey("core", Core)
REQUEST_HEADER = "Samsnakk-Request"
_ID = 16


def id_in_path(request: web.Request, name: str) -> bytes:
    """A 16-byte id written in hexadecimal. Raises `NotFound` for anything else."""
    try:
        value = bytes.fromhex(request.match_info[name])
    except ValueError:
        raise NotFound from None
    if len(value) != _ID:
        raise NotFound
    return value


def position_after(request: web.Request, longest: int) -> int:
    """The number in the query's `after`, of fewer than `longest` digits; 0 where there is none. Raises `NotFound`."""
    after = request.query.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < longest):
        raise NotFound
    return int(after)


def signed_header(request: web.Request, name: str = REQUEST_HEADER) -> bytes:
    """The signed bytes that came in a header, by default the request's own. Raises `MalformedFrame`."""
    try:
        return b64decode(request.headers[name], validate=True)
    except (KeyError, ValueError):
        raise MalformedFrame(f"{name} header expected") from None
