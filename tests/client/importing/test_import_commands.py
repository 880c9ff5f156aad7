"""Importing through a real hub: tried first, taken over as one signed version, the same again changing nothing."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.listings.heads import parse_head
from samsnakk import Client, listings
from samsnakk.cli import main
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.world import World
from samsnakk.node.folder import create_node
from tests.client.importing.files import ANNA, HOURS, INBOX, OPEN, TOP, UNIT, Cells, table
from tests.conftest import HubProcess

PEOPLE = tuple(ANNA | {"kode": f"p{n}", "navn": f"Test Testesen {n}", "hpr": ""} for n in range(20))
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def own_hub(start_hub: Any, open_folder: Path) -> tuple[World, HubProcess]:
    own = World.create(open_folder / "importing")
    return own, start_hub(own)


@pytest.fixture(scope="module")
def node(own_hub: tuple[World, HubProcess], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    world, hub = own_hub
    folder = tmp_path_factory.mktemp("node")
    secret = folder / "pass.txt"
    secret.touch(0o600)
    secret.write_text("test\n")
    ours = world.organisation("dps")
    create_node(folder / "dps", world.trust, hub.url, {ours.id: ours.root_seed}, "test")
    return ["--node", str(folder / "dps"), "--passphrase-file", str(secret)]


@pytest.fixture
def samsnakk(own_hub: tuple[World, HubProcess], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    world, hub = own_hub

    def run(action: str, *rest: str, rows: tuple[Cells, ...] = (), who: str = "Kari") -> tuple[int, str, str]:
        file = []
        if action == "import":
            (tmp_path / "dps.csv").write_bytes(table(*rows))
            file = [str(tmp_path / "dps.csv")]
        profile = world.profile(who).folder
        code = main(["directory", action, *file, *rest, "--as", who, "--data", str(profile), "--url", hub.url])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def version(own_hub: tuple[World, HubProcess]) -> int:
    world, hub = own_hub

    async def look() -> int:
        async with Client(unlock_profile(world.profile("Kari").folder), hub.url) as client:
            newest, _ = await client.listings.published(world.organisation("dps").id)
            return 0 if newest is None else parse_head(newest.head).version

    return asyncio.run(look())


def test_a_file_is_tried_taken_over_and_taken_over_again(
    own_hub: tuple[World, HubProcess], samsnakk: Run, node: list[str]
) -> None:
    whole = (TOP, UNIT, ANNA, *PEOPLE, INBOX | {"åpningstid": "hours"}, HOURS, OPEN)
    before = version(own_hub)
    code, out, _ = samsnakk("import", "--dry-run", rows=whole)
    assert (code, "  + person «Anna Ŋuorra Åsen»" in out, "Dette var en prøve" in out) == (0, True, True)
    assert version(own_hub) == before

    code, out, _ = samsnakk("import", *node, rows=whole)
    assert (code, f"Publisert som utgave {before + 1}, signert av virksomheten" in out) == (0, True)
    code, out, _ = samsnakk("import", *node, rows=whole)
    assert (code, "Ingenting er publisert." in out, version(own_hub)) == (0, True, before + 1)
    assert "Anna Ŋuorra Åsen" in samsnakk("search", "nuorra")[1]

    after = (TOP, UNIT | {"navn": "Akutten"}, ANNA, *PEOPLE[1:], *whole[-3:-1], OPEN | {"til": "16:00"})
    code, out, _ = samsnakk("import", "--dry-run", rows=after)
    for line in (
        "  − person «Test Testesen 0»",
        "  ~ enhet «Akutten»",
        "      navn: Akuttmottak → Akutten",
        "        − mandag 08.00–15.30",
        "        + mandag 08.00–16.00",
        "Uendret: 22",
    ):
        assert line in out.splitlines(), out
    told = json.loads(samsnakk("import", "--dry-run", "--json", rows=after)[1])
    assert [one["name"] for one in told["removed"]] == ["Test Testesen 0"]
    [unit] = [one for one in told["changed"] if one["kind"] == "unit"]
    assert unit["fields"] == [{"field": "names", "before": ["Akuttmottak"], "after": ["Akutten"]}]
    assert (told["unchanged"], told["published"], told["version"]) == (22, None, before + 1)

    code, out, _ = samsnakk("renew", "--days", "30", *node)
    assert (code, f"utgave {before + 2}" in out, "i 30 dager" in out) == (0, True, True)


def test_a_file_with_mistakes_changes_nothing_and_tells_all_of_them(
    own_hub: tuple[World, HubProcess], samsnakk: Run, node: list[str]
) -> None:
    before = version(own_hub)
    wrong = (TOP, UNIT | {"telefon": "ring"}, ANNA | {"hpr": "x", "tittel": "13819012345"}, INBOX)
    code, out, err = samsnakk("import", *node, rows=wrong)
    assert (code, out, version(own_hub)) == (3, "", before)
    assert err.splitlines()[0].startswith("dps.csv, rad 3, kolonne «telefon»: dette er ikke et telefonnummer. Skriv ")
    assert "13819" not in err
    told = json.loads(samsnakk("import", "--dry-run", "--json", rows=wrong)[1])
    assert {(one["row"], one["column"]) for one in told["errors"]} == {(3, "telefon"), (4, "tittel")}


def test_half_a_file_is_not_taken_for_a_closure(
    own_hub: tuple[World, HubProcess], samsnakk: Run, node: list[str]
) -> None:
    samsnakk("import", *node, rows=(TOP, UNIT, *PEOPLE))
    before = version(own_hub)
    code, _, err = samsnakk("import", *node, rows=(TOP, UNIT))
    assert (code, "Ingenting er endret" in err, "--accept-removals" in err, version(own_hub)) == (1, True, True, before)
    code, *_ = samsnakk("import", "--accept-removals", *node, rows=(TOP, UNIT))
    assert (code, version(own_hub)) == (0, before + 1)


def test_only_the_own_organisation_can_be_imported_and_only_with_its_root(samsnakk: Run, node: list[str]) -> None:
    assert samsnakk("import", rows=(TOP,))[0] == 2
    assert "rotnøkkelen" in samsnakk("import", rows=(TOP,))[2]
    assert "ikke deres eget" in samsnakk("import", "--dry-run", rows=(TOP,), who="Ingrid")[2]
    assert "ikke for virksomheten" in samsnakk("import", *node, rows=(TOP,), who="Ingrid")[2]
    assert "bare ansatte" in samsnakk("import", *node, rows=(TOP,), who="Elle")[2]
    assert "--days" in samsnakk("import", "--days", "0", *node, rows=(TOP,))[2]


def test_a_large_version_goes_in_pieces_and_its_end_is_waited_for(
    own_hub: tuple[World, HubProcess], samsnakk: Run, node: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "AT_ONCE", 5)
    samsnakk("import", *node, rows=(TOP, UNIT))
    before = version(own_hub)
    code, out, err = samsnakk("import", *node, rows=(TOP, UNIT, *PEOPLE))
    assert (code, err, version(own_hub)) == (0, "", before + 1), err
    assert "Nytt (20)" in out
    assert "Test Testesen 7" in samsnakk("search", "testesen 7")[1]
