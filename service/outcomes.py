"""One code for everything that can go wrong, whichever layer said so (`protocol.table` tells what each means)."""

from protocol import table
from service.store import (
    CommandReused,
    RecordRejected,
    StoreError,
    StoreFull,
    StoreUnavailable,
    VersionConflict,
)

_STORE: tuple[tuple[type[StoreError], str], ...] = (
    (VersionConflict, "version_conflict"),
    (CommandReused, "command_reused"),
    (RecordRejected, "record_rejected"),
    (StoreFull, "store_full"),
    (StoreUnavailable, "store_unavailable"),
)


def code_of(error: Exception) -> str:
    """The travelling code of an error; what nobody foresaw is an `internal_error`."""
    for kind, code in _STORE:
        if isinstance(error, kind):
            return code
    return table.code_of(error)


def where(fault: BaseException) -> str:
    """Type and place of an unforeseen error, for the log: a message or traceback could hold somebody's data."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
    return type(fault).__name__ + place
