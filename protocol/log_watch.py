"""One stream held against the log, time after time: nothing that was served may be missing there, nor the reverse.

A stream is judged when the log has said, proven, what its newest head is. Whatever this end has verified must be in the
log within `MAX_MERGE_DELAY`; until then it is merely new. What the log has must be served within the same time.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.log_promises import Promise
from protocol.errors import LoggedOtherwise, LogOmits, WithheldRecords

MAX_MERGE_DELAY: Final = 60.0
"""Seconds in which what was served must be in the log, and what is in the log served."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as this end has verified it.

    `head_at` gives the head after a version, None where it is not known here. `served`: everything recorded is being
    served right now, so that the log has no reason to be ahead.
    """

    name: Digest
    version: int
    head_at: Callable[[int], bytes | None]
    served: bool


@dataclass(slots=True)
class StreamWatch:
    """What the log has said of one stream, and since when something is missing. Times are seconds of any clock."""

    patience: float = MAX_MERGE_DELAY
    logged: LogEntry | None = None
    held: deque[tuple[int, float]] = field(default_factory=deque)
    """Versions that the log has not shown yet, and when each was first held here."""
    ahead: tuple[int, float] | None = None
    """The newest version that the log has and this end has not, and since when it has waited for any."""
    late_at: int | None = None
    """How large the log was when something was late already."""
    promises: list[Promise] = field(default_factory=list)
    """What the hub has promised to log of this stream, and the log has not shown yet."""

    def hold(self, stream: Stream, now: float) -> None:
        """This end holds the stream up to its version.

        Raises:
            LoggedOtherwise: the log has another record there than was served.
            WithheldRecords: the log has more than was served for a long time.

        """
        shown = max(self.logged.n if self.logged else 0, self.held[-1][0] if self.held else 0)
        if stream.version > shown:
            self.held.append((stream.version, now))
        self._compare(stream, now)

    def is_late(self, now: float) -> bool:
        """Whether something that is held here should have been shown by the log long ago."""
        return bool(self.held) and now - self.held[0][1] > self.patience

    @property
    def is_open(self) -> bool:
        """Whether the log and this end have something to show each other."""
        return bool(self.held) or self.ahead is not None

    def judge(self, stream: Stream, entry: LogEntry | None, size: int, asked_at: float) -> None:
        """Hold the stream against what the log of `size` says of it, having been asked at `asked_at`.

        Raises:
            LoggedOtherwise: the log has another record there than was served, or fewer than it had.
            LogOmits: the log goes on and leaves out what was served long ago.
            WithheldRecords: the log has more than was served for a long time.

        """
        n = entry.n if entry else 0
        if self.logged is not None and (n < self.logged.n or (n == self.logged.n and entry != self.logged)):
            raise LoggedOtherwise("the log has taken back what it had of a stream")
        self.logged = entry
        self._judge_missing(n, size, asked_at)
        self._compare(stream, asked_at)

    def broken_promise(self, entry: LogEntry | None, size: int) -> Promise | None:
        """A record that was promised to stand in the log of this size, and does not; None where there is none."""
        n = entry.n if entry else 0
        for promise in self.promises:
            promised = promise.promised
            other = entry is not None and n == promised.entry.n and entry != promised.entry
            if other or (n < promised.entry.n and promised.position <= size):
                return promise
        return None

    def settle_promises(self, entry: LogEntry | None) -> list[Promise]:
        """What the hub has kept of what it promised; not to be remembered any longer."""
        n = entry.n if entry else 0
        kept = [promise for promise in self.promises if promise.promised.entry.n <= n]
        self.promises = [promise for promise in self.promises if promise.promised.entry.n > n]
        return kept

    def _judge_missing(self, n: int, size: int, asked_at: float) -> None:
        while self.held and self.held[0][0] <= n:
            self.held.popleft()
        if not self.is_late(asked_at):
            self.late_at = None
        elif self.late_at is None:
            self.late_at = size
        elif size > self.late_at:
            # It was late before, and the log has grown since without it: it was not forgotten, it is left out.
            raise LogOmits("the log goes on without what was served")

    def _compare(self, stream: Stream, now: float) -> None:
        if self.logged is None:
            return
        n, head = self.logged.n, self.logged.head
        if n <= stream.version and stream.head_at(n) not in (None, head):
            raise LoggedOtherwise(f"the log has another record {n} of a stream than was served")
        if n <= stream.version or not stream.served:
            self.ahead = None
        elif self.ahead is None or stream.version >= self.ahead[0]:
            self.ahead = (n, now)
        elif now - self.ahead[1] > self.patience:
            raise WithheldRecords("the log has more of a stream than is served")
