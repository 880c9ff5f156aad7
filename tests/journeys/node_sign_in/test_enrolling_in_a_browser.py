"""`samsnakk enrol` in Chromium, with the node as a process of its own."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from samsnakk.demo.world import World
from samsnakk.node.folder import create_node, open_node
from samsnakk.profile import Profile
from tests.journeys.node_sign_in.conftest import PASSPHRASE, Places, write_providers
from tests.journeys.node_sign_in.programs import running


async def node_folder(world: World, places: Places, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A node that has taken over what was there before: its folder, the file with its passphrase, its register."""
    dps, folder, words = world.organisation("dps"), tmp_path / "node", tmp_path / "words"
    words.touch(mode=0o600)
    words.write_text(PASSPHRASE + "\n")
    create_node(folder, world.trust, places.hub.url, {dps.id: dps.root_seed}, PASSPHRASE, places.node[7:])
    write_providers(folder, places.node, places.issuer)
    known = open_node(folder, PASSPHRASE)
    register = known.staff_file(dps.id)
    staying = [f"{world.person(n).id.hex()},psykolog,,{known.identity('op', n)}" for n in ("Kari", "Jon")]
    register.write_text("\n".join(["person,function,hpr,identity", *staying, ""]))
    async with running("node", "adopt", folder, "--passphrase-file", words) as adopting:
        assert (await adopting.ended())[0] == 0
    return folder, words, register


async def test_in_a_real_browser_with_the_node_as_a_process_of_its_own(
    browser: Browser, world: World, places: Places, tmp_path: Path
) -> None:
    folder, words, register = await node_folder(world, places, tmp_path)
    me, person = tmp_path / "me", bytes(15) + b"n"
    context = await browser.new_context(viewport={"width": 320, "height": 640}, locale="nb-NO")
    page, faults = await context.new_page(), []
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    async with running("node", "run", folder, "--passphrase-file", words) as run:
        await run.until(r'("ready")')
        first = ("--node", places.node, "--trust", world.trust_file)
        async with running("enrol", "--data", me, "--no-browser", "--demo", *first) as program:
            address = await program.until(r"(http://\S+/sign-in/program\S+)")
            code = await program.until(r"koden (\w+ \w+)")
            await sign_in_as_kari(page, address)
            await expect(page.get_by_text("Du står ikke i personallisten her.")).to_be_visible()
            shown = await page.locator(".code output").inner_text()
            register.write_text(register.read_text() + f"{person.hex()},psykolog,000000001,{shown}\n")
            await context.clear_cookies()
            await sign_in_as_kari(page, address)
            await expect(page.locator(".code output")).to_have_text(code)
            assert await page.evaluate("[document.cookie, document.documentElement.scrollWidth <= 320]") == ["", True]
            await page.get_by_role("button", name="Ja, kodene er like").click()
            await expect(page.get_by_role("heading", name="Ferdig")).to_be_visible()
            result, said, errors = await program.ended()
    assert (result, errors, faults) == (0, "", []), said
    assert Profile.open(me).identity.person == person
    await context.close()


async def sign_in_as_kari(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("link", name="HelseID").click()
    await expect(page).to_have_title("Who")
    await page.get_by_role("link", name="kari", exact=True).click()
