"""Lost connections, killed hubs, restarted clients, racing members: nothing is lost, doubled or out of order."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto import cbor
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened, WrapFailed
from domain.ids import Version
from protocol import frames
from protocol.acts import Header, body_hash
from protocol.sealing import PublicKeys, seal_epoch
from samsnakk import Channel, ChannelEvent, Client, Profile, State, Terms, Text, compose
from samsnakk.demo.world import World
from tests.client.conftest import KEY, Connect, opened, texts
from tests.client.relay import relay
from tests.conftest import HubProcess


async def test_a_receipt_lost_on_the_way_does_not_double_the_message(connect: Connect, hub: HubProcess) -> None:
    async with relay(hub.url) as between:
        kari = await connect("Kari", between.url)
        channel = await kari.open_channel()

        def lost(frame: frames.HubFrame) -> list[frames.HubFrame]:
            if isinstance(frame, frames.Receipt):
                between.change = lambda later: [later]
                between.hang_up()
                return []
            return [frame]

        between.change = lost
        sent = await asyncio.gather(*(channel.post(0, Text(str(n))) for n in range(20)))
        await channel.caught_up()
        assert await texts(channel) == [str(n) for n in range(20)]
        assert [channel.event(s.version).content for s in sent] == [Text(str(n)) for n in range(20)]


async def test_what_was_written_without_a_connection_is_sent_after_a_restart(
    connect: Connect, hub: HubProcess, tmp_path: Path
) -> None:
    async with relay(hub.url) as between:
        kari = await connect("Kari", between.url)
        channel = await kari.open_channel()
        between.deaf = True
        between.hang_up()
        await channel._held.pulse.wait_for(lambda: not kari.connected, 20)
        posted = [asyncio.ensure_future(channel.post(0, Text(str(n)))) for n in range(3)]
        sender = channel._parts.sender
        await asyncio.sleep(0)
        await sender.keep_if_offline()
        assert len(await channel._parts.kept.units()) == 3
    # Another process with the same profile, as after a crash: the first client never gets to send.
    async with Client(Profile.open(tmp_path / "Kari").unlock(key=KEY), hub.url) as again:
        mine = await again.channel(channel.id)
        await mine.caught_up()
        await mine._held.pulse.wait_for(lambda: mine.event(mine.version).content == Text("2"), 20)
        assert await texts(mine) == ["0", "1", "2"]
    for post in posted:
        post.cancel()


async def test_a_restarted_client_asks_only_for_what_is_new(
    connect: Connect, hub: HubProcess, tmp_path: Path, terms: Callable[..., Terms]
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    async with relay(hub.url) as between:
        theirs = await opened(jon, channel)
        await channel.post(0, Text("one"))
        last = await channel.post(0, Text("two"))
        await theirs.reached(last.version)
        async with Client(Profile.open(tmp_path / "Jon").unlock(key=KEY), between.url) as again:
            mine = await again.channel(channel.id)
            before = mine.version
            await mine.caught_up()
            assert await texts(mine) == ["one", "two"]
            assert before == last.version
            assert [f.after for f in between.up if isinstance(f, frames.Subscribe)] == [before]


async def test_nothing_readable_lies_on_the_disk(connect: Connect, tmp_path: Path) -> None:
    canary = "kanarifugl-🐤-i-buret"
    kari = await connect("Kari")
    channel = await kari.open_channel(title=canary)
    await channel.post(0, Text(canary))
    await channel.save_draft(0, canary)
    assert await channel.draft(0) == canary
    files = [path for path in (tmp_path / "Kari").iterdir() if path.is_file()]
    assert any(path.name.startswith("local.db") for path in files)
    for path in files:
        for form in (canary.encode(), canary.encode("utf-16-le"), canary[:10].encode()):
            assert form not in path.read_bytes(), path.name
        if not path.name.startswith("trust"):
            assert bytes(channel.id) not in path.read_bytes(), path.name


async def test_killed_hubs_lose_and_double_nothing(
    start_hub: Callable[..., HubProcess], world: World, connect: Connect, terms: Callable[..., Terms]
) -> None:
    hub = start_hub(world)
    kari, jon = await connect("Kari", hub.url), await connect("Jon", hub.url)
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    theirs = await opened(jon, channel)
    posts = [asyncio.ensure_future(channel.post(0, Text(str(n)))) for n in range(60)]
    await posts[10]
    await asyncio.to_thread(hub.kill)
    await asyncio.to_thread(hub.start)
    last = (await asyncio.gather(*posts))[-1]
    await theirs.reached(last.version)
    assert await texts(theirs) == [str(n) for n in range(60)]


async def test_racing_members_all_get_their_messages_recorded(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, jon, ingrid = await connect("Kari"), await connect("Jon"), await connect("Ingrid")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.join(0, terms("Ingrid"))
    jons, ingrids = await opened(jon, channel), await opened(ingrid, channel)

    async def write(mine: Channel, name: str) -> None:
        await asyncio.gather(*(mine.post(0, Text(f"{name} {n}")) for n in range(15)))

    async def come_and_go() -> None:
        for _ in range(3):
            await channel.join(0, terms("Ola"))
            await channel.remove(world.person("Ola").id)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(write(channel, "Kari"))
        tasks.create_task(write(jons, "Jon"))
        tasks.create_task(write(ingrids, "Ingrid"))
        tasks.create_task(come_and_go())
    newest = max(c.version for c in (channel, jons, ingrids))
    for mine in (channel, jons, ingrids):
        await mine.reached(newest)
        read = await texts(mine)
        for name in ("Kari", "Jon", "Ingrid"):
            assert [t for t in read if t.startswith(name)] == [f"{name} {n}" for n in range(15)]


async def test_a_broken_wrap_is_reported_and_mended_by_the_next_author(
    connect: Connect, terms: Callable[..., Terms], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    victim = world.person("Jon").id

    def spoil(header: Header, key: SecretKey, public_keys: PublicKeys) -> tuple[Header, bytes]:
        sealed, body = seal_epoch(header, key, public_keys)
        assert isinstance(sealed.event, EpochOpened)
        wraps = cbor.decode(body, max_size=len(body))
        assert isinstance(wraps, list)
        for number, entry in enumerate(sealed.event.roster):
            if entry.principal == victim:
                wraps[number] = wraps[number][::-1]  # type: ignore[index]
        spoilt = cbor.encode(wraps)
        return replace(sealed, body_hash=body_hash(spoilt), core=b""), spoilt

    with monkeypatch.context() as patched:
        patched.setattr(compose, "seal_epoch", spoil)
        await channel.join(0, terms("Ingrid"))
    between = await channel.post(0, Text("while the wrap was broken"))
    theirs = await opened(jon, channel)
    assert theirs.event(between.version).state is State.ON_ITS_WAY
    await channel._held.pulse.wait_for(lambda: _reported(channel), 20)
    given: list[ChannelEvent] = []
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(_follow(theirs, between.version, given))
        tasks.create_task(channel.post(0, Text("mended")))
    assert given[-1].content == Text("while the wrap was broken")
    assert {event.state for event in given} <= {State.ON_ITS_WAY, State.READABLE}


async def _follow(channel: Channel, version: int, given: list[ChannelEvent]) -> None:
    async for event in channel.events():
        if event.version == version:
            given.append(event)
            if event.state is State.READABLE:
                return


def _reported(channel: Channel) -> bool:
    newest = [channel.event(Version(n)) for n in range(1, channel.version + 1)]
    return any(isinstance(event.facts, WrapFailed) for event in newest)
