"""`/api/v1/channels/{channel}/attachments/{file}`: sealed files in and out, each by its own signed request."""

import time
from base64 import b64decode, b64encode
from uuid import UUID

from aiohttp import web

from crypto import cbor
from crypto.random import random_bytes
from domain.access.events import Reach
from domain.channel.visibility import served_threads
from domain.ids import ChannelId, ThreadNo
from protocol.errors import MalformedFrame
from protocol.requests import ReadRequest
from service import metrics
from service.errors import NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.handle.channels import Opened
from service.handle.core import Core
from service.handle.disclosures import Released, disclosure
from service.handle.hub_acts import now
from service.http.bodies import too_large
from service.http.doors import CORE, REQUEST_HEADER, id_in_path
from service.store.attachments import Upload, find_attachment, read_attachment

LINE_HEADER = "Samsnakk-Line"
MAX_SEALED = 26 * 1024 * 1024
"""Bytes: 25 MB of content and its sealing."""
PIECE = 256 * 1024


async def put_attachment(request: web.Request) -> web.Response:
    """Store a sealed file of a thread the sender takes part in.

    Raises:
        NotFound: no such thread for the sender.
        TooLarge: more than 26 MiB.
        QuotaExceeded: too much in a short time.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core = request.app[CORE]
    channel, file = ChannelId(id_in_path(request, "channel")), id_in_path(request, "file")
    signed, thread = _signed(request)
    asked = verified_request(signed, f"upload {file.hex()} {thread}", core.keys.directory)
    await _serving(core, channel, asked, thread)
    if (request.content_length or 0) > MAX_SEALED:
        raise too_large(MAX_SEALED)
    # A file weighs like as many acts as it has pieces.
    pieces = 1 + (request.content_length or MAX_SEALED) // PIECE
    if not core.device_quota.take(asked.device, pieces, time.monotonic()):
        raise QuotaExceeded("device")
    upload = Upload(core.store, UUID(bytes=channel), file, random_bytes(16), thread, asked.device)
    async for piece in request.content.iter_chunked(PIECE):
        if upload.size + len(piece) > MAX_SEALED:
            raise too_large(MAX_SEALED)
        await upload.write(piece)
    created = await upload.finish(now())
    return web.json_response({"size": upload.size, "created": created}, status=201 if created else 200)


async def get_attachment(request: web.Request) -> web.StreamResponse:
    """Send a sealed file; the access line is durable before the first byte.

    Raises:
        NotFound: no such file in a thread of this reader.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core = request.app[CORE]
    channel, file = ChannelId(id_in_path(request, "channel")), id_in_path(request, "file")
    signed, thread = _signed(request)
    asked = verified_request(signed, f"attachment {file.hex()} {thread}", core.keys.directory, nodes=True)
    opened = await _serving(core, channel, asked, thread)
    found = await find_attachment(core.store, UUID(bytes=channel), file)
    if found is None or found.thread != thread:
        raise NotFound
    version = opened.live.channel.version
    released = Released(Reach.ATTACHMENT, thread, version, version, found.file)
    line = await opened.access.write(disclosure(opened.live, asked, signed, released))
    metrics.lines.inc()
    # The line took a moment: who is out by now gets nothing.
    await _serving(core, channel, asked, thread)
    response = web.StreamResponse(headers={LINE_HEADER: b64encode(cbor.encode(line.item())).decode()})
    response.content_type = "application/octet-stream"
    response.content_length = found.size
    await response.prepare(request)
    async for piece in read_attachment(core.store, found):
        await response.write(piece)
    await response.write_eof()
    return response


def _signed(request: web.Request) -> tuple[bytes, ThreadNo]:
    """The signed request in the header, and the thread in the query. Raises `MalformedFrame`."""
    try:
        signed = b64decode(request.headers[REQUEST_HEADER], validate=True)
        thread = int(request.query["thread"])
    except (KeyError, ValueError):
        raise MalformedFrame(f"{REQUEST_HEADER} header and ?thread= expected") from None
    return signed, ThreadNo(thread)


async def _serving(core: Core, channel: ChannelId, asked: ReadRequest, thread: ThreadNo) -> Opened:
    if asked.place.channel != channel:
        raise NotFound
    opened = await core.channels.get(channel)
    if thread not in served_threads(opened.live.channel, asked.reader, now()):
        raise NotFound
    return opened
