"""A port of this machine at which a browser hands something in (RFC 8252 §7.3), and the one for one-time tickets.

A ticket is worth nothing without a secret that never leaves this program; its hash, the challenge, travels with the
link. docs/adr/0016-sign-in.md says why it is done so.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from crypto.hashing import hash_with
from crypto.labels import Label
from crypto.random import random_bytes
from protocol.errors import ProtocolError
from protocol.sign_in.tokens import LENGTH, written
from samsnakk.errors import Disconnected, NotInTime, Refused, SamsnakkError

_DEADLINE: Final = 15.0
_LINE: Final = 4096
_ASKED: Final = re.compile(rb"GET /\?ticket=([\w-]{43}) HTTP/1\.[01]\r\n", re.ASCII)
_PAGE: Final = """\
<!doctype html><html lang="nb"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<title>Samsnakk</title></head><body><h1>{heading}</h1><p>{text}</p></body></html>"""
_NOT: Final = ("Det gikk ikke", "Se hva programmet sier, og start på nytt der.")
_T = TypeVar("_T")

Trade = Callable[[str, str], Awaitable[_T]]
"""Trades a ticket and the secret (as text) for what was wanted; raises `SamsnakkError`."""


def any_refusal(_: Refused) -> bool:
    """Whatever is refused was somebody else's knocking."""
    return True


class Port(ABC, Generic[_T]):
    """Waits for one thing handed in that is worth something; an asynchronous context manager.

    `done`: what the browser then says. `stray`: whether a refusal only says that what came was none of ours; any
    program here may knock, so such a thing ends nothing.
    """

    def __init__(self, done: str, stray: Callable[[Refused], bool] = any_refusal) -> None:
        self._done: Final = done
        self._stray: Final = stray
        self._found: asyncio.Future[_T] | None = None
        self._server: asyncio.Server | None = None

    @abstractmethod
    async def read(self, reader: asyncio.StreamReader) -> str | None:
        """Read one request; what it hands in, None where that is nothing of this kind."""

    @abstractmethod
    async def take(self, told: str) -> _T:
        """What was wanted, for what was handed in. Raises `SamsnakkError`."""

    async def __aenter__(self) -> Self:
        self._found = asyncio.get_running_loop().create_future()
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=_LINE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._found is not None and self._found.done() and not self._found.cancelled():
            self._found.exception()  # looked at, also where nobody waited for it

    @property
    def port(self) -> int:
        """Where it listens. Raises `Disconnected` before and after."""
        if self._server is None:
            raise Disconnected
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def outcome(self, timeout: float) -> _T:  # noqa: ASYNC109 - a person takes so long, and may be asked
        """What was brought, at most `timeout` seconds from now. Raises `NotInTime`, and what `take` raises."""
        if self._found is None:
            raise Disconnected
        try:
            return await asyncio.wait_for(self._found, timeout)
        except TimeoutError:
            raise NotInTime from None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what a browser hands in. Any program here may knock; what is made for another program opens nothing."""
        heading, text = _NOT
        with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_DEADLINE):
                told = await self.read(reader)
            if told is not None and await self._taken(told):
                heading, text = "Ferdig", self._done
            body = _PAGE.format(heading=heading, text=text).encode()
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                "Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    async def _taken(self, told: str) -> bool:
        found = self._found
        if found is None or found.done():
            return False
        try:
            taken = await self.take(told)
        except Disconnected:
            return False
        except (SamsnakkError, ProtocolError) as error:
            if not (isinstance(error, Refused) and self._stray(error)) and not found.done():
                found.set_exception(error)
            return False
        if not found.done():
            found.set_result(taken)
        return True


class Loopback(Port[_T]):
    """Waits for one ticket, which `trade` is given with the secret (both as text)."""

    def __init__(
        self, label: Label, trade: Trade[_T], done: str, stray: Callable[[Refused], bool] = any_refusal
    ) -> None:
        super().__init__(done, stray)
        self._secret: Final = random_bytes(LENGTH)
        self.challenge: Final = hash_with(label, self._secret).hex()
        self._trade: Final = trade

    @property
    def code(self) -> str:
        """What the page must show too; otherwise it belongs to another program."""
        return f"{self.challenge[:4]} {self.challenge[4:8]}"

    async def read(self, reader: asyncio.StreamReader) -> str | None:
        """As `Port.read`: the ticket."""
        asked = _ASKED.fullmatch(await reader.readuntil(b"\r\n"))
        await reader.readuntil(b"\r\n\r\n")
        return None if asked is None else asked[1].decode()

    async def take(self, told: str) -> _T:
        """As `Port.take`."""
        return await self._trade(told, written(self._secret))
