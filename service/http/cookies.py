"""Cookies that no script reads, no other host sets and no plain http carries (RFC 6265bis §4.1.3.2)."""

from typing import Literal

from aiohttp import web


def remember(
    response: web.StreamResponse, name: str, value: str, same_site: Literal["Strict", "Lax"], seconds: int | None
) -> None:
    """Set a `__Host-` cookie; `seconds` None: until the browser is closed."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite=same_site)


def forget(response: web.StreamResponse, name: str) -> None:
    """Take a cookie back."""
    response.del_cookie(name, path="/", secure=True, httponly=True)
