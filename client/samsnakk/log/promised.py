"""What the hub has promised to log of what it receipted here, until the log shows it."""

from collections.abc import Callable
from typing import Final

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.notes import NoteKey
from protocol import frames
from protocol.global_log import read_promise
from protocol.log_watch import StreamWatch
from protocol.trust import Trust
from samsnakk.log.pinning import LogMemory

WatchOf = Callable[[Digest], StreamWatch]
"""Gives the watch of the stream with this name."""


class Promised:
    """Promises of one hub. What it receipts to who has asked about the log, it must promise too."""

    def __init__(self, memory: LogMemory, trust: Trust, key: NoteKey, watch_of: WatchOf) -> None:
        self._memory = memory
        self._trust: Final = trust
        self._key: Final = key
        self._watch_of = watch_of
        self._waiting: dict[bytes, float] = {}
        self._answered = False

    async def load(self) -> None:
        """Take up what was promised before. Raises `BadProfile`."""
        for promise in await self._memory.promises():
            self._watch_of(promise.promised.entry.name).promises.append(promise)

    def connected(self) -> None:
        """A new connection: promises of the one before do not come any more."""
        self._answered = False
        self._waiting.clear()

    def heard(self, frame: frames.HubFrame, now: float) -> None:
        """A frame came, in its place among the others."""
        match frame:
            case frames.LogProof():
                self._answered = True
            case frames.Receipt(recorded=[*_, (_, _, head)]) if self._answered:
                # What it receipted before it had answered, it promises to nobody.
                self._waiting[head] = now
            case _:
                pass

    def take(self, frame: frames.LogPromised) -> None:
        """Keep promises. Raises `ForgedCheckpoint` where the log's key did not sign them."""
        promises = [read_promise(one, self._trust, self._key) for one in frame.promises]
        for promise in promises:
            entry = promise.promised.entry
            self._waiting.pop(entry.head, None)
            self._watch_of(entry.name).promises.append(promise)
        self._memory.keep_promises(promises)

    def settle(self, watch: StreamWatch, entry: LogEntry | None) -> None:
        """Forget what the log has shown."""
        kept = watch.settle_promises(entry)
        if kept:
            self._memory.drop_promises(kept)

    def is_late(self, now: float, patience: float) -> bool:
        """Whether a receipt has waited too long for its promise."""
        return any(now - at > patience for at in self._waiting.values())
