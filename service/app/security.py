"""`samsnakk security`: the security log for whoever watches the hub, each row checked against the one before."""

import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from domain.ids import Millis
from protocol.security_log import GENESIS, PAGE, SecurityRow, follow
from service.settings import Settings
from service.store import EventStore, StoreSettings
from service.store.embedded import EmbeddedPostgres
from service.store.security_log import read_rows


async def show_security_log(settings: Settings) -> None:
    """Write every row as a line of JSON, then how many there are and the head to note down.

    Raises:
        StoreError: the database is away.
        ChainBroken: a row was taken out, changed or moved.

    """
    number, head = -1, GENESIS
    # An embedded server is not started, and not stopped, by whoever only looks: the hub runs it.
    dsn = settings.database_url or EmbeddedPostgres(settings.data).dsn("service")
    async with EventStore(StoreSettings(dsn)) as store:
        async for rows in _pages(store):
            number, head = follow(rows, number, head)
            sys.stdout.writelines(json.dumps(_told(row), ensure_ascii=False) + "\n" for row in rows)
    sys.stderr.write(f"{max(number, 0)} rows ever, none missing or changed; the head is {head.hex()}\n")


async def _pages(store: EventStore) -> AsyncIterator[list[SecurityRow]]:
    after = 0
    while rows := await read_rows(store, after, PAGE):
        yield rows
        after = rows[-1].n


def _told(row: SecurityRow) -> dict[str, Any]:
    one = row.attempts
    return {
        "n": row.n,
        "first": _moment(one.first_at),
        "last": _moment(one.last_at),
        "count": one.count,
        "door": one.door,
        "code": one.code,
        "source": one.source.hex(),
        "device": one.device.hex() if one.device is not None else None,
        "proven": one.proven,
        "organisation": one.organisation.hex() if one.organisation is not None else None,
        "channel": one.channel.hex() if one.channel is not None else None,
    }


def _moment(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
