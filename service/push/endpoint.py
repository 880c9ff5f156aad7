"""The door at `/ws`: exact origin, login, then a connection of its own."""

from dataclasses import dataclass

import structlog
from aiohttp import web

from domain.ids import DeviceId
from protocol import frames
from protocol.errors import ProtocolError
from service.errors import Draining, HubError
from service.handle.security import Attempt
from service.identity import security_log
from service.outcomes import code_of, where
from service.push.connection import POLICY_VIOLATION, TRY_AGAIN, Connection
from service.push.hub import HUB, Hub
from service.push.login import sign_in
from service.push.outlet import Outlet
from service.push.session import allowed_origins, session_at_the_door, verify_same_person
from service.store.sessions import SessionRow

log = structlog.get_logger()


async def websocket(request: web.Request) -> web.StreamResponse:
    """Upgrade and serve. Browsers always send an origin; it must be listed, letter for letter."""
    hub = request.app[HUB]
    origin = request.headers.get("Origin")
    if origin is not None and origin not in allowed_origins(request):
        security_log.refused("origin_refused", "origin_not_allowed", request.remote)
        raise web.HTTPForbidden(text="origin_not_allowed")
    session = await session_at_the_door(request)
    # Compression off: ciphertext does not compress, and the window would cost 126 KiB a connection.
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=frames.MAX_FRAME, heartbeat=hub.core.settings.idle_seconds, autoclose=True
    )
    await socket.prepare(request)
    transport = request.transport
    if transport is None:
        return socket
    outlet = Outlet(socket, transport, hub.core.settings.write_buffer)
    claimed: list[DeviceId] = []
    try:
        await _serve(hub, socket, outlet, Visitor(session, request.remote, claimed))
    except (ProtocolError, HubError) as error:
        code = code_of(error)
        log.info("turned_away", code=code)
        hub.core.security.note(Attempt("device_login", code, request.remote, next(iter(claimed), None)))
        await outlet.close(POLICY_VIOLATION, frames.Bye(code, error.detail))
    except ExceptionGroup as faults:
        # Whatever it was, it must not carry anybody's data into the log: types and places only.
        log.error("connection_failed", faults=[where(fault) for fault in faults.exceptions])  # noqa: TRY400
    return socket


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door: a browser's session, the address, and as which device it says it comes."""

    session: SessionRow | None
    remote: str | None
    claimed: list[DeviceId]


async def _serve(hub: Hub, socket: web.WebSocketResponse, outlet: Outlet, visitor: Visitor) -> None:
    session = visitor.session
    if hub.core.draining:
        await outlet.close(TRY_AGAIN, frames.Bye(Draining.code, ""))
        return

    def check(device: DeviceId) -> None:
        if session is not None:
            verify_same_person(session, device, hub.core.keys.directory)

    seconds = hub.core.settings.login_seconds
    device = await sign_in(socket, outlet, hub.core.keys.directory, seconds, check, visitor.claimed.append)
    await Connection(hub, socket, outlet, device, None if session is None else session.id, visitor.remote).run()
