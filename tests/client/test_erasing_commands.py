"""Erasing as people do it: `samsnakk erase`, and what the conversation shows afterwards."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.text import Text as Line

from domain.channel.erasing import CONFIRM_WITHIN
from domain.channel.erasure_bases import ERASURE_BASES
from domain.ids import Millis, Version
from samsnakk import Channel, Terms, Text
from samsnakk.cli import erasure_texts as t
from samsnakk.cli import main
from samsnakk.cli.erase import status_lines
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import Transcript
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.erasing import ProposalStanding
from samsnakk.private_files import write_private
from tests.client.conftest import KEY, Connect, opened
from tests.client.test_arrival_commands import command
from tests.conftest import HubProcess


async def said(hub: HubProcess, folder: Path, channel: Channel, name: str, *words: str) -> tuple[int, str]:
    """Exit code and everything that `samsnakk erase` said to this person."""
    place = ("--as", name, "--data", str(folder / name), "--url", hub.url)
    process = await command("erase", channel.id.hex(), *words, *place)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode() + err.decode()


async def test_one_command_proposes_another_approves_and_a_third_shows_which_copies_have_confirmed(
    connect: Connect, terms: Callable[..., Terms], world: World, hub: HubProcess, tmp_path: Path
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    theirs = await opened(jon, channel)
    sent = await channel.post(0, Text("skrevet om feil person"))
    for name in ("Kari", "Jon"):
        write_private(tmp_path / name / UNLOCK_FILE, KEY)
    number, more = str(sent.version), ("--ground", "feil-person", "--why", "Dette gjelder en annen.")
    assert (await said(hub, tmp_path, channel, "Kari"))[1].strip() == t.NOTHING
    code, told = await said(hub, tmp_path, channel, "Kari", "propose", number, *more)
    (one,) = await _proposals(channel)
    assert (code, told) == (0, t.PROPOSED.format(ref=one.ref, channel=channel.id.hex()) + "\n")
    code, told = await said(hub, tmp_path, channel, "Kari", "approve", str(one.ref))
    assert code == 1
    assert "to forskjellige personer" in told
    assert (await said(hub, tmp_path, channel, "Jon", "approve", str(one.ref)))[0] == 0
    await theirs.reached(Version(one.ref + 1))
    names = Names(world.trust, channel.me, BOKMAL)
    lines = [line async for line in status_lines(theirs, names, Millis(0))]
    assert "Fjellheim DPS vedtok" in lines[0]
    assert f"å slette #{number}" in lines[0]
    assert t.NO_NODE.format(organisation="Fjellheim DPS") in lines
    assert t.DEVICES in lines
    late = Millis(theirs.erasures().decisions[0].decision.at + CONFIRM_WITHIN)
    assert [line async for line in status_lines(theirs, names, late)][-1].startswith("  ADVARSEL")
    shown = "".join(line.plain for line in _shown(theirs, names, sent.version))
    assert "Slettet etter vedtak i Fjellheim DPS" in shown
    assert f"Foreslått av {world.person('Kari').name}" in " ".join(shown.split()) or "Foreslått av du" in shown
    assert "skrevet om feil person, helsepersonelloven § 44" in " ".join(shown.split())


async def _proposals(channel: Channel) -> tuple[ProposalStanding, ...]:
    async with asyncio.timeout(30):
        await channel._held.pulse.wait_for(lambda: channel.erasures().proposals)
    return channel.erasures().proposals


def _shown(channel: Channel, names: Names, version: Version) -> list[Line]:
    return Transcript(names, Threads(BOKMAL), 80).render(channel.event(version))


@pytest.mark.parametrize(
    "words",
    [["propose"], ["propose", "1"], ["approve"], ["approve", "1", "2"], ["wish"], ["status", "3"]],
    ids=" ".join,
)
def test_what_is_left_out_is_said_before_anything_happens(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", "elle", *words, "--as", "Kari"]) == 2
    assert capsys.readouterr().err.startswith("samsnakk erase: ")


def test_every_ground_has_words_and_a_name_to_type() -> None:
    assert set(t.GROUNDS) == set(t.GROUND_WORDS.values()) == set(ERASURE_BASES)
    assert set(t.REASONS) == set(t.REASON_WORDS.values())
