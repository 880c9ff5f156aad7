"""A relay between a client and the real hub that can be told to lie, to lose and to hang up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from protocol import frames
from samsnakk.connection import socket_url

Change = Callable[[frames.HubFrame], list[frames.HubFrame]]


def unchanged(frame: frames.HubFrame) -> list[frames.HubFrame]:
    return [frame]


@dataclass
class Relay:
    """What passes through one relay. `change` decides what the client gets instead of a frame of the hub."""

    hub_url: str
    change: Change = unchanged
    url: str = ""
    up: list[frames.ClientFrame] = field(default_factory=list)
    open: list[ServerConnection] = field(default_factory=list)
    deaf: bool = False
    """While set, connections are refused."""
    shows_log: bool = True
    """Whether questions about the log reach the hub."""

    async def serve(self, client: ServerConnection) -> None:
        if self.deaf:
            return
        self.open.append(client)
        with suppress(ConnectionClosed):
            async with (
                connect(socket_url(self.hub_url), compression=None, proxy=None, max_size=None) as hub,
                asyncio.TaskGroup() as tasks,
            ):
                tasks.create_task(self._upwards(client, hub))
                tasks.create_task(self._downwards(client, hub))

    async def _upwards(self, client: ServerConnection, hub: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for data in client:
                assert isinstance(data, bytes)
                came = frames.decode_client(data)
                self.up.append(came)
                if isinstance(came, frames.AskLog) and not self.shows_log:
                    continue
                await hub.send(data)
        await hub.close()

    async def _downwards(self, client: ServerConnection, hub: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for data in hub:
                assert isinstance(data, bytes)
                for frame in self.change(frames.decode_hub(data)):
                    await client.send(frames.encode(frame))
        await client.close()

    def hang_up(self) -> None:
        """Cut every connection without a word."""
        for client in self.open:
            client.transport.abort()
        self.open.clear()


@asynccontextmanager
async def relay(hub_url: str) -> AsyncIterator[Relay]:
    made = Relay(hub_url)
    async with serve(made.serve, "127.0.0.1", 0, compression=None, max_size=None) as server:
        host, port = next(iter(server.sockets)).getsockname()[:2]
        made.url = f"http://{host}:{port}"
        yield made
