"""The invented people of a hub on this machine sign in at a node beside it; nowhere else can that be switched on."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from domain.ids import OrganisationId
from samsnakk.demo.world import World
from samsnakk.node.configuration import BadNode, Configuration
from samsnakk.node.folder import create_node, open_node
from samsnakk.node.running import opened, serving_staff
from samsnakk.node.sign_in.development import KNOWN_AS, SETTING, WORDS, verify_allowed
from samsnakk.node_login import NodeLogin
from tests.conftest import HubProcess
from tests.journeys.node_sign_in.conftest import PASSPHRASE, allow
from tests.service.identity.visitor import Visitor, visiting

ALLOWED = Configuration("http://127.0.0.1:8440", "127.0.0.1", 8600, 1, (OrganisationId(bytes(16)),))
ISSUER = "http://127.0.0.1:8441"


@pytest.fixture(scope="module")
def development_hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    return start_hub(world, SAMSNAKK_DEVELOPMENT_SIGN_IN=WORDS)


async def pick(visitor: Visitor, address: str, name: str) -> str:
    """From a program's link to the page on which the codes are compared, as somebody of the list."""
    page = await (await visitor.get(address)).text()
    (link,) = re.findall(r'class="button" href="([^"]+)"', page)
    at_provider = (await visitor.get(visitor.hub + unescape(link))).headers["Location"]
    people = await (await visitor.get(at_provider)).text()
    links = {unescape(text): unescape(href) for href, text in re.findall(r'href="([^"]+)">([^<]+)<span>', people)}
    parts = urlsplit(at_provider)
    back = (await visitor.get(f"{parts.scheme}://{parts.netloc}{links[name]}")).headers["Location"]
    answer = await visitor.get(back)
    if answer.status != 303:
        return await answer.text()
    return await (await visitor.get(visitor.hub + answer.headers["Location"])).text()


async def test_somebody_of_the_demonstration_signs_in_at_the_node_of_their_organisation_only(
    development_hub: HubProcess, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, WORDS)
    dps, kari = world.organisation("dps"), world.person("Kari")
    folder = tmp_path / "node"
    create_node(folder, world.trust, development_hub.url, {dps.id: dps.root_seed}, PASSPHRASE, "127.0.0.1:0")
    node = open_node(folder, PASSPHRASE)
    known = node.identity(KNOWN_AS, kari.id.hex())
    node.staff_file(dps.id).write_text(f"person,function,hpr,identity\n{kari.id.hex()},psykolog,,{known}\n")
    async with (
        opened(node) as at_work,
        serving_staff(at_work, development_hub.sign_in) as url,
        visiting(url) as visitor,
    ):

        async def keep(said: str) -> str:
            return said

        async with NodeLogin(url, keep) as login:
            assert "another_organisation_number" in await pick(visitor, login.address, world.person("Ingrid").name)
            assert "not_registered" in await pick(visitor, login.address, world.person("Jon").name)
            assert login.code in await pick(visitor, login.address, kari.name)
            await visitor.get(await allow(visitor))
            assert len(await login.outcome(30)) == 87


async def test_the_provider_takes_clients_of_this_machine_only(development_hub: HubProcess) -> None:
    redirect = "http://127.0.0.1:1/sign-in/helseid/callback"
    key = {"kty": "EC", "crv": "P-256", "x": "", "y": ""}
    wishes = [
        {"redirect_uris": ["https://evil.example/sign-in/helseid/callback"], "jwks": {"keys": [key]}},
        {"redirect_uris": [redirect], "jwks": {"keys": [key]}},
        {"redirect_uris": [redirect], "jwks": {"keys": []}},
        {"redirect_uris": redirect},
        {},
    ]
    async with aiohttp.ClientSession() as http:
        for wish in wishes:
            async with http.post(f"{development_hub.sign_in}/clients", json=wish) as answer:
                assert (answer.status, (await answer.json())["error"]) == (400, "invalid_client_metadata")
        async with http.post(f"{development_hub.sign_in}/clients", data="{}") as answer:
            assert answer.status == 400


@pytest.mark.parametrize(
    ("change", "issuer", "words"),
    [
        ({}, ISSUER, "1"),
        ({}, ISSUER, ""),
        ({"host": "10.0.0.5"}, ISSUER, WORDS),
        ({"host": "localhost"}, ISSUER, WORDS),
        ({"hub": "https://hub.example.no"}, ISSUER, WORDS),
        ({"hub": "https://127.0.0.1:8440"}, ISSUER, WORDS),
        ({"hub": "http://localhost:8440"}, ISSUER, WORDS),
        ({"sign_in": "sign-in.toml"}, ISSUER, WORDS),
        ({}, "https://op.example.no", WORDS),
        ({}, "http://127.0.0.1:8441/x", WORDS),
    ],
)
def test_a_node_refuses_invented_people_anywhere_else(change: dict[str, str], issuer: str, words: str) -> None:
    verify_allowed(ALLOWED, ISSUER, {**os.environ, SETTING: WORDS})
    with pytest.raises(BadNode, match="--development-sign-in: "):
        verify_allowed(replace(ALLOWED, **change), issuer, {SETTING: words})  # type: ignore[arg-type]
