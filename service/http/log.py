"""`/log/`: the global log for everybody, as files (C2SP tlog-tiles), and proofs about the newest heads."""

from http import HTTPStatus

from aiohttp import web

from crypto import cbor
from crypto.errors import Malformed
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_entries import entry_bytes
from crypto.log_tiles import TILE_WIDTH, encode_bundle, parse_tile_name
from crypto.notes import MAX_NOTE
from service.errors import NotFound
from service.handle.cosigning import Cosigning
from service.handle.hub_acts import now
from service.handle.sequencer import Sequencer
from service.http.bodies import read_body
from service.http.keys import CBOR

SEQUENCER: web.AppKey[Sequencer] = web.AppKey("sequencer", Sequencer)
COSIGNING: web.AppKey[Cosigning] = web.AppKey("cosigning", Cosigning)
_FULL = {"Cache-Control": "public, max-age=31536000, immutable"}
_NEVER = {"Cache-Control": "no-store"}


async def checkpoint(request: web.Request) -> web.Response:
    """The newest signed checkpoint, with the cosignatures that it has. Raises `NotFound` before there is one."""
    sequencer = request.app[SEQUENCER]
    if sequencer.note is None:
        raise NotFound
    return _note(request.app[COSIGNING].note_of(sequencer.signed, sequencer.note))


async def candidate(request: web.Request) -> web.Response:
    """The checkpoint that witnesses are asked to cosign now. Raises `NotFound` before there is one."""
    found = request.app[COSIGNING].candidate
    if found is None:
        raise NotFound
    return _note(found.note)


async def cosigned(request: web.Request) -> web.Response:
    """The newest checkpoint that enough organisations cosigned. Raises `NotFound` before any has."""
    found = request.app[COSIGNING].best
    if found is None:
        raise NotFound
    return _note(found.note)


async def cosign(request: web.Request) -> web.Response:
    """A witness hands in a note with its cosignature.

    Raises:
        MalformedFrame, NotAWitness, NotFound, StoreError, TooLarge: see `Cosigning.take`.

    """
    await request.app[COSIGNING].take(await read_body(request, MAX_NOTE), now())
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _note(note: str) -> web.Response:
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
