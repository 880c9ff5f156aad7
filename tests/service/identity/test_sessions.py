"""Sessions: ended from either side at any moment, and never used by somebody else's page."""

import asyncpg
import pytest

from service.identity.sessions import Sessions
from tests.conftest import HubProcess
from tests.service.identity.rows import change_session
from tests.service.identity.visitor import Visitor


async def test_without_a_session_nobody_is_signed_in(visitor: Visitor) -> None:
    for token in ("", "x", "A" * 43, "B" * 43, "B" * 42 + "="):
        status, told = await visitor.call("GET", "/api/v1/session", Authorization=f"Bearer {token}")
        assert (status, told["code"], told["retry"]) == (401, "no_session", "sign_in")


async def test_signing_out_ends_the_session_everywhere_and_leads_to_the_provider(visitor: Visitor, issuer: str) -> None:
    await visitor.sign_in("kari")
    token = visitor.cookie()
    status, told = await visitor.call("DELETE", "/api/v1/session")
    assert status == 200
    assert told["redirect"].startswith(f"{issuer}/session/end?id_token_hint=")
    visitor.take_cookie("__Host-samsnakk", token)
    assert not await visitor.is_signed_in()


async def test_ending_my_other_sessions_leaves_this_one_and_everybody_elses(visitor: Visitor, another: Visitor) -> None:
    await visitor.sign_in("jon")
    tokens = [visitor.cookie()]
    for _ in range(2):
        await visitor.sign_in("jon", query="?then=/")
        tokens.append(visitor.cookie())
    await another.sign_in("kari")
    visitor.take_cookie("__Host-samsnakk", tokens[0])
    # Signing in again in the same browser has ended the older session already; open two more elsewhere.
    assert not await visitor.is_signed_in()
    visitor.take_cookie("__Host-samsnakk", tokens[-1])
    elsewhere = await visitor.native_session()
    status, told = await visitor.call("DELETE", "/api/v1/session/others")
    assert (status, told["ended"] >= 1) == (200, True)
    assert await visitor.is_signed_in()
    assert await another.is_signed_in()
    assert (await visitor.call("GET", "/api/v1/session", Authorization=f"Bearer {elsewhere}"))[0] == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "https://evil.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "none"},
        {"Samsnakk_Session": ""},
        {"Samsnakk_Session": "2"},
    ],
)
async def test_a_page_of_another_origin_cannot_act_with_somebodys_session(
    visitor: Visitor, changed: dict[str, str]
) -> None:
    await visitor.sign_in("kari")
    for method, path in (
        ("DELETE", "/api/v1/session"),
        ("DELETE", "/api/v1/session/others"),
        ("POST", "/api/v1/session/tickets"),
    ):
        status, told = await visitor.call(method, path, None, **changed)
        assert (status, told["code"]) == (403, "cross_site")
    assert await visitor.is_signed_in()


async def test_no_page_elsewhere_is_ever_allowed_to_ask(visitor: Visitor) -> None:
    await visitor.sign_in("kari")
    answer = await visitor.get(f"{visitor.hub}/api/v1/session", Origin="https://evil.example")
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


async def test_the_database_names_nobody_and_holds_no_token(visitor: Visitor, signing_hub: HubProcess) -> None:
    await visitor.sign_in("kari")
    await visitor.start()
    connection = await asyncpg.connect(signing_hub.database_url("superuser"))
    try:
        rows = [
            str(dict(row))
            for table in ("sessions", "sign_ins", "tickets", "sign_in_bindings")
            for row in await connection.fetch(f"TABLE {table}")
        ]
    finally:
        await connection.close()
    assert rows
    kept = "\n".join(rows)
    for secret in (
        "kari",
        "1391871",
        "13918710001",
        visitor.cookie(),
        visitor.cookie("__Host-samsnakk-sign-in"),
        "eyJ",
    ):
        assert secret not in kept


async def test_the_service_may_end_a_session_but_change_nothing_else_of_it(signing_hub: HubProcess) -> None:
    connection = await asyncpg.connect(signing_hub.database_url("service"))
    try:
        for statement in (
            "UPDATE sessions SET ends_at = ends_at + 1",
            "UPDATE sessions SET subject = subject",
            "UPDATE sign_in_bindings SET principal = principal",
            "DELETE FROM sign_in_bindings",
            "TRUNCATE sessions",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_session_that_lay_idle_or_is_twelve_hours_old_has_ended(
    visitor: Visitor, signing_hub: HubProcess
) -> None:
    for change in ("seen_at = seen_at - idle", "ends_at = 1"):
        await visitor.sign_in("kari")
        await change_session(signing_hub, (await visitor.session())["session"], change)
        assert not await visitor.is_signed_in()


async def test_use_keeps_a_session_alive(visitor: Visitor, signing_hub: HubProcess) -> None:
    await visitor.sign_in("kari")
    session = (await visitor.session())["session"]
    await change_session(signing_hub, session, "seen_at = seen_at - idle + 60000")
    assert await visitor.is_signed_in()
    await change_session(signing_hub, session, "seen_at = seen_at - idle + 60000")
    assert await visitor.is_signed_in()


def test_nobody_is_signed_in_where_no_provider_is_configured(hub: HubProcess) -> None:
    for path in ("/sign-in", "/api/v1/session", "/sign-in/helseid/start"):
        assert hub.get(path)[0] == 404


class OneRow:
    """As much of a session store as ending needs."""

    async def end(self, key: bytes) -> set[bytes]:
        return {key} if key == b"there" else set()


async def test_whoever_serves_a_session_is_told_in_the_moment_it_is_ended() -> None:
    told: list[frozenset[bytes]] = []
    sessions = Sessions(OneRow(), bytes(32))  # type: ignore[arg-type]
    sessions.when_ended(told.append)
    await sessions.end(b"elsewhere")
    await sessions.end(b"there")
    assert told == [frozenset({b"there"})]
