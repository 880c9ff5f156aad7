"""`/api/v1/security-log`: an organisation's node gets what was refused to its own people's devices."""

import time

from aiohttp import web

from protocol.readers import is_node
from protocol.security_log import PAGE, encode_page, page_for, security_action
from service.errors import NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.http.doors import CORE, position_after, signed_header
from service.http.keys import CBOR
from service.store.security_log import read_rows

_LONGEST = 16


async def security_log(request: web.Request) -> web.Response:
    """Rows behind number `after`, a page of them: those about the node's organisation whole, of the rest the leaves.

    Raises:
        NotFound: no number, or not a node.
        QuotaExceeded: too many questions in a short time.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core = request.app[CORE]
    after = position_after(request, _LONGEST)
    asked = verified_request(signed_header(request), security_action(after), core.keys.directory, nodes=True)
    if not is_node(asked.device, core.keys.directory) or asked.organisation is None:
        raise NotFound
    if not core.device_quota.take(asked.device, 1.0, time.monotonic()):
        raise QuotaExceeded("device")
    rows = await read_rows(core.store, after, PAGE)
    return web.Response(body=encode_page(page_for(asked.organisation, rows, more=len(rows) == PAGE)), content_type=CBOR)
