"""A whole organisation comes in at once, by its inbox, to the channel or to one thread; and is gone at once."""

from collections.abc import Callable

import pytest

from domain.ids import OrganisationId, Version
from samsnakk import ALL_HISTORY, Audience, Channel, Client, Refused, Terms, Text, Topic
from samsnakk.demo.world import World
from samsnakk.errors import NoSingleInbox
from tests.client.conftest import Connect, opened, texts
from tests.journeys.who_reads.everybody import everybody


async def at_the_inbox(connect: Connect, world: World, name: str, house: str, channel: Channel) -> Channel:
    """As somebody on duty there reads: with the inbox's keys, under their own name."""
    client: Client = await connect(name, inbox_of=house)
    mine = await client.channel(channel.id, role=world.organisation(house).inbox.id)
    await mine.caught_up()
    return mine


async def test_an_organisation_comes_in_at_once_and_all_on_duty_there_read_and_answer(
    connect: Connect, world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.post(0, Text("før dere kom"))
    nordvik = world.organisation("nordvik")
    await channel.join_organisation(0, nordvik.id, history_from=ALL_HISTORY)
    theirs = await at_the_inbox(connect, world, "Ingrid", "nordvik", channel)
    sent = await theirs.post(0, Text("hei fra Nordvik"))
    await channel.reached(sent.version)
    event = channel.event(sent.version)
    assert (event.author, event.role, event.organisation) == (
        world.person("Ingrid").id,
        nordvik.inbox.id,
        nordvik.id,
    )
    both = ["før dere kom", "hei fra Nordvik"]
    assert await texts(theirs) == both
    # Nobody of the organisation stands there as a person: whoever is eligible has the inbox's keys, and nobody else.
    assert everybody(channel, world) == {
        "Kari": both,
        "inbox nordvik": both,
        "vault nordvik": ["hei fra Nordvik"],  # its archive begins where it came in
        "vault dps": both,
    }
    await channel.remove(nordvik.inbox.id)
    await channel.post(0, Text("uten dere"))
    after = everybody(channel, world)
    assert (after["inbox nordvik"], after["vault nordvik"]) == (both, ["hei fra Nordvik"])
    assert after["Kari"] == [*both, "uten dere"]


async def test_an_organisation_comes_into_one_thread_alone_with_the_users_word(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), channel)
    await channel.join(0, terms("Jon"))
    nav = world.organisation("nav")
    await channel.post(0, Text("i fellestråden"))
    apart = await channel.open_thread(Audience.WITH_USER, Topic.WORK_AND_INCOME, "Arbeid")
    assert apart.thread is not None
    with pytest.raises(Refused, match="needs_approval"):
        await channel.join_organisation(apart.thread, nav.id, "consent")
    await hers.reached(Version(apart.version))
    given = await hers.consent(nav.id, "NAV kan være med om arbeid.", [apart.thread])
    await channel.reached(given.version)
    await channel.join_organisation(apart.thread, nav.id, "consent")
    sent = await channel.post(apart.thread, Text("om arbeid"))
    await hers.reached(sent.version)
    theirs = await at_the_inbox(connect, world, "Berit", "nav", channel)
    assert await texts(theirs) == ["om arbeid"]
    both, main, aside = ["i fellestråden", "om arbeid"], ["i fellestråden"], ["om arbeid"]
    assert everybody(hers, world) == {
        "Kari": both,
        "Elle": both,
        "Jon": main,
        "inbox nav": aside,
        "vault nav": aside,
        "vault dps": both,
    }


async def test_an_organisation_without_an_inbox_does_not_come_in_by_chance(connect: Connect) -> None:
    channel = await (await connect("Kari")).open_channel()
    with pytest.raises(NoSingleInbox):
        await channel.join_organisation(0, OrganisationId(bytes(16)))
