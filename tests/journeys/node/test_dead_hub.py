"""The hub is gone, database and all: the organisation still reads its own history, and opens a case of it."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from samsnakk import Disconnected, Terms, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World
from samsnakk.doors import Doors
from samsnakk.node.replica.status import replica_lines
from samsnakk.node.running import copying
from samsnakk.vault.groups import parse_keys
from tests.client.conftest import Connect
from tests.conftest import HubProcess, stop_database
from tests.journeys.node.conftest import PASSPHRASE, House
from tests.journeys.node.rounds import caught_up

OFFICERS = ("Solveig", "Ante", "Berit", "Ola", "Revisor")
Step = Callable[..., str]


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Step:
    """One command, in the folder of the test; returns what it said."""
    (tmp_path / "ord").write_text(PASSPHRASE + "\n", "utf-8")
    (tmp_path / "ord").chmod(0o600)
    monkeypatch.chdir(tmp_path)

    def step(*arguments: object, answer: str = "", code: int = 0) -> str:
        monkeypatch.setattr(sys, "stdin", StringIO(answer))
        capsys.readouterr()
        returned = main([*map(str, arguments)])
        said = capsys.readouterr()
        assert returned == code, said.out + said.err
        return said.out + said.err

    return step


async def with_officers(house: House, hub: HubProcess, world: World, step: Step) -> None:
    """The vault gets new keys, of officers whose cards lie here."""
    for name in OFFICERS:
        await asyncio.to_thread(step, "vault", "card", name, "--passphrase-file", "ord")
    mine = world.organisation("dps")
    for letter, pair in (("a", OFFICERS[:2]), ("b", OFFICERS[2:4])):
        cards = [f"{name}.offentlig" for name in pair]
        given = ("--organisation", mine.name, "--trust", world.trust_file)
        await asyncio.to_thread(step, "vault", "group", letter, letter, *cards, *given, answer="ja\n")
    step("vault", "keys", "a", "b", "nøkler")
    _, vault, keys = parse_keys(Path("nøkler").read_bytes())
    doors = Doors(hub.url)
    try:
        await doors.publish(vault, world.add_vault_version("dps", keys))
    finally:
        await doors.close()
    await house.node.adopt()  # signed with the root elsewhere, at a ceremony


def destroyed(hub: HubProcess) -> None:
    """The process killed, the database stopped and deleted."""
    hub.kill()
    stop_database(hub.data / "postgres")
    shutil.rmtree(hub.data / "postgres")


def opened_by_officers(step: Step, world: World, of: tuple[object, ...], version: int, head: str) -> str:
    """One message of the channel, asked for out of the node's copy, opened by both groups, read by the auditor."""
    period = ("--start", version, "--until", version, "--number", "2026/17")
    asked = step("vault", "ask", "sak", "--channel", *of, *period, "--auditor", "Revisor.offentlig")
    assert head in asked
    trusted = ("--head", head, "--trust", world.trust_file, "--passphrase-file", "ord")
    group_a = ("--group", "a", "--card", "Ante.kort", *trusted)
    step("vault", "open", "sak", "halv", "--without-audit-case", *group_a, answer="2026/17\n")
    group_b = ("--group", "b", "--card", "Ola.kort", "--half", "halv", *trusted)
    step("vault", "open", "sak", "svar", "--without-audit-case", *group_b, answer="2026/17\n")
    return step("vault", "read", "sak", "svar", "--card", "Revisor.kort", *trusted)


@pytest.mark.slow
async def test_delete_the_hubs_database_and_the_organisation_still_reads_its_own_history(
    house: House, hub: HubProcess, connect: Connect, terms: Callable[..., Terms], world: World, step: Step
) -> None:
    await with_officers(house, hub, world, step)
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    first = await channel.post(0, Text("før saken"))
    second = await channel.post(0, Text("i saken: æøå č"))
    async with copying(house.node):
        await caught_up(house.node, channel)
    destroyed(hub)
    doors = Doors(hub.url)
    with pytest.raises(Disconnected):
        await doors.key_stream(world.person("Kari").id)
    await doors.close()

    node = house.node.issuer.node
    from_node = ("--from-node", node.path, "--passphrase-file", "ord")
    read = await asyncio.to_thread(step, "timeline", channel.id.hex(), *from_node, "--verify")
    assert channel.head.hex() in read
    assert f"{channel.version} hendelser kontrollert" in read
    assert "Jon" in read
    assert "i saken" not in read
    assert "Ingenting mangler" in "\n".join(await replica_lines(node))

    head = (channel.head_at(second.version) or b"").hex()
    shown = await asyncio.to_thread(
        opened_by_officers, step, world, (channel.id.hex(), *from_node), second.version, head
    )
    assert "i saken: æøå č" in shown
    assert "før saken" not in shown
    assert first.version < second.version
