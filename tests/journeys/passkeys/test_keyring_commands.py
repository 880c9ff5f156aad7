"""`samsnakk passkey …` as a user types it, with her browser beside it: let in, everything back, taken away."""

import asyncio
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from samsnakk.cli.arguments import main
from tests.journeys.passkeys.keyring_person import Make, Person

Capture = pytest.CaptureFixture[str]


class Terminal:
    """Types commands; the browser that they open is the person's."""

    def __init__(self, person: Person, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        self._person, self._capsys = person, capsys
        self._loop, self._opened = asyncio.get_running_loop(), asyncio.Queue[str]()
        monkeypatch.setattr(webbrowser, "open", self._open)

    def _open(self, address: str) -> None:
        self._loop.call_soon_threadsafe(self._opened.put_nowait, address)

    async def type(self, *words: object, code: int = 0) -> str:
        """What it says to the end."""
        typed = ["passkey", *(str(word) for word in words), "--url", self._person.desk.hub.url]
        ended = await asyncio.to_thread(main, typed)
        told = self._capsys.readouterr()
        assert ended == code, told.out + told.err
        return told.out + told.err

    async def type_and_visit(self, *words: object) -> str:
        """The same, where it asks for something in the browser."""
        running = asyncio.ensure_future(self.type(*words))
        page = self._person.desk.page
        async with asyncio.timeout(60):
            address = await self._opened.get()
        await page.goto("about:blank")
        await page.goto(address)
        await expect(page.locator("#code")).not_to_be_empty()
        shown = await page.locator("#code").inner_text()
        await page.get_by_role("button", name="Ja, kodene er like").click()
        await expect(page.get_by_role("heading", name="Ferdig")).to_be_visible()
        told = await running
        assert f"Siden skal vise koden {shown}." in told
        assert address in told
        return told


@pytest.fixture
def terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], Terminal]:
    return lambda person: Terminal(person, capsys, monkeypatch)


async def test_a_user_lets_a_passkey_in_comes_back_with_it_and_takes_it_away(
    person: Make, terminal: Callable[[Person], Terminal], tmp_path: Path
) -> None:
    pass_file = tmp_path / "passord"
    pass_file.write_text("et langt passord\n", encoding="utf-8")
    pass_file.chmod(0o600)
    new = ("--data", tmp_path / "ny", "--passphrase-file", pass_file)
    async with person("Elle", "ID-porten") as elle:
        await elle.desk.register("Nøkkel")
        at, first = terminal(elle), ("--data", elle.home.unlocked.folder)
        assert "Ingen passnøkkel" in await at.type("list", *first)
        assert "Passnøkkelen Nøkkel åpner nå nøkkelringen din" in await at.type_and_visit("add", *first)
        trust = ("--trust", elle.world.trust_file, "--name", "Ny")
        assert "Alt er tilbake" in await at.type_and_visit("use", *trust, *new)
        assert await at.type("list", *new) == "Nøkkel\n"
        told = await at.type("remove", "Nøkkel", *new)
        assert "GJENOPPRETTINGSKODE" in told
        assert "åpner ikke nøkkelringen lenger: Nøkkel" in told
        assert "Ingen passnøkkel med det navnet" in await at.type("remove", "Nøkkel", *new, code=1)
