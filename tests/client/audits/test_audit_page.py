"""docs/audit.md from its first command to its last: what it tells people to type is run, what it promises comes."""

import asyncio
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest

from samsnakk import Client, Terms, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.cast import PEOPLE
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.world import World
from tests.client.audits.conftest import AUDITORS, charged
from tests.client.vault.test_vault_commands import Step, card, groups, signed, step
from tests.conftest import HubProcess
from tests.docs.generate import ROOT

__all__ = ["step"]
PAGE = ROOT / "docs/audit.md"
BLOCK = re.compile(r"^```\n(\$ samsnakk .*?)^```$", re.DOTALL | re.MULTILINE)
HEX_HEAD = re.compile(r"^\s*([0-9a-f]{64})$", re.MULTILINE)


@pytest.fixture
def world(open_folder: Path, tmp_path: Path) -> World:
    return charged(World.create(open_folder / f"page-{tmp_path.name}", people=(*PEOPLE, *AUDITORS)))


@pytest.fixture
def hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    return start_hub(world)


@dataclass
class Typed:
    """One command of the page, what is typed when it asks, and what it answers, line by line."""

    command: str
    typed: str = ""
    answer: list[str] = field(default_factory=list)
    fails: str = ""


def commands() -> Iterator[Typed]:
    for block in BLOCK.findall(PAGE.read_text("utf-8")):
        now: Typed | None = None
        for line in block.splitlines():
            if line.startswith("$ "):
                if now is not None:
                    yield now
                now = Typed(line[2:])
            elif now is not None and line.startswith("> "):
                now.typed += line[2:] + "\n"
            elif now is not None and line.startswith("! "):
                now.fails = line[2:]
            elif now is not None:
                now.answer.append(line)
        if now is not None:
            yield now


def pattern(answer: list[str]) -> str:
    """`…` alone is any number of lines, inside a line anything."""
    lines = ["(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in answer]
    return "".join(lines) + r"\Z"


def talked(world: World, hub: HubProcess) -> tuple[int, int]:
    """Kari and Elle talk, with Jon there; the versions of the two messages."""

    async def talk() -> tuple[int, int]:
        kari, elle = (unlock_profile(world.profile(name).folder) for name in ("Kari", "Elle"))
        async with Client(kari, hub.url) as one, Client(elle, hub.url) as other:
            channel = await one.open_channel()
            jon, dps = world.person("Jon").id, world.organisation("dps").id
            await channel.join(0, Terms(jon, organisation=dps))
            await channel.user_arrived(world.person("Elle").id)
            first = await channel.post(0, Text("Kommer du i morgen?"))
            hers = await other.channel(channel.id)
            await hers.caught_up()
            last = await hers.post(0, Text("Ja, klokka ett."))
            await channel.reached(last.version)
            world.name_channel(channel.id, "elle")
            return first.version, last.version

    return asyncio.run(talk())


@pytest.mark.slow
def test_every_command_of_the_page_answers_what_the_page_says(
    world: World,
    hub: HubProcess,
    step: Step,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    groups(step, world)
    card(step, "Revisor")
    signed(world, hub, step, "nøkler")
    first, last = talked(world, hub)
    (tmp_path / "trust.json").write_bytes(world.trust_file.read_bytes())
    values = {"FIRST": str(first), "LAST": str(last), "TODAY": f"{datetime.now().astimezone():%Y-%m-%d}", "HEAD": ""}
    ran = 0
    for one in commands():
        given = [values.get(word, word) for word in shlex.split(one.command)[1:]]
        given += _where(given, world, hub, tmp_path)
        monkeypatch.setattr(sys, "stdin", StringIO(one.typed))
        capsys.readouterr()
        code = main(given)
        said = capsys.readouterr()
        assert (code != 0) is bool(one.fails), (one.command, said.out, said.err)
        assert said.err.strip() == one.fails, one.command
        assert re.match(pattern(one.answer), said.out), (one.command, said.out)
        if "vault prove" in one.command:
            values["HEAD"] = HEX_HEAD.findall(said.out)[-1]
        ran += 1
    assert ran == PAGE.read_text("utf-8").count("\n$ samsnakk ")


def _where(given: list[str], world: World, hub: HubProcess, tmp_path: Path) -> list[str]:
    """Whose profile, which hub, which passphrase: on the page everybody is at their own machine."""
    more: list[str] = []
    if "--as" in given:
        name = given[given.index("--as") + 1]
        folder = tmp_path / "profiles" / name
        if name in ("Kari", "Elle"):
            folder = world.profile(name).folder
            (folder / "trust.json").write_bytes(world.trust_file.read_bytes())
        more += ["--data", str(world.profile(name, folder).folder), "--url", hub.url]
    if "--card" in given:
        more += ["--trust", str(world.trust_file), "--passphrase-file", "ord"]
    return more
