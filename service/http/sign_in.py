"""`/sign-in/…`: pages and redirects of signing in and out. Where a browser is sent is never for the request to say."""

import re
import time
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from protocol.errors import MalformedFrame, ProtocolError
from protocol.sign_in import ProviderUnavailable, SignInFailed, Why
from protocol.sign_in.json_values import MAX_ANSWER
from protocol.sign_in.pending import MAX_WAIT
from service.errors import HubError, NotFound, QuotaExceeded
from service.http import pages
from service.http.bodies import read_body
from service.http.cookies import forget, remember
from service.http.doors import CORE
from service.http.sessions import identity_of
from service.identity import security_log
from service.identity.carried import SESSION_COOKIE, SIGN_IN_COOKIE, token_of
from service.identity.errors import NoSession
from service.identity.sessions import ABSOLUTE
from service.identity.sign_ins import Note
from service.outcomes import code_of

HOME: Final = "/sign-in"
_OWN_PAGE: Final = re.compile(r"/(?:[\w.~-][\w.~/-]*)?(?:\?[\w.~=&%-]*)?", re.ASCII)
_PAGE_LENGTH: Final = 512
_AGE: Final = re.compile(r"\d{1,6}", re.ASCII)


async def home(request: web.Request) -> web.Response:
    """Show how to sign in, or who is signed in. Raises `NotFound` where no provider is configured."""
    return pages.home(identity_of(request).configuration)


async def start(request: web.Request) -> web.Response:
    """Send the browser to a provider.

    Raises:
        NotFound: no such provider.
        QuotaExceeded: too many from this address.

    """
    identity, provider = identity_of(request), request.match_info["provider"]
    identity.sign_ins.party(provider)
    if not request.app[CORE].publishing_quota.take(f"sign-in {request.remote}".encode(), 1.0, time.monotonic()):
        raise QuotaExceeded("address")
    age = request.query.get("max_age", "")
    note = Note(_own_page(request.query.get("then", HOME)), await _session_id(request))
    try:
        started = await identity.sign_ins.start(provider, note, int(age) if _AGE.fullmatch(age) else None)
    except (SignInFailed, ProviderUnavailable) as error:
        return _refusal(request, error, provider)
    response = web.Response(status=303, headers={"Location": started.url})
    remember(response, SIGN_IN_COOKIE, started.token, "Lax", MAX_WAIT)
    return pages.guarded(response)


async def callback(request: web.Request) -> web.Response:
    """Take the browser back from a provider. Raises `NotFound`, StoreError."""
    identity, provider = identity_of(request), request.match_info["provider"]
    token = request.cookies.get(SIGN_IN_COOKIE, "")
    try:
        session, then = await identity.sign_ins.finish(provider, token, _each_once(request))
    except (SignInFailed, ProviderUnavailable) as error:
        return _refusal(request, error, provider)
    response = web.Response(status=303, headers={"Location": then})
    # Strict: also a link on another site opens our pages as a stranger; they ask for the session themselves.
    remember(response, SESSION_COOKIE, session.token, "Strict", ABSOLUTE // 1000)
    forget(response, SIGN_IN_COOKIE)
    return pages.guarded(response)


async def ended(request: web.Request) -> web.Response:
    """Back-channel logout (OpenID Connect Back-Channel Logout 1.0 §2.5).

    Raises:
        SignInFailed, ProviderUnavailable, NotFound, StoreError: nothing ended; the provider is told.

    """
    identity, provider = identity_of(request), request.match_info["provider"]
    form = parse_qs((await read_body(request, MAX_ANSWER)).decode("ascii", "replace"))
    try:
        token, *others = form.get("logout_token", [""])
        if not token or others:
            raise MalformedFrame("logout_token")
        await identity.sign_ins.ended(provider, token)
    except (ProtocolError, HubError) as error:
        security_log.refused("logout_refused", _why(error), request.remote, provider=provider)
        # The specification wants 400, whatever it was.
        response = web.json_response({"error": "invalid_request"}, status=400)
        response.headers["Cache-Control"] = "no-store"
        return response
    return web.Response(status=200, headers={"Cache-Control": "no-store"})


async def ended_in_front(request: web.Request) -> web.Response:
    """Front-channel logout (OpenID Connect Front-Channel Logout 1.0 §2): a frame on the provider's page.

    No cookie travels into such a frame, so it must name the session at the provider. Raises `NotFound`, StoreError.
    """
    identity, provider = identity_of(request), request.match_info["provider"]
    client = identity.sign_ins.party(provider).client
    named = request.query.get("sid", "")
    if request.query.get("iss") != client.issuer or not named:
        security_log.refused("logout_refused", Why.WRONG_ISSUER.value, request.remote, provider=provider)
        raise NotFound
    await identity.sessions.end_in_front(client.issuer, named)
    return pages.framed_by(client.issuer, web.Response(text="", content_type="text/html"))


async def signed_out(_: web.Request) -> web.Response:
    """Say that one is signed out."""
    return pages.signed_out()


async def program(request: web.Request) -> web.Response:
    """Ask whether a program on this machine may have a session. Raises `NotFound`."""
    identity_of(request)
    return pages.program()


async def asset(request: web.Request) -> web.Response:
    """Serve the pages' style and script. Raises `NotFound`."""
    return pages.asset(request.match_info["file_name"])


async def _session_id(request: web.Request) -> str:
    try:
        return (await identity_of(request).sessions.find(token_of(request))).id.hex()
    except NoSession:
        return ""


def _each_once(request: web.Request) -> dict[str, str]:
    """The query; a parameter that comes twice would be read differently by different programs."""
    if len(set(request.query)) != len(request.query):
        raise SignInFailed(Why.MALFORMED)
    return dict(request.query)


def _own_page(then: str) -> str:
    """A page of ours; anything else becomes the first one, so nobody can send people elsewhere through us."""
    return then if len(then) <= _PAGE_LENGTH and _OWN_PAGE.fullmatch(then) else HOME


def _refusal(request: web.Request, error: SignInFailed | ProviderUnavailable, provider: str) -> web.Response:
    security_log.refused("sign_in_refused", _why(error), request.remote, provider=provider)
    response = pages.refused(_why(error))
    forget(response, SIGN_IN_COOKIE)
    return response


def _why(error: Exception) -> str:
    return error.why.value if isinstance(error, SignInFailed) else code_of(error)
