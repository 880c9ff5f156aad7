"""`/api/v1/inbox-files/…`: a service inbox's sealed seeds, in and out, for the people who may answer it now."""

import time

from aiohttp import web

from crypto.errors import Malformed
from crypto.inbox_files import MAX_INBOX_FILE, inbox_file_hash, parse_inbox_file
from domain.ids import PrincipalId
from protocol.errors import MalformedFrame
from protocol.requests import ReadRequest
from service.errors import InboxFileMoved, NotFound, QuotaExceeded
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE, id_in_path
from service.http.keyrings import by_device
from service.http.keys import CBOR
from service.store.inbox_files import InboxFileRow, keep_inbox_file, newest_inbox_file


async def put_inbox_file(request: web.Request) -> web.Response:
    """Store the next file of an inbox, signed for by a device of somebody who is eligible.

    Raises:
        InboxFileMoved: somebody else was faster.
        MalformedFrame: not a file of this inbox.
        NotFound: made for another inbox, or for oneself.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, inbox = request.app[CORE], PrincipalId(id_in_path(request, "inbox"))
    data = await read_body(request, MAX_INBOX_FILE)
    asked = _eligible(request, inbox, f"keep inbox file {inbox_file_hash(data).hex()}")
    if not core.device_quota.take(asked.device, 4, time.monotonic()):
        raise QuotaExceeded("device")
    try:
        place = parse_inbox_file(data).place
    except Malformed:
        raise MalformedFrame("inbox file") from None
    if (place.deployment, place.inbox) != (core.keys.directory.deployment, inbox):
        raise MalformedFrame("inbox file of another inbox")
    row = InboxFileRow(inbox, place.generation, inbox_file_hash(data), place.replaces, asked.device, now(), data)
    if not await keep_inbox_file(core.store, row):
        raise InboxFileMoved
    return web.json_response({"generation": place.generation})


async def get_inbox_file(request: web.Request) -> web.Response:
    """An inbox's newest file, for a device of somebody who is eligible.

    Raises:
        NotFound: there is none, or the request was made for something else.
        HubError, ProtocolError, StoreError: see the error table.

    """
    inbox = PrincipalId(id_in_path(request, "inbox"))
    _eligible(request, inbox, f"fetch inbox file {inbox.hex()}")
    file = await newest_inbox_file(request.app[CORE].store, inbox)
    if file is None:
        raise NotFound
    return web.Response(body=file, content_type=CBOR)


def _eligible(request: web.Request, inbox: PrincipalId, action: str) -> ReadRequest:
    """The request; it was verified that the device's person may act for the role that it names."""
    asked = by_device(request, action)
    if asked.role != inbox:
        raise NotFound
    return asked
