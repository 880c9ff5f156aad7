"""A WebSocket client that costs next to nothing: what it measures is the other end, not itself."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from crypto import labels, signing
from crypto.random import new_id
from domain.access.events import Purpose
from domain.ids import Version
from protocol import frames
from protocol.acts import Place
from protocol.requests import ReadRequest, sign_request
from samsnakk.demo.authority import Person
from tests.bench.room import now

_PING, _PONG, _BINARY = 0x9, 0xA, 0x2
_SHORT, _MEDIUM = 126, 127
_PATIENCE = 20.0


def masked(payload: bytes, opcode: int = _BINARY) -> bytes:
    """A client's frame (RFC 6455 §5.2). The mask is zero: it may be any, and this one leaves the bytes as they are."""
    length = len(payload)
    if length < _SHORT:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((0x80 | opcode, 0x80 | _SHORT)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | _MEDIUM)) + length.to_bytes(8, "big")
    return head + bytes(4) + payload


class LightSocket(asyncio.Protocol):
    """One connection; `hear` is called with the payload of every frame that arrives."""

    def __init__(self) -> None:
        self.hear: Callable[[bytes], None] = lambda _: None
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def connection_lost(self, _: Exception | None) -> None:
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.is_set():
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head
            self._buffer = bytearray(rest)
            self.opened.set()
        self._read_frames()

    def _read_frames(self) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) >= at + 2:
            length, start = buffer[at + 1], at + 2
            if length == _SHORT:
                length, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif length == _MEDIUM:
                length, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + length:
                break
            payload, opcode = bytes(buffer[start : start + length]), buffer[at] & 0xF
            at = start + length
            if opcode == _BINARY:
                self.hear(payload)
            elif opcode == _PING:
                self.write(masked(payload, _PONG))
        del buffer[:at]

    def write(self, wire: bytes) -> None:
        assert self._transport is not None
        self._transport.write(wire)

    def send(self, payload: bytes) -> None:
        self.write(masked(payload))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def open_light(url: str) -> LightSocket:
    """Connect and upgrade."""
    host = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, light = await loop.create_connection(LightSocket, host.hostname or "", host.port or 0)
    key = base64.b64encode(os.urandom(16)).decode()
    light.write(
        f"GET /ws HTTP/1.1\r\nHost: {host.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    async with asyncio.timeout(_PATIENCE):
        await light.opened.wait()
    return light


async def answer(light: LightSocket, payload: bytes) -> frames.HubFrame:
    """Send a frame and return the hub's next one."""
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    light.hear = lambda found: None if heard.done() else heard.set_result(found)
    light.send(payload)
    async with asyncio.timeout(_PATIENCE):
        return frames.decode_hub(await heard)


async def sign_in(url: str, person: Person) -> LightSocket:
    """A connection of the person's device, signed in."""
    light = await open_light(url)
    challenge = await answer(light, frames.encode(frames.Hello(1, person.device, "bench")))
    assert isinstance(challenge, frames.Challenge)
    proof = signing.sign(person.signing_key, labels.CHALLENGE, frames.challenge_bytes(challenge, person.device))
    welcome = await answer(light, frames.encode(frames.Prove(proof)))
    assert isinstance(welcome, frames.Welcome), welcome
    return light


def subscription(place: Place, person: Person, after: int = 0) -> bytes:
    """The `subscribe` frame of that person."""
    request = ReadRequest(
        place, person.id, person.device, person.organisation, None, Purpose.TREATMENT, (), new_id(), now(), "subscribe"
    )
    return frames.encode(frames.Subscribe(sign_request(request, person.signing_key), Version(after)))
