"""The access log of one channel. A line is durable before anything it covers leaves the hub (docs/protocol.md §7)."""

import asyncio
from collections.abc import Sequence
from typing import Any

from crypto.random import random_bytes
from domain.access.events import AccessEvent, IntervalClosed
from domain.access.state import AccessLog, decide_line, evolve_line
from domain.ids import Digest, Millis, Version
from protocol import records
from protocol.acts import Seen
from protocol.facts import KIND_OF
from service.handle.chained import Entry, chain, page_of, stored_entry
from service.handle.channel import PAGE, LiveChannel
from service.handle.hub_acts import HubSigner, now
from service.store import EventStore, StoreUnavailable, Unit, VersionConflict

ATTEMPTS = 8


class AccessStream:
    """The lines of one channel, appended one after the other."""

    def __init__(self, live: LiveChannel, store: EventStore, signer: HubSigner, lease: bytes) -> None:
        self._live = live
        self._store = store
        self._signer = signer
        self._lease = lease
        self._log = AccessLog()
        self._head = Digest(bytes(32))
        self._lock = asyncio.Lock()
        self._loaded = False

    async def write(self, line: AccessEvent) -> Entry:
        """Append a line; returns when it is durable.

        Raises:
            StoreError: it is not (known to be) recorded, and nothing may be released.
            Refusal: the interval it closes is not open.

        """
        async with self._lock:
            for _ in range(ATTEMPTS):
                if not self._loaded:
                    await self._load()
                entry = self._next(line)
                try:
                    await self._store.append(Unit((entry.row(self._live.access_stream),)))
                except VersionConflict:
                    self._loaded = False
                    continue
                except BaseException:
                    self._loaded = False
                    raise
                self._take_in(entry)
                return entry
        raise StoreUnavailable("others keep writing to the access log")

    def _next(self, line: AccessEvent) -> Entry:
        decide_line(self._log, line)
        at = Millis(max(now(), self._log.recorded_at))
        seen = Seen(self._live.channel.version, self._live.head)
        header, signed = self._signer.sign(self._live.place, line, seen, at)
        head = self._head
        if self._log.version == 0:
            secret = self._live.channel.stream_secret
            head = records.genesis_head(self._live.place.deployment, secret, records.ACCESS)
        return chain(signed, header, KIND_OF[type(line)], Version(self._log.version + 1), at, head)

    def _take_in(self, entry: Entry) -> None:
        event: Any = entry.header.event
        self._log = evolve_line(self._log, event, entry.version, entry.recorded_at)
        self._head = entry.head

    async def _load(self) -> None:
        while rows := await self._store.read(self._live.access_stream, self._log.version, PAGE):
            for row in rows:
                self._take_in(stored_entry(row))
        self._loaded = True

    async def close_abandoned(self) -> None:
        """Close the intervals of hub processes that are gone: they count up to what is recorded now.

        Raises:
            StoreError: some are still open; the next start tries again.

        """
        async with self._lock:
            if not self._loaded:
                await self._load()
            abandoned = [ref for ref, line in self._log.open.items() if line.lease != self._lease]
        for ref in abandoned:
            await self.write(IntervalClosed(ref, self._live.channel.version, "lease_ended"))

    async def newest(self) -> Version:
        """How many lines there are. Raises `StoreError`."""
        async with self._lock:
            if not self._loaded:
                await self._load()
            return self._log.version

    async def lines(self, after: Version, limit: int) -> tuple[Sequence[Entry], Digest, bool]:
        """A page of lines after a version, the stream's head after the last of them, and whether more follow."""
        rows = await self._store.read(self._live.access_stream, after, limit)
        entries = page_of([stored_entry(row) for row in rows])
        more = len(entries) < len(rows) or len(rows) == limit
        return entries, entries[-1].head if entries else self._head, more


def new_lease() -> bytes:
    """The identity of one life of a hub process, 16 bytes."""
    return random_bytes(16)
