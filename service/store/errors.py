"""What can go wrong in the store, and how the database's own errors map to it.

Texts name streams, versions and SQL states only: never content, topics or settings.
"""

from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    from uuid import UUID


class StoreError(Exception):
    """Root of every error of the store."""


class VersionConflict(StoreError):
    """A stream is no longer where the unit expected it; nothing of the unit was written.

    `expected` and `actual` are versions of the stream's head (0: the stream is empty).
    """

    def __init__(self, stream: "UUID", expected: int, actual: int) -> None:
        super().__init__(f"stream {stream} is at version {actual}, not {expected}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class CommandReused(StoreError):
    """A command id was used before with other bytes, or in another unit; nothing was written."""


class RecordRejected(StoreError):
    """The unit itself is at fault (too large, out of sequence, against a constraint); nothing was written."""


class StoreFull(StoreError):
    """The database has no room (disk, quota); nothing was written. Retry when there is room."""


class StoreUnavailable(StoreError):
    """The database did not answer in time. Whether an append was written is unknown: retry with the same commands."""


class ReadOnlyStore(StoreUnavailable):
    """The database refuses writes just now (a standby, or being failed over); nothing was written."""


# Everything that asyncpg raises when a statement or a connection fails. InternalClientError is among them: a statement
# on a connection that was killed in mid-reply may end so.
FAILURES: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

# SQLSTATE classes (PostgreSQL manual, appendix A).
_LOST: Final = frozenset({"08", "57"})
_FULL: Final = frozenset({"53100", "53400", "58030"})
_UNAVAILABLE: Final = frozenset({"53200", "53300", "53000", "55P03", "40001", "40P01", "25P04"})
_AT_FAULT: Final = frozenset({"21", "22", "23", "54"})


def is_lost(error: BaseException) -> bool:
    """Tell whether the error leaves open if the last statement was committed."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in _LOST
    return isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError))


def is_at_fault(error: BaseException) -> bool:
    """Tell whether the data of one unit made the whole batch fail."""
    # asyncpg reports arguments that it cannot encode as DataError with or without a state.
    state = getattr(error, "sqlstate", None) or ""
    return state[:2] in _AT_FAULT or isinstance(error, (asyncpg.DataError, ValueError, OverflowError))


def _is_full(error: asyncpg.PostgresError) -> bool:
    # A file-size limit (EFBIG) has no SQLSTATE of its own: the server reports it as internal error with this text.
    text = str(error)
    return error.sqlstate in _FULL or (error.sqlstate == "XX000" and ("extend file" in text or "write to file" in text))


def translate(error: BaseException) -> StoreError:
    """Name a database error in the store's words. The original belongs in `__cause__`, never in a log."""
    if isinstance(error, StoreError):
        return error
    state = getattr(error, "sqlstate", None) or "none"
    if isinstance(error, asyncpg.PostgresError):
        if _is_full(error):
            return StoreFull("the database has no room")
        if state == "25006":
            return ReadOnlyStore("the database is read-only")
        if state in _UNAVAILABLE:
            return StoreUnavailable(f"the database could not answer (state {state})")
    # Order matters: an encoding failure is both an InterfaceError and a fault of the data.
    if is_at_fault(error):
        return RecordRejected(f"the database rejected the data (state {state})")
    if is_lost(error):
        return StoreUnavailable("the connection to the database was lost or timed out")
    return StoreError(f"the database refused (state {state})")
