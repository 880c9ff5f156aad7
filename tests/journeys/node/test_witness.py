"""The organisations' nodes cosign the hub's log, and a stranger can see that enough of them did."""

import asyncio
import sqlite3
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from crypto.errors import NoQuorum
from crypto.log_policies import Witnessed, fewest, verify_quorum
from crypto.notes import cosignature_line, parse_note
from domain.ids import PrincipalId
from protocol.directory import Directory
from protocol.witnesses import standing_policy, standing_witnesses, witness_name
from samsnakk import Text
from samsnakk.demo.world import World
from samsnakk.doors import Doors
from samsnakk.node.faults import LOG_FORKED, LOG_SHRUNK
from samsnakk.node.folder import WITNESS, create_node, open_node
from samsnakk.node.running import Node, copying, machine_now, opened
from tests.client.conftest import Connect
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE, House

DEADLINE = 60.0


async def witnessed(world: World, hub: HubProcess) -> Witnessed:
    """What a stranger sees who has the trust file and asks the hub for everything else. Raises `NoQuorum`."""
    directory, doors = Directory(world.trust), Doors(hub.url)
    try:
        for pin in world.trust.organisations:
            vault = PrincipalId(pin.vault)
            directory.add(vault, await doors.key_stream(vault))
    finally:
        await doors.close()
    at = machine_now()
    status, data = await asyncio.to_thread(hub.get, "/log/cosigned")
    if status == 404:
        raise NoQuorum
    policy = standing_policy(world.trust, standing_witnesses(world.trust, directory, at))
    return verify_quorum(parse_note(data.decode()), policy, at // 1000)


async def until_witnessed(world: World, hub: HubProcess, nodes: list[Node], size: int) -> Witnessed:
    """Rounds of these nodes until enough have cosigned so many leaves. Nothing may be wrong with the log."""
    async with asyncio.timeout(DEADLINE):
        while True:
            for node in nodes:
                found = await node.look()
                assert found.in_log is None, found
            try:
                seen = await witnessed(world, hub)
            except NoQuorum:
                continue
            if seen.checkpoint.size >= size:
                return seen


async def nodes_of(
    stack: AsyncExitStack, world: World, hub: HubProcess, folder: Path, *groups: tuple[str, ...]
) -> list[Node]:
    """A node at work for each group of organisations."""
    found: list[Node] = []
    for keys in groups:
        houses = [world.organisation(key) for key in keys]
        place = folder / "-".join(keys)
        if not place.exists():
            roots = {one.id: one.root_seed for one in houses}
            create_node(place, world.trust, hub.url, roots, PASSPHRASE, "127.0.0.1:0")
        node = await stack.enter_async_context(opened(open_node(place, PASSPHRASE)))
        for one in houses:
            people = [p.id for p in world.people if p.organisation == one.id]
            rows = "".join(f"{p.hex()},psykolog,,{node.issuer.node.identity('op', p.hex())}\n" for p in people)
            node.issuer.node.staff_file(one.id).write_text("person,function,hpr,identity\n" + rows, encoding="utf-8")
        await node.adopt()
        await stack.enter_async_context(copying(node))
        found.append(node)
    return found


async def test_more_than_two_thirds_of_the_organisations_cosign_what_was_said_and_fewer_are_too_few(
    world: World, hub: HubProcess, connect: Connect, tmp_path: Path
) -> None:
    keys = [one.key for one in world.organisations]
    enough = fewest(len(keys))
    async with AsyncExitStack() as stack:
        nodes = await nodes_of(stack, world, hub, tmp_path, (keys[0],), tuple(keys[1 : enough - 1]))
        channel = await (await connect("Kari")).open_channel()
        await channel.post(0, Text("Bures!"))
        for _ in range(3):
            for node in nodes:
                assert (await node.look()).in_log is None
        with pytest.raises(NoQuorum):
            await witnessed(world, hub)
        last = await nodes_of(stack, world, hub, tmp_path, (keys[enough - 1],))
        seen = await until_witnessed(world, hub, [*nodes, *last], 1)
        assert len(seen.times) == enough
        await channel.post(0, Text("mer"))
        assert (await until_witnessed(world, hub, [*nodes, *last], seen.checkpoint.size + 1)).times
    assert parse_note(hub.get("/log/candidate")[1].decode()).text.endswith("\n")


async def test_a_hub_that_was_killed_still_shows_what_was_cosigned(
    world: World, hub: HubProcess, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        keys = [one.key for one in world.organisations]
        nodes = await nodes_of(stack, world, hub, tmp_path, tuple(keys[: fewest(len(keys))]))
        seen = await until_witnessed(world, hub, nodes, 1)
        hub.kill()
        hub.start()
        again = await witnessed(world, hub)
        assert again.checkpoint.size >= seen.checkpoint.size


async def test_a_client_sees_that_enough_have_cosigned_the_log_that_it_reads(
    world: World, hub: HubProcess, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samsnakk.log.following.AGAIN", 0.1)
    async with AsyncExitStack() as stack:
        keys = [one.key for one in world.organisations]
        nodes = await nodes_of(stack, world, hub, tmp_path, tuple(keys[: fewest(len(keys))]))
        kari = await connect("Kari")
        channel = await kari.open_channel()
        await channel.post(0, Text("Bures!"))
        await until_witnessed(world, hub, nodes, 1)
        await kari.log.cosigned.look(machine_now() // 1000)
        await kari.log.pulse.wait_for(lambda: kari.log.cosigned.newest.note or kari.log.broken, DEADLINE)
        assert kari.log.broken is None
        assert len(kari.log.cosigned.times) >= fewest(len(keys))
        assert not kari.log.cosigned.few


def hand_in(hub: HubProcess, note: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(hub.url + "/log/cosignatures", data=note, method="POST")  # noqa: S310 - our own hub
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own hub
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


async def test_the_hub_takes_cosignatures_of_certified_nodes_for_its_own_checkpoint_only(
    house: House, hub: HubProcess
) -> None:
    async with copying(house.node) as (copy,):
        await house.node.look()
        note = parse_note(hub.get("/log/candidate")[1].decode())
        key, name = copy.reader.unlocked.signing_key, witness_name(house.organisation)
        seconds = machine_now() // 1000
        good = note.text + "\n" + cosignature_line(note.text, name, key, seconds)
        ahead = note.text + "\n" + cosignature_line(note.text, name, key, seconds + 3600)
        other = note.text.replace("\n", "\nx", 1)
        assert hand_in(hub, good.encode())[0] == 204
        for bad, status in (
            (b"", 400),
            (b"\xff", 400),
            (note.text.encode(), 400),
            (ahead.encode(), 403),
            (good.replace(name, witness_name(bytes(16))).encode(), 403),
            (good.replace(note.text.split("\n")[2], note.text.split("\n")[3][6:]).encode(), 404),
            (other.encode() + b"\n" + good.split("\n\n")[1].encode(), 400),
            (good.encode() + b"x" * 70_000, 413),
        ):
            assert hand_in(hub, bad)[0] == status, bad[:80]
        raw = bytearray(good.encode())
        raw[-20] ^= 1
        assert hand_in(hub, bytes(raw))[0] in {400, 403}


async def test_a_node_gives_the_alarm_where_the_hub_was_laid_back_or_shows_it_another_log(
    house: House, connect: Connect
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.post(0, Text("Bures!"))
    folder = house.node.issuer.node.path
    async with copying(house.node):
        while house.node.witness is None or house.node.witness.seen.size == 0:
            assert (await house.node.look()).in_log is None
        seen = house.node.witness.seen
        with sqlite3.connect(folder / WITNESS) as book:
            book.execute("UPDATE seen SET size = size + 1000000")
        found = await house.node.look()
        assert found.in_log is not None
        assert found.in_log.code == LOG_SHRUNK
        with sqlite3.connect(folder / WITNESS) as book:
            # What it has seen is another log now than the one the hub shows, and goes on with.
            book.execute("UPDATE seen SET size = ?, text = ?", [seen.size, seen.text.replace("heads ", "heads A")])
            book.execute("UPDATE heads SET head = zeroblob(32)")
    assert {path.name.split("-")[0] for path in (folder / "evidence").iterdir()} == {LOG_SHRUNK}
    async with copying(house.node):
        found = await house.node.look()
        assert found.in_log is not None
        assert found.in_log.code == LOG_FORKED
