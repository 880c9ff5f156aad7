"""`/api/v1/passkeys…` and the page `/passkey`: registering a passkey, signing in with it, listing and removing."""

import time
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web
from webauthn.helpers import bytes_to_base64url

from protocol.errors import MalformedFrame
from service.errors import HubError, NotFound, QuotaExceeded
from service.http import pages
from service.http.bodies import json_of, read_body
from service.http.cookies import forget, remember
from service.http.doors import CORE, id_in_path
from service.http.sessions import answered, identity_of, session_of
from service.identity import security_log
from service.identity.carried import PASSKEY_COOKIE, SESSION_COOKIE, is_from_our_pages
from service.identity.errors import CrossSite, PrfOutputSent
from service.identity.passkeys import CHALLENGE_LIFE, MAX_PASSKEY_NAME, Passkeys
from service.identity.sessions import ABSOLUTE
from service.outcomes import code_of

MAX_PASSKEY_ANSWER: Final = 32 * 1024
"""Bytes of what a browser says about a passkey."""
_T = TypeVar("_T")
_Json = dict[str, Any]


class _Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    clientDataJSON: str  # noqa: N815 - as WebAuthn spells it
    attestationObject: str | None = None  # noqa: N815
    authenticatorData: str | None = None  # noqa: N815
    signature: str | None = None
    userHandle: str | None = None  # noqa: N815
    transports: list[str] | None = None
    publicKey: str | None = None  # noqa: N815
    publicKeyAlgorithm: int | None = None  # noqa: N815


class _Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A credential as the browser writes it, without anything that extensions gave."""

    id: str
    rawId: str  # noqa: N815
    type: str
    response: _Response
    authenticatorAttachment: str | None = None  # noqa: N815


class RegistrationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new passkey; `unlocks`: whether its authenticator says that it has a PRF, never what the PRF gives."""

    name: str
    unlocks: bool
    credential: _Credential


class SignInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey's answer."""

    credential: _Credential


def passkeys_of(request: web.Request) -> Passkeys:
    """The passkeys. Raises `NotFound` where nobody signs in, or no passkeys can be made for the address."""
    found = identity_of(request).passkeys
    if found is None:
        raise NotFound
    return found


async def page(request: web.Request) -> web.Response:
    """The page for passkeys. Raises `NotFound`."""
    passkeys_of(request)
    return pages.passkey()


async def keyring_page(request: web.Request) -> web.Response:
    """The page on which a passkey opens its person's keyring. Raises `NotFound`."""
    passkeys_of(request)
    return pages.keyring()


async def post_registration(request: web.Request) -> web.Response:
    """Begin to register. Raises `StepUpNeeded`, `SessionNotBound`, `NoSession`, `NotFound`, StoreError."""
    asked = await passkeys_of(request).begin_registration(await session_of(request))
    response = answered(asked.options)
    remember(response, PASSKEY_COOKIE, asked.token, "Strict", CHALLENGE_LIFE // 1000)
    return response


async def post_passkey(request: web.Request) -> web.Response:
    """Register; see `Passkeys.register` for what it raises."""
    session, body = await session_of(request), await _body(request, RegistrationBody)
    name = body.name.strip()
    if not 0 < len(name) <= MAX_PASSKEY_NAME or not name.isprintable():
        raise MalformedFrame("name")
    token = request.cookies.get(PASSKEY_COOKIE, "")
    making = passkeys_of(request).register(session, token, name, _plain(body.credential), unlocks=body.unlocks)
    await _watched(request, making)
    response = answered({})
    forget(response, PASSKEY_COOKIE)
    return response


async def get_passkeys(request: web.Request) -> web.Response:
    """The person's passkeys. Raises `NoSession`, `NotFound`, StoreError."""
    passkeys = passkeys_of(request)
    rows = await passkeys.of(await session_of(request))
    told = [
        {
            "id": row.id.hex(),
            "name": row.name,
            "credential": bytes_to_base64url(row.credential),
            "unlocks": row.unlocks,
            "created_at": row.created_at,
            "used_at": row.used_at,
            "ends_at": row.ends_at,
            "suspended": row.suspended,
        }
        for row in rows
    ]
    return answered({"passkeys": told, "domain": passkeys.domain})


async def delete_passkey(request: web.Request) -> web.Response:
    """Remove a passkey. Raises `StepUpNeeded`, `NoSession`, `NotFound`, StoreError."""
    await passkeys_of(request).remove(await session_of(request), id_in_path(request, "passkey"))
    return answered({})


async def post_challenge(request: web.Request) -> web.Response:
    """Begin to sign in. Raises `CrossSite`, `QuotaExceeded`, `NotFound`, StoreError."""
    _from_here(request)
    if not request.app[CORE].publishing_quota.take(f"passkey {request.remote}".encode(), 1.0, time.monotonic()):
        raise QuotaExceeded("address")
    asked = await passkeys_of(request).begin_sign_in()
    response = answered(asked.options)
    remember(response, PASSKEY_COOKIE, asked.token, "Strict", CHALLENGE_LIFE // 1000)
    return response


async def post_session(request: web.Request) -> web.Response:
    """Sign in. Raises `CrossSite`, `PasskeyRefused`, `PasskeyCloned`, `NotFound`, StoreError."""
    _from_here(request)
    body = await _body(request, SignInBody)
    token = request.cookies.get(PASSKEY_COOKIE, "")
    session = await _watched(request, passkeys_of(request).sign_in(token, _plain(body.credential)))
    response = answered({})
    remember(response, SESSION_COOKIE, session.token, "Strict", ABSOLUTE // 1000)
    forget(response, PASSKEY_COOKIE)
    return response


def _from_here(request: web.Request) -> None:
    """Nobody is signed in as somebody else by another page: here no session's cookie makes the usual check happen."""
    if not is_from_our_pages(request, {identity_of(request).origin}):
        security_log.refused("cross_site_refused", CrossSite.code, request.remote)
        raise CrossSite


async def _watched(request: web.Request, attempt: Awaitable[_T]) -> _T:
    try:
        return await attempt
    except HubError as error:
        security_log.refused("passkey_refused", error.detail or code_of(error), request.remote)
        raise


async def _body(request: web.Request, kind: type[_T]) -> _T:
    data = await read_body(request, MAX_PASSKEY_ANSWER)
    # What a PRF gives opens the keyring. A page that sends it has a fault, which must be seen before anything is kept.
    if b"prf" in data.lower() or b"clientExtensionResults" in data:
        security_log.refused("passkey_refused", PrfOutputSent.code, request.remote)
        raise PrfOutputSent
    return json_of(data, kind)


def _plain(credential: _Credential) -> _Json:
    told: _Json = msgspec.to_builtins(credential)
    return told
