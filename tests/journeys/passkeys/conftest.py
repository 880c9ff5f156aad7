"""A hub by name, because passkeys are made for names only, and authenticators that a browser believes in."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, expect

from domain.ids import PrincipalId
from samsnakk.demo.issuing import DemoIssuer
from samsnakk.demo.world import World
from samsnakk.keyring_home import KeyringHome
from tests.conftest import HubProcess
from tests.journeys.passkeys.keyring_person import Make, Person, noted
from tests.journeys.sign_in.conftest import page_elsewhere  # noqa: F401 - the same, for another folder
from tests.journeys.sign_in.test_in_a_browser import CALL, bind
from tests.service.identity.certified import certified_provider
from tests.service.identity.conftest import free_port, write_sign_in_file

Json = dict[str, Any]


@pytest.fixture(scope="session")
def passkey_hub(
    start_hub: Callable[..., HubProcess], world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HubProcess]:
    folder, port = tmp_path_factory.mktemp("passkeys"), free_port()
    with ExitStack() as stack:
        issuer = stack.enter_context(certified_provider(f"http://localhost:{port}", folder / "provider.log"))
        hub = start_hub(
            world,
            SAMSNAKK_SIGN_IN_FILE=str(write_sign_in_file(folder, f"http://localhost:{port}", issuer)),
            SAMSNAKK_LISTEN=f"127.0.0.1:{port}",
            SAMSNAKK_PUBLISH_BURST="100000",
        )
        hub.url = f"http://localhost:{port}"
        yield hub
        hub.url = f"http://127.0.0.1:{port}"
        hub.stop()


@dataclass
class Desk:
    """A person at a browser with an authenticator of her own."""

    hub: HubProcess
    context: BrowserContext
    page: Page
    devtools: CDPSession
    authenticator: str

    async def sign_in(self, account: str, label: str = "HelseID") -> None:
        await self.page.goto(f"{self.hub.url}/sign-in")
        await self.page.get_by_role("link", name=label).click()
        await self.page.get_by_role("link", name=account, exact=True).click()
        await expect(self.page.get_by_role("heading", name="Du er logget inn")).to_be_visible()

    async def call(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        status, told = await self.page.evaluate(CALL, [method, path, body])
        return status, told

    async def register(self, name: str, said: str = "Nå kan du logge inn med passnøkkelen") -> None:
        await self.page.goto(f"{self.hub.url}/passkey")
        await self.page.get_by_label("Hva vil du kalle den?").fill(name)
        await self.page.get_by_role("button", name="Lag passnøkkel").click()
        await expect(self.page.locator("#said")).to_contain_text(said)

    async def leave(self) -> None:
        await self.call("DELETE", "/api/v1/session")

    async def enter(self) -> None:
        await self.page.goto(f"{self.hub.url}/passkey")
        await self.page.get_by_role("button", name="Logg inn med passnøkkel").click()

    async def credentials(self) -> list[Json]:
        told = await self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        found: list[Json] = told["credentials"]
        return found

    async def take(self, credential: Json) -> None:
        """Have a credential, as it was at some time."""
        await self.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})
        asked = {"authenticatorId": self.authenticator, "credential": credential}
        await self.devtools.send("WebAuthn.addCredential", asked)


@pytest.fixture
def desk(browser: Browser, passkey_hub: HubProcess) -> Callable[..., Any]:
    async def make(*, prf: bool = True, verifying: bool = True, width: int = 1280) -> Desk:
        context = await browser.new_context(locale="nb-NO", viewport={"width": width, "height": 800})
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": verifying,
            "isUserVerified": verifying,
            "automaticPresenceSimulation": True,
            "hasPrf": prf,
        }
        told = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Desk(passkey_hub, context, page, devtools, told["authenticatorId"])

    return make


@pytest.fixture
def owner(world: World) -> PrincipalId:
    return PrincipalId(world.person("Kari").id)


async def bound(desk: Desk, world: World, name: str = "Kari", label: str = "HelseID") -> None:
    """Sign in, say with a device whose session it is, and have no passkey left from an earlier test."""
    await desk.sign_in(name.lower(), label)
    await bind(desk.page, world, world.person(name))
    for passkey in (await desk.call("GET", "/api/v1/passkeys"))[1]["passkeys"]:
        assert (await desk.call("DELETE", f"/api/v1/passkeys/{passkey['id']}"))[0] == 200


@pytest.fixture
def person(desk: Callable[..., Any], world: World, tmp_path: Path) -> Make:
    @asynccontextmanager
    async def make(name: str = "Kari", label: str = "HelseID", **how: Any) -> AsyncIterator[Person]:
        at: Desk = await desk(**how)
        await bound(at, world, name, label)
        profile = world.profile(name, world.folder / "devices" / name)
        unlocked = profile.unlock(key=(profile.folder / "unlock.key").read_bytes())
        async with KeyringHome(unlocked, at.hub.url, DemoIssuer(world)) as home:
            if (await home.state()).keyring_hash is None:
                await home.begin("Bærbar")
            else:
                await home.new_code()  # no passkey is left in it from an earlier test
            person = Person(at, home, world, tmp_path)
            at.page.on("request", person.note)
            at.page.on("console", lambda said: noted(person, said.text))
            yield person

    return make
