"""`/log/`: the global log for everybody, as files (C2SP tlog-tiles), and proofs about the newest heads."""

from aiohttp import web

from crypto import cbor
from crypto.errors import Malformed
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_entries import entry_bytes
from crypto.log_tiles import TILE_WIDTH, encode_bundle, parse_tile_name
from service.errors import NotFound
from service.handle.sequencer import Sequencer
from service.http.keys import CBOR

SEQUENCER: web.AppKey[Sequencer] = web.AppKey("sequencer", Sequencer)
_FULL = {"Cache-Control": "public, max-age=31536000, immutable"}
_NEVER = {"Cache-Control": "no-store"}


async def checkpoint(request: web.Request) -> web.Response:
    """The newest signed checkpoint. Raises `NotFound` before there is one."""
    note = request.app[SEQUENCER].note
    if note is None:
        raise NotFound
    return web.Response(text=note, content_type="text/plain", charset="utf-8", headers=_NEVER)


async def tile(request: web.Request) -> web.Response:
    """A tile or an entry bundle.

    Raises:
        NotFound: no such tile (yet).
        StoreError: the store cannot be used.

    """
    sequencer = request.app[SEQUENCER]
    try:
        name = parse_tile_name(request.match_info["tile"])
    except Malformed:
        raise NotFound from None
    if name.level is None:
        body = encode_bundle([entry_bytes(entry) for entry in await sequencer.entries(name)])
    else:
        body = await sequencer.tile(name)
    # What is partial is soon full, and then nobody asks for the part.
    headers = _FULL if name.width == TILE_WIDTH else _NEVER
    return web.Response(body=body, content_type="application/octet-stream", headers=headers)


async def newest_head(request: web.Request) -> web.Response:
    """The newest head of a stream, proven: CBOR [checkpoint note, leaf that stands there or null, [sibling…]].

    Raises:
        NotFound: no stream's name, or nothing is signed yet.

    """
    try:
        name = bytes.fromhex(request.match_info["name"])
    except ValueError:
        raise NotFound from None
    if len(name) != DIGEST_LENGTH:
        raise NotFound
    note, stands, siblings = request.app[SEQUENCER].newest(Digest(name))
    leaf = None if stands is None else entry_bytes(stands)
    return web.Response(body=cbor.encode([note, leaf, list(siblings)]), content_type=CBOR, headers=_NEVER)
