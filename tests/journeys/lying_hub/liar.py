"""A man in the middle that speaks frames: what the real hub says is decoded, falsified and encoded again."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Any, Self

import aiohttp
from aiohttp import web

from crypto import cbor
from crypto.key_statements import SignedStatement
from domain.ids import PrincipalId
from protocol import frames
from protocol.published_keys import decode_entries, encode_entries
from samsnakk.doors import LINE_HEADER, REQUEST_HEADER

LIMIT = 2 * frames.MAX_FRAME
_PASSED_ON = (REQUEST_HEADER, "Content-Type")


class Lie:
    """What becomes of everything that passes. This one is the truth; each lie overrides what it needs.

    `shows_log`: whether questions about the log reach the hub. Kept away here, so that what is caught is caught
    without the log; the log would catch most of it too, and sometimes first.
    """

    shows_log = False

    def to_client(self, frame: frames.HubFrame) -> Iterable[frames.Frame]:
        return [frame]

    def to_hub(self, frame: frames.ClientFrame) -> Iterable[frames.Frame]:
        """A frame of the hub among them goes back to the client at once."""
        return [frame]

    def key_stream(self, principal: PrincipalId, entries: tuple[SignedStatement, ...]) -> Sequence[SignedStatement]:
        del principal
        return entries

    def file(self, line: list[Any] | None, sealed: bytes) -> tuple[list[Any] | None, bytes]:
        return line, sealed


class LyingHub:
    """Listens on a port of its own; `lie` may be exchanged at any moment."""

    def __init__(self, hub: str) -> None:
        self.lie = Lie()
        self.url = ""
        self._hub = hub
        self._sockets: set[web.WebSocketResponse] = set()
        self._mistakes: list[Exception] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/ws", self._socket)
        app.router.add_route("*", "/{door:.*}", self._door)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        await self._runner.cleanup()
        await self._session.close()
        assert not self._mistakes, self._mistakes

    async def cut(self) -> None:
        """Every connection is lost; clients come back by themselves."""
        for socket in list(self._sockets):
            await socket.close()

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        client = web.WebSocketResponse(compress=False, max_msg_size=LIMIT)
        await client.prepare(request)
        self._sockets.add(client)
        async with self._session.ws_connect(self._hub + "/ws", max_msg_size=LIMIT) as hub:
            ways = [
                asyncio.create_task(self._from_hub(hub, client)),
                asyncio.create_task(self._from_client(client, hub)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            ended = await asyncio.gather(*ways, return_exceptions=True)
            self._mistakes += [e for e in ended if isinstance(e, Exception) and not isinstance(e, ConnectionError)]
        self._sockets.discard(client)
        await client.close()
        return client

    async def _from_hub(self, hub: aiohttp.ClientWebSocketResponse, client: web.WebSocketResponse) -> None:
        async for message in hub:
            for frame in self.lie.to_client(frames.decode_hub(message.data)):
                await client.send_bytes(frames.encode(frame))

    async def _from_client(self, client: web.WebSocketResponse, hub: aiohttp.ClientWebSocketResponse) -> None:
        async for message in client:
            came = frames.decode_client(message.data)
            if isinstance(came, frames.AskLog) and not self.lie.shows_log:
                continue
            for frame in self.lie.to_hub(came):
                way = client if isinstance(frame, frames.HubFrame) else hub
                await way.send_bytes(frames.encode(frame))

    async def _door(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        body = await request.read()
        url = self._hub + request.path_qs
        async with self._session.request(request.method, url, headers=headers, data=body or None) as answer:
            content, line = await answer.read(), answer.headers.get(LINE_HEADER)
            told = self._falsified(request, content, line) if answer.ok and request.method == "GET" else (content, line)
            more = {LINE_HEADER: told[1]} if told[1] is not None else {}
            return web.Response(status=answer.status, body=told[0], headers=more, content_type=answer.content_type)

    def _falsified(self, request: web.Request, content: bytes, line: str | None) -> tuple[bytes, str | None]:
        what, _, principal = request.path.removeprefix("/api/v1/").partition("/")
        if what == "key-streams":
            told = self.lie.key_stream(PrincipalId(bytes.fromhex(principal)), decode_entries(content))
            return encode_entries(told), line
        genuine = None if line is None else cbor.decode(b64decode(line), max_size=LIMIT)
        assert genuine is None or isinstance(genuine, list)
        forged, sealed = self.lie.file(genuine, content)
        return sealed, None if forged is None else b64encode(cbor.encode(forged)).decode()
