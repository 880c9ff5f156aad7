"""A hub that lies in a channel is caught by the organisation's node, with evidence that stays."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.key_statements import SignedStatement
from crypto.signing import Signature
from domain.ids import Millis, PrincipalId
from protocol import frames, records
from protocol.acts import Seen, parse_header
from protocol.records import Record, Stub
from samsnakk import Channel, Terms, Text
from samsnakk.connection import socket_url
from samsnakk.demo.world import World
from samsnakk.entered import PATIENCE
from samsnakk.node.faults import ROLLED_BACK, UNENTERED, ChannelFault, text_of
from samsnakk.node.replica.copying import Copying
from samsnakk.node.running import Node, copying, machine_now
from tests.client.conftest import Connect
from tests.client.relay import Relay, relay
from tests.conftest import HubProcess, stop_database
from tests.journeys.node.conftest import House
from tests.journeys.node.rounds import caught_up, rounds_until
from tests.service.hub.raw_client import Author


@asynccontextmanager
async def behind(house: House, between: Relay) -> AsyncIterator[Copying]:
    """The node's copy, its connection led through a relay that can lie."""
    async with copying(house.node) as (copy,):
        copy._connection._url = socket_url(between.url)
        yield copy


async def first_fault(node: Node, copy: Copying, channel: Channel) -> ChannelFault:
    found: list[ChannelFault] = []
    found += await rounds_until(node, lambda: copy.shelf.of(channel.id).fault)
    (fault,) = found
    assert fault.channel == channel.id
    return fault


def evidence_of(house: House, fault: ChannelFault) -> list[str]:
    """The names of the evidence files; the text beside them is the one for people."""
    folder = house.node.issuer.node.path / "evidence"
    text = folder / f"{fault.code}-{fault.channel.hex()[:8]}.txt"
    assert text_of(fault.code) in text.read_text("utf-8")
    return sorted(path.name for path in folder.glob("*.cbor"))


