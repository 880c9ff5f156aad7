"""`/api/v1/key-streams/{principal}`: public key streams, taken in only when a pinned root signed them."""

import time

from aiohttp import web

from domain.ids import PrincipalId
from protocol.published_keys import MAX_KEY_STREAM, decode_entries, encode_entries, is_own_root
from service.errors import NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.http.bodies import read_body
from service.http.doors import CORE, id_in_path, signed_header

CBOR = "application/cbor"


async def get_key_stream(request: web.Request) -> web.Response:
    """The whole key stream of a principal.

    Raises:
        NotFound: nobody of that id is known.

    """
    principal = PrincipalId(id_in_path(request, "principal"))
    entries = request.app[CORE].keys.directory.entries(principal)
    if not entries:
        raise NotFound
    return web.Response(body=encode_entries(entries), content_type=CBOR)


async def post_key_stream(request: web.Request) -> web.Response:
    """Take in a key stream that continues the known one, and enter the movement in every channel in use.

    Raises:
        MalformedFrame, TooLarge: not a key stream.
        SubstitutedKey: not signed by the pinned root, or another history.
        StaleRequest, ForgedRecord: a stranger under a root of their own, for whom nobody signed.
        QuotaExceeded: too many from this address.
        StoreError: not (known to be) stored.

    """
    core = request.app[CORE]
    principal = PrincipalId(id_in_path(request, "principal"))
    # Anybody may knock here, and reading a long stream costs more than sending it.
    if not core.publishing_quota.take((request.remote or "").encode(), 1.0, time.monotonic()):
        raise QuotaExceeded("address")
    entries = decode_entries(await read_body(request, MAX_KEY_STREAM))
    if not core.keys.directory.entries(principal) and is_own_root(entries):
        # Their signatures hold by themselves, so anybody could fill the hub with them: somebody certified must ask.
        verified_request(signed_header(request), f"vouch {principal.hex()}", core.keys.directory)
    if await core.keys.publish(principal, entries):
        await core.channels.key_stream_changed()
    return web.json_response({"statements": len(core.keys.directory.entries(principal))})
