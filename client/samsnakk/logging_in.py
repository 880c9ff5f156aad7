"""Signing a program in through the browser: the person proves who they are there, never here.

    async with BrowserLogin(url) as login:
        print(login.address, login.code)          # open the address; the page shows the same code
        session = await login.outcome(timeout)

The browser hands a one-time ticket to a port of this machine (`samsnakk.loopback`).
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import aiohttp
import msgspec

from crypto.labels import TICKET_CHALLENGE
from domain.ids import DeploymentId, Digest, Millis
from protocol.session_binding import SessionBinding, sign_binding
from samsnakk.errors import Disconnected, Refused
from samsnakk.loopback import Loopback
from samsnakk.profile import Unlocked

_DEADLINE: Final = 15.0
_LINE: Final = 4096
_DONE: Final = "Programmet er logget inn. Du kan lukke dette vinduet."


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


class BrowserLogin(Loopback[NativeSession]):
    """One attempt to sign in with the hub at `url`; an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        super().__init__(TICKET_CHALLENGE, self._session_for, _DONE)
        self._url: Final = url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if self._http is not None:
            await self._http.close()

    @property
    def address(self) -> str:
        """The page to open. What stands behind the # never leaves the browser."""
        return f"{self._url}/sign-in/program#challenge={self.challenge}&port={self.port}"

    async def _session_for(self, ticket: str, verifier: str) -> NativeSession:
        if self._http is None:
            raise Disconnected
        told = await _post(self._http, f"{self._url}/api/v1/session/native", {"ticket": ticket, "verifier": verifier})
        try:
            native = msgspec.json.decode(told, type=_Native)
            return NativeSession(self._url, bytes.fromhex(native.session), native.token)
        except ValueError:
            raise Disconnected from None


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