async def test_a_member_that_nobody_let_in_is_caught(
    house: House, hub: HubProcess, connect: Connect, world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    async with relay(hub.url) as between, behind(house, between) as copy:
        await caught_up(house.node, channel)
        held = copy.open[channel.id].held
        # A colleague from elsewhere brings herself in, and the hub plays along.
        stranger = Author(world, world.person("Ingrid"), channel.id)
        seen = Seen(held.version, held.replay.head)
        act = stranger.act(0, stranger.joined(world.person("Ingrid")), membership=1, epoch=1, seen=seen)
        record = Record(act, type(held.version)(held.version + 1), machine_now(), bytes(32))
        header, kind = parse_header(act.header)
        stub = Stub(record.version, header.thread, kind.kind_class, record.recorded_at, record.inner())
        head = records.next_head(held.replay.head, records.leaf(stub))
        item = [record.blind, record.encoded(), None]
        (client,) = between.open
        await client.send(frames.encode(frames.Events(channel.id, records.CHANNEL, [item], head, live=True)))
        fault = await first_fault(house.node, copy, channel)
        assert fault.code == "unauthorised_record"
        assert "ingen har sluppet inn" in text_of(fault.code)
        assert len(evidence_of(house, fault)) == 1
        kept = copy.shelf.of(channel.id).held
        await channel.post(0, Text("more"))
        await house.node.look()
        assert copy.shelf.of(channel.id).held == kept == held.version


async def test_a_changed_record_is_caught(house: House, hub: HubProcess, connect: Connect) -> None:
    channel = await (await connect("Kari")).open_channel()

    def changed(frame: frames.HubFrame) -> list[frames.HubFrame]:
        if not isinstance(frame, frames.Events) or not frame.items:
            return [frame]
        items: list[list[Any]] = [[i[0], i[1], i[2] and i[2][:-1] + bytes((i[2][-1] ^ 1,))] for i in frame.items]
        return [frames.Events(frame.channel, frame.stream, items, frame.head, frame.live)]

    async with relay(hub.url) as between, behind(house, between) as copy:
        await caught_up(house.node, channel)
        between.change = changed
        await channel.post(0, Text("changed on its way"))
        fault = await first_fault(house.node, copy, channel)
        assert fault.code == "forged_record"
        assert evidence_of(house, fault)


async def test_a_revocation_that_is_taken_in_but_never_entered_is_caught_and_an_honest_hub_is_not_blamed(
    house: House, hub: HubProcess, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    node = house.node
    async with relay(hub.url) as between, behind(house, between) as copy:
        await caught_up(node, channel)
        held, vault = copy.open[channel.id].held, copy.reader.vault
        # That the node reads from now on is entered too, and must not be what is missing below.
        certified = len(node.issuer.ledger.entries(vault))
        assert not await rounds_until(node, lambda: held.replay.channel.key_streams.get(vault) == certified)
        between.change = lambda frame: [] if isinstance(frame, frames.Events) else [frame]
        node.issuer.end(world.person("Jon").id)
        assert not (await node.look()).faults  # the hub serves the revocation to whoever asks for the stream
        assert not await rounds_until(node, lambda: node.entering._since)
        # Counted from when the node noticed, however slow the machine was since.
        (at,) = node.entering._since.values()
        assert node.entering.look(copy, Millis(at + PATIENCE - 1)) == []
        (fault,) = node.entering.look(copy, Millis(at + PATIENCE))
        assert (fault.code, fault.channel) == (UNENTERED, channel.id)
        assert evidence_of(house, fault)
        assert node.entering.look(copy, Millis(at + 2 * PATIENCE)) == []  # told once
        # What was held back arrives, and nothing is missing any more.
        between.change = lambda frame: [frame]
        between.hang_up()
        jon = world.person("Jon").id
        stated = len(node.issuer.ledger.entries(jon))
        assert not await rounds_until(node, lambda: held.replay.channel.key_streams[jon] == stated)
        assert node.entering.look(copy, Millis(at + 3 * PATIENCE)) == []
        assert not node.entering._since


async def test_a_swapped_key_is_caught(
    house: House,
    connect: Connect,
    terms: Callable[..., Terms],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = await (await connect("Kari")).open_channel()
    ingrid = world.person("Ingrid").id
    async with copying(house.node) as (copy,):
        await caught_up(house.node, channel)
        monkeypatch.delitem(copy.directory._known, ingrid)  # this node does not know her yet
        honest = copy._doors.key_stream

        async def swapped(principal: PrincipalId) -> tuple[SignedStatement, ...]:
            entries = await honest(principal)
            if principal != ingrid:
                return entries
            return tuple(replace(e, signature=Signature(bytes(64))) for e in entries)

        monkeypatch.setattr(copy._doors, "key_stream", swapped)
        await channel.join(0, terms("Ingrid"))
        fault = await first_fault(house.node, copy, channel)
        assert fault.code == "substituted_key"
        assert evidence_of(house, fault)


def copied(data: Path, saved: Path) -> None:
    """The database runs as somebody else, whose the files must stay."""
    subprocess.run(["cp", "-a", data, saved], check=True)


@pytest.mark.slow
async def test_a_hub_that_goes_back_and_one_that_goes_on_otherwise_are_caught(
    house: House, hub: HubProcess, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await (await connect("Kari")).open_channel()
    other = await (await connect("Kari")).open_channel()
    await other.join(0, terms("Ingrid"))
    data, saved = hub.data / "postgres", hub.data / "saved"
    hub.stop()
    stop_database(data)
    copied(data, saved)
    hub.start()
    await other.caught_up()
    await channel.caught_up()
    await asyncio.gather(*(channel.post(0, Text("only the node and Kari have it")) for _ in range(50)))
    await other.post(0, Text("only the node and Kari have it"))
    async with copying(house.node) as (copy,):
        await caught_up(house.node, channel)
        await caught_up(house.node, other)
        hub.stop()
        stop_database(data)
        shutil.rmtree(data)
        saved.rename(data)
        hub.start()
        hers = await (await connect("Ingrid")).channel(other.id)
        await hers.caught_up()
        for number in range(3):
            await hers.post(0, Text(f"another history {number}"))
        found: list[ChannelFault] = []
        found += await rounds_until(
            house.node, lambda: copy.shelf.of(channel.id).fault and copy.shelf.of(other.id).fault
        )
        codes = {(fault.channel, fault.code) for fault in found}
        assert (channel.id, "forked_history") in codes
        assert {code for where, code in codes if where == other.id} <= {"forked_history", "chain_broken"}
        assert (bytes(16), ROLLED_BACK) in codes
        assert copy.shelf.of(channel.id).held == channel.version
