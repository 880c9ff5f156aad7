"""`/api/v1/channels`: a reader's own channels, so that a program need not be told where it takes part."""

import time

from aiohttp import web

from protocol.own_channels import encode_channels, list_action
from service.errors import NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.handle.own_channels import ChannelLists
from service.http.directory import NO_CHANNEL
from service.http.doors import CORE, position_after, signed_header
from service.http.keys import CBOR

CHANNEL_LISTS: web.AppKey[ChannelLists] = web.AppKey("channel_lists", ChannelLists)
_LONGEST = 19


async def list_channels(request: web.Request) -> web.Response:
    """The reader's channels that moved behind the position `after`, a page of them.

    Raises:
        NotFound: no position.
        QuotaExceeded: too many questions in a short time.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core = request.app[CORE]
    after = position_after(request, _LONGEST)
    asked = verified_request(signed_header(request), list_action(after), core.keys.directory, nodes=True)
    if asked.place.channel != NO_CHANNEL:
        raise NotFound
    if not core.device_quota.take(asked.device, 1.0, time.monotonic()):
        raise QuotaExceeded("device")
    found = await request.app[CHANNEL_LISTS].moved(asked.reader, after)
    return web.Response(body=encode_channels(found), content_type=CBOR)
