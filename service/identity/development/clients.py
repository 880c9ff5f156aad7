"""Clients that register themselves with the development provider (RFC 7591, the least of it): nodes on this machine."""

import re
from typing import Final

from protocol.sign_in import PROFILES, Client, ClientKey, SignInFailed
from protocol.sign_in.jose import algorithms_of, read_key
from protocol.sign_in.json_values import read_object

_REDIRECT: Final = re.compile(r"http://127\.0\.0\.1:\d{1,5}/sign-in/helseid/callback", re.ASCII)


def read_client(data: bytes, issuer: str, number: int) -> Client | None:
    """The client that asks to be registered, for staff and on this machine; None if it is no such one."""
    try:
        found = read_object(data)
        redirects, keys = found.get("redirect_uris"), found.get("jwks")
        (redirect,) = redirects if isinstance(redirects, list) else []
        (listed,) = keys["keys"] if isinstance(keys, dict) else []
        key = read_key(listed) if isinstance(listed, dict) and "d" not in listed else None
    except (SignInFailed, ValueError, KeyError, TypeError):
        return None
    if key is None or not isinstance(redirect, str) or _REDIRECT.fullmatch(redirect) is None:
        return None
    profile = PROFILES["helseid"]
    return Client(
        name=profile.name,
        issuer=issuer,
        client_id=f"development-node-{number}",
        redirect_uri=redirect,
        profile=profile,
        key=ClientKey(key, "", algorithms_of(key)[0]),
        levels=profile.levels,
        scopes=profile.scopes,
    )
