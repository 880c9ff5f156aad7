"""In Chromium with an authenticator that has a PRF: a passkey is let into the keyring and brings everything back."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from playwright.async_api import Browser, Page, Route, expect

from crypto import cbor, keyrings
from crypto.keyring_slots import slot_items
from samsnakk.errors import SomebodyElseSignedIn
from samsnakk.keyring_passkeys import add_passkey, names, remove_passkey
from samsnakk.passkey_page import PasskeyPage
from tests.conftest import HubProcess
from tests.journeys.passkeys.keyring_person import Make, Person

TELL_OUTPUT = """const get = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = async (options) => {
  const got = await get(options), first = got.getClientExtensionResults().prf?.results?.first;
  if (first) console.log("prf " + Array.from(new Uint8Array(first), (n) => n.toString(16).padStart(2, "0")).join(""));
  return got;
};"""
KEEP_OUTPUT = """const get = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = async (options) => {
  const got = await get(options);
  got.getClientExtensionResults = () => ({});
  return got;
};"""


def dresses(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode(), b64encode(secret)[:42], urlsafe_b64encode(secret)[:42]]


async def test_a_passkey_is_let_in_brings_everything_back_and_its_secret_goes_to_no_hub(person: Make) -> None:
    async with person() as kari:
        await kari.desk.page.add_init_script(TELL_OUTPUT)
        await kari.desk.register("Nøkkel på jobb")
        added = await kari.add()
        assert await names(kari.home) == ["Nøkkel på jobb"]
        opened, new = await kari.unlock("Ny bærbar")
        assert new.identity.person == kari.home.person
        assert set(new.kem_keys[kari.home.person]) == set(kari.home.unlocked.kem_keys[kari.home.person])
        assert opened.slot.key == added.slot.key
        await kari.try_out("Ja. Passnøkkelen åpner nøkkelringen. Enhetene dine: Bærbar, Ny bærbar")

        assert len(kari.outputs) == 3
        assert added.slot.key not in kari.outputs, "the program gets the key of one slot, not what could open every one"
        everything = b"\n".join([*kari.asked, kari.desk.hub.log_file.read_bytes()])
        assert kari.home.person.hex().encode() in everything, "the search finds what is there"
        for secret in {added.slot.key, *kari.outputs}:
            assert not any(dress in everything for dress in dresses(secret))


async def test_signed_out_one_signs_in_with_the_same_passkey_and_comes_back_to_the_code(person: Make) -> None:
    async with person() as kari:
        await kari.desk.register("Telefon")
        await kari.add()
        await kari.leave()
        page = kari.desk.page
        async with PasskeyPage.to_open(kari.desk.hub.url) as waiting:
            await page.goto(waiting.address)
            await page.get_by_role("link", name="passnøkkel").click()
            await page.get_by_role("button", name="Logg inn med passnøkkel").click()
            await expect(page.locator("#code")).to_have_text(waiting.code)
            await page.reload()
            await page.get_by_role("button", name="Ja, kodene er like").click()
            await expect(page.get_by_role("heading", name="Ferdig")).to_be_visible()
            assert (await waiting.outcome(60)).slot.person == kari.home.person


async def test_who_forgot_her_passkey_signs_in_another_way_and_it_opens_nothing_any_more(person: Make) -> None:
    async with person("Elle", "ID-porten") as elle, person("Elle", "ID-porten") as elsewhere:
        await elle.desk.register("Glemt")
        await elle.add()
        before = await elle.unlock("Før")
        assert before[1].ring.root_seed is not None
        # At another desk, signed in by ID-porten, without the passkey: gone from the sign-in, and from the keyring.
        page = elsewhere.desk.page
        await page.goto(f"{elsewhere.desk.hub.url}/passkey")
        await page.get_by_role("button", name="Fjern Glemt").click()
        await expect(page.locator("#said")).to_contain_text("samsnakk passkey remove")
        await remove_passkey(elle.home, "Glemt")
        await elle.try_out("Ingen av passnøklene dine åpner nøkkelringen ennå")
        await expect(elle.desk.page.get_by_text("Bruk arket med gjenopprettingskoden")).to_be_visible()
        await elle.desk.leave()
        await elle.desk.enter()
        await expect(elle.desk.page.locator("#said")).to_contain_text("Passnøkkelen virket ikke")


async def test_a_passkey_that_cannot_open_is_told_so_and_still_signs_in(person: Make) -> None:
    async with person(prf=False) as kari:
        await kari.desk.register("Gammel", "kan ikke bruke den til å åpne nøkkelringen")
        async with PasskeyPage.to_add(kari.desk.hub.url, kari.home.person) as page:
            await kari.visit(page)
            said = kari.desk.page.locator("#said")
            await expect(said).to_have_text(
                "Du har ingen passnøkkel som kan åpne nøkkelringen. Den du har, kan du fortsatt logge inn med."
            )
        await kari.desk.leave()
        await kari.desk.enter()
        await expect(kari.desk.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()


async def test_a_browser_that_gives_no_prf_is_told_so(person: Make) -> None:
    async with person() as kari:
        await kari.desk.register("Telefon")
        await kari.add()
        await kari.desk.page.add_init_script(KEEP_OUTPUT)
        await kari.try_out("kan ikke åpne nøkkelringen fra denne nettleseren eller enheten. Du kan fortsatt logge inn")


async def test_another_persons_sign_in_and_another_passkey_are_told(person: Make) -> None:
    async with person() as kari, person("Jon") as jon:
        await kari.desk.register("Karis")
        await jon.desk.register("Jons")
        async with PasskeyPage.to_add(kari.desk.hub.url, kari.home.person) as page:
            await jon.visit(page)
            await expect(jon.desk.page.locator("#said")).to_contain_text("en annen enn den programmet hører til")
        handed = await jon.add()
        with pytest.raises(SomebodyElseSignedIn):
            await add_passkey(kari.home, handed.slot)
        await kari.add()
        await kari.try_out("Ja. Passnøkkelen åpner nøkkelringen.")
        (his,) = await jon.desk.credentials()
        await kari.desk.take(his)
        await kari.try_out("Det ble avbrutt, eller passnøkkelen finnes ikke her. Ingenting er endret.")


async def test_a_hub_that_serves_an_old_or_changed_keyring_is_told_by_the_page(person: Make) -> None:
    async with person() as kari:
        await kari.desk.register("Telefon")
        await kari.add()
        old = (await kari.home.fetch()).found
        await kari.home.keep_open(opened := await kari.home.fetch(), opened.ring, list(opened.slots))
        now = (await kari.home.fetch()).found
        file = keyrings.parse_keyring_file(now.file)

        def served(data: bytes) -> bytes:
            return cbor.encode([kari.home.person, now.generation, keyrings.keyring_hash(data), [], data])

        changed = cbor.encode([1, [slot_items(s) for s in (*file.slots, file.slots[-1])], file.nonce, file.ciphertext])
        for data, named, said in (
            (old.file, None, "STOPP: Vi fikk en gammel nøkkelring, eller en annens."),
            (changed, None, "STOPP: Vi fikk en gammel nøkkelring, eller en annens."),
            (changed, changed, "STOPP: Nøkkelringen lot seg ikke åpne med passnøkkelen."),
            (b"\x80", b"\x80", "STOPP: Det vi fikk, er ingen nøkkelring."),
        ):
            async with lying(kari, served(data), named):
                await kari.try_out(said)
                await expect(kari.desk.page.get_by_text("Si fra til den som har ansvar")).to_be_visible()
        await kari.try_out("Ja. Passnøkkelen åpner nøkkelringen.")


@asynccontextmanager
async def lying(person: Person, answer: bytes, named: bytes | None) -> AsyncIterator[None]:
    """A hub that serves `answer`, and a key stream that names the file `named` (which no device would believe)."""
    page, place = person.desk.page, (await person.home.state()).deployment
    statement: list[cbor.CborInput] = [1, place, person.home.person, 1, bytes(32), "keyring", {}, person.home.person, 1]

    async def keyring(route: Route) -> None:
        await route.fulfill(body=answer, content_type="application/cbor")

    async def stream(route: Route) -> None:
        said = [*statement[:6], {"hash": keyrings.keyring_hash(named or b"")}, *statement[7:]]
        founded = [*statement[:5], "principal", {"kind": "person", "organisation": None}, *statement[7:]]
        body = cbor.encode([[cbor.encode(one), bytes(64)] for one in (founded, said)])
        await route.fulfill(body=body, content_type="application/cbor")

    await page.route("**/api/v1/keyring?*", keyring)
    if named is not None:
        await page.route("**/api/v1/key-streams/*", stream)
    yield
    await page.unroute_all()


async def test_only_the_keyrings_page_posts_and_only_to_this_machine(passkey_hub: HubProcess) -> None:
    async with aiohttp.ClientSession(passkey_hub.url) as http:
        pages = [await http.get(path) for path in ("/keyring", "/passkey", "/sign-in", "/sign-in/program")]
        policies = [page.headers["Content-Security-Policy"] for page in pages]
    assert policies[0].replace("form-action http://127.0.0.1:*", "form-action 'none'") == policies[1]
    assert {"form-action 'none'" in policy for policy in policies[1:]} == {True}


async def by_keyboard(page: Page) -> None:
    await page.keyboard.press("Tab")
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ferdig")).to_be_visible()


async def refuse(page: Page) -> None:
    await page.get_by_role("button", name="Nei, eller").click()
    await expect(page.locator("#said")).to_have_text("Ingenting er gitt videre. Du kan lukke denne siden.")
    await expect(page.get_by_role("button", name="Ja, kodene er like")).to_be_hidden()


def watched(page: Page) -> list[str]:
    """What goes wrong on the page, or against its policy."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    return faults


