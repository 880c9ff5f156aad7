"""One WebSocket to the hub, made again for ever: log in, hand every frame on, come back after a loss."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from crypto import labels, signing
from domain.ids import DeviceId
from protocol import frames
from protocol.acts import PROTOCOL
from protocol.errors import MalformedFrame, ProtocolError, WrongPlace
from protocol.table import TABLE, Retry
from samsnakk.clock import HubClock
from samsnakk.errors import Disconnected, SignInRefused
from samsnakk.pauses import pause
from samsnakk.profile import Unlocked

PROGRAM: Final = "samsnakk-python/0.1"
DEADLINE: Final = 10.0
"""Seconds for connecting, for each step of logging in and for writing a frame."""
ALIVE: Final = 20.0
"""Seconds between signs of life; as long again without an answer ends the connection."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0

_LOST = (OSError, TimeoutError, WebSocketException, MalformedFrame)


class Connection:
    """The connection of one device. `connected` is true from the hub's welcome until the loss is noticed."""

    def __init__(
        self,
        url: str,
        unlocked: Unlocked,
        clock: HubClock,
        on_frame: Callable[[frames.HubFrame], None],
        on_change: Callable[[], None],
    ) -> None:
        self._url = socket_url(url)
        self._unlocked = unlocked
        self._clock = clock
        self._on_frame = on_frame
        self._on_change = on_change
        self._socket: ClientConnection | None = None
        self.failure: SignInRefused | None = None
        """Set when the hub refuses this device for good; then nothing is tried any more."""
        self.losses = 0
        """How often a connection was lost or could not be made."""

    @property
    def connected(self) -> bool:
        """Whether frames can be sent right now."""
        return self._socket is not None

    async def run(self) -> None:
        """Stay connected until cancelled; returns only when the hub refuses the device (`failure`)."""
        seconds = FIRST_PAUSE
        while self.failure is None:
            try:
                if await self._serve():
                    seconds = FIRST_PAUSE
            except SignInRefused as refused:
                self.failure = refused
            except _LOST:
                pass
            self.losses += 1
            self._on_change()
            if self.failure is None:
                await pause(seconds)
                seconds = min(seconds * 2, LONGEST_PAUSE)

    async def send(self, frame: frames.Frame) -> None:
        """Write one frame.

        Raises:
            Disconnected: there is no connection, or it was lost while writing.

        """
        socket = self._socket
        if socket is None:
            raise Disconnected
        try:
            async with asyncio.timeout(DEADLINE):
                await socket.send(frames.encode(frame))
        except (OSError, TimeoutError, WebSocketException):
            # Known here before its reader notices: from now on nobody tries to write to it again and again.
            if self._socket is socket:
                self._socket = None
            socket.transport.abort()
            raise Disconnected from None

    def renew(self) -> None:
        """Drop the connection; the next one is made by itself."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _serve(self) -> bool:
        """One connection from beginning to end; whether it got as far as the welcome."""
        welcomed = False
        async with connect(
            self._url,
            compression=None,  # ciphertext does not compress, and the buffers cost 126 KiB
            max_size=frames.MAX_FRAME + 1024,
            proxy=None,
            open_timeout=DEADLINE,
            ping_interval=ALIVE,
            ping_timeout=ALIVE,
            close_timeout=1.0,
        ) as socket:
            try:
                await self._sign_in(socket)
                self._socket, welcomed = socket, True
                self._on_change()
                await self._receive(socket)
            finally:
                self._socket = None
        return welcomed

    async def _receive(self, socket: ClientConnection) -> None:
        # No deadline of its own: the signs of life end a connection that has fallen silent. Always receiving, because
        # the library stops reading the socket once 16 frames lie unread.
        with suppress(WebSocketException):
            async for data in socket:
                frame = _decode(data)
                if isinstance(frame, frames.Pong):
                    self._clock.heard(frame.now)
                self._on_frame(frame)

    async def _sign_in(self, socket: ClientConnection) -> None:
        device = self._unlocked.identity.device
        await self._write(socket, frames.Hello(PROTOCOL, device, PROGRAM))
        challenge = await self._answer(socket)
        if not isinstance(challenge, frames.Challenge):
            raise MalformedFrame("a challenge was expected")
        if challenge.deployment != self._unlocked.trust.deployment or challenge.protocol != PROTOCOL:
            raise SignInRefused(WrongPlace.code, "another deployment than the trust file's")
        await self._write(socket, frames.Prove(self._proof(challenge, device)))
        welcome = await self._answer(socket)
        if not isinstance(welcome, frames.Welcome):
            raise MalformedFrame("a welcome was expected")
        self._clock.heard(welcome.now)

    def _proof(self, challenge: frames.Challenge, device: DeviceId) -> bytes:
        return signing.sign(self._unlocked.signing_key, labels.CHALLENGE, frames.challenge_bytes(challenge, device))

    async def _write(self, socket: ClientConnection, frame: frames.Frame) -> None:
        async with asyncio.timeout(DEADLINE):
            await socket.send(frames.encode(frame))

    async def _answer(self, socket: ClientConnection) -> frames.HubFrame:
        async with asyncio.timeout(DEADLINE):
            answer = _decode(await socket.recv())
        if isinstance(answer, frames.Bye):
            row = TABLE.get(answer.code)
            if row is None or row.retry is Retry.NEVER:
                raise SignInRefused(answer.code, answer.detail)
            raise MalformedFrame(answer.code)
        return answer


def _decode(data: str | bytes) -> frames.HubFrame:
    if isinstance(data, str):
        raise MalformedFrame("binary frames only")
    try:
        return frames.decode_hub(data)
    except ProtocolError as error:
        raise MalformedFrame(error.code) from None


def socket_url(url: str) -> str:
    """`ws://…/ws` for `http://…`, and `wss` for `https`."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/ws", "", ""))
