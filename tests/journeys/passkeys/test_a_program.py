"""`samsnakk login` completed in the browser with a passkey: the same code and ticket as after any other."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from samsnakk.demo.world import World
from tests.journeys.passkeys.conftest import bound
from tests.journeys.sign_in.test_in_a_browser import status_of


async def test_a_program_is_signed_in_with_a_passkey_and_out_when_the_passkey_goes(
    desk: Callable[..., Any], world: World, tmp_path: Path
) -> None:
    jon = await desk()
    await bound(jon, world, "Jon")
    await jon.register("Kontor")
    await jon.leave()
    profile = world.profile("Jon", tmp_path / "jon")
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("samsnakk")), "login", "--as", "Jon", "--data", str(profile.folder),
        "--url", jon.hub.url, "--no-browser", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None
    said = [(await program.stdout.readline()).decode() for _ in range(5)]
    await jon.page.goto(said[2].strip())
    await jon.page.get_by_role("link", name="passnøkkel").click()
    await jon.page.get_by_role("button", name="Logg inn med passnøkkel").click()
    await expect(jon.page.locator("#code")).to_have_text(said[4].split("koden ")[1][:9])
    await jon.page.get_by_role("button", name="Ja, kodene er like").click()
    await expect(jon.page.get_by_role("heading", name="Ferdig")).to_be_visible()
    output, errors = await program.communicate()
    assert (program.returncode, output.decode().strip()) == (0, "Du er logget inn."), errors.decode()
    token = json.loads((profile.folder / "session.json").read_text())["token"]
    assert await status_of(jon.hub.url, token) == 200
    await bound(await desk(), world, "Jon")  # signs in at the provider and removes the passkey
    assert await status_of(jon.hub.url, token) == 401
