"""The commands, as a user types them: a sheet, everything lost, everything back, the lost device cut off."""

import asyncio
import re

import pytest

from samsnakk.cli.arguments import main
from samsnakk.demo.profiles import UNLOCK_FILE
from tests.journeys.keyrings.conftest import Place

SIGNS = re.compile(r"(?:[0-9A-Z]{4} - ){3}[0-9A-Z]{4}")


async def test_a_user_makes_a_sheet_loses_everything_and_cuts_off_what_was_lost(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    first = place.profile("Máhtte").folder
    there = ["--url", place.hub.url]
    pass_file = place.folder_for("passord")
    pass_file.write_text("et langt passord\n", encoding="utf-8")
    pass_file.chmod(0o600)
    locked = ["--passphrase-file", str(pass_file)]

    async def typed(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, [*words, *there])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    code, sheet = await typed("recovery", "make", "--name", "Gammel", "--data", str(first))
    assert code == 0, sheet
    paper = "".join(SIGNS.findall(sheet)).replace(" ", "").replace("-", "")
    new = place.folder_for("ny")
    use = (
        "recovery",
        "use",
        paper,
        "--name",
        "Ny",
        "--trust",
        str(place.world.trust_file),
        "--data",
        str(new),
        *locked,
    )
    code, said = await typed(*use)
    assert code == 0, said
    assert not (new / UNLOCK_FILE).exists()
    code, again = await typed(*use)
    assert code == 1
    assert "virker bare én gang" in again
    code, listed = await typed("device", "list", "--data", str(new), *locked)
    assert code == 0
    assert re.search(r"^Ny .*\(denne\)$", listed, re.MULTILINE)
    lost = re.findall(r"^\S+  ([0-9a-f]{8})$", listed, re.MULTILINE)
    assert (await typed("device", "lost", "finnes-ikke", "--data", str(new), *locked))[0] == 1
    code, said = await typed("device", "lost", lost[0], "--data", str(new), *locked)
    assert code == 0, said
    assert "stengt ute" in said
    assert lost[0] not in (await typed("device", "list", "--data", str(new), *locked))[1]
