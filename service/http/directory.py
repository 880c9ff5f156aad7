"""`/api/v1/directory`: questions by certified devices, answered with proofs; new versions signed by organisations.

Whoever is signed in with a browser and bound to a principal may search too, and look at what was found; whole listings
are for devices, and nothing is ever written on the strength of a session.

Questions travel in bodies, because addresses end up in the logs of proxies; nothing of them is written down here.
"""

import time

from aiohttp import web

from domain.ids import OrganisationId
from protocol.listings.answers import (
    MAX_PIECE,
    MAX_PIECES,
    MAX_PUBLICATION,
    MAX_QUESTION,
    Entries,
    Listing,
    Question,
    Search,
    action_of,
    decode_publication,
    decode_question,
    encode_found,
    encode_page,
)
from protocol.listings.heads import Head, SignedHead, decode_signed_head
from service.directory.listings import LISTINGS, Listings
from service.directory.versions import Progress
from service.errors import NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE, REQUEST_HEADER, id_in_path, signed_header
from service.http.keys import CBOR
from service.http.sessions import session_of
from service.identity.errors import DeviceNeeded, SessionNotBound
from service.identity.room import IDENTITY

HEAD_HEADER = "Samsnakk-Listing-Head"
NO_CHANNEL = bytes(16)
_PART = 0.1
"""What a part of a version weighs against a whole one, where it is counted how many come."""


async def ask(request: web.Request) -> web.Response:
    """Answer a question of a certified device, or of somebody who is signed in.

    Raises:
        MalformedListing, NotFound: nothing to answer.
        NoSession, SessionNotBound: neither signed by a device, nor by somebody who is signed in as anybody here.
        DeviceNeeded: a session asked for more than it may.
        QuotaExceeded: too many questions in a short time.
        HubError, ProtocolError, StoreError: see the error table.

    """
    data = await read_body(request, MAX_QUESTION)
    if REQUEST_HEADER in request.headers or IDENTITY not in request.app:
        _asked_by_device(request, data)
        question = decode_question(data)
    else:
        # Before anything is looked up; a stranger learns not even what a question looks like.
        asker = await _asked_by_session(request)
        question = decode_question(data)
        if isinstance(question, Listing):
            raise DeviceNeeded
        if not request.app[CORE].device_quota.take(asker, 1.0, time.monotonic()):
            raise QuotaExceeded("session")
    return web.Response(body=await _answer(request.app[LISTINGS], question), content_type=CBOR)


async def _asked_by_session(request: web.Request) -> bytes:
    """Whose questions are counted together. Raises `NoSession`, `SessionNotBound`, StoreError."""
    row = (await session_of(request)).row
    if row.principal is None:
        raise SessionNotBound
    return b"session " + row.principal


def _asked_by_device(request: web.Request, data: bytes) -> None:
    core = request.app[CORE]
    asked = verified_request(signed_header(request), action_of(data), core.keys.directory, nodes=True)
    if asked.place.channel != NO_CHANNEL:
        raise NotFound
    if not core.device_quota.take(asked.device, 1.0, time.monotonic()):
        raise QuotaExceeded("device")


async def _answer(listings: Listings, question: Question) -> bytes:
    match question:
        case Search():
            return encode_found(await listings.search(question))
        case Entries():
            return encode_found(await listings.entries(question))
        case Listing():
            return encode_page(await listings.page(question))


async def put_piece(request: web.Request) -> web.Response:
    """Keep a piece of a new version that is too large for one request; nobody reads it yet.

    Raises:
        ProtocolError: not signed, not the next version, or another one is just being stored.
        NotFound: there are no so many pieces.
        TooLarge: more than 1 MiB.
        QuotaExceeded: too many from this address.
        StoreError: not (known to be) stored.

    """
    signed, head, newest = await _verified_head(request, _PART)
    piece = _number(request.match_info["piece"], MAX_PIECES - 1)
    data = await read_body(request, MAX_PIECE)
    if newest is None or newest.head != signed.head:
        await request.app[LISTINGS].stage(signed, head, piece, data)
    return web.json_response({"piece": piece})


async def finish(request: web.Request) -> web.Response:
    """Go on with taking in a version whose pieces are all there; to be asked again until it is `finished`.

    Raises:
        ProtocolError: not signed, not the next one, not what was signed, or pieces are missing.
        Overloaded: another one is being taken in.
        QuotaExceeded, StoreError: not now.

    """
    signed, head, newest = await _verified_head(request, _PART)
    count = _number(request.query.get("pieces", ""), MAX_PIECES)
    progress = Progress(head.count, head.count, finished=True)
    if newest is None or newest.head != signed.head:
        progress = await request.app[LISTINGS].finish(signed, head, count, now())
    return web.json_response(
        {"version": head.version, "done": progress.done, "total": progress.total, "finished": progress.finished}
    )


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and int(text) <= most):
        raise NotFound
    return int(text)


async def _verified_head(request: web.Request, weight: float = 1.0) -> tuple[SignedHead, Head, SignedHead | None]:
    """The new version's head, and the one that it follows; checked before anything else is read."""
    core = request.app[CORE]
    organisation = OrganisationId(id_in_path(request, "organisation"))
    if not core.publishing_quota.take((request.remote or "").encode(), weight, time.monotonic()):
        raise QuotaExceeded("address")
    signed = decode_signed_head(signed_header(request, HEAD_HEADER))
    return signed, *(await request.app[LISTINGS].verify_new(organisation, signed))


async def publish(request: web.Request) -> web.Response:
    """Take in a new version of an organisation's listing; the signature is checked before the body is read.

    Raises:
        ProtocolError: not signed, not the next one, or not what was signed.
        TooLarge: more than 64 MiB.
        QuotaExceeded: too many from this address.
        StoreError: not (known to be) stored.

    """
    signed, head, newest = await _verified_head(request)
    if newest is None or newest.head != signed.head:
        publication = decode_publication(await read_body(request, MAX_PUBLICATION))
        await request.app[LISTINGS].publish(signed, head, publication, now())
    return web.json_response({"version": head.version})
