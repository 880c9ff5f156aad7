"""A vault's key officers at work with the real commands and a real hub: founding, a case, an officer who leaves."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from samsnakk import Channel, Client, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.world import World
from samsnakk.doors import Doors
from samsnakk.vault.groups import parse_keys
from tests.conftest import HubProcess

HOUSE = "dps"
OFFICERS = ("Solveig", "Ante", "Berit", "Ola")
Step = Callable[..., "Done"]


@pytest.fixture
def world(open_folder: Path, tmp_path: Path) -> World:
    """A world of its own: its vault gets new keys."""
    return World.create(open_folder / f"world-{tmp_path.name}")


@pytest.fixture
def hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    return start_hub(world)


@dataclass
class Done:
    """What a step said."""

    stdout: str
    stderr: str


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Step:
    """One step of `samsnakk vault`, in the folder of the test, as whoever holds the passphrase file."""
    (tmp_path / "ord").write_text("fire korte ord til prøve\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    def step(*arguments: object, answer: str = "", code: int = 0) -> Done:
        monkeypatch.setattr(sys, "stdin", StringIO(answer))
        capsys.readouterr()
        returned = main(["vault", *map(str, arguments)])
        said = capsys.readouterr()
        assert returned == code, said.out + said.err
        return Done(said.out, said.err)

    return step


def card(step: Step, name: str) -> None:
    step("card", name, "--passphrase-file", "ord")


def groups(step: Step, world: World) -> None:
    """Both groups of the vault, and the key file for the root."""
    for name in OFFICERS:
        card(step, name)
    house = world.organisation(HOUSE)
    for letter, (first, second) in (("a", OFFICERS[:2]), ("b", OFFICERS[2:])):
        cards = (f"{first}.offentlig", f"{second}.offentlig")
        step("group", letter, letter, *cards, "--organisation", house.name, "--trust", world.trust_file, answer="ja\n")


def signed(world: World, hub: HubProcess, step: Step, name: str) -> None:
    """The organisation's root signs the groups' newest keys, and the hub is told."""
    step("keys", "a", "b", name)
    _, vault, keys = parse_keys(Path(name).read_bytes())

    async def publish() -> None:
        doors = Doors(hub.url)
        await doors.publish(vault, world.add_vault_version(HOUSE, keys))
        await doors.close()

    asyncio.run(publish())


def written(
    world: World, hub: HubProcess, texts: Sequence[str], channel: Channel | None = None
) -> tuple[Channel, list[int]]:
    """Kari writes under the vault's newest key; returns the channel and the versions of her messages."""
    vault = world.organisation(HOUSE).vault.id

    async def work() -> tuple[Channel, list[int]]:
        unlocked = unlock_profile(world.profile("Kari", world.folder / "profiles" / "asking").folder)
        async with Client(unlocked, hub.url) as client:
            mine = await client.open_channel() if channel is None else await client.channel(channel.id)
            await mine.caught_up()
            known = len(world.entries(vault))
            await mine._held.pulse.wait_for(lambda: mine.state.key_streams.get(vault) == known or None)
            return mine, [(await mine.post(0, Text(text))).version for text in texts]

    return asyncio.run(work())


class Case:
    """The files of one case, and what every step of it names."""

    def __init__(self, step: Step, world: World, hub: HubProcess, channel: Channel, name: str) -> None:
        self.step, self.name = step, name
        folder = world.folder / "profiles" / "asking"
        self.ask = ("--channel", channel.id.hex(), "--as", "Kari", "--data", folder, "--url", hub.url)
        self.with_trust = ("--trust", world.trust_file, "--passphrase-file", "ord")
        self.head = ""

    def asked(self, start: int, until: int) -> str:
        period = ("--start", start, "--until", until, "--number", "2026/17", "--auditor", "Revisor.offentlig")
        said = self.step("ask", f"{self.name}.sak", *self.ask, *period).stdout
        self.head = next(line.strip() for line in said.splitlines() if len(line.strip()) == 64)
        return said

    def opens(self, group: str, who: str, out: str, *more: str, code: int = 0, answer: str = "2026/17\n") -> str:
        allowed = () if "--proof" in more else ("--without-audit-case",)
        given = ("--group", group, "--card", f"{who}.kort", "--head", self.head, *allowed, *more, *self.with_trust)
        done = self.step("open", f"{self.name}.sak", out, *given, answer=answer, code=code)
        return done.stdout + done.stderr

    def read(self, release: str, card: str = "Revisor.kort", code: int = 0) -> str:
        given = ("--card", card, "--head", self.head, *self.with_trust)
        done = self.step("read", f"{self.name}.sak", release, *given, code=code)
        return done.stdout + done.stderr


