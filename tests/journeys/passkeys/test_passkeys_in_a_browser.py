"""In Chromium with an authenticator: a passkey is made after a login at a provider, used, stopped and removed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import expect

from domain.ids import PrincipalId
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.passkeys.conftest import Desk, Json, bound

MakeDesk = Callable[..., Any]
ANSWER = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const told = (await navigator.credentials.get({publicKey})).toJSON();
  delete told.clientExtensionResults;
  return told;
}"""

MAKE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const told = (await navigator.credentials.create({publicKey})).toJSON();
  const {clientDataJSON, attestationObject} = told.response;
  return {id: told.id, rawId: told.rawId, type: told.type, response: {clientDataJSON, attestationObject}};
}"""


async def challenge(desk: Desk) -> Json:
    status, options = await desk.call("POST", "/api/v1/passkeys/challenge")
    assert status == 200
    return options


async def sent(desk: Desk, answer: Json) -> tuple[int, str]:
    status, told = await desk.call("POST", "/api/v1/passkeys/session", {"credential": answer})
    return status, told.get("code", "")


async def test_made_after_a_login_it_lets_its_person_in_and_removed_it_lets_nobody_in(
    desk: MakeDesk, world: World, owner: PrincipalId
) -> None:
    kari = await desk()
    await bound(kari, world)
    await kari.register("Nøkkelknippe")
    await kari.leave()
    await kari.enter()
    await expect(kari.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()
    session = (await kari.call("GET", "/api/v1/session"))[1]
    assert (session["level"], session["principal"]) == ("passkey", owner.hex())

    # A passkey alone changes no ways in: the person proves at the provider who she is.
    (made,) = (await kari.call("GET", "/api/v1/passkeys"))[1]["passkeys"]
    assert (made["name"], made["unlocks"]) == ("Nøkkelknippe", True)
    for method, path in (("DELETE", f"/api/v1/passkeys/{made['id']}"), ("POST", "/api/v1/passkeys/registration")):
        status, told = await kari.call(method, path)
        assert (status, told["code"]) == (401, "step_up_needed")

    another = await desk()
    await another.sign_in("kari")
    await another.page.goto(f"{kari.hub.url}/passkey")
    await another.page.get_by_role("button", name="Fjern Nøkkelknippe").click()
    await expect(another.page.locator("#said")).to_contain_text("slipper ingen inn lenger")
    assert (await kari.call("GET", "/api/v1/session"))[0] == 401, "what it had signed in is signed out"
    await kari.enter()
    await expect(kari.page.locator("#said")).to_contain_text("Passnøkkelen virket ikke")


async def test_who_is_bound_to_no_device_cannot_make_one(desk: MakeDesk) -> None:
    unbound = await desk()
    await unbound.sign_in("unbound")
    status, told = await unbound.call("POST", "/api/v1/passkeys/registration")
    assert (status, told["code"]) == (403, "session_not_bound")


async def test_an_authenticator_without_prf_signs_in_and_says_that_it_opens_no_keyring(
    desk: MakeDesk, world: World
) -> None:
    kari = await desk(prf=False)
    await bound(kari, world)
    await kari.register("Gammel", "kan ikke bruke den til å åpne nøkkelringen")
    await kari.leave()
    await kari.enter()
    await expect(kari.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()


async def test_a_copy_is_told_and_stops_the_passkey_and_its_sessions(desk: MakeDesk, world: World) -> None:
    kari = await desk()
    await bound(kari, world)
    await kari.register("Telefon")
    (copied,) = await kari.credentials()
    await kari.leave()
    await kari.enter()
    await expect(kari.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()
    thief = await desk()
    await thief.page.goto(f"{thief.hub.url}/passkey")
    await thief.take(copied)
    await thief.enter()
    await expect(thief.page.locator("#said")).to_contain_text("Det kan finnes en kopi")
    assert (await thief.call("GET", "/api/v1/session"))[0] == 401
    assert (await kari.call("GET", "/api/v1/session"))[0] == 401, "nobody can tell which of the two was the copy"
    await kari.enter()
    await expect(kari.page.locator("#said")).to_contain_text("Det kan finnes en kopi")
    assert '"why": "passkey_cloned"' in kari.hub.log_file.read_text()


async def test_an_answer_is_good_once_for_one_browser_one_origin_and_its_owner(
    desk: MakeDesk, world: World, page_elsewhere: str
) -> None:
    kari, other = await desk(), await desk()
    await bound(kari, world)
    await kari.register("Laptop")
    await kari.leave()
    await other.page.goto(f"{other.hub.url}/passkey")
    refused = (401, "passkey_refused")

    answer = await kari.page.evaluate(ANSWER, await challenge(kari))
    assert await sent(other, answer) == refused, "a browser that asked for nothing"
    await challenge(other)
    assert await sent(other, answer) == refused, "another browser's challenge"
    assert await sent(kari, answer) == (200, "")
    await kari.leave()
    assert await sent(kari, answer) == refused, "a second time"
    await challenge(kari)
    assert await sent(kari, answer) == refused, "an older answer to a newer challenge"

    options = await challenge(kari)
    await kari.page.goto(page_elsewhere.replace("127.0.0.1", "localhost"))
    foreign = await kari.page.evaluate(ANSWER, options)  # the browser knows the passkey by its domain alone
    await kari.page.goto(f"{kari.hub.url}/passkey")
    assert await sent(kari, foreign) == refused, "another origin of the same domain"

    answer = await kari.page.evaluate(ANSWER, await challenge(kari))
    answer["response"]["userHandle"] = "A" * 43
    assert await sent(kari, answer) == refused, "somebody else's name on it"


async def test_a_registration_begun_in_one_session_ends_in_no_other(desk: MakeDesk, world: World) -> None:
    kari, jon = await desk(), await desk()
    await bound(kari, world)
    await bound(jon, world, "Jon")
    status, options = await kari.call("POST", "/api/v1/passkeys/registration")
    assert status == 200
    credential = await kari.page.evaluate(MAKE, options)
    (cookie,) = [c for c in await kari.context.cookies() if c["name"] == "__Host-samsnakk-passkey"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    await jon.context.add_cookies([cookie])
    body = {"name": "Min", "unlocks": False, "credential": credential}
    status, told = await jon.call("POST", "/api/v1/passkeys", body)
    assert (status, told["code"]) == (401, "passkey_refused")
    status, told = await kari.call("POST", "/api/v1/passkeys", body)
    assert (status, told["code"]) == (401, "passkey_refused"), "an attempt is used up, whatever comes of it"
    assert (await kari.call("GET", "/api/v1/passkeys"))[1]["passkeys"] == []


async def test_an_authenticator_that_did_not_verify_its_person_is_not_taken(desk: MakeDesk, world: World) -> None:
    kari = await desk(verifying=False)
    await bound(kari, world)
    status, options = await kari.call("POST", "/api/v1/passkeys/registration")
    assert status == 200
    options["authenticatorSelection"] = {"userVerification": "discouraged", "residentKey": "discouraged"}
    credential = await kari.page.evaluate(MAKE, options)
    status, told = await kari.call(
        "POST", "/api/v1/passkeys", {"name": "x", "unlocks": False, "credential": credential}
    )
    assert (status, told["code"]) == (401, "passkey_refused")


@pytest.mark.parametrize("hidden", ["clientExtensionResults", "PRF"])
async def test_what_a_prf_gives_is_refused_and_written_nowhere(desk: MakeDesk, hidden: str) -> None:
    anybody, output = await desk(), "dGhpcyBvcGVucyBhIGtleXJpbmc"
    await anybody.sign_in("unbound")
    for path in ("/api/v1/passkeys/session", "/api/v1/passkeys"):
        status, told = await anybody.call("POST", path, {"credential": {}, hidden: {"results": {"first": output}}})
        assert (status, told["code"]) == (400, "prf_output_sent")
        assert output not in json.dumps(told)
    assert output not in anybody.hub.log_file.read_text()


async def test_a_page_of_another_origin_signs_nobody_in(
    desk: MakeDesk, passkey_hub: HubProcess, page_elsewhere: str
) -> None:
    evil = await desk()
    await evil.page.goto(page_elsewhere)
    await evil.page.evaluate(
        """(hub) => Promise.all(["challenge", "session"].map((what) => fetch(`${hub}/api/v1/passkeys/${what}`,
          {method: "POST", mode: "no-cors", credentials: "include", body: "{}"})))""",
        passkey_hub.url,
    )
    assert [c for c in await evil.context.cookies() if "samsnakk" in c["name"]] == []
    assert '"cross_site_refused"' in passkey_hub.log_file.read_text()


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_page_fits_obeys_its_policy_and_works_by_keyboard_in_light_and_dark(
    desk: MakeDesk, world: World, width: int
) -> None:
    kari, faults = await desk(width=width), []
    kari.page.on("pageerror", lambda error: faults.append(str(error)))
    kari.page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    await bound(kari, world)
    await kari.register("x" * 60)
    for scheme in ("light", "dark"):
        await kari.page.emulate_media(color_scheme=scheme)
        assert await kari.page.evaluate("document.documentElement.scrollWidth") <= width
        colours = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
        assert (await kari.page.evaluate(colours))[0] == {"light": "rgb(26, 29, 33)", "dark": "rgb(241, 243, 245)"}[
            scheme
        ]
    assert await kari.page.evaluate("document.documentElement.lang") == "nb"
    await kari.leave()
    await kari.page.goto(f"{kari.hub.url}/passkey")
    await expect(kari.page.get_by_role("button", name="Logg inn med passnøkkel")).to_be_visible()
    await kari.page.keyboard.press("Tab")
    assert await kari.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await kari.page.keyboard.press("Enter")
    await expect(kari.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()
    assert faults == []
