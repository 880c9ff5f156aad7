"""In a real browser, at a certified provider: in, at work, out; and what pages of others cannot do."""

import asyncio
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from crypto import labels
from domain.ids import Digest, Millis
from protocol import frames
from protocol.session_binding import SessionBinding, sign_binding
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import now

SIZES = {"phone": (320, 640), "desk": (1280, 800)}
CONNECT = """() => new Promise((opened, failed) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  window.heard = []; window.waiting = []; window.closed = false;
  const tell = (what) => { const next = window.waiting.shift(); if (next) next(what); else window.heard.push(what); };
  socket.binaryType = "arraybuffer";
  socket.onmessage = (event) => tell(btoa(String.fromCharCode(...new Uint8Array(event.data))));
  socket.onopen = () => opened(true);
  socket.onerror = () => opened(false);
  socket.onclose = () => tell("closed");
  window.socket = socket;
})"""
NEXT = "() => window.heard.shift() ?? new Promise((told) => window.waiting.push(told))"
SEND = "(data) => window.socket.send(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)))"
CALL = """async ([method, path, body]) => {
  const headers = {"Samsnakk-Session": "1", "Content-Type": "application/json"};
  const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
  return [answer.status, await answer.json()];
}"""


async def signed_in(context: BrowserContext, hub: HubProcess, account: str = "kari", label: str = "HelseID") -> Page:
    page = await context.new_page()
    await page.goto(f"{hub.url}/sign-in")
    await page.get_by_role("link", name=label).click()
    await page.get_by_role("link", name=account, exact=True).click()
    await expect(page.get_by_role("heading", name="Du er logget inn")).to_be_visible()
    return page


async def hear(page: Page) -> frames.HubFrame | None:
    """The next frame that the page gets; None where the connection was closed."""
    told = await page.evaluate(NEXT)
    return None if told == "closed" else frames.decode_hub(b64decode(told))


async def say(page: Page, frame: frames.Frame) -> None:
    await page.evaluate(SEND, b64encode(frames.encode(frame)).decode())


async def bind(page: Page, world: World, person: Person) -> None:
    _, session = await page.evaluate(CALL, ["GET", "/api/v1/session", None])
    binding = SessionBinding(
        world.deployment, Digest(bytes.fromhex(session["session"])), person.id, person.device, Millis(now())
    )
    body = {"statement": b64encode(sign_binding(binding, person.signing_key)).decode()}
    status, told = await page.evaluate(CALL, ["POST", "/api/v1/session/binding", body])
    assert status == 200, told


async def test_sign_in_work_and_sign_out_which_closes_the_connection(
    browser: Browser, signing_hub: HubProcess, world: World
) -> None:
    kari, context = world.person("Kari"), await browser.new_context(locale="nb-NO")
    page = await signed_in(context, signing_hub)
    await bind(page, world, kari)
    assert await page.evaluate(CONNECT)
    await say(page, frames.Hello(1, kari.device, "browser"))
    challenge = await hear(page)
    assert isinstance(challenge, frames.Challenge)
    proof = kari.signing_key.sign(labels.CHALLENGE, frames.challenge_bytes(challenge, kari.device))
    await say(page, frames.Prove(proof))
    assert isinstance(await hear(page), frames.Welcome)

    other = await context.new_page()
    await other.goto(f"{signing_hub.url}/sign-in")
    await other.get_by_role("button", name="Logg ut", exact=True).click()
    await other.get_by_role("button", name="Yes").click()
    await expect(other.get_by_role("heading", name="Du er logget ut")).to_be_visible()

    goodbye = await hear(page)
    assert isinstance(goodbye, frames.Bye)
    assert goodbye.code == "no_session"
    assert await hear(page) is None
    assert not await page.evaluate(CONNECT)
    await other.goto(f"{signing_hub.url}/sign-in")
    await expect(other.get_by_role("heading", name="Logg inn", exact=True)).to_be_visible()
    await context.close()


