"""`samsnakk passkey …` as a user types it, with her browser beside it: let in, everything back, taken away."""

import asyncio
import subprocess
import sys
from asyncio.subprocess import Process
from pathlib import Path

from playwright.async_api import expect

from tests.journeys.passkeys.keyring_person import Make, Person

SAMSNAKK = str(Path(sys.executable).with_name("samsnakk"))


async def typed(person: Person, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        SAMSNAKK, "passkey", *words, "--url", person.desk.hub.url, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


async def said(program: Process) -> str:
    """What it says to the end; it must succeed."""
    output, errors = await program.communicate()
    assert program.returncode == 0, errors.decode()
    return output.decode()


async def in_the_browser(person: Person, program: Process) -> str:
    """Do what it asks for there; what it says then."""
    assert program.stdout is not None
    asked = [(await program.stdout.readline()).decode() for _ in range(5)]
    address, code = asked[2].strip(), asked[4].split("koden ")[1][:9]
    await person.desk.page.goto("about:blank")
    await person.desk.page.goto(address)
    await expect(person.desk.page.locator("#code")).to_have_text(code)
    await person.desk.page.get_by_role("button", name="Ja, kodene er like").click()
    await expect(person.desk.page.get_by_role("heading", name="Ferdig")).to_be_visible()
    return await said(program)


async def test_a_user_lets_a_passkey_in_comes_back_with_it_and_takes_it_away(person: Make, tmp_path: Path) -> None:
    async with person("Elle", "ID-porten") as elle:
        await elle.desk.register("Nøkkel")
        first, new, pass_file = elle.home.unlocked.folder, tmp_path / "ny", tmp_path / "passord"
        pass_file.write_text("et langt passord\n", encoding="utf-8")
        pass_file.chmod(0o600)
        locked = ["--data", str(new), "--passphrase-file", str(pass_file)]
        trust = tmp_path / "trust.json"
        trust.write_bytes(elle.world.trust_file.read_bytes())

        assert "Ingen passnøkkel" in await said(await typed(elle, "list", "--data", str(first)))
        told = await in_the_browser(elle, await typed(elle, "add", "--no-browser", "--data", str(first)))
        assert "Passnøkkelen Nøkkel åpner nå nøkkelringen din" in told
        told = await in_the_browser(
            elle, await typed(elle, "use", "--no-browser", "--trust", str(trust), "--name", "Ny", *locked)
        )
        assert "Alt er tilbake" in told
        assert (await said(await typed(elle, "list", *locked))).strip() == "Nøkkel"
        told = await said(await typed(elle, "remove", "Nøkkel", *locked))
        assert "GJENOPPRETTINGSKODE" in told
        assert "åpner ikke nøkkelringen lenger: Nøkkel" in told
        again = await typed(elle, "remove", "Nøkkel", *locked)
        _, errors = await again.communicate()
        assert (again.returncode, "Ingen passnøkkel med det navnet" in errors.decode()) == (1, True)
