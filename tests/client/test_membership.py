"""Roles, terms, files and the access log, through a real hub."""

import asyncio
from collections.abc import Callable

import pytest

from domain.ids import MAIN_THREAD
from samsnakk import ALL_HISTORY, Audience, ChannelEnded, Files, Refused, Standing, Terms, Text, Topic
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts


async def test_a_service_inbox_is_read_by_whoever_is_eligible(connect: Connect, world: World) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    inbox = world.organisation("nordvik").inbox
    organisation = world.organisation("nordvik").id
    await channel.join(0, Terms(inbox.id, Standing.INBOX, organisation, history_from=ALL_HISTORY))
    ingrid = await connect("Ingrid", inbox_of="nordvik")
    theirs = await ingrid.channel(channel.id, role=inbox.id)
    await theirs.caught_up()
    sent = await theirs.post(0, Text("on duty"))
    await channel.reached(sent.version)
    event = channel.event(sent.version)
    assert (event.author, event.role) == (world.person("Ingrid").id, inbox.id)
    assert await texts(channel) == ["on duty"]


async def test_an_expired_member_gets_nothing_more_and_the_next_author_changes_the_key(
    connect: Connect, terms: Callable[..., Terms]
) -> None:
    kari, ola = await connect("Kari"), await connect("Ola")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ola", until=kari.now() + 1500))
    theirs = await opened(ola, channel)
    async with asyncio.timeout(20):
        await theirs._held.pulse.wait_for(lambda: theirs.ended)
    before = channel.state.threads[MAIN_THREAD].epoch
    await channel.post(0, Text("without Ola"))
    after = channel.state.threads[MAIN_THREAD].epoch
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    assert await texts(theirs) == []


async def test_files_travel_sealed_and_come_back_whole(connect: Connect, terms: Callable[..., Terms]) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    picture = bytes(range(256)) * 2500
    told: list[int] = []
    file = await channel.upload(0, picture, "tegning.png", "image/png", progress=lambda done, _: told.append(done))
    sent = await channel.post(0, Files((file,), "min tegning"))
    theirs = await opened(jon, channel)
    content = theirs.event(sent.version).content
    assert isinstance(content, Files)
    assert await theirs.download(0, content.files[0]) == picture
    assert told[-1] == len(picture) + 3 * 16


async def test_the_user_sees_every_line_of_the_access_log(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.user_arrived(world.person("Elle").id)
    await opened(await connect("Jon"), channel)
    hers = await opened(elle, channel)
    lines = await hers.access_log()
    readers = {getattr(line.event, "reader", None) for line in lines}
    assert {world.person(name).id for name in ("Kari", "Jon", "Elle")} <= readers
    own = await channel.access_log()
    assert {getattr(line.event, "reader", None) for line in own} == {world.person("Kari").id, None}


async def test_the_role_of_tillitsperson_is_handed_over_when_receiver_and_user_confirm(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, ingrid, elle = await connect("Kari"), await connect("Ingrid"), await connect("Elle")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ingrid"))
    await channel.user_arrived(world.person("Elle").id)
    theirs, hers = await opened(ingrid, channel), await opened(elle, channel)
    proposed = await channel.propose_handover(world.person("Ingrid").id, ends_access=True)
    await theirs.reached(proposed.version)
    confirmed = await theirs.confirm_handover(proposed.version)
    await hers.reached(confirmed.version)
    await hers.confirm_handover(proposed.version)
    assert hers.state.tillitsperson == world.person("Ingrid").id
    async with asyncio.timeout(20):
        await channel._held.pulse.wait_for(lambda: channel.ended)
    sent = await theirs.post(0, Text("now it is me"))
    await hers.reached(sent.version)
    assert (await texts(hers))[-1] == "now it is me"


async def test_what_needs_two_people_takes_effect_at_the_approval(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle, berit = await connect("Kari"), await connect("Elle"), await connect("Berit")
    channel = await kari.open_channel()
    await channel.post(0, Text("before NAV"))
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    nav = terms("Berit", history=ALL_HISTORY, basis="consent")
    with pytest.raises(Refused) as refused:
        await channel.join(0, nav)
    assert refused.value.code == "needs_approval"
    proposed = await channel.propose(0, nav)
    await hers.reached(proposed.version)
    await hers.approve(proposed.version)
    theirs = await opened(berit, channel)
    assert await texts(theirs) == ["before NAV"]


async def test_files_are_for_those_who_take_part_now(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    """A removed member, a member of another thread only and a stranger get no file, keep or not keep they its key."""
    kari, jon, ola, torstein = [await connect(name) for name in ("Kari", "Jon", "Ola", "Torstein")]
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    apart = await channel.open_thread(Audience.WITH_USER, Topic.HOUSING, "Bolig", (terms("Ola"),))
    assert apart.thread == 1
    file = await channel.upload(0, b"min tegning", "tegning.png")
    await channel.post(0, Files((file,)))
    jons, olas = await opened(jon, channel), await opened(ola, channel)
    assert await jons.download(0, file) == b"min tegning"
    await channel.remove(world.person("Jon").id)
    strangers = await torstein.channel(channel.id)
    for mine in (jons, olas, strangers):
        for thread in (0, 1):
            with pytest.raises((Refused, ChannelEnded)):
                await mine.download(thread, file)
        with pytest.raises((Refused, ChannelEnded)):
            await mine.upload(0, b"fremmed", "fremmed.png")