@pytest.mark.slow
def test_two_officers_open_one_case_and_one_of_them_opens_nothing(world: World, hub: HubProcess, step: Step) -> None:
    groups(step, world)
    card(step, "Revisor")
    signed(world, hub, step, "nøkler")
    channel, versions = written(world, hub, ["før saken", "i saken: æøå č", "etter saken"])
    case = Case(step, world, hub, channel, "sak")
    assert "1 meldinger" in case.asked(versions[1], versions[1])

    assert "Stoppet" in case.opens("a", "Ante", "halv", answer="nei\n", code=2)
    assert "åpner seg ikke" in case.opens("a", "Berit", "halv", code=1)
    assert "gruppe B" in case.opens("a", "Ante", "halv")
    assert "--half" in case.opens("b", "Berit", "svar", code=2)
    assert "åpner seg ikke" in case.opens("b", "Ante", "svar", "--half", "halv", code=1)
    assert "Saken er åpnet" in case.opens("b", "Berit", "svar", "--half", "halv")
    assert "åpner seg ikke" in case.read("svar", card="Ante.kort", code=1)
    read = case.read("svar")
    assert "i saken: æøå č" in read
    assert "før saken" not in read
    assert "etter saken" not in read
    case.head = "00" * 32
    assert "Kontrollsummen stemmer ikke" in case.opens("a", "Ante", "halv2", code=1)


@pytest.mark.slow
def test_an_officer_who_left_opens_nothing_that_follows_and_the_one_who_came_opens_what_was_before(
    world: World, hub: HubProcess, step: Step
) -> None:
    groups(step, world)
    card(step, "Revisor")
    card(step, "Ny")
    signed(world, hub, step, "nøkler")
    channel, (first,) = written(world, hub, ["mens Ante var der"])
    step("change", "a", "--card", "Solveig.kort", "--remove", "Ante", "--add", "Ny.offentlig", *_by(), answer="ja\n")
    signed(world, hub, step, "nøkler2")
    _, (second,) = written(world, hub, ["etter at Ante sluttet"], channel)

    before = Case(step, world, hub, channel, "før")
    before.asked(first, first)
    before.opens("a", "Ny", "før.halv")
    before.opens("b", "Ola", "før.svar", "--half", "før.halv")
    assert "mens Ante var der" in before.read("før.svar")

    after = Case(step, world, hub, channel, "etter")
    after.asked(second, second)
    assert "åpner seg ikke" in after.opens("a", "Ante", "etter.halv", code=1)
    assert "åpner seg ikke" in after.opens("a.forrige", "Ante", "etter.halv", code=1)
    after.opens("a", "Ny", "etter.halv")
    after.opens("b", "Ola", "etter.svar", "--half", "etter.halv")
    assert "etter at Ante sluttet" in after.read("etter.svar")


def _by() -> tuple[str, str]:
    return "--passphrase-file", "ord"


def test_what_officers_do_wrong_is_told_plainly_and_overwrites_nothing(step: Step, world: World) -> None:
    groups(step, world)
    assert "finnes fra før" in step("card", "Ante", *_by(), code=2).stderr
    house = world.organisation(HOUSE).name
    found = ("--organisation", house, "--trust", world.trust_file)
    assert "finnes fra før" in step("group", "a", "a", "Ante.offentlig", *found, answer="ja\n", code=2).stderr
    assert "Stoppet" in step("group", "a", "ny", "Ante.offentlig", *found, answer="\n", code=2).stderr
    unknown = ("--organisation", "Ingen", "--trust", world.trust_file)
    assert house in step("group", "a", "ny", "Ante.offentlig", *unknown, code=2).stderr
    step("group", "b", "samme", "Ante.offentlig", *found, answer="ja\n")
    assert "both groups" in step("keys", "a", "samme", "nøkler", code=1).stderr
    assert (
        "Ingen i gruppen heter Per"
        in step("change", "a", "--card", "Ante.kort", "--remove", "Per", *_by(), code=2).stderr
    )
    assert "no card" in step("group", "a", "ny", "ord", *found, answer="ja\n", code=1).stderr
