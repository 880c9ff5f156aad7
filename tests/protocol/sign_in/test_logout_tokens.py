"""Logout tokens: which end a session, and which end nothing."""

from typing import Any

import pytest

from protocol.sign_in import Why
from tests.protocol.sign_in.small_provider import ISSUER, NOW, Json, SmallProvider, why

EVENTS: Json = {"http://schemas.openid.net/event/backchannel-logout": {}}


def notice(provider: SmallProvider, **changes: Any) -> str:
    said = {"iss": ISSUER, "aud": "samsnakk", "iat": NOW, "exp": NOW + 120, "jti": "1", "sid": "s", "events": EVENTS}
    return provider.signed({name: value for name, value in (said | changes).items() if value is not None})


def test_a_logout_token_names_the_session_that_has_ended() -> None:
    provider = SmallProvider(header={"typ": "logout+jwt"})
    ended = provider.run(provider.party().ended(notice(provider, sub="somebody")))
    assert (ended.session, ended.subject, ended.token_id, ended.issuer) == ("s", "somebody", "1", ISSUER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"iss": "https://elsewhere.example"}, Why.WRONG_ISSUER),
        ({"aud": "another"}, Why.WRONG_AUDIENCE),
        ({"events": None}, Why.WRONG_TYPE),
        ({"events": {"http://another.example": {}}}, Why.WRONG_TYPE),
        ({"nonce": "n"}, Why.WRONG_TYPE),
        ({"sid": None}, Why.NO_SUBJECT),
        ({"jti": None}, Why.MALFORMED),
        ({"iat": None}, Why.MALFORMED),
        ({"iat": NOW - 600}, Why.EXPIRED),
        ({"exp": NOW - 60}, Why.EXPIRED),
    ],
)
def test_a_logout_token_that_says_something_else_ends_nothing(change: Json, expected: Why) -> None:
    provider = SmallProvider(header={"typ": "logout+jwt"})
    assert why(lambda: provider.run(provider.party().ended(notice(provider, **change)))) is expected


def test_a_forged_logout_token_ends_nothing() -> None:
    provider = SmallProvider(header={"typ": "logout+jwt"}, signed_with="impostor")
    assert why(lambda: provider.run(provider.party().ended(notice(provider)))) is Why.SIGNATURE


def test_an_id_token_is_no_logout_token() -> None:
    provider = SmallProvider()
    assert why(lambda: provider.run(provider.party().ended(provider.id_token(nonce="n")))) is Why.WRONG_TYPE
