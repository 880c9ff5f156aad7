"""Telling every live reader of a channel about new records: encode each view once, write it to all who share it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from domain.ids import ThreadNo
from protocol import frames, records
from service import metrics
from service.handle.chained import PAGE_BYTES, Entry
from service.handle.channel import LiveChannel
from service.handle.hub_acts import now
from service.push.outlet import websocket_frame
from service.push.pump import Pump
from service.push.subscription import items


class Fanout:
    """The live readers of one channel."""

    def __init__(self, live: LiveChannel) -> None:
        self.live = live
        self.pumps: set[Pump] = set()

    def add(self, pump: Pump) -> None:
        """Start watching when the first reader comes."""
        if not self.pumps:
            self.live.observers.append(self.published)
        self.pumps.add(pump)

    def remove(self, pump: Pump) -> None:
        """Stop watching when the last reader has left."""
        self.pumps.discard(pump)
        if not self.pumps and self.published in self.live.observers:
            self.live.observers.remove(self.published)

    def published(self, entries: Sequence[Entry]) -> None:
        """Records became durable: push them to whoever may still read, in the same turn of the loop."""
        at, channel = now(), self.live.channel
        encoded: dict[tuple[bool, ...], list[bytes]] = {}
        deliveries = 0
        for pump in tuple(self.pumps):
            subscription = pump.subscription
            if not subscription.live:
                continue  # it is being brought up to date and will read these itself
            why = subscription.interruption(channel, at)
            if why is not None:
                pump.interrupt(why)
                continue
            seen = subscription.sight.view(channel, entries, at)
            if seen not in encoded:
                encoded[seen] = self._encode(entries, seen)
            for wire in encoded[seen]:
                pump.outlet.write(wire)
            deliveries += len(encoded[seen])
            subscription.sent = entries[-1].version
        metrics.deliveries.inc(deliveries)

    def _encode(self, entries: Sequence[Entry], seen: Sequence[bool]) -> list[bytes]:
        """Framed once for every reader with this view; a unit larger than a frame is cut into several."""
        cuts = [0, *_cuts(entries), len(entries)]
        return [
            websocket_frame(
                frames.encode(
                    frames.Events(
                        self.live.place.channel,
                        records.CHANNEL,
                        items(entries[start:end], seen[start:end]),
                        entries[end - 1].head,
                        live=True,
                    )
                )
            )
            for start, end in pairwise(cuts)
        ]

    def notice(self, line: list[Any]) -> None:
        """Tell the user, at once, that an auditor looks; `line` is an item of the access log, durable already."""
        user = self.live.channel.user
        frame = frames.Noticed(self.live.place.channel, line)
        for pump in self.pumps:
            if user is not None and pump.subscription.reader == user.principal:
                pump.outlet.send(frame)

    def expire(self) -> None:
        """Interrupt readers whose term ran out or whose lease is over, although nothing was recorded."""
        at = now()
        for pump in tuple(self.pumps):
            if pump.subscription.live and (why := pump.subscription.interruption(self.live.channel, at)) is not None:
                pump.interrupt(why)

    def typing(self, sender: Pump, thread: ThreadNo) -> None:
        """Somebody is writing: tell the other live readers of the thread. Never stored."""
        frame = frames.IsTyping(self.live.place.channel, thread, sender.subscription.request.device)
        wire = websocket_frame(frames.encode(frame))
        for pump in self.pumps:
            if pump is not sender and pump.subscription.live and thread in pump.subscription.covered:
                pump.outlet.write(wire)


def _cuts(entries: Sequence[Entry]) -> list[int]:
    """Where to cut so that no frame grows beyond a page."""
    cuts, size = [], 0
    for number, entry in enumerate(entries):
        if number and size + entry.size > PAGE_BYTES:
            cuts.append(number)
            size = 0
        size += entry.size
    return cuts
