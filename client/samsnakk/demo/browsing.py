"""A browser without a screen: it walks through an identity provider's pages as a person would, picking a name there.

Nothing is skipped: the same redirects, cookies, pushed request and proofs as in a person's browser.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import unescape
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
from yarl import URL

from samsnakk.errors import SamsnakkError
from samsnakk.logging_in import BrowserLogin, NativeSession
from samsnakk.node_login import NodeLogin

STAFF_PROVIDER: Final = "helseid"
USER_PROVIDER: Final = "idporten"
_CHOICE: Final = re.compile(r'href="([^"]+)">([^<]+)<span>')
_BUTTON: Final = re.compile(r'class="button" href="([^"]+)"')
_T = TypeVar("_T")
_PATIENCE: Final = 30.0


class LostOnTheWay(SamsnakkError):
    """A page of the sign-in was not what it should be."""

    def __init__(self, where: str) -> None:
        super().__init__(f"signing in ended at {where}", "See the logs of the hub and of the node.")


class Browser:
    """One person's browser. `home`: the address whose cookies count as sent securely, as on this machine."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def sent_on(self, url: str) -> str:
        """Where a page sends us. Raises `LostOnTheWay`."""
        async with self._http.get(URL(url, encoded=True), allow_redirects=False) as answer:
            if answer.status != HTTPStatus.SEE_OTHER:
                raise LostOnTheWay(_without_query(url))
            return urljoin(url, answer.headers["Location"])

    async def pick(self, page: str, name: str) -> str:
        """Choose a name on the development provider's page; where that sends us. Raises `LostOnTheWay`."""
        async with self._http.get(URL(page, encoded=True), allow_redirects=False) as answer:
            choices = {unescape(text): unescape(href) for href, text in _CHOICE.findall(await answer.text())}
        if name not in choices:
            raise LostOnTheWay(_without_query(page))
        return await self.sent_on(urljoin(page, choices[name]))

    async def link_on(self, page: str) -> str:
        """Where the only button of a page leads. Raises `LostOnTheWay`."""
        async with self._http.get(URL(page, encoded=True), allow_redirects=False) as answer:
            buttons = _BUTTON.findall(await answer.text())
        if len(buttons) != 1:
            raise LostOnTheWay(_without_query(page))
        return urljoin(page, unescape(buttons[0]))

    async def allow(self, node: str, page: str, code: str) -> None:
        """Say yes on the node's page, but only if it shows the program's code. Raises `LostOnTheWay`."""
        async with self._http.get(URL(page, encoded=True), allow_redirects=False) as answer:
            if f">{code}<" not in await answer.text():
                raise LostOnTheWay(page)
        headers = {"Origin": node, "Sec-Fetch-Site": "same-origin"}
        async with self._http.post(f"{node}/sign-in/allow", headers=headers, allow_redirects=False) as answer:
            if answer.status != HTTPStatus.SEE_OTHER:
                raise LostOnTheWay(page)
            await self._visit(answer.headers["Location"])

    async def _visit(self, url: str) -> None:
        async with self._http.get(URL(url, encoded=True)) as answer:
            await answer.read()

    async def ticket(self, hub: str, challenge: str) -> str:
        """What the hub's page does when the person says that the codes are alike. Raises `LostOnTheWay`."""
        headers = {"Origin": hub, "Sec-Fetch-Site": "same-origin", "Samsnakk-Session": "1"}
        address = f"{hub}/api/v1/session/tickets"
        async with self._http.post(address, json={"challenge": challenge}, headers=headers) as answer:
            if answer.status != HTTPStatus.OK:
                raise LostOnTheWay(address)
            told: str = (await answer.json())["ticket"]
            return told

    async def hand_over(self, port: str, ticket: str) -> None:
        """Bring the ticket to the program that waits for it on this machine."""
        await self._visit(f"http://127.0.0.1:{port}/?ticket={ticket}")


@asynccontextmanager
async def browsing(home: str) -> AsyncIterator[Browser]:
    """A fresh browser for pages of `home`, on this machine."""
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(home))
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as http:
        yield Browser(http)


async def hub_session(hub: str, name: str, provider: str) -> NativeSession:
    """A session of one's own at the hub, as `samsnakk login` gets it. Raises `SamsnakkError`."""
    async with BrowserLogin(hub) as login, browsing(hub) as browser:
        back = await browser.pick(await browser.sent_on(f"{hub}/sign-in/{provider}/start?max_age=0"), name)
        await browser.sent_on(back)
        asked = parse_qs(urlsplit(login.address).fragment)
        await browser.hand_over(asked["port"][0], await browser.ticket(hub, asked["challenge"][0]))
        return await login.outcome(_PATIENCE)


async def sign_in_at_node(node: str, name: str, use: Callable[[str], Awaitable[_T]]) -> _T:
    """Sign in at the node's own door, as `samsnakk.node_login` does, and use the ticket. Raises `SamsnakkError`."""
    async with NodeLogin(node, use) as login, browsing(node) as browser:
        start = await browser.link_on(login.address)
        confirm = await browser.sent_on(await browser.pick(await browser.sent_on(start), name))
        await browser.allow(node, confirm, login.code)
        return await login.outcome(_PATIENCE)


def _without_query(url: str) -> str:
    """Addresses carry codes and tickets; what is shown must not."""
    return url.partition("?")[0]
