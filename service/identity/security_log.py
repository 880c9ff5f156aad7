"""Refused attempts to get in: one structured line each, for whoever watches the hub. No names, tokens or ids of people.

Where an attempt came from is written as a keyed hash. The key lives as long as the process: lines of one day can be
told to belong together, and say nothing about anybody later.
"""

from typing import Final

import structlog

from crypto.derivation import expand_key
from crypto.labels import SECURITY_LOG
from crypto.random import random_bytes
from crypto.shapes import SecretKey

log = structlog.get_logger()
_KEY: Final = SecretKey(random_bytes(32))
_SHOWN: Final = 8


def refused(event: str, why: str, remote: str | None, *, provider: str | None = None) -> None:
    """Write down that an attempt was refused. `why` is a code; `remote` the address it came from."""
    source = expand_key(_KEY, label=SECURITY_LOG, context=(remote or "").encode())[:_SHOWN].hex()
    log.warning(event, security=True, why=why, provider=provider, source=source)
