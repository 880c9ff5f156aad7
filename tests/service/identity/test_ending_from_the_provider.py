"""Sessions ended by the provider: by a notice to the hub, by a frame in the browser; never by anybody else."""

import re
import time
from html import unescape
from typing import Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, import_key

from tests.service.identity.certified import signing_keys
from tests.service.identity.visitor import Visitor

EVENTS: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}


async def test_the_provider_ends_sessions_by_itself_when_one_signs_out_there(
    visitor: Visitor, another: Visitor
) -> None:
    await visitor.sign_in("kari")
    address = (await visitor.call("DELETE", "/api/v1/session"))[1]["redirect"]
    await visitor.sign_in("kari")
    await another.sign_in("kari")  # another browser: another session at the provider
    page = await (await visitor.get(address)).text()
    action = re.search(r'action="([^"]+)"', page)
    secret = re.search(r'name="xsrf" value="([^"]+)"', page)
    assert action is not None, page
    assert secret is not None, page
    answer = await visitor.http.post(
        unescape(action[1]), data={"xsrf": secret[1], "logout": "yes"}, allow_redirects=False
    )
    assert answer.headers["Location"] == f"{visitor.hub}/sign-in/signed-out"
    assert not await visitor.is_signed_in()  # the provider tells us before it sends the browser on
    assert await another.is_signed_in()


def notice(issuer: str, key: Key | None = None, **changes: Any) -> str:
    """A logout token as the provider would make it."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": issuer,
        "aud": "samsnakk-helseid",
        "iat": now,
        "exp": now + 120,
        "jti": f"n-{time.monotonic_ns()}",
        "sub": "jon",
        "events": EVENTS,
    }
    said = {name: value for name, value in (said | changes).items() if value is not None}
    return jwt.encode(
        {"alg": "ES256", "typ": "logout+jwt", "kid": "op-ec"},
        said,
        key or import_key(signing_keys()[0]),
        algorithms=["ES256"],
    )


async def told_by_provider(visitor: Visitor, token: str) -> int:
    """As the provider calls: without anybody's cookies."""
    form = {"logout_token": token}
    async with aiohttp.ClientSession() as http, http.post(f"{visitor.hub}/sign-in/helseid/ended", data=form) as answer:
        return answer.status


async def test_a_logout_token_ends_all_sessions_of_that_person_once(
    visitor: Visitor, another: Visitor, issuer: str
) -> None:
    await visitor.sign_in("jon")
    await another.sign_in("kari")
    token = notice(issuer)
    assert await told_by_provider(another, token) == 200
    assert not await visitor.is_signed_in()
    assert await another.is_signed_in()
    await visitor.sign_in("jon")
    assert await told_by_provider(another, token) == 400  # the same again
    assert await visitor.is_signed_in()


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "samsnakk-idporten"},
        {"events": None},
        {"nonce": "n"},
        {"sub": None},
        {"iat": 1},
    ],
)
async def test_a_logout_token_that_says_something_else_ends_no_session(
    visitor: Visitor, issuer: str, changes: dict[str, Any]
) -> None:
    await visitor.sign_in("jon")
    assert await told_by_provider(visitor, notice(issuer, **changes)) == 400
    assert await visitor.is_signed_in()


async def test_a_forged_logout_token_ends_no_session(visitor: Visitor, issuer: str) -> None:
    await visitor.sign_in("jon")
    forger = ECKey.generate_key("P-256", {"kid": "op-ec"})
    for token in (notice(issuer, forger), "x", "", notice(issuer)[:-4] + "AAAA"):
        assert await told_by_provider(visitor, token) == 400
    assert await visitor.is_signed_in()


async def test_a_frame_of_the_provider_ends_the_session_it_names(visitor: Visitor, issuer: str) -> None:
    await visitor.sign_in("kari")
    frame = f"{visitor.hub}/sign-in/helseid/ended-in-front"
    for query in ("", f"?iss={issuer}", "?sid=x", "?iss=https://elsewhere.example&sid=x"):
        assert (await visitor.get(frame + query)).status == 404
    assert (await visitor.get(f"{frame}?iss={issuer}&sid=unknown")).status == 200
    assert await visitor.is_signed_in()
    sid = await _provider_session(visitor)
    answer = await visitor.get(f"{frame}?iss={issuer}&sid={sid}")
    assert f"frame-ancestors {issuer}" in answer.headers["Content-Security-Policy"]
    assert not await visitor.is_signed_in()


async def _provider_session(visitor: Visitor) -> str:
    """What the provider calls the session, from the hint that signing out carries; signs in again afterwards."""
    redirect = (await visitor.call("DELETE", "/api/v1/session"))[1]["redirect"]
    hint = re.search(r"id_token_hint=([^&]+)", redirect)
    assert hint is not None
    keys = [import_key(key) for key in signing_keys()]
    sid = jwt.decode(hint[1], keys[1], algorithms=["PS256"]).claims["sid"]
    await visitor.sign_in("kari")
    return str(sid)
