"""The development provider: everybody of the demonstration signs in, and nowhere else can it be switched on."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from protocol.sign_in import Audience
from samsnakk.demo.world import World
from service.identity.development.allowed import WORDS, is_asked_for
from service.identity.development.people import invented_people, invented_users
from service.settings import BadSetting, Settings
from tests.conftest import HubProcess
from tests.service.hub.raw_client import Socket
from tests.service.identity.test_sockets import bind, welcomed
from tests.service.identity.visitor import Visitor, reason, socket_of, visiting

ALLOWED = Settings(development_sign_in=WORDS)


@pytest.fixture(scope="session")
def development_hub(start_hub: Callable[..., HubProcess], world: World) -> HubProcess:
    return start_hub(world, SAMSNAKK_DEVELOPMENT_SIGN_IN=WORDS)


async def pick(visitor: Visitor, address: str, name: str) -> str:
    """Pick somebody by name; where the browser is sent."""
    page = await (await visitor.get(address)).text()
    links = {unescape(text): unescape(href) for href, text in re.findall(r'href="([^"]+)">([^<]+)<span>', page)}
    parts = urlsplit(address)
    answer = await visitor.get(f"{parts.scheme}://{parts.netloc}{links[name]}")
    return answer.headers["Location"]


async def test_everybody_of_the_demonstration_signs_in_and_speaks_with_their_own_device(
    development_hub: HubProcess, world: World
) -> None:
    for person in world.people:
        provider = "idporten" if person.organisation is None else "helseid"
        async with visiting(development_hub.url) as visitor:
            back = await pick(visitor, await visitor.start(provider), person.name)
            assert (await visitor.get(back)).status == 303
            told = await visitor.session()
            organisation = world.organisation_of(person)
            assert told["organisation"] == (None if organisation is None else organisation.number)
            assert (await bind(visitor, world, person))[0] == 200
            async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
                assert await welcomed(Socket(ws), person) == ""


async def test_signing_out_there_ends_the_session_here(development_hub: HubProcess) -> None:
    async with visiting(development_hub.url) as visitor, visiting(development_hub.url) as program:
        await visitor.get(await pick(visitor, await visitor.start(), "Kari Lindmoen"))
        token = await visitor.native_session()
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await program.call("GET", "/api/v1/session", None, **bearer))[0] == 200
        address = (await visitor.call("DELETE", "/api/v1/session"))[1]["redirect"]
        answer = await visitor.get(address)
        assert answer.headers["Location"] == f"{visitor.hub}/sign-in/signed-out"
        assert (await program.call("GET", "/api/v1/session", None, **bearer))[0] == 401


async def test_it_asks_for_as_much_as_a_real_one(development_hub: HubProcess) -> None:
    async with visiting(development_hub.url) as visitor:
        address = await visitor.start()
        provider = address.partition("/authorize")[0]
        back = await pick(visitor, address, "Kari Lindmoen")
        assert (await visitor.get(back)).status == 303
        again = await visitor.get(address)  # a request counts once
        assert (again.status, (await again.json())["error"]) == (400, "invalid_request_uri")
        for path in ("par", "token"):
            async with visitor.http.post(f"{provider}/{path}", data={"client_id": "development-helseid"}) as answer:
                assert answer.status == 401
        changed = await pick(visitor, await visitor.start(), "Kari Lindmoen")
        refused = await visitor.get(changed.replace("code=", "code=x"))
        assert reason(await refused.text()) == "provider_refused"


async def test_it_answers_only_to_its_own_address(development_hub: HubProcess) -> None:
    async with visiting(development_hub.url) as visitor:
        address = await visitor.start()
        for host in ("samsnakk.example.no", "localhost", "127.0.0.1"):
            assert (await visitor.get(address, Host=host)).status == 421
        assert (await visitor.get(address)).status == 200


def test_its_people_have_numbers_of_the_synthetic_series_only(world: World) -> None:
    people = invented_people(world.trust).values()
    assert len({person.pid for person in people}) == len(world.people)
    assert all(re.fullmatch(r"\d{2}[89]\d{8}", person.pid) for person in people)


def test_a_user_who_has_yet_to_arrive_can_be_picked_too() -> None:
    found = list(invented_users(("Elle", "Máhtte")).values())
    assert [(one.name, one.audience, one.organisation) for one in found] == [
        ("Elle", Audience.USER, None),
        ("Máhtte", Audience.USER, None),
    ]
    assert len({one.pid for one in found}) == 2
    assert all(re.fullmatch(r"\d{2}[89]\d{8}", one.pid) for one in found)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.5.5.5:8440", "[::1]:8440"])
def test_it_runs_where_only_this_machine_can_come(listen: str) -> None:
    assert is_asked_for(replace(ALLOWED, listen=listen))
    assert not is_asked_for(Settings(listen=listen))


@pytest.mark.parametrize(
    "change",
    [
        {"development_sign_in": "1"},
        {"development_sign_in": "true"},
        {"development_sign_in": "Only-On-This-Machine"},
        {"listen": "0.0.0.0:8440"},
        {"listen": "[::]:8440"},
        {"listen": ":8440"},
        {"listen": "10.0.0.5:8440"},
        {"listen": "localhost:8440"},
        {"listen": "samsnakk.example.no:8440"},
        {"sign_in_file": "sign-in.toml"},
        {"database_url": "postgresql://x"},
        {"allowed_origins": ("https://samsnakk.example.no",)},
        {"allowed_origins": ("http://127.0.0.1:8080", "http://10.0.0.5:80")},
    ],
)
def test_it_refuses_to_run_anywhere_else(change: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match="SAMSNAKK_DEVELOPMENT_SIGN_IN: "):
        is_asked_for(replace(ALLOWED, **change))  # type: ignore[arg-type]


def test_a_hub_that_others_can_reach_does_not_start_with_it(world: World, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.app", "hub"],
        env={
            "SAMSNAKK_LISTEN": "0.0.0.0:0",
            "SAMSNAKK_DATA": str(tmp_path / "data"),
            "SAMSNAKK_TRUST_FILE": str(world.trust_file),
            "SAMSNAKK_HUB_KEY_FILE": str(world.hub_key_file),
            "SAMSNAKK_DEVELOPMENT_SIGN_IN": WORDS,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "SAMSNAKK_LISTEN must be an address of this machine's loopback" in done.stderr
    assert not (tmp_path / "data").exists()


async def test_without_the_words_there_is_no_such_provider(hub: HubProcess) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{hub.url}/sign-in") as answer:
        assert answer.status == 404
