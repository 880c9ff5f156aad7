"""The organisation's node keeps a verified, sealed copy of what the organisation took part in."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.random import random_bytes
from domain.access.events import IntervalOpened, Purpose
from samsnakk import Terms, Text
from samsnakk.cli import node_timeline
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World
from samsnakk.node.folder import create_node, open_node
from samsnakk.node.replica.archive import opened_archive
from samsnakk.node.replica.status import replica_lines
from samsnakk.node.running import copying, opened
from tests.client.conftest import Connect
from tests.client.conftest import opened as opened_in
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE, House
from tests.journeys.node.rounds import DEADLINE, caught_up, rounds_until


async def test_the_node_follows_what_its_organisation_takes_part_in_and_opens_nothing(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("Bures!"))
    async with copying(house.node):
        copy = await caught_up(house.node, channel)
        await channel.post(0, Text("more"))
        await caught_up(house.node, channel)
        held = copy.open[channel.id].held
        assert held.replay.head == channel.head
        assert not held.keys.epochs
        assert not held.keys.messages
    kept = b"".join(path.read_bytes() for path in copy.reader.unlocked.folder.iterdir())
    assert b"Bures!" not in kept
    assert bytes(channel.id) not in kept


async def test_the_user_sees_that_and_why_the_node_fetched(house: House, connect: Connect, world: World) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel()
    await channel.user_arrived(world.person("Elle").id)
    async with copying(house.node):
        copy = await caught_up(house.node, channel)
        hers = await opened_in(elle, channel)
        lines = [line for line in await hers.access_log() if isinstance(line.event, IntervalOpened)]
    mine = [line for line in lines if line.event.reader == copy.reader.vault]  # type: ignore[union-attr]
    assert len(mine) == 1
    event = mine[0].event
    assert isinstance(event, IntervalOpened)
    assert event.purpose is Purpose.ARCHIVE
    assert [(basis.thread, basis.legal_basis) for basis in event.threads] == [(0, "archive")]
    assert mine[0].request is not None
    assert mine[0].request.device == copy.reader.unlocked.identity.device


async def test_a_node_with_little_room_takes_its_channels_in_turn_and_misses_nothing(
    house: House, connect: Connect
) -> None:
    kari = await connect("Kari")
    channels = [await kari.open_channel() for _ in range(5)]
    async with copying(house.node, together=2) as (copy,):
        for channel in channels:
            await caught_up(house.node, channel)
            assert len(copy.open) <= 2
        for channel in channels:
            await channel.post(0, Text("more"))
        for channel in channels:
            await caught_up(house.node, channel)
            assert len(copy.open) <= 2


async def test_a_node_that_was_away_catches_up_with_all_it_missed_also_over_a_hub_that_died(
    house: House, connect: Connect, hub: HubProcess, terms: Callable[..., Terms]
) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    async with copying(house.node):
        await caught_up(house.node, channel)
    await channel.join(0, terms("Jon"))
    await asyncio.gather(*(channel.post(0, Text(f"while the node was away {number}")) for number in range(600)))
    hub.kill()
    hub.start()
    another = await kari.open_channel()
    await channel.caught_up()
    async with copying(house.node) as (copy,):
        await caught_up(house.node, another)
        await caught_up(house.node, channel)
        assert copy.open[channel.id].held.replay.head == channel.head


async def test_the_node_stops_where_its_organisation_has_left(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await (await connect("Ingrid")).open_channel()
    await channel.join(0, terms("Kari"))
    async with copying(house.node) as (copy,):
        await caught_up(house.node, channel)
        await (await opened_in(await connect("Kari"), channel)).leave()
        await rounds_until(house.node, lambda: copy.shelf.of(channel.id).ended)
        after = await channel.post(0, Text("without them"))
        assert copy.shelf.of(channel.id).held < after.version
        assert not (await house.node.look()).in_channels
    assert any("avsluttet" in line for line in await replica_lines(house.node.issuer.node))


async def test_several_small_organisations_in_one_node_each_have_their_own_copy(
    world: World, hub: HubProcess, connect: Connect, tmp_path: Path
) -> None:
    houses = [world.organisation(key) for key in ("dps", "nav")]
    folder = tmp_path / "both"
    create_node(folder, world.trust, hub.url, {one.id: one.root_seed for one in houses}, PASSPHRASE, "127.0.0.1:0")
    node = open_node(folder, PASSPHRASE)
    for house in houses:
        people = [p for p in world.people if p.organisation == house.id]
        lines = ["person,function,hpr,identity", *(f"{p.id.hex()},x,,{random_bytes(32).hex()}" for p in people)]
        node.staff_file(house.id).write_text("\n".join(lines) + "\n", "utf-8")
    channel = await (await connect("Kari")).open_channel()
    async with opened(node) as running:
        await running.adopt()
        async with copying(running) as copies:
            await caught_up(running, channel)
            assert [channel.id in copy.shelf.channels for copy in copies] == [True, False]


async def test_the_copy_is_read_from_disk_and_every_signature_checks_again(
    house: House, connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.post(0, Text("forseglet tekst"))
    async with copying(house.node):
        await caught_up(house.node, channel)
    node = house.node.issuer.node
    async with opened_archive(node) as archive:
        held = await archive.channel(channel.id, verify=True)
        assert (held.version, held.replay.head) == (channel.version, channel.head)
    (node.path / "ord").write_text(PASSPHRASE + "\n", "utf-8")
    (node.path / "ord").chmod(0o600)
    given = ("--from-node", str(node.path), "--passphrase-file", str(node.path / "ord"))
    code = await asyncio.to_thread(main, ["timeline", channel.id.hex(), *given, "--verify"])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "forseglet tekst" not in said
    assert "nøkkelholderne" in said
    assert channel.head.hex() in said
    assert await asyncio.to_thread(main, ["timeline", "00" * 16, *given]) == node_timeline.USAGE
    code = await asyncio.to_thread(main, ["report", channel.id.hex(), *given])
    said = " ".join(capsys.readouterr().out.split())
    assert code == 0, said
    assert f"Etter nr. {channel.version} er hodet {channel.head.hex()}" in said
    assert "Innsynsloggen er ikke med her" in said


async def test_status_says_in_plain_words_how_far_the_copy_is(house: House, connect: Connect) -> None:
    node = house.node.issuer.node
    assert "ingen samtaler" in "\n".join(await replica_lines(node))
    channel = await (await connect("Kari")).open_channel()
    async with copying(house.node):
        copy = await caught_up(house.node, channel)
        # The hub has channels of the tests before.
        await rounds_until(
            house.node, lambda: not any(one.lag and not one.ended for one in copy.shelf.channels.values())
        )
    said = "\n".join(await replica_lines(node))
    assert "Ingenting mangler" in said
    assert "Ingen overføring" in said


async def test_a_node_whose_reading_is_revoked_gets_nothing_more_and_says_why(
    house: House, connect: Connect, world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    async with copying(house.node):
        copy = await caught_up(house.node, channel)
        identity = copy.reader.unlocked.identity
        house.node.issuer.revoke(identity.person, identity.device)
        looked = await house.node.look()
        assert "revoked" in looked.problem
        assert not looked.faults
        async with asyncio.timeout(DEADLINE):
            while copy.connected:  # noqa: ASYNC110 - the hub turns the connection out
                await asyncio.sleep(0.02)
        before = copy.shelf.of(channel.id).held
        await channel.post(0, Text("after the revocation"))
        assert "revoked" in (await house.node.look()).problem
        assert copy.shelf.of(channel.id).held == before
    assert world.organisation("dps").vault.id == identity.person
    assert any(identity.device.hex() in line for line in await replica_lines(house.node.issuer.node))
