"""The organisation's node dies in the middle of it all: everything goes on, and it catches up when it is back."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crypto.random import random_bytes
from samsnakk import Terms, Text
from samsnakk.demo.world import World
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.replica.archive import opened_archive
from tests.client.conftest import Connect, opened, texts
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE

DEADLINE = 60.0


class NodeProcess:
    """`samsnakk node run`, for real."""

    def __init__(self, folder: Path, words: Path) -> None:
        self._folder = folder
        self._words = words
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        program = str(Path(sys.executable).parent / "samsnakk")
        self.process = subprocess.Popen(
            [program, "node", "run", str(self._folder), "--passphrase-file", str(self._words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert "ready" in json.loads(self.process.stdout.readline())

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Send the signal; the exit code, and what it said on standard error."""
        assert self.process is not None
        os.kill(self.process.pid, how)
        _, said = self.process.communicate(timeout=DEADLINE)
        code, self.process = self.process.returncode, None
        return code, said


@pytest.fixture
def folder(world: World, hub: HubProcess, tmp_path: Path) -> Path:
    house = world.organisation("dps")
    create_node(tmp_path / "node", world.trust, hub.url, {house.id: house.root_seed}, PASSPHRASE, "127.0.0.1:0")
    people = [p for p in world.people if p.organisation == house.id]
    lines = ["person,function,hpr,identity", *(f"{p.id.hex()},x,,{random_bytes(32).hex()}" for p in people)]
    (tmp_path / "node" / f"{house.id.hex()}.staff.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "ord").write_text(PASSPHRASE + "\n", "utf-8")
    (tmp_path / "ord").chmod(0o600)
    return tmp_path / "node"


@pytest.fixture
def node(folder: Path, tmp_path: Path) -> Iterator[NodeProcess]:
    made = NodeProcess(folder, tmp_path / "ord")
    yield made
    if made.process is not None:
        made.end(signal.SIGKILL)


async def copied(node: OpenNode, channel: bytes, version: int) -> bytes:
    """The head of the channel in the copy, once it reaches the version."""
    async with asyncio.timeout(DEADLINE):
        while True:
            async with opened_archive(node) as archive:
                mine = [one for one in archive.shelf.channels.values() if one.channel == channel]
                if mine and mine[0].held >= version:
                    return (await archive.channel(mine[0].channel)).replay.head
            await asyncio.sleep(0.2)


@pytest.mark.soak
async def test_a_node_that_is_killed_stops_nobody_and_catches_up_when_it_is_back(
    node: NodeProcess, folder: Path, connect: Connect, terms: Callable[..., Terms]
) -> None:
    opened_node = open_node(folder, PASSPHRASE)
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Ingrid"))
    hers = await opened(await connect("Ingrid"), channel)
    await asyncio.to_thread(node.start)
    await copied(opened_node, channel.id, channel.version)
    node.end(signal.SIGKILL)

    posted = await hers.post(0, Text("Alt går sin gang."))
    await channel.reached(posted.version)
    assert "Alt går sin gang." in await texts(channel)
    await channel.join(0, terms("Jon"))

    await asyncio.to_thread(node.start)
    assert await copied(opened_node, channel.id, channel.version) == channel.head
    code, said = await asyncio.to_thread(node.end, signal.SIGTERM)
    assert (code, said) == (0, "")