FAULTS = Path(__file__).with_name("faults.js").read_text("utf-8")
SIGHTS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (320, "light"),
    (320, "dark"),
    (1280, "dark"),
    (1280, "light"),
)


async def test_the_check_of_pages_finds_what_is_wrong_with_one(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 320, "height": 800})
    await page.set_content("<p style='color: #888; width: 500px'>x</p><input style='height: 1rem'>")
    found = set(await page.evaluate(FAULTS))
    assert found == {"contrast", "small", "no label", "structure", "language or title", "too wide"}


async def test_the_page_fits_obeys_its_policy_and_works_by_keyboard_in_light_and_dark(
    person: Make, tmp_path: Path
) -> None:
    async with person() as kari:
        page, faults = kari.desk.page, watched(kari.desk.page)

        async def looked_at(name: str) -> None:
            for width, scheme in SIGHTS:
                await page.set_viewport_size({"width": width, "height": 800})
                await page.emulate_media(color_scheme=scheme)
                assert await page.evaluate(FAULTS) == [], (name, width, scheme)
                await page.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)

        await page.goto(f"{kari.desk.hub.url}/keyring#do=open&key=00&port=1")
        await expect(page.locator("#said")).to_contain_text("ikke hel")
        await looked_at("cut")
        await kari.try_out("Ingen av passnøklene dine")
        await looked_at("no-slot")
        await kari.desk.register("x" * 60)
        await looked_at("registered")
        async with PasskeyPage.to_add(kari.desk.hub.url, kari.home.person) as waiting:
            await page.goto(waiting.address)
            await expect(page.locator("#code")).to_have_text(waiting.code)
            await looked_at("add")
            await by_keyboard(page)
            await add_passkey(kari.home, (await waiting.outcome(60)).slot)
        async with PasskeyPage.to_open(kari.desk.hub.url) as waiting:
            await page.goto(waiting.address)
            await expect(page.locator("#code")).to_have_text(waiting.code)
            await looked_at("open")
            await refuse(page)
            await looked_at("refused")
        await kari.try_out("Ja. Passnøkkelen åpner nøkkelringen.")
        await looked_at("opened")
        assert faults == []
