"""Signing a program in through the browser: the person proves who they are there, never here.

    async with BrowserLogin(url) as login:
        print(login.address, login.code)          # open the address; the page shows the same code
        session = await login.session(timeout)

The browser hands a one-time ticket to a port of this machine (RFC 8252 §7.3), and the ticket is worth nothing without
a secret that never leaves this program. docs/adr/0016-sign-in.md says why it is done so.
"""

import asyncio
import re
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import aiohttp
import msgspec

from crypto.hashing import hash_with
from crypto.labels import TICKET_CHALLENGE
from crypto.random import random_bytes
from domain.ids import DeploymentId, Digest, Millis
from protocol.session_binding import SessionBinding, sign_binding
from samsnakk.errors import Disconnected, NotInTime, Refused
from samsnakk.profile import Unlocked

_SECRET: Final = 32
_DEADLINE: Final = 15.0
_LINE: Final = 4096
_ASKED: Final = re.compile(rb"GET /\?ticket=([\w-]{43}) HTTP/1\.[01]\r\n", re.ASCII)
_PAGE: Final = """\
<!doctype html><html lang="nb"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<title>Samsnakk</title></head><body><h1>{heading}</h1><p>{text}</p></body></html>"""
_DONE: Final = ("Ferdig", "Programmet er logget inn. Du kan lukke dette vinduet.")
_NOT: Final = ("Det gikk ikke", "Start innloggingen på nytt i programmet.")


class _Native(msgspec.Struct, frozen=True):
    token: str
    session: str


class _Problem(msgspec.Struct, frozen=True):
    code: str = "internal_error"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NativeSession:
    """A program's session with a hub: `token` opens it (secret), `id` (32 bytes) is what the hub calls it."""

    url: str
    id: bytes
    token: str = field(repr=False)


class BrowserLogin:
    """One attempt to sign in with the hub at `url`; an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        self._url: Final = url.rstrip("/")
        self._secret: Final = random_bytes(_SECRET)
        self._challenge: Final = hash_with(TICKET_CHALLENGE, self._secret).hex()
        self._found: asyncio.Future[NativeSession] | None = None
        self._server: asyncio.Server | None = None
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._found = asyncio.get_running_loop().create_future()
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=_LINE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._http is not None:
            await self._http.close()

    @property
    def code(self) -> str:
        """What the page must show too; otherwise it belongs to another program."""
        return f"{self._challenge[:4]} {self._challenge[4:8]}"

    @property
    def address(self) -> str:
        """The page to open. What stands behind the # never leaves the browser."""
        return f"{self._url}/sign-in/program#challenge={self._challenge}&port={self._port}"

    @property
    def _port(self) -> int:
        if self._server is None:
            raise Disconnected
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def session(self, timeout: float) -> NativeSession:  # noqa: ASYNC109 - a person takes so long, and may be asked
        """Wait for the person, at most `timeout` seconds. Raises `NotInTime`, `Disconnected`."""
        if self._found is None:
            raise Disconnected
        try:
            return await asyncio.wait_for(self._found, timeout)
        except TimeoutError:
            raise NotInTime from None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a ticket from the browser. Any program here may knock; a ticket of another login opens nothing."""
        heading, text = _NOT
        with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_DEADLINE):
                asked = _ASKED.fullmatch(await reader.readuntil(b"\r\n"))
                await reader.readuntil(b"\r\n\r\n")
            with suppress(Refused, Disconnected):
                if asked is not None:
                    await self._take(asked[1].decode())
                    heading, text = _DONE
            body = _PAGE.format(heading=heading, text=text).encode()
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                "Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    async def _take(self, ticket: str) -> None:
        if self._http is None or self._found is None or self._found.done():
            raise Disconnected
        verifier = urlsafe_b64encode(self._secret).rstrip(b"=").decode()
        told = await _post(self._http, f"{self._url}/api/v1/session/native", {"ticket": ticket, "verifier": verifier})
        native = msgspec.json.decode(told, type=_Native)
        if not self._found.done():
            self._found.set_result(NativeSession(self._url, bytes.fromhex(native.session), native.token))


async def bind(session: NativeSession, unlocked: Unlocked, at: Millis) -> None:
    """Say with the profile's device that the session is its person's; `at` is now.

    Raises:
        Refused: somebody else is signed in than whose profile it is, or the login is too old.
        Disconnected: the hub cannot be reached.

    """
    who = unlocked.identity
    binding = SessionBinding(DeploymentId(unlocked.trust.deployment), Digest(session.id), who.person, who.device, at)
    statement = b64encode(sign_binding(binding, unlocked.signing_key)).decode()
    headers = {"Authorization": f"Bearer {session.token}"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http:
        await _post(http, f"{session.url}/api/v1/session/binding", {"statement": statement})


async def end(url: str, token: str) -> None:
    """End the session that `token` opens with the hub at `url`; one that has ended already is no harm.

    Raises:
        Refused, Disconnected: it may still be there.

    """
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            asyncio.timeout(_DEADLINE),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http,
            http.delete(f"{url}/api/v1/session", allow_redirects=False) as answer,
        ):
            if answer.status not in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}:
                raise Refused("internal_error")
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise Disconnected from None


async def _post(http: aiohttp.ClientSession, url: str, body: dict[str, str]) -> bytes:
    try:
        async with asyncio.timeout(_DEADLINE), http.post(url, json=body, allow_redirects=False) as answer:
            told = await answer.content.read(_LINE * 4)
            if answer.status != HTTPStatus.OK:
                problem = msgspec.json.decode(told, type=_Problem)
                raise Refused(problem.code, problem.detail)
            return told
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError):
        raise Disconnected from None
