"""People of several organisations and the user talk in one channel, through a real hub."""

import asyncio
from collections.abc import Callable

import pytest

from domain.channel.events import MessagePosted
from domain.ids import MAIN_THREAD, Millis, Version
from protocol.errors import NulInText
from samsnakk import (
    ALL_HISTORY,
    Audience,
    Channel,
    ChannelEvent,
    Question,
    Reason,
    Refused,
    State,
    Terms,
    Text,
    Title,
    Topic,
)
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts

HOSTILE = ["", "čđŋšŧž åæø", "👩🏽‍⚕️🫶", "אבג \u202eabc", "e\u0301 \u200b\u2060", "one\r\ntwo\rthree\n", "x" * 60 * 1024]


async def messages(channel: Channel) -> list[ChannelEvent]:
    return [e async for e in channel.events(follow=False) if isinstance(e.facts, MessagePosted)]


async def test_what_one_writes_the_other_reads(connect: Connect, terms: Callable[..., Terms]) -> None:
    kari, ingrid = await connect("Kari"), await connect("Ingrid")
    channel = await kari.open_channel(title="Elle")
    await channel.join(0, terms("Ingrid"))
    theirs = await opened(ingrid, channel)
    sent = await channel.post(0, Text("Bures, Ingrid! 🌿"))
    await theirs.reached(sent.version)
    assert await texts(theirs) == ["Bures, Ingrid! 🌿"]
    answer = await theirs.post(0, Text("Bures!"))
    await channel.reached(answer.version)
    assert await texts(channel) == ["Bures, Ingrid! 🌿", "Bures!"]
    assert theirs.head == channel.head


async def test_any_text_arrives_byte_for_byte(connect: Connect, terms: Callable[..., Terms]) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    theirs = await opened(jon, channel)
    sent = await asyncio.gather(*(channel.post(0, Text(text)) for text in HOSTILE))
    await theirs.reached(sent[-1].version)
    assert await texts(theirs) == HOSTILE
    with pytest.raises(NulInText):
        await channel.post(0, Text("a\0b"))


async def test_a_newcomer_reads_what_the_inviter_chose(connect: Connect, terms: Callable[..., Terms]) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.post(0, Text("first"))
    second = await channel.post(0, Text("second"))
    await channel.join(0, terms("Ingrid"))
    await channel.join(0, terms("Ola", history=second.version))
    await channel.join(0, terms("Torstein", history=ALL_HISTORY))
    last = await channel.post(0, Text("third"))
    for name, expected in {
        "Ingrid": ["third"],
        "Ola": ["second", "third"],
        "Torstein": ["first", "second", "third"],
    }.items():
        theirs = await opened(await connect(name), channel)
        assert theirs.version == last.version
        assert await texts(theirs) == expected


async def test_history_granted_later_arrives_late(connect: Connect, terms: Callable[..., Terms], world: World) -> None:
    kari, ingrid = await connect("Kari"), await connect("Ingrid")
    channel = await kari.open_channel()
    old = await channel.post(0, Text("before you came"))
    await channel.join(0, terms("Ingrid"))
    theirs = await opened(ingrid, channel)
    given: list[ChannelEvent] = []

    async def follow() -> None:
        async for event in theirs.events():
            given.append(event)
            if event.late and event.version == old.version:
                return

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await channel.grant_history(0, world.person("Ingrid").id)
    states = [(e.state, e.late) for e in given if e.version == old.version]
    assert states == [(State.HIDDEN, False), (State.READABLE, True)]
    assert await texts(theirs) == ["before you came"]


