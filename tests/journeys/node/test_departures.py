"""A colleague leaves, and a node dies, in the middle of a conversation at a real hub."""

from collections.abc import Callable

import pytest

from crypto.kem import KemKey
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId
from protocol.node_requests import Certify, EndPrincipal, RevokeDevice, Rotate
from samsnakk import Disconnected, Refused, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened, texts
from tests.conftest import HubProcess
from tests.journeys.node.conftest import House


async def test_a_departed_colleague_reads_nothing_that_follows_and_the_others_go_on(
    house: House, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, jon, ingrid = await connect("Kari"), await connect("Jon"), await connect("Ingrid")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.join(0, terms("Ingrid"))
    await channel.post(0, Text("Mens Jon er her."))
    hers, his = await opened(ingrid, channel), await opened(jon, channel)
    assert await texts(his) == ["Mens Jon er her."]

    house.register({world.person("Kari").id: ""})  # Jon is removed from the register, and nothing else is done
    looked = await house.node.look()
    assert looked.ended == (world.person("Jon").id,)
    assert looked.faults == ()

    posted = await hers.post(0, Text("Etter at Jon sluttet."))
    await channel.reached(posted.version)
    assert await texts(channel) == ["Mens Jon er her.", "Etter at Jon sluttet."]
    assert await texts(his) == ["Mens Jon er her."]
    epochs = [event.facts async for event in channel.events(follow=False) if event.kind.startswith("epoch-opened")]
    assert world.person("Jon").id not in {entry.principal for entry in epochs[-1].roster}  # type: ignore[union-attr]
    assert world.person("Jon").id in {entry.principal for entry in epochs[-2].roster}  # type: ignore[union-attr]
    assert (await house.node.look()).ended == ()


async def test_a_dead_node_stops_nothing_but_certificates(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    house.url = "http://127.0.0.1:9"  # nobody listens there
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Ingrid"))
    hers = await opened(await connect("Ingrid"), channel)
    await hers.post(0, Text("Alt går sin gang."))
    await channel.reached(hers.version)
    assert await texts(channel) == ["Alt går sin gang."]
    key = SigningKey.from_seed(random_bytes(32))
    with pytest.raises(Disconnected):
        await house.desk(DeviceId(new_id()), key).ask(Certify(key.public, None), ticket="x")


async def test_a_second_device_is_certified_by_login_and_may_do_the_rest_by_itself(house: House, world: World) -> None:
    kari, key = world.person("Kari"), SigningKey.from_seed(random_bytes(32))
    desk = house.desk(DeviceId(new_id()), key)
    got = await desk.ask(Certify(key.public, None), ticket=house.ticket(kari.id))
    assert (got.person, got.published) == (kari.id, True)
    assert got.entries == await house.node.doors.key_stream(kari.id)
    seed = KemKey.from_seed(random_bytes(32))
    await desk.ask(Rotate(2, seed.public))
    lost = SigningKey.from_seed(random_bytes(32))
    lost_desk = house.desk(DeviceId(new_id()), lost)
    await lost_desk.ask(Certify(lost.public, None), ticket=house.ticket(kari.id))
    await desk.ask(RevokeDevice(lost_desk.device))
    state = house.node.issuer.state(kari.id)
    assert state is not None
    assert [version.version for version in state.key_versions] == [1, 2]
    with pytest.raises(Refused, match="device_not_valid"):
        await lost_desk.ask(EndPrincipal())


async def test_a_newcomer_gets_a_stream_of_her_own_and_only_by_her_login(house: House, world: World) -> None:
    new, key = new_id(), SigningKey.from_seed(random_bytes(32))
    kem = KemKey.from_seed(random_bytes(32)).public
    desk = house.desk(DeviceId(new_id()), key)
    people: dict[bytes, str] = {world.person(name).id: "" for name in ("Kari", "Jon")}
    with pytest.raises(Refused, match="not_registered"):
        await desk.ask(Certify(key.public, kem), ticket=house.ticket(new))
    house.register({**people, new: "123456789"})
    for ticket, code in (("", "no_login"), (house.ticket(new), "another_hpr"), (house.ticket(new, "1"), "another_hpr")):
        with pytest.raises(Refused, match=code):
            await desk.ask(Certify(key.public, kem), ticket=ticket)
    with pytest.raises(Refused, match="no_key"):
        await desk.ask(Certify(key.public, None), ticket=house.ticket(new, "123456789"))
    ticket = house.ticket(new, "123456789")
    assert (await desk.ask(Certify(key.public, kem), ticket=ticket)).person == new
    with pytest.raises(Refused, match="no_login"):
        await desk.ask(Certify(key.public, kem), ticket=ticket)  # a ticket is good once


async def test_what_is_signed_while_the_hub_is_away_reaches_it_later(
    house: House, hub: HubProcess, world: World
) -> None:
    kari, key = world.person("Kari").id, SigningKey.from_seed(random_bytes(32))
    hub.stop()
    got = await house.desk(DeviceId(new_id()), key).ask(Certify(key.public, None), ticket=house.ticket(kari))
    assert not got.published
    assert (await house.node.look()).problem != ""
    hub.start()
    assert (await house.node.look()).faults == ()
    assert await house.node.doors.key_stream(kari) == got.entries
