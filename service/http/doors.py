"""What the HTTP doors share: the hub behind them and ids in paths."""

from aiohttp import web

from service.errors import NotFound
from service.handle.core import Core

CORE: web.AppKey[Core] = web.AppKey("core", Core)
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
