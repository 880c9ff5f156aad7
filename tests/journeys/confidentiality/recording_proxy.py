"""A TCP proxy that writes down every byte of both directions, and reads WebSocket frames as their sender meant them."""

import asyncio
from contextlib import suppress
from typing import Self

PIECE = 64 * 1024
_HEADERS_END = b"\r\n\r\n"
_MASKED = 0x80
_LONG, _LONGER = 126, 127


class RecordingProxy:
    """Listens on a port of its own and passes everything on to `host`:`port`."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._target = host, int(port)
        self._taken: list[bytearray] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def captured(self) -> dict[str, bytes]:
        """What went over the wire, a stream each, and what it means where a client has masked it."""
        found: dict[str, bytes] = {}
        for number, stream in enumerate(self._taken):
            found[f"wire {number}"] = bytes(stream)
            found[f"wire {number} unmasked"] = unmasked(bytes(stream))
        return found

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        for source, sink in ((reader, back), (there, writer)):
            taken = bytearray()
            self._taken.append(taken)
            task = asyncio.create_task(_pass_on(source, sink, taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, taken: bytearray) -> None:
    with suppress(ConnectionError):
        while data := await source.read(PIECE):
            taken += data
            sink.write(data)
            await sink.drain()
    sink.close()


def unmasked(stream: bytes) -> bytes:
    """The payloads of a client's WebSocket frames behind its upgrade request (RFC 6455 §5.2); empty for all else."""
    head, _, rest = stream.partition(_HEADERS_END)
    if b"upgrade: websocket" not in head.lower() or not head.startswith(b"GET "):
        return b""
    payloads = bytearray()
    at = 0
    while at + 2 <= len(rest):
        length, at = rest[at + 1] & ~_MASKED, at + 2
        more = {_LONG: 2, _LONGER: 8}.get(length, 0)
        if more:
            length, at = int.from_bytes(rest[at : at + more]), at + more
        mask, at = rest[at : at + 4], at + 4
        payload = rest[at : at + length]
        repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
        payloads += (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
        at += length
    return bytes(payloads)
