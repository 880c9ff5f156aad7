"""What an organisation has kept for long enough is computed, shown and proposed, and erased by two people only."""

from pathlib import Path

import pytest

from domain.channel.erasure_bases import RETENTION_OVER
from domain.channel.legal_bases import OrganisationKind
from domain.channel.retention import RETENTION, Since
from domain.ids import Millis
from samsnakk import Summary, Text
from samsnakk.cli import keeping_texts as t
from samsnakk.cli import main
from samsnakk.cli.people import Names
from samsnakk.cli.retention import due_lines
from samsnakk.cli.texts import BOKMAL
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.private_files import write_private
from samsnakk.retention import BadPlan, NotDue, kept_in, propose_due, read_plan
from tests.client.conftest import KEY
from tests.client.test_arrival_commands import command
from tests.client.test_erasing import Room, room
from tests.conftest import HubProcess

__all__ = ["room"]
GP = OrganisationKind.GENERAL_PRACTICE
LATER = Millis(4_000_000_000_000)
"""In the year 2096."""
PLAN = """
version = 1
source = "Bevarings- og kassasjonsplan 2026"
valid_from = 2026-01-01
years = {years}
since = "{since}"
archive_first = false
"""


def plan(folder: Path, text: str) -> Path:
    file = folder / "plan.toml"
    file.write_text(text, "utf-8")
    return file


def test_an_own_plan_may_keep_longer_and_says_where_it_comes_from(tmp_path: Path) -> None:
    rule = read_plan(plan(tmp_path, PLAN.format(years=15, since="last_entry")), RETENTION[GP])
    assert (rule.years, rule.since, rule.source) == (15, Since.LAST_ENTRY, "Bevarings- og kassasjonsplan 2026")
    assert rule.valid(LATER)
    assert not rule.valid(Millis(1_700_000_000_000))
    nav = read_plan(plan(tmp_path, PLAN.format(years=5, since="closed")), RETENTION[OrganisationKind.NAV])
    assert (nav.years, nav.archive_first) == (5, True)


@pytest.mark.parametrize(
    "text",
    [
        PLAN.format(years=9, since="last_entry"),
        PLAN.format(years=15, since="closed"),
        PLAN.format(years=0, since="last_entry"),
        PLAN.format(years=15, since="christmas"),
        PLAN.format(years=15, since="last_entry") + "more = 1\n",
        PLAN.format(years=15, since="last_entry").replace("version = 1", "version = 2"),
        "no toml at all",
        "",
    ],
)
def test_a_plan_that_is_shorter_than_the_law_or_no_plan_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadPlan):
        read_plan(plan(tmp_path, text), RETENTION[GP])


async def test_nothing_is_due_while_the_channel_is_in_use_and_then_two_people_erase_what_is(
    room: Room, world: World
) -> None:
    organisation = world.person("Kari").organisation
    assert organisation is not None
    first, theirs = await room.kari.post(0, Text("en")), await room.ola.post(0, Text("to"))
    await room.kari.reached(theirs.version)
    kept = kept_in(room.kari, organisation, GP, None)
    assert [version for _, versions in kept.messages for version in versions] == [first.version]
    assert (kept.due_at, kept.due(LATER)) == (None, False)
    with pytest.raises(NotDue):
        await propose_due(room.kari, kept, LATER)
    await room.kari.close("ended", Summary("ferdig", "ring oss"))
    kept = kept_in(room.kari, organisation, GP, None)
    assert kept.due_at is not None
    assert not kept.due(Millis(kept.due_at - 1))
    sent = await propose_due(room.kari, kept, kept.due_at)
    assert len(sent) == 1
    (one,) = room.kari.erasures().proposals
    assert one.proposal.legal_basis == RETENTION_OVER
    assert theirs.version not in one.proposal.targets
    with pytest.raises(NotDue):
        await propose_due(room.kari, kept_in(room.kari, organisation, GP, None), LATER)
    await room.jon.reached(one.ref)
    assert room.jon.event(first.version).content == Text("en")
    await room.jon.approve_erasure(one.ref)
    assert room.jon.event(first.version).content is None


async def test_it_is_said_in_plain_words_what_is_kept_and_until_when(room: Room, world: World) -> None:
    organisation = world.person("Kari").organisation
    assert organisation is not None
    await room.kari.post(0, Text("en"))
    names = Names(world.trust, room.kari.me, BOKMAL)

    def told(kind: OrganisationKind | None, now: int = 0) -> str:
        return "\n".join(due_lines(kept_in(room.kari, organisation, kind, None), names, Millis(now), "elle"))

    assert "har 1 meldinger her" in told(GP)
    assert "Kanalen er i bruk" in told(GP)
    assert "og brukeren er død" in told(OrganisationKind.SPECIALIST_HEALTH)
    assert "virksomhetens egen plan" in told(OrganisationKind.NAV)
    assert t.NO_KIND in told(None)
    await room.kari.close("ended", Summary("ferdig", "ring oss"))
    assert "Ingenting kan foreslås slettet før det" in told(GP)
    assert "2 meldinger kan foreslås slettet" in told(GP, LATER)


async def test_what_an_archive_must_get_is_exported_and_checked_before_anything_is_proposed(
    room: Room, hub: HubProcess, tmp_path: Path, world: World
) -> None:
    await room.kari.post(0, Text("en"))
    write_private(tmp_path / "Kari" / UNLOCK_FILE, KEY)
    place = ("--as", "Kari", "--data", str(tmp_path / "Kari"), "--url", hub.url)
    file = tmp_path / "elle.samsnakk"
    export = ("archive", "export", room.kari.id.hex(), *place, "--out", str(file), "--purpose", "coordination")
    for code in (0, 2):  # a file is never written over
        process = await command(*export)
        await process.communicate()
        assert process.returncode == code
    process = await command("archive", "verify", str(file), "--trust", str(world.trust_file))
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert "formål: samarbeid. 0 meldinger" in out.decode()
    process = await command("retention", "due", room.kari.id.hex(), *place, "--kind", "municipal_other", "--propose")
    out, err = await process.communicate()
    assert process.returncode == 1
    assert "Kanalen er i bruk" in out.decode()
    assert err
    assert not room.kari.erasures().proposals


def test_a_file_that_is_no_archive_is_said_to_be_none(
    tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\x80")
    assert main(["archive", "verify", str(file), "--trust", str(world.trust_file)]) == 1
    assert "ikke til å stole på" in capsys.readouterr().err
    assert main(["archive", "verify", str(tmp_path / "nowhere"), "--trust", str(world.trust_file)]) == 2
