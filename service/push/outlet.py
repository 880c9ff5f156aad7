"""Writing frames to one connection without ever waiting for it.

A frame is encoded once for all its readers and written straight to the transport. Who does not keep up is cut off and
resumes by version; one stalled phone must not hold up nine colleagues.
"""

import asyncio

from aiohttp import web

from protocol import frames
from service import metrics

_BINARY = 0x82
_SHORT, _MEDIUM = 126, 1 << 16


def websocket_frame(payload: bytes) -> bytes:
    """One unmasked, unfragmented binary frame (RFC 6455 §5.2)."""
    length = len(payload)
    if length < _SHORT:
        head = bytes((_BINARY, length))
    elif length < _MEDIUM:
        head = bytes((_BINARY, 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((_BINARY, 127)) + length.to_bytes(8, "big")
    return head + payload


class Outlet:
    """The writing side of one WebSocket. `cut_off` is set once the reader lagged too far behind."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport, limit: int) -> None:
        self._socket = socket
        self._transport = transport
        self._limit = limit
        self.cut_off = False

    def write(self, wire: bytes) -> None:
        """Write an already framed message, or cut the reader off if it lags more than the limit behind."""
        if self.cut_off or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > self._limit:
            self.cut_off = True
            metrics.cut_off.inc()
            self._transport.abort()
            return
        self._transport.write(wire)

    def write_if_idle(self, wire: bytes) -> None:
        """Write an already framed message that a newer one will replace: not to who has something waiting."""
        if not self._transport.is_closing() and not self._transport.get_write_buffer_size():
            self._transport.write(wire)

    def send(self, frame: frames.Frame) -> None:
        """Encode and write one frame."""
        self.write(websocket_frame(frames.encode(frame)))

    async def send_patiently(self, frame: frames.Frame, deadline: float) -> None:
        """Write one frame and wait until the reader has taken most of what is buffered: for history pages.

        Raises:
            TimeoutError: the reader did not take it in time.
            ConnectionError: the connection is gone.

        """
        async with asyncio.timeout(deadline):
            await self._socket.send_bytes(frames.encode(frame))

    def hang_up(self) -> None:
        """Close once what is written has left; the receiving side then ends by itself."""
        self._transport.close()

    async def close(self, code: int, frame: frames.Frame | None = None) -> None:
        """Say why, then close."""
        if frame is not None:
            self.send(frame)
        await self._socket.close(code=code)
