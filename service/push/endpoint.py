"""The door at `/ws`: exact origin, login, then a connection of its own."""

import structlog
from aiohttp import web

from protocol import frames
from protocol.errors import ProtocolError
from service.errors import Draining, HubError
from service.outcomes import code_of, where
from service.push.connection import POLICY_VIOLATION, TRY_AGAIN, Connection
from service.push.hub import Hub
from service.push.login import sign_in
from service.push.outlet import Outlet

log = structlog.get_logger()
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)


async def websocket(request: web.Request) -> web.StreamResponse:
    """Upgrade and serve. Browsers always send an origin; it must be listed, letter for letter."""
    hub = request.app[HUB]
    origin = request.headers.get("Origin")
    if origin is not None and origin not in hub.core.settings.allowed_origins:
        raise web.HTTPForbidden(text="origin_not_allowed")
    # Compression off: ciphertext does not compress, and the window would cost 126 KiB a connection.
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=frames.MAX_FRAME, heartbeat=hub.core.settings.idle_seconds, autoclose=True
    )
    await socket.prepare(request)
    transport = request.transport
    if transport is None:
        return socket
    outlet = Outlet(socket, transport, hub.core.settings.write_buffer)
    try:
        await _serve(hub, socket, outlet)
    except (ProtocolError, HubError) as error:
        code = code_of(error)
        log.info("turned_away", code=code)
        await outlet.close(POLICY_VIOLATION, frames.Bye(code, error.detail))
    except ExceptionGroup as faults:
        # Whatever it was, it must not carry anybody's data into the log: types and places only.
        log.error("connection_failed", faults=[where(fault) for fault in faults.exceptions])  # noqa: TRY400
    return socket


async def _serve(hub: Hub, socket: web.WebSocketResponse, outlet: Outlet) -> None:
    if hub.core.draining:
        await outlet.close(TRY_AGAIN, frames.Bye(Draining.code, ""))
        return
    device = await sign_in(socket, outlet, hub.core.keys.directory, hub.core.settings.login_seconds)
    await Connection(hub, socket, outlet, device).run()
