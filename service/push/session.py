"""Sessions at the WebSocket's door: who comes from a page must be signed in, and the device must be theirs."""

from collections.abc import Collection

from aiohttp import web

from domain.ids import DeviceId
from protocol.directory import Directory
from service.errors import HubError
from service.identity import security_log
from service.identity.carried import token_of
from service.identity.errors import NoSession, SessionNotBound, SomebodyElse
from service.identity.room import IDENTITY
from service.push.hub import HUB
from service.store.sessions import SessionRow


def allowed_origins(request: web.Request) -> Collection[str]:
    """The origins whose pages may connect: those that are listed, and our own."""
    listed = request.app[HUB].core.settings.allowed_origins
    identity = request.app.get(IDENTITY)
    return listed if identity is None else (*listed, identity.origin)


async def session_at_the_door(request: web.Request) -> SessionRow | None:
    """The session that the connection rests on; None for a program that rests on its device alone.

    Raises:
        NoSession: a page whose person is not signed in, or a token whose session has ended.
        StoreError: the database does not answer.

    """
    identity, token = request.app.get(IDENTITY), token_of(request)
    if identity is None or (not token and "Origin" not in request.headers):
        return None
    try:
        return (await identity.sessions.find(token)).row
    except NoSession as error:
        security_log.refused("socket_refused", error.code, request.remote)
        raise


def verify_same_person(session: SessionRow, device: DeviceId, directory: Directory) -> None:
    """The device is one of whoever is signed in.

    Raises:
        SessionNotBound: nobody's device has said so yet.
        SomebodyElse: it is another person's.

    """
    refusal: HubError | None = None
    if session.principal is None:
        refusal = SessionNotBound()
    elif session.principal != directory.owner(device):
        refusal = SomebodyElse()
    if refusal is not None:
        security_log.refused("socket_refused", refusal.code, None, provider=session.provider)
        raise refusal
