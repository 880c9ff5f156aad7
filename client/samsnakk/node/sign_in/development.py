"""The invented people of a hub on this machine, for a node beside it: anybody is anybody, so never where people are.

It takes two things that nobody sets by accident (the words in the environment and the provider's address), and a node
that listens on loopback, beside a hub on loopback, without a file of real providers.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from joserfc.jwk import ECKey

from protocol.sign_in import PROFILES, Client, read_client_key
from protocol.sign_in.configuration import Configuration as Providers
from protocol.sign_in.configuration import Provider
from samsnakk.node.configuration import BadNode, Configuration
from samsnakk.node.sign_in.sign_ins import SignIns

SETTING: Final = "SAMSNAKK_DEVELOPMENT_SIGN_IN"
WORDS: Final = "only-on-this-machine"
KNOWN_AS: Final = "development"
"""What stands for the provider's name in the register: its address is another one each time."""
_ISSUER: Final = re.compile(r"http://127\.0\.0\.1:\d{1,5}", re.ASCII)
_SECONDS: Final = 10
_CREATED: Final = 201


def verify_allowed(configuration: Configuration, issuer: str, environment: Mapping[str, str]) -> None:
    """Raises `BadNode` unless the development provider at `issuer` may sign people in at this node."""
    hub = urlsplit(configuration.hub)
    if environment.get(SETTING) != WORDS:
        raise _refused(f"{SETTING} must be {WORDS!r}, in full")
    if not _is_loopback(configuration.host):
        raise _refused("listen must be an address of this machine's loopback, such as 127.0.0.1:8600")
    if hub.scheme != "http" or not _is_loopback(hub.hostname or ""):
        raise _refused("the hub must be on this machine, such as http://127.0.0.1:8440")
    if configuration.sign_in is not None:
        raise _refused("sign_in names real providers; both at once would let anybody in as anybody")
    if _ISSUER.fullmatch(issuer) is None:
        raise _refused("the provider's address is http://127.0.0.1:PORT")


@asynccontextmanager
async def development_sign_in(sign_ins: SignIns, issuer: str, url: str) -> AsyncIterator[None]:
    """Let the hub's invented people sign in at the node that stands at `url`. Raises `BadNode`."""
    profile = PROFILES["helseid"]
    key = ECKey.generate_key("P-256", {"kid": "node", "use": "sig"})
    redirect = f"{url}/sign-in/{profile.name}/callback"
    client = Client(
        name=profile.name,
        issuer=issuer,
        client_id=await _registered(issuer, redirect, key),
        redirect_uri=redirect,
        profile=profile,
        key=read_client_key(json.dumps(key.as_dict(private=True)).encode()),
        levels=profile.levels,
        scopes=profile.scopes,
    )
    providers = {profile.name: Provider("oppdiktet ansatt (utvikling)", client)}
    async with sign_ins.using(Providers(url, "", providers), {profile.name: KNOWN_AS}):
        yield


async def _registered(issuer: str, redirect: str, key: ECKey) -> str:
    wish = {"redirect_uris": [redirect], "jwks": {"keys": [key.as_dict(private=False)]}}
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(f"{issuer}/clients", json=wish, allow_redirects=False) as answer,
        ):
            if answer.status != _CREATED:
                raise _refused("the provider does not take this node as its client")
            return str((await answer.json())["client_id"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError):
        raise _refused("the provider does not answer; it runs with the hub, which says its address") from None


def _refused(why: str) -> BadNode:
    return BadNode(f"--development-sign-in: {why}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False  # a name, even `localhost`: what it means is for somebody else to say
