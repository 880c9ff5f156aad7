"""A browser without a screen: keeps cookies, follows redirects one by one, and picks who signs in at the provider."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import websockets
from yarl import URL

from crypto import labels
from protocol.sign_in.tokens import name_of
from service.identity.carried import SESSION_COOKIE, SIGN_IN_COOKIE
from service.identity.tokens import new_token

Json = dict[str, Any]
_HOPS = 12


@dataclass
class Visitor:
    """One browser, visiting one hub."""

    http: aiohttp.ClientSession
    hub: str

    @property
    def jar(self) -> aiohttp.CookieJar:
        assert isinstance(self.http.cookie_jar, aiohttp.CookieJar)
        return self.http.cookie_jar

    def cookie(self, name: str = SESSION_COOKIE) -> str:
        found = self.jar.filter_cookies(URL(self.hub)).get(name)
        return "" if found is None else found.value

    def take_cookie(self, name: str, value: str) -> None:
        self.jar.update_cookies({name: value}, URL(self.hub))

    async def get(self, url: str, **headers: str) -> aiohttp.ClientResponse:
        answer = await self.http.get(URL(url, encoded=True), allow_redirects=False, headers=headers)
        await answer.read()
        return answer

    async def start(self, provider: str = "helseid", query: str = "") -> str:
        """Begin to sign in; the address at the provider."""
        answer = await self.get(f"{self.hub}/sign-in/{provider}/start{query}")
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"]

    async def prove(self, address: str, account: str) -> str:
        """Be somebody at the provider; the address that it sends the browser back to."""
        for _ in range(_HOPS):
            if address.startswith(self.hub):
                return address
            answer = await self.get(address)
            if answer.status == 200:
                assert "<title>Who</title>" in await answer.text(), await answer.text()
                address = f"{address}?as={account}"
            else:
                assert "Location" in answer.headers, await answer.text()
                address = str(URL(address).join(URL(answer.headers["Location"], encoded=True)))
        raise AssertionError("the provider sends us round in circles")

    async def sign_in(self, account: str, provider: str = "helseid", query: str = "") -> aiohttp.ClientResponse:
        """From beginning to end; the hub's answer to the return."""
        return await self.get(await self.prove(await self.start(provider, query), account))

    async def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> tuple[int, Json]:
        """As the hub's own page would call the hub; `headers` replaces some (empty: leaves it out)."""
        usual = {"Origin": self.hub, "Sec-Fetch-Site": "same-origin", "Samsnakk-Session": "1"}
        renamed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in (usual | renamed).items() if value}
        async with self.http.request(method, self.hub + path, json=body, headers=sent) as answer:
            return answer.status, json.loads(await answer.text())

    async def is_signed_in(self) -> bool:
        return (await self.call("GET", "/api/v1/session"))[0] == 200

    async def ticket(self, verifier: str) -> str:
        challenge = name_of(verifier, labels.TICKET_CHALLENGE)
        assert challenge is not None
        status, told = await self.call("POST", "/api/v1/session/tickets", {"challenge": challenge.hex()})
        assert status == 200, told
        return str(told["ticket"])

    async def native_session(self) -> str:
        """The token of a program's session."""
        verifier = new_token()
        body = {"ticket": await self.ticket(verifier), "verifier": verifier}
        status, told = await self.call("POST", "/api/v1/session/native", body)
        assert status == 200, told
        return str(told["token"])

    async def session(self) -> Json:
        status, told = await self.call("GET", "/api/v1/session")
        assert status == 200, told
        return told


@asynccontextmanager
async def visiting(hub: str) -> AsyncIterator[Visitor]:
    # As browsers do for this machine: a secure cookie also without https.
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(hub))
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Visitor(http, hub)


def socket_of(hub: str, token: str | None, origin: str | None) -> Any:
    """Open the hub's WebSocket as a page would, or without an origin as a program."""
    carried = {"Authorization": f"Bearer {token}"} if origin is None else {"Cookie": f"{SESSION_COOKIE}={token}"}
    headers = {} if token is None else carried
    url = hub.replace("http", "ws", 1) + "/ws"
    return websockets.connect(url, origin=origin, additional_headers=headers, compression=None, proxy=None)  # type: ignore[arg-type]


def reason(page: str) -> str:
    """The code on the page of a refused sign-in."""
    found = re.search(r"<code>(\w+)</code>", page)
    assert found is not None, page
    return found[1]


__all__ = ["SIGN_IN_COOKIE", "Visitor", "reason", "socket_of", "visiting"]
