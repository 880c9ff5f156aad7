"""One subscription at work: open a line, bring the reader up to date, go live, stop when told."""

import asyncio
import contextlib
from collections.abc import Sequence

from domain.access.events import MAX_LEASE, IntervalClosed
from domain.access.state import UnknownInterval
from domain.ids import Millis
from protocol import frames, records
from service import metrics
from service.handle.chained import Entry, page_of
from service.handle.channels import Opened
from service.handle.hub_acts import now
from service.push.outlet import Outlet
from service.push.subscription import Ended, Subscription, items
from service.store import StoreError

PAGE = 200
PATIENCE = 30.0
"""Seconds a reader may take for one page of history."""
CLOSE_DEADLINE = 10.0


class Pump:
    """Carries one subscription. `run` returns when it has ended; `stop` makes it end."""

    def __init__(self, opened: Opened, subscription: Subscription, outlet: Outlet, lease: bytes) -> None:
        self.subscription = subscription
        self.outlet = outlet
        self._live = opened.live
        self._access = opened.access
        self._lease = lease
        self._interrupted = asyncio.Event()
        self._ending: Ended | None = None

    @property
    def channel_id(self) -> bytes:
        """The channel it reads."""
        return self._live.place.channel

    def stop(self, why: Ended) -> None:
        """End the subscription soon."""
        if self._ending is None or self._ending is Ended.THREADS_CHANGED:
            self._ending = why
        self.subscription.live = False
        self._interrupted.set()

    def interrupt(self, why: Ended) -> None:
        """End the interval now; a new one follows unless the reader takes part no more."""
        self.subscription.live = False
        self._ending = self._ending or why
        self._interrupted.set()

    async def run(self) -> Ended:
        """Serve until the subscription ends.

        Raises:
            StoreError: a line could not be written, so nothing was released.

        """
        metrics.subscriptions.inc()
        try:
            while True:
                why = await self._interval()
                if why not in (Ended.THREADS_CHANGED, Ended.LEASE_OVER):
                    return why
        finally:
            metrics.subscriptions.dec()

    async def _interval(self) -> Ended:
        if self._ending not in (None, Ended.THREADS_CHANGED, Ended.LEASE_OVER):
            return self._ending
        self._ending = None
        self._interrupted.clear()
        if not self.subscription.threads(self._live.channel, now()):
            return Ended.NOT_A_PARTICIPANT
        await self._open()
        why = Ended.DISCONNECTED
        try:
            why = await self._serve()
        finally:
            # The closing line is written even while the hub is shutting down or the connection is gone.
            await asyncio.shield(self._close(why))
        return why

    async def _open(self) -> None:
        """The line first; only then may anything leave."""
        channel, at = self._live.channel, now()
        event = self.subscription.opening(channel, self._live.head, self._lease, Millis(at + MAX_LEASE), at)
        line = await self._access.write(event)
        metrics.lines.inc()
        self.subscription.opened(line.version, event)
        request_id = self.subscription.request.request_id
        self.outlet.send(frames.Subscribed(self._live.place.channel, request_id, line.item()))

    async def _close(self, why: Ended) -> None:
        line, upto = self.subscription.line, self.subscription.sent
        self.subscription.closed()
        if line is None:
            return
        # A line that cannot be closed now is closed by the next life of the hub.
        with contextlib.suppress(StoreError, TimeoutError, UnknownInterval):
            async with asyncio.timeout(CLOSE_DEADLINE):
                await self._access.write(IntervalClosed(line, upto, why.value))

    async def _serve(self) -> Ended:
        try:
            why = await self._bring_up_to_date()
        except (TimeoutError, ConnectionError):
            return Ended.SLOW
        if why is None:
            await self._interrupted.wait()
            why = self._ending or Ended.ASKED
        return why

    async def _bring_up_to_date(self) -> Ended | None:
        """Send pages until nothing is missing; then, without a gap, go live."""
        while True:
            if self._ending is not None:
                return self._ending
            channel, at = self._live.channel, now()
            why = self.subscription.interruption(channel, at)
            if why is not None:
                return why
            entries = page_of(await self._live.entries(self.subscription.sent, PAGE))
            if not entries:
                if self.subscription.sent >= self._live.channel.version:
                    break
                continue
            why = self.subscription.interruption(self._live.channel, now())
            if why is not None:
                return why
            # Counted before it is sent: a page that is cut off half-way may have arrived all the same.
            self.subscription.sent = entries[-1].version
            await self.outlet.send_patiently(self._frame(entries, live=False), PATIENCE)
        # No await since the check: nothing was recorded in between that the observer would not see.
        self.outlet.send(frames.Events(self._live.place.channel, records.CHANNEL, [], self._live.head, live=True))
        self.subscription.live = True
        return None

    def _frame(self, entries: Sequence[Entry], *, live: bool) -> frames.Events:
        seen = self.subscription.sight.view(self._live.channel, entries, now())
        return frames.Events(self._live.place.channel, records.CHANNEL, items(entries, seen), entries[-1].head, live)
