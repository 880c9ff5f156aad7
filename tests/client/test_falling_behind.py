"""A client that falls behind does less for each message, never more, and keeps all that it verified."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from protocol import frames
from protocol.errors import ChainBroken
from samsnakk import Channel, Client, HistoryBroken, Terms, Text
from samsnakk.demo.world import World
from samsnakk.ends import Signal
from samsnakk.local_store import Change, LocalStore, Put
from tests.client.conftest import KEY, Connect, make_profile, opened, texts
from tests.client.relay import relay
from tests.client.test_lying_hub import flip, in_records, of_channel
from tests.conftest import HubProcess

MakeTerms = Callable[..., Terms]
SAID = [str(number) for number in range(30)]


class SlowDisk:
    """Holds a client's transactions with records back until `release`; `items` says how many each of them kept."""

    def __init__(self, channel: Channel, expected: int) -> None:
        self.items: list[int] = []
        self.all_came = asyncio.Event()
        self._released = threading.Event()
        self._expected = expected
        follower = channel._parts.follower
        self._put, follower.inbox.put_nowait = follower.inbox.put_nowait, self._came  # type: ignore[method-assign]
        store: LocalStore = channel._parts.kept._store
        self._write, store._write = store._write, self._slowly  # type: ignore[method-assign]

    def _came(self, item: frames.HubFrame | Signal) -> None:
        self._put(item)
        if isinstance(item, frames.Events):
            self._expected -= len(item.items)
            if self._expected == 0:
                self.all_came.set()

    def _slowly(self, changes: Sequence[Change]) -> None:
        items = sum(len(one.rows) for one in changes if isinstance(one, Put) and one.table == "items")
        if items:  # what is remembered of the hub's log comes between them
            assert self._released.wait(30)
            self.items.append(items)
        self._write(changes)

    async def release(self) -> None:
        """As soon as everything that is expected has come."""
        async with asyncio.timeout(30):
            await self.all_came.wait()
        self._released.set()


async def say(channel: Channel) -> None:
    """One after the other, so that each is a frame of its own."""
    for text in SAID:
        await channel.post(0, Text(text))


async def test_what_comes_while_the_disk_is_slow_is_kept_in_one_transaction(connect: Connect, terms: MakeTerms) -> None:
    kari = await (await connect("Kari")).open_channel()
    await kari.join(0, terms("Jon"))
    behind = await opened(await connect("Jon"), kari)
    disk = SlowDisk(behind, len(SAID))
    await say(kari)
    await disk.release()
    await behind.reached(kari.version)
    assert await texts(behind) == SAID
    assert sum(disk.items) == len(SAID)
    assert len(disk.items) == 2  # the first that came, and together all that came meanwhile


async def test_what_was_verified_before_a_lie_is_kept_though_it_waited_together_with_it(
    connect: Connect, terms: MakeTerms, hub: HubProcess, world: World, tmp_path: Path
) -> None:
    kari = await (await connect("Kari")).open_channel()
    await kari.join(0, terms("Jon"))
    profile = make_profile(world, "Jon", tmp_path / "Jon").unlock(key=KEY)
    async with relay(hub.url) as between, Client(profile, between.url) as jon:
        behind = await opened(jon, kari)
        disk = SlowDisk(behind, len(SAID) + 1)
        await say(kari)
        true = kari.version
        between.change = of_channel(in_records(lambda item: [flip(item[0], 0), *item[1:]]))
        await kari.post(0, Text("en løgn"))
        await disk.release()
        with pytest.raises(HistoryBroken) as broken:
            await behind.reached(kari.version)
        assert isinstance(broken.value.problem, ChainBroken)
    async with Client(profile, "http://127.0.0.1:9") as again:
        mine = await again.channel(kari.id)
        assert (mine.version, await texts(mine)) == (true, SAID)
