"""The arrival as people do it: two commands in two processes, with two profiles, against the real hub."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.ids import Version
from protocol.arrival.errors import BadLink, LinkFault
from samsnakk import Terms, Text
from samsnakk.arrival import qr
from samsnakk.cli import arrival_texts
from samsnakk.cli.places import unlock_folder
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.errors import Refused
from samsnakk.private_files import write_private
from tests.client.conftest import KEY, Connect, opened, texts
from tests.conftest import HubProcess

LINK = "https://samsnakk.example.no/velkommen#" + "A" * 64


async def command(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import sys; from samsnakk.cli import main; sys.exit(main(sys.argv[1:]))", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def line_with(process: asyncio.subprocess.Process, what: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if what in line:
                return line.strip()
    raise AssertionError(what)


async def test_two_commands_bring_the_user_in_and_her_first_message_to_the_team(
    connect: Connect, world: World, hub: HubProcess, tmp_path: Path
) -> None:
    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.post(0, Text("before her"))
    profile, hers = tmp_path / "Kari", tmp_path / "hers"
    write_private(profile / UNLOCK_FILE, KEY)
    inviting = await command(
        *("invite", "user", channel.id.hex(), "--as", "Kari", "--data", str(profile), "--url", hub.url),
        *("--name", "Elle", "--print", str(tmp_path / "ark.html")),
    )
    link = await line_with(inviting, "/velkommen#")
    arriving = await command("arrive", link, "--data", str(hers), "--yes", "--demo", "--message", "hei fra meg")
    assert world.person("Kari").name in await line_with(arriving, "inviterer deg")
    code = (await line_with(arriving, "Sikkerhetskoden din:")).rpartition(": ")[2]
    assert code in await line_with(inviting, "Sikkerhetskode:")
    assert await asyncio.wait_for(arriving.wait(), 60) == await asyncio.wait_for(inviting.wait(), 60) == 0
    await channel.caught_up()
    theirs = await opened(kari, channel)
    async with asyncio.timeout(30):
        await theirs._held.pulse.wait_for(lambda: theirs.state.user is not None)
    async with asyncio.timeout(30):
        while (await texts(theirs))[-1] != "hei fra meg":
            await theirs.reached(Version(theirs.version + 1))
    safety = await command("safety", "kanalen", "--as", "meg", "--data", str(hers), "--compared")
    assert code in await line_with(safety, "Sikkerhetskode:")
    assert await asyncio.wait_for(safety.wait(), 60) == 0
    assert unlock_folder(hers).trust.name_of(unlock_folder(hers).identity.person) == "Elle"
    sheet = (tmp_path / "ark.html").read_text()
    assert "<svg" in sheet
    assert link in sheet


def test_every_way_an_invitation_ends_says_what_to_do() -> None:
    for fault in LinkFault:
        assert len(arrival_texts.told(BadLink(fault))) > 40
    for code in ("unknown_invitation", "invitation_used", "invitation_expired", "invitation_cancelled"):
        assert arrival_texts.told(Refused(code)) == arrival_texts.CODES[code]


def test_the_code_is_drawn_for_terminal_picture_and_paper(tmp_path: Path) -> None:
    drawn = qr.on_terminal(LINK)
    assert max(map(len, drawn.splitlines())) < 400
    assert len(drawn.splitlines()) <= 24
    for name, begin in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype")):
        qr.write_picture(LINK, tmp_path / name, inviter="Kari <b>", name="Elle", end="i morgen")
        data = (tmp_path / name).read_bytes()
        assert data.startswith(begin)
        assert b"<b>" not in data
    assert (tmp_path / "a.png").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match=r"a\.gif"):
        qr.write_picture(LINK, tmp_path / "a.gif", inviter="", name="", end="")


async def test_two_people_undo_a_wrong_arrival_and_each_reads_what_to_do_next(
    connect: Connect, terms: Callable[..., Terms], world: World, hub: HubProcess, tmp_path: Path
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    await channel.user_arrived(world.person("Elle").id)
    await connect("Jon")
    for name in ("Kari", "Jon"):
        write_private(tmp_path / name / UNLOCK_FILE, KEY)

    async def undo(name: str, words: str) -> int:
        where = ("--as", name, "--data", str(tmp_path / name), "--url", hub.url)
        process = await command("invite", "user", channel.id.hex(), *where, "--undo", "wrong-person")
        await line_with(process, words)
        return await asyncio.wait_for(process.wait(), 60)

    assert await undo("Jon", "Nå må en annen ansatt") == 0
    assert await undo("Kari", "Dette var åpent for den personen i tråd 0") == 0
    async with asyncio.timeout(30):
        await channel._held.pulse.wait_for(lambda: channel.state.user is None)


async def test_consents_are_shown_outside_the_conversation(
    connect: Connect, world: World, hub: HubProcess, tmp_path: Path
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.user_arrived(world.person("Elle").id)
    await connect("Elle")
    for name in ("Kari", "Elle"):
        write_private(tmp_path / name / UNLOCK_FILE, KEY)

    async def consent(name: str, words: str, *what: str) -> int:
        where = ("--as", name, "--data", str(tmp_path / name), "--url", hub.url)
        process = await command("consent", channel.id.hex(), *what, *where)
        await line_with(process, words)
        return await asyncio.wait_for(process.wait(), 60)

    assert await consent("Elle", "Du har sagt ja til NAV", "give", "NAV", "30d") == 0
    assert await consent("Kari", "brukeren har sagt ja") == 0
    assert await consent("Elle", "er ute av alle tråder", "withdraw", "NAV") == 0
