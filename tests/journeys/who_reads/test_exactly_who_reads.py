"""After each thing that may happen exactly the right people read exactly the right things, and nobody else could.

Said twice, of everybody: what their own programs show them, and what would open with all keys of theirs and all that
the hub has. A lost phone, a replaced root and a changed on-call have their journeys elsewhere and ask the same there.
"""

import asyncio
from collections.abc import Callable

import pytest

from samsnakk import Channel, Standing, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts
from tests.journeys.node.conftest import House
from tests.journeys.who_reads.everybody import could_read, everybody, keys_of

BEFORE, AFTER = "Dette leser alle.", "Dette leser de som er igjen."
BOTH = [BEFORE, AFTER]
Shown = dict[str, list[str]]


async def is_out(channel: Channel) -> None:
    """The hub serves this reader no more: told in the channel, or because the device is let in no more."""
    connection = channel._parts.connection
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.ended or connection.failure)


async def shown(*channels: tuple[str, Channel]) -> Shown:
    return {name: await texts(channel) for name, channel in channels}


async def told_after(writer: Channel, *readers: Channel) -> None:
    """The message after it all is written, and has reached those who read on."""
    sent = await writer.post(0, Text(AFTER))
    for reader in readers:
        await reader.reached(sent.version)


async def test_who_a_departed_colleague_leaves_behind_reads_on_and_the_colleague_does_not(
    house: House, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    await channel.join(0, terms("Ingrid"))
    await channel.user_arrived(world.person("Elle").id)
    his, hers = await opened(await connect("Jon"), channel), await opened(await connect("Elle"), channel)
    ingrids = await opened(await connect("Ingrid"), channel)
    await told_first(channel, his, hers, ingrids)
    house.register({world.person("Kari").id: ""})
    assert (await house.node.look()).ended == (world.person("Jon").id,)
    await is_out(his)
    await told_after(ingrids, channel, hers)
    assert await shown(("Kari", channel), ("Jon", his), ("Elle", hers), ("Ingrid", ingrids)) == {
        "Kari": BOTH,
        "Jon": [BEFORE],
        "Elle": BOTH,
        "Ingrid": BOTH,
    }
    assert everybody(hers, world) == {
        "Kari": BOTH,
        "Jon": [BEFORE],
        "Elle": BOTH,
        "Ingrid": BOTH,
        "vault dps": BOTH,
        "vault nordvik": BOTH,
    }


async def told_first(writer: Channel, *readers: Channel) -> None:
    sent = await writer.post(0, Text(BEFORE))
    for reader in readers:
        await reader.reached(sent.version)
        assert (await texts(reader))[-1] == BEFORE


async def test_a_withdrawn_consent_takes_reading_from_the_whole_organisation_and_from_nobody_else(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), channel)
    nav = world.organisation("nav")
    given = await hers.consent(nav.id, "NAV kan være med.")
    await channel.reached(given.version)
    await channel.join(0, terms("Berit", basis="consent"))
    await channel.join(0, Terms(nav.inbox.id, Standing.INBOX, nav.id, legal_basis="consent"))
    berits = await opened(await connect("Berit"), channel)
    await told_first(channel, hers, berits)
    withdrawn = await hers.withdraw_consent(nav.id)
    await channel.reached(withdrawn.version)
    await is_out(berits)
    await told_after(channel, hers)
    assert await shown(("Kari", channel), ("Elle", hers), ("Berit", berits)) == {
        "Kari": BOTH,
        "Elle": BOTH,
        "Berit": [BEFORE],
    }
    assert everybody(hers, world) == {
        "Kari": BOTH,
        "Elle": BOTH,
        "Berit": [BEFORE],
        "inbox nav": [BEFORE],
        "vault nav": [BEFORE],
        "vault dps": BOTH,
    }


async def test_a_membership_that_expires_takes_reading_from_who_it_was_for_and_from_the_vault_that_came_along(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), channel)
    await channel.join(0, terms("Ola", until=kari.now() + 6000))
    his = await opened(await connect("Ola"), channel)
    await told_first(channel, hers, his)
    await is_out(his)
    await told_after(hers, channel)
    assert await shown(("Kari", channel), ("Elle", hers), ("Ola", his)) == {"Kari": BOTH, "Elle": BOTH, "Ola": [BEFORE]}
    house = next(o for o in world.organisations if o.id == world.person("Ola").organisation)
    assert everybody(hers, world) == {
        "Kari": BOTH,
        "Elle": BOTH,
        "Ola": [BEFORE],
        f"vault {house.key}": [BEFORE],
        "vault dps": BOTH,
    }


async def test_the_opening_finds_what_it_looks_for(connect: Connect, terms: Callable[..., Terms], world: World) -> None:
    """What the tests above rest on: whoever is granted history opens it, and a stranger's keys open nothing."""
    channel = await (await connect("Kari")).open_channel()
    await channel.post(0, Text(BEFORE))
    await channel.join(0, terms("Ola", history=0))
    await channel.join(0, terms("Torstein"))
    await channel.post(0, Text(AFTER))
    found = everybody(channel, world)
    assert (found["Ola"], found["Torstein"], found["Kari"]) == (BOTH, [AFTER], BOTH)
    torstein = world.person("Torstein")
    assert could_read(channel, world.person("Kari").id, keys_of(torstein.holder)) == []
    with pytest.raises(KeyError):
        found["Berit"]
