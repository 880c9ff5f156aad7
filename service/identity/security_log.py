"""Refused attempts to get in: one structured line each, for whoever watches the hub. No names, tokens or ids of people.

Where an attempt came from is written as a keyed hash. The key lives as long as the process: lines of one day can be
told to belong together, and say nothing about anybody later.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from crypto.derivation import expand_key
from crypto.labels import SECURITY_LOG
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from service.handle.security import Attempt, SecurityLog

log = structlog.get_logger()
Listener = Callable[[str, str, str | None], None]
_LISTENERS: Final[list[Listener]] = []
_KEY: Final = SecretKey(random_bytes(32))
_SHOWN: Final = 8


def refused(event: str, why: str, remote: str | None, *, provider: str | None = None) -> None:
    """Write down that an attempt was refused. `why` is a code; `remote` the address it came from."""
    source = expand_key(_KEY, label=SECURITY_LOG, context=(remote or "").encode())[:_SHOWN].hex()
    for listener in _LISTENERS:
        listener(event, why, remote)
    log.warning(event, security=True, why=why, provider=provider, source=source)


@contextmanager
def heard_by(security: SecurityLog) -> Iterator[None]:
    """Whatever is refused meanwhile stands in the security log, too. One hub a process, so one listener."""

    def listener(event: str, why: str, remote: str | None) -> None:
        security.note(Attempt(event, why, remote))

    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)
