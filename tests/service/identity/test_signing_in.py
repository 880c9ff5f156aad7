"""Signing in at a certified provider, through the hub's own doors, as a browser does."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import HubProcess
from tests.service.identity.certified import certified_provider
from tests.service.identity.conftest import free_port, write_sign_in_file
from tests.service.identity.visitor import SIGN_IN_COOKIE, Visitor, reason, visiting


async def refused(answer: object) -> tuple[int, str]:
    return answer.status, reason(await answer.text())  # type: ignore[attr-defined]


async def test_staff_sign_in_and_are_told_about_their_session_only(visitor: Visitor) -> None:
    answer = await visitor.sign_in("unbound")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    told = await visitor.session()
    assert (told["audience"], told["provider"], told["level"], told["principal"]) == ("staff", "helseid", "4", None)
    assert told["idle"] == 15 * 60_000
    assert 11.9 * 3_600_000 < told["ends_at"] - told["auth_time"] < 12.1 * 3_600_000
    assert "1391871" not in str(told)


async def test_a_user_signs_in_at_another_provider_and_may_be_idle_longer(visitor: Visitor) -> None:
    answer = await visitor.sign_in("elle", "idporten")
    assert answer.status == 303
    told = await visitor.session()
    assert (told["audience"], told["level"], told["idle"]) == ("user", "idporten-loa-high", 30 * 60_000)


async def test_cookies_are_for_this_host_only_and_for_no_script(visitor: Visitor) -> None:
    answer = await visitor.sign_in("kari")
    (cookie,) = [c for c in answer.headers.getall("Set-Cookie") if c.startswith("__Host-samsnakk=")]
    assert all(part in cookie for part in ("; HttpOnly", "; Secure", "; Path=/", "; SameSite=Strict"))
    assert "Domain" not in cookie


async def test_one_comes_back_to_the_page_one_wanted_but_only_to_a_page_of_ours(visitor: Visitor) -> None:
    assert (await visitor.sign_in("kari", query="?then=/app/channels?x=1")).headers["Location"] == "/app/channels?x=1"
    for elsewhere in (
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%2F/evil",
        "/a%0d%0aX:1",
        "a:1",
    ):
        answer = await visitor.sign_in("kari", query=f"?then={elsewhere}")
        assert answer.headers["Location"] == "/sign-in", elsewhere


@pytest.mark.parametrize(
    ("account", "provider", "why"),
    [
        ("weak", "helseid", "level_too_low"),
        ("unsaid", "helseid", "level_too_low"),
        ("elle-weak", "idporten", "level_too_low"),
        ("", "helseid", "cancelled"),
    ],
)
async def test_a_login_that_is_too_weak_or_cancelled_signs_nobody_in(
    visitor: Visitor, account: str, provider: str, why: str
) -> None:
    assert await refused(await visitor.sign_in(account, provider)) == (401, why)
    assert visitor.cookie() == ""


async def test_a_return_in_another_browser_signs_nobody_in(visitor: Visitor, another: Visitor) -> None:
    back = await visitor.prove(await visitor.start(), "kari")
    assert await refused(await another.get(back)) == (401, "wrong_state")
    await another.start()
    assert await refused(await another.get(back)) == (401, "wrong_state")
    assert another.cookie() == ""


async def test_a_return_counts_once(visitor: Visitor) -> None:
    back = await visitor.prove(await visitor.start(), "kari")
    token = visitor.cookie(SIGN_IN_COOKIE)
    assert (await visitor.get(back)).status == 303
    assert visitor.cookie(SIGN_IN_COOKIE) == ""
    visitor.take_cookie(SIGN_IN_COOKIE, token)
    assert await refused(await visitor.get(back)) == (401, "wrong_state")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "another"}, "wrong_state"),
        ({"iss": "https://elsewhere.example"}, "wrong_issuer"),
        ({"iss": ""}, "wrong_issuer"),
        ({"code": "another"}, "provider_refused"),
        ({"error": "server_error"}, "provider_refused"),
    ],
)
async def test_a_return_that_was_changed_signs_nobody_in(visitor: Visitor, change: dict[str, str], why: str) -> None:
    back = await visitor.prove(await visitor.start(), "kari")
    changed = "&".join(f"{name}={value}" for name, value in (dict(parse_qsl(urlsplit(back).query)) | change).items())
    assert await refused(await visitor.get(f"{back.partition('?')[0]}?{changed}")) == (401, why)


async def test_a_return_with_a_parameter_twice_signs_nobody_in(visitor: Visitor) -> None:
    back = await visitor.prove(await visitor.start(), "kari")
    assert await refused(await visitor.get(back + "&state=another")) == (401, "malformed")


async def test_a_return_of_one_provider_is_none_of_another(visitor: Visitor) -> None:
    back = await visitor.prove(await visitor.start("helseid"), "kari")
    assert await refused(await visitor.get(back.replace("/helseid/", "/idporten/"))) == (401, "wrong_issuer")


async def test_without_a_pushed_request_the_provider_asks_nobody(visitor: Visitor, issuer: str) -> None:
    query = "client_id=samsnakk-helseid&response_type=code&scope=openid&code_challenge=x&code_challenge_method=S256"
    answer = await visitor.get(f"{issuer}/auth?{query}")
    assert answer.status == 400 or "error=" in answer.headers.get("Location", ""), await answer.text()


async def test_who_proved_who_they_are_an_hour_ago_is_asked_again_where_that_matters(visitor: Visitor) -> None:
    await visitor.sign_in("tired")
    status, told = await visitor.call("POST", "/api/v1/session/tickets", {"challenge": "00" * 32})
    assert (status, told["code"]) == (401, "step_up_needed")


async def test_a_step_up_asks_again_and_ends_the_older_session(visitor: Visitor) -> None:
    await visitor.sign_in("kari")
    older, address = visitor.cookie(), await visitor.start(query="?max_age=0")
    back = await visitor.prove(address, "kari")
    assert (await visitor.get(back)).status == 303
    assert (await visitor.session())["session"] != older
    visitor.take_cookie("__Host-samsnakk", older)
    assert (await visitor.call("GET", "/api/v1/session"))[0] == 401


async def test_a_hub_with_another_key_than_the_registered_one_gets_nowhere(
    signing_hub: HubProcess, start_hub: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("impostor")
    url = f"http://127.0.0.1:{free_port()}"
    with certified_provider(url, folder / "provider.log") as issuer:
        file = write_sign_in_file(folder, url, issuer, "impostor")
        hub = start_hub(signing_hub.world, SAMSNAKK_SIGN_IN_FILE=str(file), SAMSNAKK_LISTEN=url.removeprefix("http://"))  # type: ignore[operator]
        async with visiting(url) as visitor:
            answer = await visitor.get(f"{url}/sign-in/helseid/start")
            assert await refused(answer) == (401, "provider_refused")
            assert '"sign_in_refused"' in hub.log_file.read_text()
    async with visiting(url) as visitor:
        answer = await visitor.get(f"{url}/sign-in/helseid/start")
        assert await refused(answer) == (503, "provider_unavailable")
    hub.stop()


async def test_refusals_stand_in_the_security_log_without_names_tokens_or_addresses(
    visitor: Visitor, signing_hub: HubProcess
) -> None:
    back = await visitor.prove(await visitor.start(), "kari")
    await visitor.get(back.replace("state=", "state=x"))
    lines = [line for line in signing_hub.log_file.read_text().splitlines() if '"security": true' in line]
    assert any('"wrong_state"' in line and '"provider": "helseid"' in line for line in lines)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    for secret in (code, "kari", "1391871", "127.0.0.1"):
        assert [line for line in lines if secret in line] == []
