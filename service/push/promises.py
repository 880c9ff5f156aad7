"""Promises to log what was receipted: one signature for all that was recorded in the last moment.

The receipt has left already, so nobody waits for a promise. Only who has asked about the log is told.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from crypto.log_promises import MAX_PROMISED, Promised, encode_promise, make_promises
from crypto.signing import SigningKey
from domain.ids import DeploymentId
from protocol import frames
from protocol.log_watch import MAX_MERGE_DELAY
from service import metrics
from service.handle.hub_acts import now
from service.push.outlet import Outlet

PAUSE: Final = 0.05
"""Seconds between two signatures at least: a busy hub signs twenty times a second, and not for each unit."""
_DUE: Final = int(MAX_MERGE_DELAY * 1000)


@dataclass(slots=True)
class Promises:
    """What is to be promised, to whom."""

    key: SigningKey
    deployment: DeploymentId
    waiting: list[tuple[Outlet, Promised]] = field(default_factory=list)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, outlet: Outlet, promised: Promised | None) -> None:
        """Promise this record to this connection, soon; None where its place is not known any more."""
        if promised is None:
            return
        self.waiting.append((outlet, promised))
        self.some.set()

    async def run_for_ever(self) -> None:
        """Sign and send."""
        while True:
            await self.some.wait()
            self.send()
            await asyncio.sleep(PAUSE)

    def send(self) -> None:
        """Sign what waits, as much as one signature covers, and tell each connection its part."""
        taken, self.waiting = self.waiting[:MAX_PROMISED], self.waiting[MAX_PROMISED:]
        if not self.waiting:
            self.some.clear()
        if not taken:
            return
        made = make_promises([promised for _, promised in taken], self.deployment, now() + _DUE, self.key)
        metrics.promises.inc(len(made))
        rows: dict[Outlet, list[bytes]] = {}
        for (outlet, _), promise in zip(taken, made, strict=True):
            rows.setdefault(outlet, []).append(encode_promise(promise))
        for outlet, promises in rows.items():
            outlet.send(frames.LogPromised(promises))
