"""How a request carries its session, and whether it comes from a page that may use it."""

from collections.abc import Collection
from typing import Final

from aiohttp import web

SESSION_COOKIE: Final = "__Host-samsnakk"
"""Browsers take it over https only, for this host only, and show it to no script."""
SIGN_IN_COOKIE: Final = "__Host-samsnakk-sign-in"
PASSKEY_COOKIE: Final = "__Host-samsnakk-passkey"
OWN_HEADER: Final = "Samsnakk-Session"
"""A header that a page of another origin cannot send without asking first, which we never allow."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NEAR: Final = frozenset({"same-origin", "same-site"})


def token_of(request: web.Request) -> str:
    """The session's token: a program's `Authorization: Bearer`, else the browser's cookie; empty where none is."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(SESSION_COOKIE, "")


def is_by_cookie(request: web.Request) -> bool:
    """Whether a browser added the session by itself, whoever made it send the request."""
    return SESSION_COOKIE in request.cookies and "Authorization" not in request.headers


def is_from_our_pages(request: web.Request, origins: Collection[str]) -> bool:
    """Whether a request that may change something was made by a page of these origins, and on purpose."""
    if request.method in _SAFE:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    return (
        request.headers.get("Origin") in origins
        and (site is None or site in _NEAR)
        and request.headers.get(OWN_HEADER) == "1"
    )