async def test_the_user_arrives_and_reads_everything_said_with_her(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel(title="Elle")
    await channel.join(0, terms("Ingrid"))
    await channel.post(0, Text("we look forward to seeing you"))
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    assert await texts(hers) == ["we look forward to seeing you"]
    sent = await hers.post(0, Text("Hei"))
    await channel.reached(sent.version)
    assert (await texts(channel))[-1] == "Hei"


async def test_the_user_sees_that_a_staff_only_thread_exists_and_why_but_not_what_is_said(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ingrid"))
    await channel.user_arrived(world.person("Elle").id)
    thread = await channel.open_thread(
        Audience.STAFF_ONLY,
        Topic.SAFETY,
        "Trygghetsplan",
        [terms("Ingrid")],
        reason_for_user="Vi snakker om hvordan vi kan være tryggere for deg.",
        review_at=Millis(kari.now() + 86_400_000),
    )
    assert thread.thread == 1
    secret = await channel.post(1, Text("only for staff"))
    hers = await opened(elle, channel)
    seen = {e.version: e for e in await messages(hers)}
    assert [type(e.content) for e in seen.values()] == [Reason]
    assert secret.version not in seen
    assert hers.event(secret.version).state is State.HIDDEN
    assert hers.state.threads[thread.thread].topic is Topic.SAFETY
    ingrids = await opened(await connect("Ingrid"), channel)
    assert {type(e.content) for e in await messages(ingrids)} == {Title, Text, Reason}


async def test_a_removed_member_cannot_read_what_follows(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, ola = await connect("Kari"), await connect("Ola")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ola"))
    theirs = await opened(ola, channel)
    before = await channel.post(0, Text("while you are here"))
    await theirs.reached(before.version)
    await channel.remove(world.person("Ola").id)
    await channel.post(0, Text("after you left"))
    async with asyncio.timeout(20):
        read = [e.content.text async for e in theirs.events() if isinstance(e.content, Text)]
    assert read == ["while you are here"]
    assert theirs.ended == "not_a_participant"


async def test_who_joins_a_thread_later_is_served_it_without_connecting_again(
    connect: Connect, terms: Callable[..., Terms]
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    theirs = await opened(jon, channel)
    thread = (await channel.open_thread(Audience.WITH_USER, Topic.HOUSING, "Bolig")).thread
    assert thread is not None
    await channel.post(thread, Text("before"))
    await channel.join(thread, terms("Jon", history=ALL_HISTORY))
    sent = await channel.post(thread, Text("after"))
    await theirs.reached(sent.version)
    async with asyncio.timeout(20):
        await theirs._held.pulse.wait_for(lambda: not theirs._held.replay.readable_stubs(kari.now()))
    assert await texts(theirs) == ["before", "after"]


async def test_a_question_is_taken_handed_on_and_settled(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, ingrid = await connect("Kari"), await connect("Ingrid")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ingrid"))
    theirs = await opened(ingrid, channel)
    question = await channel.post(0, Question("Who calls the landlord?"), asks=True)
    await channel.take(0, question.version)
    offered = await channel.offer(0, question.version, world.person("Ingrid").id)
    await theirs.reached(offered.version)
    await theirs.accept(0, question.version)
    with pytest.raises(Refused) as refused:
        await theirs.act(MessagePosted(), 3)
    assert refused.value.code == "unknown_thread"
    settled = await theirs.done(0, question.version)
    await channel.reached(settled.version)
    assert channel.state.threads[MAIN_THREAD].questions == {}


async def test_a_retracted_message_is_not_shown_any_more(connect: Connect, terms: Callable[..., Terms]) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    sent = await channel.post(0, Text("oops"))
    retracted = await channel.retract(0, sent.version)
    theirs = await opened(jon, channel)
    assert theirs.version == retracted.version
    assert theirs.event(sent.version).state is State.HIDDEN
    assert channel.event(sent.version).state is State.RETRACTED


async def test_the_last_version_is_what_the_events_end_with(connect: Connect) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel(title="Elle")
    given = [event.version async for event in channel.events(follow=False)]
    assert given == list(range(1, channel.version + 1))
    assert [e.version async for e in channel.events(after=Version(2), follow=False)] == given[2:]
