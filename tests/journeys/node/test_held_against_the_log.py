"""The node holds its copies and its ledger against the log that it has recomputed itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from domain.ids import ChannelId, Version
from protocol.global_log import read_checkpoint
from protocol.log_evidence import decode_evidence
from protocol.log_judging import Finding, judge
from protocol.witnesses import log_key
from samsnakk import Channel, Terms, Text
from samsnakk.node.faults import ChannelFault
from samsnakk.node.running import copying, machine_now
from samsnakk.node.watching import SUBSTITUTED, Fault
from samsnakk.node.witness.holding import LoggedCopy
from tests.client.conftest import Connect
from tests.journeys.node.conftest import House
from tests.journeys.node.rounds import caught_up, rounds_until


async def compared(house: House, channel: Channel) -> LoggedCopy:
    """Rounds until the log has shown everything that the node has copied of the channel. Nothing may be wrong."""
    await caught_up(house.node, channel)
    (logged,) = house.node.logged

    def holds() -> bool:
        watch = logged.watches.get(channel.id)
        return watch is not None and watch.logged is not None and watch.logged.n >= channel.version

    assert not await rounds_until(house.node, holds)
    return logged


async def said(connect: Connect, terms: Callable[..., Terms]) -> Channel:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    await channel.post(0, Text("Bures!"))
    return channel


async def test_everything_that_the_node_has_copied_and_issued_is_in_the_log(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node):
        await compared(house, channel)
        assert house.node.logged_keys is not None
        shown = [watch.logged for watch in house.node.logged_keys.watches.values()]
        assert shown
        assert all(shown)
        assert not house.node.logged_keys.told
        read_checkpoint(house.node.checked_log(), log_key(house.world.trust))


async def test_a_channel_is_compared_again_after_a_restart_also_while_it_lies_on_disk_only(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node):
        await compared(house, channel)
    async with copying(house.node) as (copy,):
        (logged,) = house.node.logged
        assert channel.id in logged.names
        await rounds_until(house.node, lambda: channel.id in logged.watches)
        assert copy.shelf.of(channel.id).fault == ""


async def test_a_channel_that_the_hub_keeps_from_the_nodes_list_is_followed_because_it_is_in_the_log(
    house: House, connect: Connect, terms: Callable[..., Terms], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node) as (copy,):
        logged = await compared(house, channel)
        await channel.post(0, Text("mer"))
        at_most = copy.shelf.of(channel.id).held
        await copy.shelf.keep(replace(copy.shelf.of(channel.id), wanted=at_most))
        entry = LogEntry(logged.names[channel.id], channel.version + 5, Digest(bytes(32)))
        monkeypatch.setattr(logged.witness, "newest", _instead(logged, channel.id, entry))
        assert not await logged.look(machine_now())
        assert copy.shelf.of(channel.id).wanted == Version(entry.n)


def _instead(logged: LoggedCopy, channel: ChannelId, entry: LogEntry) -> Callable[[Digest], LogEntry | None]:
    """The log says this of one channel, and the truth of all others."""
    true = logged.witness.newest
    return lambda name: entry if name == logged.names[channel] else true(name)


async def test_another_record_in_the_log_than_the_hub_gave_the_node_is_caught_once(
    house: House, connect: Connect, terms: Callable[..., Terms], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node) as (copy,):
        logged = await compared(house, channel)
        logged.watches.clear()
        entry = LogEntry(logged.names[channel.id], 2, Digest(bytes(32)))
        monkeypatch.setattr(logged.witness, "newest", _instead(logged, channel.id, entry))
        found = await logged.look(machine_now())
        assert found == [ChannelFault(house.organisation, channel.id, "logged_otherwise")]
        assert copy.shelf.of(channel.id).fault == "logged_otherwise"
        assert not await logged.look(machine_now())
        (file,) = logged.evidence.folder.glob("logged_otherwise-*.cbor")
        evidence = decode_evidence(file.read_bytes())
        assert judge(evidence, log_key(house.world.trust)) in (Finding.SEEN_OTHERWISE, Finding.NO_CONTRADICTION)
        assert "annet" in next(logged.evidence.folder.glob("logged_otherwise-*.txt")).read_text("utf-8")


async def test_a_record_that_the_log_leaves_out_is_caught_by_the_node(
    house: House, connect: Connect, terms: Callable[..., Terms], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node):
        logged = await compared(house, channel)
        watch = logged.watches[channel.id]
        assert watch.logged is not None
        watch.patience = 0.0
        monkeypatch.setattr(logged.witness, "newest", _instead(logged, channel.id, watch.logged))
        await channel.post(0, Text("dette kommer ikke i loggen"))
        assert not await rounds_until(house.node, lambda: watch.late_at is not None)
        await channel.post(0, Text("og loggen går videre uten"))
        (fault,) = await rounds_until(house.node, lambda: logged.copy.shelf.of(channel.id).fault) or (None,)
        assert fault == ChannelFault(house.organisation, channel.id, "log_omits")


async def test_a_statement_in_the_log_that_the_node_never_made_is_caught(
    house: House, connect: Connect, terms: Callable[..., Terms], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await said(connect, terms)
    async with copying(house.node):
        await compared(house, channel)
        keys = house.node.logged_keys
        assert keys is not None
        victim, watch = next((who, watch) for who, watch in keys.watches.items() if watch.logged is not None)
        assert watch.logged is not None
        keys.watches.clear()
        true, forged = keys.witness.newest, LogEntry(watch.logged.name, watch.logged.n, Digest(bytes(32)))
        monkeypatch.setattr(keys.witness, "newest", lambda name: forged if name == forged.name else true(name))
        assert keys.look(machine_now()) == [Fault(victim, SUBSTITUTED)]
        assert not keys.look(machine_now())
