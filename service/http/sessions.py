"""`/api/v1/session`: who is signed in here, ending it, binding it to a principal, handing it to a program."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import TypeVar

import msgspec
from aiohttp import web

from protocol.errors import MalformedFrame, ProtocolError
from protocol.session_binding import MAX_BINDING
from protocol.sign_in import ProviderUnavailable, SignInFailed
from service.errors import HubError, NotFound
from service.http.bodies import json_of, read_body
from service.http.cookies import forget
from service.identity import security_log
from service.identity.carried import SESSION_COOKIE, token_of
from service.identity.room import IDENTITY, Identity
from service.identity.sessions import PASSKEY, Session
from service.outcomes import code_of

_T = TypeVar("_T")
MAX_SESSION_BODY = 8 * 1024


class BindingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device's statement (`protocol.session_binding`), in base64."""

    statement: str


class TicketBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hash of the token that the program keeps to itself, in hex."""

    challenge: str


class RedeemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ticket that came by the browser, and the token that did not."""

    ticket: str
    verifier: str


def identity_of(request: web.Request) -> Identity:
    """The side room. Raises `NotFound` where no provider is configured."""
    found = request.app.get(IDENTITY)
    if found is None:
        raise NotFound
    return found


async def session_of(request: web.Request) -> Session:
    """The session that the request carries. Raises `NoSession`, `NotFound`, StoreError."""
    return await identity_of(request).sessions.find(token_of(request))


async def get_session(request: web.Request) -> web.Response:
    """Tell the holder about their session. Raises `NoSession`, `NotFound`, StoreError."""
    session = await session_of(request)
    row, sealed = session.row, session.sealed
    provider = identity_of(request).configuration.providers.get(row.provider)
    told = {
        "session": row.id.hex(),
        "audience": row.audience,
        "provider": row.provider,
        "provider_label": "passnøkkel"
        if row.level == PASSKEY
        else row.provider
        if provider is None
        else provider.label,
        "level": row.level,
        "organisation": None if sealed is None else sealed.organisation,
        "principal": None if row.principal is None else row.principal.hex(),
        "auth_time": row.auth_time,
        "idle": row.idle,
        "ends_at": row.ends_at,
        "native": row.native,
    }
    return answered(told)


async def delete_session(request: web.Request) -> web.Response:
    """Sign out here; `redirect` says where to do so at the provider. Raises `NoSession`, `NotFound`, StoreError."""
    identity, session = identity_of(request), await session_of(request)
    await identity.sessions.end(session.id)
    try:
        redirect = await identity.sign_ins.logout_address(session)
    except (SignInFailed, ProviderUnavailable):
        redirect = None  # signed out here all the same
    response = answered({"redirect": redirect})
    forget(response, SESSION_COOKIE)
    return response


async def delete_others(request: web.Request) -> web.Response:
    """End all other sessions of the same person. Raises `NoSession`, `NotFound`, StoreError."""
    return answered({"ended": await identity_of(request).sessions.end_others(await session_of(request))})


async def post_binding(request: web.Request) -> web.Response:
    """Bind who is signed in to the principal of the device that signed; see `Bindings.bind` for what it raises."""
    identity, session = identity_of(request), await session_of(request)
    statement = (await _body(request, BindingBody)).statement
    try:
        signed = b64decode(statement, validate=True)
    except (Base64Error, ValueError):
        raise MalformedFrame("base64 expected") from None
    if len(signed) > MAX_BINDING:
        raise MalformedFrame("session binding")
    try:
        principal = await identity.bindings.bind(session, signed)
    except (HubError, ProtocolError) as error:
        security_log.refused("binding_refused", code_of(error), request.remote, provider=session.row.provider)
        raise
    return answered({"principal": principal.hex()})


async def post_ticket(request: web.Request) -> web.Response:
    """Make a ticket for a program on this machine. Raises `StepUpNeeded`, `NoSession`, `NotFound`, StoreError."""
    identity, session = identity_of(request), await session_of(request)
    try:
        challenge = bytes.fromhex((await _body(request, TicketBody)).challenge)
    except ValueError:
        raise MalformedFrame("hex expected") from None
    return answered({"ticket": await identity.tickets.issue(session, challenge)})


async def post_native(request: web.Request) -> web.Response:
    """Take a ticket and give the program a session of its own. Raises `TicketRefused`, `NoSession`, StoreError."""
    body = await _body(request, RedeemBody)
    try:
        session = await identity_of(request).tickets.redeem(body.ticket, body.verifier)
    except HubError as error:
        security_log.refused("ticket_refused", code_of(error), request.remote)
        raise
    return answered({"token": session.token, "session": session.id.hex()})


def answered(told: object) -> web.Response:
    """JSON for our own pages only."""
    return own_only(web.json_response(told))


def own_only(response: web.Response) -> web.Response:
    """The same for our own pages only: no other page may have it, not even as the body of a picture or script."""
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return response


async def _body(request: web.Request, kind: type[_T]) -> _T:
    return json_of(await read_body(request, MAX_SESSION_BODY), kind)
