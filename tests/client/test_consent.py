"""Consent through a real hub: in at the user's word, out at once when she takes it back, out by time alone."""

import asyncio
from collections.abc import Callable

import pytest

from domain.channel.roster import roster
from domain.ids import MAIN_THREAD, Millis, OrganisationId, PrincipalId, ThreadNo
from samsnakk import ALL_HISTORY, Audience, Channel, ChannelEnded, Refused, Terms, Text, Topic
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts
from tests.journeys.who_reads.everybody import everybody


async def company(connect: Connect, terms: Callable[..., Terms], world: World) -> tuple[Channel, Channel, Channel]:
    """Kari's channel about Elle, who has let NAV in; Berit of NAV is there. As Kari, Elle and Berit have it."""
    kari, elle, berit = await connect("Kari"), await connect("Elle"), await connect("Berit")
    channel = await kari.open_channel()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    consented = await hers.consent(nav_of(world), "NAV kan være med om arbeid.")
    await channel.reached(consented.version)
    await channel.join(0, terms("Berit", basis="consent"))
    return channel, hers, await opened(berit, channel)


def nav_of(world: World) -> OrganisationId:
    organisation = world.person("Berit").organisation
    assert organisation is not None
    return organisation


async def is_out(channel: Channel) -> None:
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.ended)


async def test_a_colleague_with_an_unsent_message_is_told_and_the_others_write_on(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel, hers, theirs = await company(connect, terms, world)
    await theirs.post(0, Text("from NAV"))
    await theirs.save_draft(0, "half a sentence")
    await theirs.typing(0)
    withdrawn = await hers.withdraw_consent(nav_of(world))
    with pytest.raises((ChannelEnded, Refused)):
        await theirs.post(0, Text("too late"))
    await is_out(theirs)
    assert await theirs.draft(0) == "half a sentence"
    await channel.reached(withdrawn.version)
    sent = await channel.post(0, Text("without NAV"))
    await hers.reached(sent.version)
    assert await texts(hers) == await texts(channel) == ["from NAV", "without NAV"]
    assert "without NAV" not in await texts(theirs)
    assert "too late" not in await texts(hers)


async def test_withdrawing_leaves_neither_people_nor_the_vault_and_brings_the_new_key_along(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel, hers, _ = await company(connect, terms, world)
    vault = next(o.vault for o in world.trust.organisations if o.id == nav_of(world))
    before = hers.state.threads[MAIN_THREAD].epoch
    assert before is not None
    assert PrincipalId(vault) in {entry.principal for entry in before.roster}
    await hers.withdraw_consent(nav_of(world))
    after = hers.state.threads[MAIN_THREAD].epoch
    assert after is not None
    assert after.number == before.number + 1
    assert {entry.principal for entry in before.roster} - {entry.principal for entry in after.roster} == {
        PrincipalId(vault),
        world.person("Berit").id,
    }
    assert not any(line.people or line.stands for line in hers.consents())
    with pytest.raises(Refused) as refused:
        await channel.join(0, terms("Berit", basis="treatment"))
    assert refused.value.code == "needs_approval"


async def test_withdrawing_reaches_a_thread_that_was_opened_meanwhile(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    _, hers, theirs = await company(connect, terms, world)
    aside = await theirs.open_thread(Audience.WITH_USER, Topic.WORK_AND_INCOME, "Arbeid")
    assert aside.thread is not None
    await hers.withdraw_consent(nav_of(world))
    await is_out(theirs)
    thread = hers.state.threads[ThreadNo(aside.thread)]
    here = {entry.principal for entry in roster(hers.state, thread, hers.state.recorded_at)}
    assert here == {world.person("Elle").id}
    await hers.post(aside.thread, Text("alone here"))


async def test_a_consent_that_runs_out_ends_delivery_without_anybody_clicking(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle, berit = await connect("Kari"), await connect("Elle"), await connect("Berit")
    channel = await kari.open_channel()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    until = Millis(elle.now() + 6000)
    given = await hers.consent(nav_of(world), "en kort stund", until=until)
    await channel.reached(given.version)
    await channel.join(0, terms("Berit", basis="consent"))
    theirs = await opened(berit, channel)
    await is_out(theirs)
    sent = await channel.post(0, Text("after the consent"))
    await hers.reached(sent.version)
    assert await texts(theirs) == []
    assert await texts(hers) == ["after the consent"]
    assert {line.withdrawn for line in hers.consents()} == {False}


async def test_no_more_history_is_opened_than_the_user_agreed_to(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel()
    await channel.post(0, Text("before"))
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    given = await hers.consent(nav_of(world), "bare fra nå av")
    await channel.reached(given.version)
    with pytest.raises(Refused) as refused:
        await channel.join(0, terms("Berit", basis="consent", history=ALL_HISTORY))
    assert refused.value.code == "outside_consent"


async def test_whom_the_user_blocks_is_out_of_every_thread_with_her(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel, hers, theirs = await company(connect, terms, world)
    await hers.block(world.person("Berit").id)
    await is_out(theirs)
    sent = await hers.post(0, Text("peace"))
    await channel.reached(sent.version)
    assert (await texts(channel))[-1] == "peace"
    assert everybody(hers, world) == {"Kari": ["peace"], "Elle": ["peace"], "vault dps": ["peace"]}


async def test_a_wrong_participant_is_out_and_what_it_could_read_is_listed(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    joined = await channel.join(0, terms("Jon"))
    theirs = await opened(jon, channel)
    sent = await channel.post(0, Text("not for Jon"))
    clinic = world.person("Kari").organisation
    assert clinic is not None
    done = await channel.wrong_participant(0, world.person("Jon").id, clinic)
    await is_out(theirs)
    (readable,) = channel.was_readable(world.person("Jon").id)
    (span,) = readable.ranges
    assert span.start == joined.version
    assert span.until is not None
    assert sent.version <= span.until < done.version
    await channel.post(0, Text("without him"))
    both = ["not for Jon", "without him"]
    assert everybody(channel, world) == {"Kari": both, "vault dps": both, "Jon": both[:1]}
    await channel.close_deviation(0, done.version)
    assert not channel.state.threads[MAIN_THREAD].deviations
