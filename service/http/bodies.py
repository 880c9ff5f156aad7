"""The bodies of requests, read piece by piece up to a limit that each door names; one error where there is more."""

from typing import Final, TypeVar

import msgspec
from aiohttp import web

from protocol.errors import MalformedFrame
from service.errors import TooLarge

_PIECE: Final = 64 * 1024
_T = TypeVar("_T")


async def read_body(request: web.Request, most: int) -> bytes:
    """The whole body, at most `most` bytes: a length that is only announced is no limit, so what comes is counted.

    Raises:
        TooLarge: there is more. The detail says how much may come.

    """
    if (request.content_length or 0) > most:
        raise too_large(most)
    found = bytearray()
    async for piece in request.content.iter_chunked(_PIECE):
        found += piece
        if len(found) > most:
            raise too_large(most)
    return bytes(found)


def too_large(most: int) -> TooLarge:
    """What a door says that takes `most` bytes."""
    return TooLarge(f"at most {most} bytes")


def json_of(body: bytes, kind: type[_T]) -> _T:
    """What the JSON says. Raises `MalformedFrame` unless it is exactly one of `kind`."""
    try:
        return msgspec.json.decode(body, type=kind, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise MalformedFrame("JSON body") from None
