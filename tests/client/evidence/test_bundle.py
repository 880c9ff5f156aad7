"""Evidence in one file: it holds, also for a program that shares nothing with ours, and every lie in it is found."""

import asyncio
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto.log_policies import fewest
from domain.ids import Millis
from protocol.trust import decode_trust, encode_trust
from samsnakk import Channel, Client, Terms, Text
from samsnakk.demo.world import World
from samsnakk.errors import CannotWriteFile
from samsnakk.evidence.collecting import Collected, collect
from samsnakk.evidence.contents import BadBundle
from samsnakk.evidence.verifying import Findings, verify_bundle
from samsnakk.evidence.writing import write_bundle
from samsnakk.evidence.zipped import opened
from samsnakk.node.running import Node
from tests.client.conftest import Connect
from tests.client.conftest import opened as opened_channel
from tests.client.evidence.lies import BY_RULES, LIES, Files
from tests.conftest import HubProcess
from tests.journeys.node.test_witness import nodes_of

STANDALONE = Path(__file__).resolve().parents[3] / "client/samsnakk/evidence/standalone/verify.py"
LATER = Millis(4102444800000)


@dataclass
class Made:
    """A bundle of a conversation, and the files that are kept elsewhere."""

    path: Path
    trust: Path
    channel: Channel
    client: Client
    collected: Collected

    def verified(self, path: Path | None = None) -> Findings:
        with opened(path or self.path) as bundle:
            return verify_bundle(bundle, decode_trust(self.trust.read_bytes()), LATER, None, lambda _done, _all: None)

    def alone(self, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The verdict of the program that is handed on with it, run where nothing of ours can be imported."""
        return subprocess.run(
            [sys.executable, "-I", str(STANDALONE), str(path or self.path), str(self.trust)],
            cwd=self.path.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def forged(self, change: Callable[[Files], None]) -> Path:
        """The same bundle after `change`, with all sums right again: a forger can count too."""
        with zipfile.ZipFile(self.path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        change(files)
        about = json.loads(files["bundle.json"])
        for name in about["files"]:
            about["files"][name] = {
                "bytes": len(files[name]),
                "sha256": hashlib.sha256(files[name]).hexdigest(),
            }
        files["bundle.json"] = (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode()
        path = self.path.with_name("forged.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path


@pytest.fixture
async def made(world: World, connect: Connect, terms: Callable[..., Terms], tmp_path: Path) -> Made:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("God morgen!"))
    theirs = await opened_channel(jon, channel)
    await theirs.post(0, Text("Bures bures"))
    await channel.reached(theirs.version)
    collected = await collect(kari, channel, patience=0.0)
    return written(world, kari, channel, collected, tmp_path)


def written(world: World, client: Client, channel: Channel, collected: Collected, folder: Path) -> Made:
    path, trust = folder / "bevis.zip", folder / "tillit.json"
    trust.write_bytes(encode_trust(world.trust))
    write_bundle(path, collected, (channel.me, client.me), world.trust, client.now(), "<!doctype html>")
    return Made(path, trust, channel, client, collected)


async def test_it_holds_for_our_verifier_and_for_one_that_shares_nothing_with_it(made: Made) -> None:
    found = made.verified()
    assert found.read.history.version == made.channel.version
    assert found.read.channel_head == made.channel.head
    assert not found.enough  # no organisation's node is running here, and it says so
    assert found.renamed == ()
    alone = made.alone()
    assert alone.returncode == 0, alone.stderr
    assert found.name in alone.stdout
    assert f"{made.channel.version} hendelser" in alone.stdout


async def test_no_message_can_be_read_in_it_and_only_its_owner_may_open_it(made: Made) -> None:
    whole = made.path.read_bytes()
    assert b"God morgen" not in whole
    assert b"Bures bures" not in whole
    assert made.path.stat().st_mode & 0o077 == 0
    before = made.verified().name
    with pytest.raises(CannotWriteFile):
        write_bundle(made.path, made.collected, (made.channel.me, made.client.me), made.client.trust, LATER, "")
    assert made.verified().name == before


def refused(made: Made, path: Path) -> bool:
    try:
        made.verified(path)
    except BadBundle:
        return True
    return False


def nothing(_files: Files) -> None:
    """The forger's packing alone."""


async def test_every_lie_is_found_by_both_verifiers(made: Made) -> None:
    path = made.forged(nothing)
    assert not refused(made, path)
    assert made.alone(path).returncode == 0
    for lie in LIES:
        path = made.forged(lie)
        assert refused(made, path), lie.__name__
        assert made.alone(path).returncode != 0, lie.__name__
    for lie in BY_RULES:
        assert refused(made, made.forged(lie)), lie.__name__


async def test_another_trust_file_or_a_damaged_cut_or_strange_file_is_refused(made: Made) -> None:
    whole, trusted = made.path.read_bytes(), made.trust.read_bytes()
    trust = json.loads(trusted)
    trust["hub"]["public_key"] = trust["organisations"][0]["root"]
    made.trust.write_text(json.dumps(trust))
    assert refused(made, made.path)
    assert made.alone().returncode != 0
    made.trust.write_bytes(trusted)
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:middle] + b"?" + whole[middle + 1 :], b"", b"PK"):
        made.path.write_bytes(damaged)
        assert refused(made, made.path)
    made.path.write_bytes(whole)
    with zipfile.ZipFile(made.path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../elsewhere", b"0" * 10**6)
    assert refused(made, made.path)
    assert refused(made, made.path.with_name("nowhere"))


async def test_enough_nodes_stand_behind_what_is_exported(
    world: World, hub: HubProcess, connect: Connect, tmp_path: Path
) -> None:
    keys = [one.key for one in world.organisations]
    async with AsyncExitStack() as stack:
        nodes = await nodes_of(stack, world, hub, tmp_path / "nodes", tuple(keys[: fewest(len(keys))]))
        made = await made_of(world, await connect("Kari"), tmp_path, nodes)
        found = made.verified()
        assert found.enough
        assert len(found.cosigned) == fewest(len(keys))
        assert made.collected.witnessed


async def made_of(world: World, client: Client, folder: Path, nodes: list[Node]) -> Made:
    """A bundle made while nodes go round."""
    channel = await client.open_channel()
    await channel.post(0, Text("Buorre beaivi"))

    async def going_round() -> None:
        while True:
            for node in nodes:
                await node.look()

    async with asyncio.TaskGroup() as tasks:
        rounds = tasks.create_task(going_round())
        collected = await collect(client, channel)
        rounds.cancel()
    return written(world, client, channel, collected, folder)
