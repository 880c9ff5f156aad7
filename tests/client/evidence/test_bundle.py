"""Evidence in one file: it holds, also for a program that shares nothing with ours, and every lie in it is found."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from samsnakk import Terms, Text
from samsnakk.demo.world import World
from samsnakk.errors import CannotWriteFile
from samsnakk.evidence.collecting import collect
from samsnakk.evidence.contents import BadBundle
from samsnakk.evidence.writing import write_bundle
from tests.client.conftest import Connect
from tests.client.conftest import opened as opened_channel
from tests.client.evidence.bundles import LATER, Made, written
from tests.client.evidence.lies import BY_RULES, LIES, Files


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