async def test_a_page_of_another_origin_can_neither_act_nor_connect_nor_read(
    browser: Browser, signing_hub: HubProcess, page_elsewhere: str
) -> None:
    context = await browser.new_context()
    mine = await signed_in(context, signing_hub)
    evil = await context.new_page()
    await evil.goto(page_elsewhere)  # same site, so that even the strict cookie travels
    hub = signing_hub.url
    tried = await evil.evaluate(
        """async (hub) => {
          const plain = {method: "POST", mode: "no-cors", credentials: "include", body: "{}"};
          for (const what of ["tickets", "binding"]) await fetch(`${hub}/api/v1/session/${what}`, plain);
          const outcome = (asked) => asked.then(() => "read", () => "refused");
          const withHeader = {method: "DELETE", credentials: "include", headers: {"Samsnakk-Session": "1"}};
          return [
            await outcome(fetch(hub + "/api/v1/session", {credentials: "include"})),
            await outcome(fetch(hub + "/api/v1/session", withHeader)),
            await outcome(fetch(hub + "/api/v1/session/others", withHeader)),
            await new Promise((told) => {
              const socket = new WebSocket(hub.replace("http", "ws") + "/ws");
              socket.onopen = () => told("connected");
              socket.onerror = () => told("refused");
            }),
          ];
        }""",
        hub,
    )
    assert tried == ["refused", "refused", "refused", "refused"]
    assert (await mine.evaluate(CALL, ["GET", "/api/v1/session", None]))[0] == 200
    log = signing_hub.log_file.read_text()
    assert '"cross_site_refused"' in log
    assert '"origin_refused"' in log
    await context.close()


async def test_no_script_of_a_page_reads_the_session(browser: Browser, signing_hub: HubProcess) -> None:
    context = await browser.new_context()
    page = await signed_in(context, signing_hub)
    assert await page.evaluate("document.cookie") == ""
    (cookie,) = [c for c in await context.cookies() if c["name"] == "__Host-samsnakk"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    await context.close()


@pytest.mark.parametrize("size", SIZES)
async def test_the_pages_fit_obey_their_policy_and_can_be_used_by_keyboard(
    browser: Browser, signing_hub: HubProcess, size: str
) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="nb-NO")
    page, faults = await context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    for path in ("/sign-in", "/sign-in/signed-out", "/sign-in/program", "/sign-in/helseid/callback?code=x"):
        await page.goto(signing_hub.url + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.evaluate("document.documentElement.lang") == "nb"
        small = await page.evaluate(
            "[...document.querySelectorAll('a.button,button')]"
            ".filter((e) => e.offsetParent && e.offsetHeight < 44).length"
        )
        assert small == 0, path
    await page.goto(f"{signing_hub.url}/sign-in")
    await page.keyboard.press("Tab")
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Who")
    assert faults == []
    await context.close()


async def samsnakk(*arguments: str) -> str:
    """What the command says; it must succeed."""
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("samsnakk")), *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    output, errors = await program.communicate()
    assert program.returncode == 0, errors.decode()
    return output.decode().strip()


async def status_of(hub: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{hub}/api/v1/session") as answer:
        return answer.status


async def test_a_program_is_signed_in_through_the_browser_once_its_code_was_compared(
    browser: Browser, signing_hub: HubProcess, world: World, tmp_path: Path
) -> None:
    profile = world.profile("Jon", tmp_path / "jon")
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("samsnakk")), "login", "--as", "Jon", "--data", str(profile.folder),
        "--url", signing_hub.url, "--no-browser", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None
    said = [(await program.stdout.readline()).decode() for _ in range(5)]
    address, code = said[2].strip(), said[4].split("koden ")[1][:9]
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("link", name="HelseID").click()  # nobody is signed in yet
    await page.get_by_role("link", name="jon", exact=True).click()
    await expect(page.locator("#code")).to_have_text(code)
    await page.get_by_role("button", name="Ja, kodene er like").click()
    await expect(page.get_by_role("heading", name="Ferdig")).to_be_visible()
    output, errors = await program.communicate()
    assert (program.returncode, output.decode().strip()) == (0, "Du er logget inn."), errors.decode()
    kept = profile.folder / "session.json"
    assert kept.stat().st_mode & 0o077 == 0
    token = json.loads(kept.read_text())["token"]
    assert await status_of(signing_hub.url, token) == 200
    for said_then in ("Du er logget ut.", "Du var ikke logget inn."):
        assert (
            await samsnakk("logout", "--as", "Jon", "--data", str(profile.folder), "--url", signing_hub.url)
            == said_then
        )
    assert await status_of(signing_hub.url, token) == 401
    assert not kept.exists()
    await page.goto(f"{signing_hub.url}/sign-in")
    status, told = await page.evaluate(CALL, ["GET", "/api/v1/session", None])
    assert (status, told["principal"]) == (200, world.person("Jon").id.hex())
    await context.close()
