"""Carrying out what two people have decided to erase: rows, files, memory, the database's log; then saying so.

It begins when the hub starts, before anything is served: a backup from before brings back what was destroyed since.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from domain.channel import events as e
from domain.channel.refusals import AlreadyRecorded
from domain.channel.state import Thread
from domain.ids import ChannelId, FileId, ThreadNo, Version
from protocol.acts import Seen, VerifiedAct
from protocol.facts import KIND_OF
from service.handle.chained import Entry
from service.handle.channel import PAGE, LiveChannel
from service.handle.channels import Channels
from service.handle.hub_acts import HubSigner, now
from service.store import EventStore, StoreError
from service.store.erasing import Eraser, OpenDecision, newest_decision, note_done, note_erasures, open_decisions

_LOOK: Final = 1.0
"""Seconds between looks at whether something was decided."""
_AGAIN: Final = 60.0
"""Seconds before trying again what could not be finished."""
_log = structlog.get_logger(__name__)


class Erasing:
    """What of the decisions is done in this hub's copy. `eraser` None: another process destroys what this one notes."""

    def __init__(
        self, store: EventStore, channels: Channels, signer: HubSigner, eraser: Eraser | None, hour: int | None
    ) -> None:
        self._store = store
        self._channels = channels
        self._signer = signer
        self._eraser = eraser
        self._hour = hour
        self._upto = -1
        self._unfinished = False

    async def run_for_ever(self) -> None:
        """Carry out decisions soon after they are made."""
        again = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                if await newest_decision(self._store) != self._upto or (self._unfinished and loop.time() >= again):
                    await self.destroy()
                    await self.finish()
                    again = loop.time() + (_AGAIN if self._eraser is not None else _LOOK)
            except StoreError as error:
                _log.warning("erasure.waiting", error=type(error).__name__)
                self._unfinished, again = True, loop.time() + _AGAIN
            await asyncio.sleep(_LOOK)

    async def destroy(self) -> None:
        """Note and destroy whatever is decided and still there, or there again.

        Raises:
            StoreError: not everything could be destroyed.

        """
        upto = await newest_decision(self._store)
        found = await open_decisions(self._store)
        for one in found:
            await self._note(one)
        if self._eraser is not None and found:
            rows = await self._eraser.destroy()
            _log.info("erasure.destroyed", decisions=len(found), rows=rows)
        self._upto, self._unfinished = upto, bool(found)

    async def finish(self) -> None:
        """Leave nothing of it in the database's files, and say so in the channels of whatever is done.

        Raises:
            StoreError: somebody holds the tables up, or the database is away.

        """
        if self._eraser is not None and self._unfinished and self._may_scrub() and not await self._eraser.scrub():
            _log.warning("erasure.log_is_held", advice="a replica, an archive or wal_keep_size holds the log back")
        done = [one for one in await open_decisions(self._store) if one.scrubbed and not one.present]
        for one in done:
            await self._say(one)
            await note_done(self._store, one.stream, one.version)
        self._unfinished = bool(await open_decisions(self._store))

    def _may_scrub(self) -> bool:
        """Writing the tables anew makes everybody wait: an operator of a large hub names an hour for it."""
        return self._hour is None or datetime.now(UTC).hour == self._hour

    async def _note(self, one: OpenDecision) -> None:
        live, thread = await self._find(one)
        if thread is None:
            return  # an approval that the rules did not count: nothing follows from it
        versions = frozenset(version for version, ref in thread.erasing.erased.items() if ref == one.version)
        live.forget(versions)
        files = await _files_of(live, versions, frozenset(thread.erasing.erased))
        await note_erasures(self._store, one.stream, one.version, sorted(versions), sorted(files))
        if one.present and one.scrubbed:
            _log.warning("erasure.again", security=True, version=one.version)

    async def _find(self, one: OpenDecision) -> tuple[LiveChannel, Thread | None]:
        live = (await self._channels.get(ChannelId(one.stream.bytes))).live
        threads = live.channel.threads.values()
        return live, next((thread for thread in threads if one.version in thread.erasing.decisions), None)

    async def _say(self, one: OpenDecision) -> None:
        live, thread = await self._find(one)
        ref = Version(one.version)
        if thread is None or thread.erasing.decisions[ref].hub_at is not None:
            return
        with suppress(AlreadyRecorded):
            await record_by_hub(live, self._signer, e.CopyErased(ref, None, None), thread.number)


async def record_by_hub(live: LiveChannel, signer: HubSigner, event: e.CopyErased, thread: ThreadNo) -> None:
    """Record that a copy is clean. Raises what `LiveChannel.submit` raises."""
    seen = Seen(live.channel.version, live.head)
    header, signed = signer.sign(live.place, event, seen, now(), thread)
    await live.submit((VerifiedAct(header, KIND_OF[e.CopyErased], signed),))


async def _files_of(live: LiveChannel, versions: frozenset[Version], erased: frozenset[Version]) -> set[FileId]:
    """Files that these messages name, and no message that stays. Most name none: then nothing more is read."""
    named: set[FileId] = set()
    for version in versions:
        named |= _named(await live.entries(Version(version - 1), 1))
    after = Version(0)
    while named and (entries := await live.entries(after, PAGE)):
        named -= _named(entry for entry in entries if entry.version not in versions | erased)
        after = entries[-1].version
    return named


def _named(entries: Iterable[Entry]) -> set[FileId]:
    events = (entry.header.event for entry in entries)
    return {ref.file for event in events if isinstance(event, e.MessagePosted) for ref in event.attachments}
