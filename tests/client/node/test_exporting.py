"""The hook to the record system: every event at least once and in order, whatever the command does; never a text."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from crypto import cbor
from crypto.random import random_bytes
from domain.ids import ChannelId, Millis, Version
from samsnakk.demo.world import World
from samsnakk.local_store import LocalStore, Put
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.replica import exporting
from samsnakk.node.replica.exporting import Exporter
from samsnakk.node.replica.reader import VaultReader, vault_reader
from samsnakk.node.replica.shelf import Copied, Shelf
from tests.protocol.keyholders import BERIT
from tests.protocol.small_channel import whole_story

TAKES_ALL = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
FAILS = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read()); sys.exit(7)"
WRITES_AND_HANGS = "import sys, time; f = open(sys.argv[1], 'a'); f.write(sys.stdin.read()); f.close(); time.sleep(600)"
HANGS = "import time; time.sleep(600)"
READS_NOTHING = "import sys; sys.exit(0)"


@dataclass
class Desk:
    """A copy with one channel in it, and what came out of the hook."""

    reader: VaultReader
    store: LocalStore
    out: Path
    channel: ChannelId
    items: list[list[Any]]

    async def shelf(self) -> Shelf:
        """As after a restart: what stands on disk."""
        shelf = Shelf(self.store)
        await shelf.load()
        return shelf

    async def exporter(self, program: str, shelf: Shelf | None = None) -> tuple[Exporter, Shelf]:
        shelf = shelf or await self.shelf()
        command = (sys.executable, "-c", program, str(self.out))
        return Exporter(command, self.reader, self.store, shelf, lambda: Millis(5)), shelf

    async def keep(self, items: list[list[Any]], channel: ChannelId | None = None) -> None:
        """The copy grows up to these items."""
        mine = channel or self.channel
        owner = self.reader.unlocked.trust.deployment_id + mine + self.reader.vault
        rows = [(version, 0, cbor.encode(item)) for version, item in enumerate(items, 1)]
        await self.store.write(Put("items", owner, rows))
        await (await self.shelf()).keep(Copied(mine, Version(len(items)), Version(len(items))))

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text("utf-8").splitlines()] if self.out.exists() else []

    def versions(self) -> list[int]:
        return [event["version"] for event in self.events()]


@pytest.fixture(scope="module")
def node(world: World, tmp_path_factory: pytest.TempPathFactory) -> OpenNode:
    """Opening a node is slow on purpose."""
    house, folder = world.organisation("dps"), tmp_path_factory.mktemp("node") / "node"
    create_node(folder, world.trust, "http://127.0.0.1:1", {house.id: house.root_seed}, "til prøve")
    return open_node(folder, "til prøve")


@pytest.fixture
async def desk(node: OpenNode, tmp_path: Path) -> AsyncIterator[Desk]:
    found = vault_reader(node, node.configuration.organisations[0])
    reader = replace(found, unlocked=replace(found.unlocked, folder=tmp_path))
    store = LocalStore(reader.unlocked)
    made = Desk(reader, store, tmp_path / "out", ChannelId(random_bytes(16)), whole_story().served(BERIT.principal))
    await made.keep(made.items)
    yield made
    await store.close()


async def until(holds: Callable[[], bool]) -> None:
    """The command is another process: nothing here is told when it has written."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def all_of_it(exporter: Exporter) -> None:
    while await exporter.step():
        pass


async def test_every_event_comes_once_and_in_order_and_none_with_a_text(desk: Desk) -> None:
    exporter, shelf = await desk.exporter(TAKES_ALL)
    await all_of_it(exporter)
    assert desk.versions() == list(range(1, len(desk.items) + 1))
    text = desk.out.read_text("utf-8")
    assert "Welcome" not in text
    assert "Bures" not in text
    opened = desk.events()[0]
    assert opened["kind"] == "channel-opened/1"
    assert opened["channel"] == desk.channel.hex()
    assert opened["organisation"] == desk.reader.organisation.hex()
    assert shelf.hook.failures == 0
    assert not await exporter.step()


async def test_what_the_organisation_may_not_see_is_no_more_than_a_place(desk: Desk) -> None:
    exporter, _ = await desk.exporter(TAKES_ALL)
    await all_of_it(exporter)
    hidden = [event for event in desk.events() if "facts" not in event]
    assert hidden
    assert all(
        set(event) == {"organisation", "channel", "version", "recorded_at", "thread", "kind"} for event in hidden
    )


async def test_what_a_failing_hook_did_not_take_comes_again_also_after_a_restart(desk: Desk) -> None:
    exporter, shelf = await desk.exporter(FAILS)
    await exporter.step()
    await exporter.step()
    assert (shelf.hook.failures, shelf.hook.failed_at) == (2, 5)
    assert "7" in shelf.hook.problem
    assert shelf.exported == {}
    desk.out.unlink()
    restarted, shelf = await desk.exporter(TAKES_ALL)
    assert shelf.hook.failures == 2
    await all_of_it(restarted)
    assert desk.versions() == list(range(1, len(desk.items) + 1))
    assert shelf.hook.failures == 0


async def test_after_a_restart_only_what_is_new_is_handed_on(desk: Desk) -> None:
    await desk.keep(desk.items[:5], other := ChannelId(random_bytes(16)))
    await all_of_it((await desk.exporter(TAKES_ALL))[0])
    desk.out.unlink()
    await desk.keep(desk.items[:7], other)
    await all_of_it((await desk.exporter(TAKES_ALL))[0])
    assert desk.versions() == [6, 7]
    assert {event["channel"] for event in desk.events()} == {other.hex()}


@pytest.mark.parametrize("program", ["missing", "hanging"])
async def test_a_hook_that_is_not_there_or_hangs_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(exporting, "DEADLINE", 0.2)
    shelf = await desk.shelf()
    command = ("/nowhere/til-journal",) if program == "missing" else (sys.executable, "-c", HANGS)
    exporter = Exporter(command, desk.reader, desk.store, shelf, lambda: Millis(5))
    assert await exporter.step()
    assert shelf.hook.failures == 1
    assert ("starte" if program == "missing" else "ferdig") in shelf.hook.problem
    await all_of_it((await desk.exporter(TAKES_ALL, shelf))[0])
    assert desk.versions() == list(range(1, len(desk.items) + 1))


async def test_a_hook_that_reads_nothing_but_ends_well_has_taken_it(desk: Desk) -> None:
    exporter, shelf = await desk.exporter(READS_NOTHING)
    await all_of_it(exporter)
    assert shelf.exported[desk.channel] == len(desk.items)


async def test_a_batch_is_bounded_however_much_has_waited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 4)
    exporter, shelf = await desk.exporter(TAKES_ALL)
    await exporter.step()
    assert shelf.exported[desk.channel] == 4
    await all_of_it(exporter)
    assert desk.versions() == list(range(1, len(desk.items) + 1))


async def test_one_that_was_stopped_in_the_middle_hands_on_the_same_batch_again(desk: Desk) -> None:
    exporter, shelf = await desk.exporter(WRITES_AND_HANGS)
    working = asyncio.create_task(exporter.run())
    async with asyncio.timeout(30):
        await until(lambda: bool(desk.events()))
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert shelf.exported == {}
