"""Somebody at a browser, with a keyring at the hub."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Request, expect

from samsnakk.demo.issuing import DemoIssuer
from samsnakk.demo.world import World
from samsnakk.keyring_home import KeyringHome
from samsnakk.keyring_passkeys import add_passkey
from samsnakk.new_device import NewPlace
from samsnakk.passkey_page import Handed, PasskeyPage
from samsnakk.passkey_unlocking import unlock_with_passkey
from samsnakk.profile import Unlocked
from tests.client.conftest import KEY

if TYPE_CHECKING:
    from tests.journeys.passkeys.conftest import Desk


@dataclass
class Person:
    """Somebody at a browser, and her first device. `asked`: what the browser sent to the hub; `outputs`: of the PRF."""

    desk: "Desk"
    home: KeyringHome
    world: World
    folder: Path
    asked: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    async def visit(self, page: PasskeyPage) -> None:
        await self.desk.page.goto("about:blank")
        await self.desk.page.goto(page.address)
        await expect(self.desk.page.locator("#code")).to_have_text(page.code)
        await self.desk.page.get_by_role("button", name="Ja, kodene er like").click()

    async def done(self, page: PasskeyPage) -> Handed:
        await self.visit(page)
        await expect(self.desk.page.get_by_role("heading", name="Ferdig")).to_be_visible()
        return await page.outcome(60)

    async def add(self) -> Handed:
        async with PasskeyPage.to_add(self.desk.hub.url, self.home.person) as page:
            handed = await self.done(page)
        await add_passkey(self.home, handed.slot)
        return handed

    async def unlock(self, name: str) -> tuple[Handed, Unlocked]:
        async with PasskeyPage.to_open(self.desk.hub.url) as page:
            handed = await self.done(page)
        place = NewPlace(self.desk.hub.url, self.world.trust, self.folder / name, KEY)
        return handed, await unlock_with_passkey(handed, place, name, lambda _: DemoIssuer(self.world))

    async def try_out(self, said: str) -> None:
        await self.desk.page.goto(f"{self.desk.hub.url}/keyring")
        await self.desk.page.get_by_role("button", name="Prøv passnøkkelen").click()
        await expect(self.desk.page.locator("#said")).to_contain_text(said)

    async def leave(self) -> None:
        await self.desk.page.goto(f"{self.desk.hub.url}/passkey")
        await self.desk.leave()

    def note(self, request: Request) -> None:
        if request.url.startswith(self.desk.hub.url):
            self.asked.append(json.dumps(dict(request.headers)).encode() + request.url.encode())
            self.asked.append(request.post_data_buffer or b"")


Make = Callable[..., AbstractAsyncContextManager[Person]]


def noted(person: Person, said: str) -> None:
    if said.startswith("prf "):
        person.outputs.append(bytes.fromhex(said.removeprefix("prf ")))
