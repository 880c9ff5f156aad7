"""A network between a client and the hub that can be cut, go silent, lose one direction or become slow."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE = 1024


class Wire:
    """A TCP proxy in front of the hub; an asynchronous context manager.

    `up` and `down` say whether bytes pass towards the hub and towards the client; bytes that do not pass are lost, and
    nobody is told. `rate` is bytes a second towards the client, None without a limit.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname, parts.port
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.up = self.down = True
        self.rate: float | None = None
        self.carried = 0
        """Bytes that reached the client."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=PIECE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self.cut()

    @property
    def url(self) -> str:
        """Where the client connects instead of the hub."""
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"

    def cut(self) -> None:
        """Every connection breaks at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def silence(self) -> None:
        """Connections stay open, and nothing passes any more."""
        self.up = self.down = False

    def heal(self) -> None:
        """Everything passes again. What was lost stays lost, so connections that saw a loss are cut."""
        self.up = self.down = True
        self.rate = None
        self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port, limit=PIECE)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for source, sink, to_client in ((reader, far_writer, False), (far_reader, writer, True)):
            pump = asyncio.create_task(self._pump(source, sink, to_client=to_client))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, to_client: bool) -> None:
        with suppress(OSError):
            while data := await source.read(PIECE):
                if not (self.down if to_client else self.up):
                    continue
                if to_client and self.rate is not None:
                    await asyncio.sleep(len(data) / self.rate)
                sink.write(data)
                await sink.drain()
                self.carried += len(data) if to_client else 0
        sink.transport.abort()
