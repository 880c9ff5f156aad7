"""The node says who audits and who approves; whoever leaves, or has the duty no more, looks no more."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from domain.channel.audits import Duty
from domain.ids import PrincipalId
from samsnakk import Disconnected, Refused
from samsnakk.auditing import Auditing
from samsnakk.cli.arguments import main
from samsnakk.demo.cast import PEOPLE
from samsnakk.demo.world import World
from samsnakk.node.configuration import BadNode
from samsnakk.node.duties import charge, charged
from samsnakk.node.folder import create_node, open_node
from tests.client.audits.conftest import AUDITORS, wanted
from tests.client.conftest import KEY, Connect, make_profile
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE, House, write_register

Desk = Callable[[str], Awaitable[Auditing]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, open_folder: Path) -> World:
    return World.create(open_folder / tmp_path_factory.mktemp("world").name, people=(*PEOPLE, *AUDITORS))


@pytest.fixture
async def desk(world: World, house: House, tmp_path: Path, clients: AsyncExitStack) -> Desk:
    names = ("Kari", "Jon", "Agnes", "Astrid")
    house.register({world.person(name).id: "" for name in names})

    async def desk(name: str) -> Auditing:
        made = make_profile(world, name, tmp_path / f"desk of {name}")
        hub = house.node.issuer.node.configuration.hub
        return await clients.enter_async_context(Auditing(made.unlock(key=KEY), hub))

    return desk


async def charged_by_the_node(house: House, world: World, **duties: str) -> None:
    for duty, name in ((Duty.AUDIT, duties["audit"]), (Duty.APPROVE_AUDIT, duties["approve"])):
        vault = charge(house.node.issuer, house.organisation, duty, [world.person(name).id])
        if vault is not None:
            await house.node.watch.publish(vault)


async def test_who_leaves_the_register_audits_no_more_from_that_round_on(
    house: House, world: World, connect: Connect, desk: Desk
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await charged_by_the_node(house, world, audit="Agnes", approve="Astrid")
    agnes, astrid = await desk("Agnes"), await desk("Astrid")
    file = await agnes.open_case(channel.id, wanted())
    await astrid.approve(file)
    await agnes.headers(file)
    house.register({world.person(name).id: "" for name in ("Kari", "Jon", "Astrid")})
    looked = await house.node.look()
    assert looked.ended == (world.person("Agnes").id,)
    assert charged(house.node.issuer, house.organisation)[Duty.AUDIT] == ()
    with pytest.raises((Refused, Disconnected)):  # hung up on, and not let in again
        await agnes.headers(file)


async def test_the_duty_is_taken_away_at_once_and_given_only_to_who_works_there(
    house: House, world: World, connect: Connect, desk: Desk
) -> None:
    channel = await (await connect("Kari")).open_channel()
    jon, astrid = await desk("Jon"), await desk("Astrid")
    await charged_by_the_node(house, world, audit="Jon", approve="Astrid")
    file = await jon.open_case(channel.id, wanted())
    await astrid.approve(file)
    await jon.headers(file)
    vault = charge(house.node.issuer, house.organisation, Duty.AUDIT, [])
    assert vault is not None
    await house.node.watch.publish(vault)
    with pytest.raises(Refused) as caught:
        await jon.headers(file)
    assert caught.value.code == "not_charged"
    with pytest.raises(BadNode):
        charge(house.node.issuer, house.organisation, Duty.AUDIT, [PrincipalId(world.person("Ingrid").id)])


def test_the_command_shows_and_sets_it(
    world: World, hub: HubProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dps, kari = world.organisation("dps"), world.person("Kari").id
    folder, word = tmp_path / "alone", tmp_path / "pass"
    word.write_text(PASSPHRASE)
    word.chmod(0o600)
    create_node(folder, world.trust, hub.url, {dps.id: dps.root_seed}, PASSPHRASE, "127.0.0.1:0")
    write_register(open_node(folder, PASSPHRASE), dps.id, {kari: ""})
    given = ["node", "duty", str(folder), "--passphrase-file", str(word)]
    assert main(["node", "adopt", str(folder), "--passphrase-file", str(word)]) == 0
    capsys.readouterr()
    assert main([*given, "--approve", kari.hex()]) == 0
    said = capsys.readouterr().out
    assert f"Godkjenner kontroller: {world.person('Kari').name} ({kari.hex()})" in said
    assert main([*given, "--audit", world.person("Ingrid").id.hex()]) == 2
    assert main([*given, "--approve"]) == 0
    assert "Godkjenner kontroller: ingen" in capsys.readouterr().out
