"""The least that could carry the same bytes: a group-committed append and a write to ten sockets, nothing else.

`python -m tests.bench.raw '{"folder": …, "sizes": […]}'` serves it. A connection whose first message is "subscribe"
is sent every frame; what another connection sends is appended to one stream and then sent to all of those.
"""

import asyncio
import contextlib
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from pathlib import Path

import uvloop
from aiohttp import WSMsgType, web

from domain.ids import CommandId
from protocol import frames
from protocol.acts import SignedAct
from protocol.records import Record, record_item
from service.push.outlet import websocket_frame
from service.store import CommandKey, EventStore, NewRecord, StoreSettings, Unit
from service.store.embedded import EmbeddedPostgres
from service.store.migrate import migrate
from tests.bench.room import Author, now

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of one message: as sent, as stored (record and body), as pushed, and of the receipt."""

    send: int
    state: int
    body: int
    events: int
    receipt: int


def sizes_of(author: Author, size: int) -> Sizes:
    """What a real message of `size` characters takes."""
    act: SignedAct = author.message(0, size)
    record = Record(act, author.seen.version, now(), bytes(32))
    head = author.seen.head
    events = frames.Events(author.place.channel, "channel", [record_item(record)], head, live=True)
    receipt = frames.Receipt(author.place.channel, [(CommandId(bytes(16)), record.version, head)])
    return Sizes(
        send=len(author.frame(0, size=size)),
        state=len(record.encoded()),
        body=len(act.body or b""),
        events=len(frames.encode(events)),
        receipt=len(frames.encode(receipt)),
    )


@dataclass(frozen=True, slots=True)
class RawPlace:
    """Where it is served, by which process, and what it carries."""

    url: str
    sizes: Sizes
    pid: int


class RawHub:
    """Appends and fans out."""

    def __init__(self, store: EventStore, sizes: Sizes) -> None:
        self._store = store
        self._sizes = sizes
        self._stream = uuid.uuid4()
        self._version = 0
        self._readers: list[asyncio.Transport] = []
        self._pushed = websocket_frame(bytes(sizes.events))
        self._receipt = websocket_frame(bytes(sizes.receipt))
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        assert request.transport is not None
        transport = request.transport
        if (await socket.receive()).data == b"subscribe":
            self._readers.append(transport)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                task = asyncio.create_task(self._carry(message.data, transport))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if transport in self._readers:
            self._readers.remove(transport)
        return socket

    async def _carry(self, payload: bytes, sender: asyncio.Transport) -> None:
        await self._store.append(Unit((self._record(payload),)))
        for reader in self._readers:
            reader.write(self._pushed)
        sender.write(self._receipt)

    def _record(self, payload: bytes) -> NewRecord:
        self._version += 1
        sizes = self._sizes
        return NewRecord(
            stream=self._stream,
            version=self._version,
            topic="message-posted/1",
            state=payload[: sizes.state],
            inner_hash=payload[:32],
            head=payload[:32],
            body=bytes(sizes.body),
            blind=payload[:32],
            command=CommandKey(payload[:16], os.urandom(16), payload[:32]),
        )


async def main(folder: Path, sizes: Sizes) -> None:
    async with EmbeddedPostgres(folder) as postgres:
        await migrate(postgres.dsn("owner"))
        async with EventStore(StoreSettings(postgres.dsn("service"))) as store:
            app = web.Application()
            app.router.add_get("/ws", RawHub(store, sizes).serve)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            _, port = runner.addresses[0][:2]
            sys.stdout.write(f"http://127.0.0.1:{port}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
            await runner.cleanup()


@contextlib.asynccontextmanager
async def raw_place(folder: Path, sizes: Sizes) -> AsyncIterator[RawPlace]:
    """Serve it in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.raw",
        json.dumps({"folder": str(folder), "sizes": astuple(sizes)}),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            url = (await process.stdout.readline()).decode().strip()
        yield RawPlace(url, sizes, process.pid)
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    uvloop.run(main(Path(order["folder"]), Sizes(*order["sizes"])))
