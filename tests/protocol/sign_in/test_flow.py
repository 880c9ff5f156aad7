"""The relying party against a provider in memory: what goes through, and everything that does not."""

import pytest

from protocol.sign_in import Pending, ProviderUnavailable, Why, decode_pending, encode_pending
from protocol.sign_in.flow import ASK_AGAIN, KEEP
from protocol.sign_in.jose import b64
from protocol.sign_in.pending import MAX_WAIT
from tests.protocol.sign_in.small_provider import HPR, ISSUER, NOW, PID, Json, SmallProvider, parameters, why

LEVEL = "helseid://claims/identity/security_level"


def test_staff_sign_in_with_a_pushed_request_bound_to_a_key_and_a_fresh_nonce() -> None:
    provider = SmallProvider()
    person = provider.sign_in(provider.party(), max_age=300, note="/here")
    assert (person.subject, person.pid, person.hpr, person.parent) == ("somebody", PID, HPR, "000000001")
    assert (person.level, person.auth_time, person.session) == ("4", NOW - 5, "their-session")
    pushed = provider.pushed[0]
    assert (pushed["response_type"], pushed["code_challenge_method"], pushed["max_age"]) == ("code", "S256", "300")
    assert pushed["acr_values"] == "Level4"
    assert "client_secret" not in pushed


def test_a_user_signs_in_without_proof_of_possession_where_the_provider_has_none() -> None:
    provider = SmallProvider(metadata={"dpop_signing_alg_values_supported": []})
    person = provider.sign_in(provider.party("idporten"))
    assert (person.pid, person.level, person.hpr) == (PID, "idporten-loa-high", None)
    assert not any("DPoP" in call.headers for call in provider.calls)


def test_nothing_about_the_person_or_the_sign_in_is_shown() -> None:
    provider = SmallProvider()
    party = provider.party()
    begun = provider.run(party.begin())
    person = provider.run(party.finish(begun.pending, provider.query(begun.pending)))
    shown = repr([begun, person, party.client, provider.calls])
    secrets = (
        PID,
        "somebody",
        HPR,
        person.id_token,
        begun.pending.state,
        begun.pending.nonce,
        "client_assertion",
    )
    assert [secret for secret in secrets if secret in shown] == []


def test_each_sign_in_has_its_own_state_nonce_verifier_and_key() -> None:
    provider = SmallProvider()
    party = provider.party()
    first, second = (provider.run(party.begin()).pending for _ in range(2))
    for name in ("state", "nonce", "verifier", "dpop_seed"):
        assert getattr(first, name) != getattr(second, name)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"iss": "https://elsewhere.example"}, Why.WRONG_ISSUER),
        ({"aud": "another-client"}, Why.WRONG_AUDIENCE),
        ({"aud": ["samsnakk", "another-client"]}, Why.WRONG_AUDIENCE),
        ({"aud": ["samsnakk"], "azp": "another-client"}, Why.WRONG_AUDIENCE),
        ({"aud": None}, Why.WRONG_AUDIENCE),
        ({"nonce": "another"}, Why.WRONG_NONCE),
        ({"nonce": None}, Why.WRONG_NONCE),
        ({"exp": NOW - 60}, Why.EXPIRED),
        ({"iat": NOW + 60}, Why.EXPIRED),
        ({"iat": NOW - 600}, Why.EXPIRED),
        ({"iat": "now"}, Why.MALFORMED),
        ({"exp": None}, Why.MALFORMED),
        ({LEVEL: "3"}, Why.LEVEL_TOO_LOW),
        ({LEVEL: None}, Why.LEVEL_TOO_LOW),
        ({"auth_time": None}, Why.STALE_LOGIN),
        ({"auth_time": NOW - 3600}, Why.STALE_LOGIN),
        ({"auth_time": NOW + 3600}, Why.STALE_LOGIN),
        ({"sub": None}, Why.NO_SUBJECT),
        ({"sub": ""}, Why.NO_SUBJECT),
        ({"sub": "x" * 256}, Why.NO_SUBJECT),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, Why.WRONG_HASH),
        ({"sid": ["a"]}, Why.MALFORMED),
    ],
)
def test_an_id_token_that_says_something_else_is_refused(change: Json, expected: Why) -> None:
    provider = SmallProvider(claims=change)
    assert why(lambda: provider.sign_in(provider.party(), max_age=300)) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"signed_with": "impostor"}, Why.SIGNATURE),
        ({"header": {"typ": "logout+jwt"}}, Why.WRONG_TYPE),
        ({"header": {"typ": "at+jwt"}}, Why.WRONG_TYPE),
        ({"header": {"kid": "another"}}, Why.SIGNATURE),
        ({"answer": {"token_type": "Bearer"}}, Why.TOKEN_TYPE),
        ({"answer": {"id_token": "a.b"}}, Why.MALFORMED),
        ({"answer": {"id_token": None}}, Why.MALFORMED),
        ({"answer": {"access_token": "another"}}, Why.WRONG_HASH),
        ({"refusing": 401}, Why.PROVIDER_REFUSED),
    ],
)
def test_an_answer_with_another_signature_purpose_or_kind_of_token_is_refused(change: Json, expected: Why) -> None:
    provider = SmallProvider(**change)
    assert why(lambda: provider.sign_in(provider.party())) is expected


def test_an_unsigned_id_token_is_refused() -> None:
    provider = SmallProvider()
    head, claims, _ = provider.id_token().split(".")
    none = b64(b'{"alg":"none"}')
    for forged in (f"{none}.{claims}.", f"{head}.{claims}."):
        provider.answer = {"id_token": forged}
        assert why(lambda: provider.sign_in(provider.party())) is Why.SIGNATURE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"state": "another"}, Why.WRONG_STATE),
        ({"state": ""}, Why.WRONG_STATE),
        ({"iss": "https://elsewhere.example"}, Why.WRONG_ISSUER),
        ({"iss": ""}, Why.WRONG_ISSUER),
        ({"error": "access_denied"}, Why.CANCELLED),
        ({"error": "server_error"}, Why.PROVIDER_REFUSED),
        ({"code": ""}, Why.MALFORMED),
    ],
)
def test_a_return_that_does_not_answer_what_was_asked_is_refused(change: Json, expected: Why) -> None:
    provider = SmallProvider()
    assert why(lambda: provider.sign_in(provider.party(), lambda query: query | change)) is expected


def test_an_answer_without_the_issuer_that_the_provider_promised_is_refused() -> None:
    provider = SmallProvider()

    def without(query: Json) -> Json:
        return {name: value for name, value in query.items() if name != "iss"}

    assert why(lambda: provider.sign_in(provider.party(), without)) is Why.WRONG_ISSUER


def test_who_comes_back_too_late_or_to_another_provider_is_refused() -> None:
    provider = SmallProvider()
    party = provider.party()
    begun = provider.run(party.begin())
    other = provider.party("idporten")
    assert why(lambda: provider.run(other.finish(begun.pending, provider.query(begun.pending)))) is Why.WRONG_ISSUER
    provider.now += MAX_WAIT + 1
    assert why(lambda: provider.run(party.finish(begun.pending, provider.query(begun.pending)))) is Why.EXPIRED


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"issuer": "https://elsewhere.example"}, Why.WRONG_ISSUER),
        ({"issuer": None}, Why.MALFORMED),
        ({"pushed_authorization_request_endpoint": None}, Why.NOT_SUPPORTED),
        ({"token_endpoint": "http://provider.example/token"}, Why.NOT_SUPPORTED),
        ({"token_endpoint": "https://x@provider.example/token"}, Why.NOT_SUPPORTED),
        ({"jwks_uri": "file:///etc/passwd"}, Why.NOT_SUPPORTED),
        ({"end_session_endpoint": "javascript:alert(1)"}, Why.NOT_SUPPORTED),
        ({"code_challenge_methods_supported": ["plain"]}, Why.NOT_SUPPORTED),
        ({"token_endpoint_auth_methods_supported": ["client_secret_basic"]}, Why.NOT_SUPPORTED),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, Why.NOT_SUPPORTED),
        ({"dpop_signing_alg_values_supported": []}, Why.NOT_SUPPORTED),
        ({"response_types_supported": "code"}, Why.MALFORMED),
    ],
)
def test_a_provider_that_is_another_or_can_too_little_is_not_used(change: Json, expected: Why) -> None:
    provider = SmallProvider(metadata=change)
    assert why(lambda: provider.sign_in(provider.party())) is expected
    assert provider.pushed == []


def test_a_nonce_is_asked_for_once_and_then_remembered() -> None:
    provider = SmallProvider()
    party = provider.party()
    provider.sign_in(party)
    posts = [call for call in provider.calls if call.form is not None]
    assert len(posts) == 3  # pushed without, pushed with, token with
    provider.sign_in(party)
    assert len([call for call in provider.calls if call.form is not None]) == 5


def test_a_provider_that_asks_for_a_nonce_for_ever_is_given_up() -> None:
    provider = SmallProvider()
    provider.nonces = iter(["n-0", "n-0", "n-0"])
    assert why(lambda: provider.sign_in(provider.party())) is Why.PROVIDER_REFUSED
    assert len([call for call in provider.calls if call.form is not None]) == 2


def test_a_provider_in_trouble_is_no_refusal() -> None:
    provider = SmallProvider(refusing=503)
    with pytest.raises(ProviderUnavailable):
        provider.sign_in(provider.party())


def test_new_keys_are_fetched_when_a_signature_fails_but_not_for_every_forgery() -> None:
    provider = SmallProvider()
    party = provider.party()
    provider.sign_in(party)
    provider.keys, provider.signed_with, provider.header = ("next", "theirs"), "next", {"kid": "next"}
    provider.now += ASK_AGAIN
    provider.sign_in(party)
    fetched = _fetches(provider)
    provider.signed_with, provider.header = "impostor", {"kid": "impostor"}
    for _ in range(3):
        assert why(lambda: provider.sign_in(party)) is Why.SIGNATURE
    assert _fetches(provider) == fetched


def _fetches(provider: SmallProvider) -> int:
    return len([call for call in provider.calls if call.url.endswith("/keys")])


def test_a_description_is_fetched_again_after_an_hour() -> None:
    provider = SmallProvider()
    party = provider.party()
    for passed in (0, KEEP, 1):
        provider.now += passed
        provider.sign_in(party)
    assert len([call for call in provider.calls if "well-known" in call.url]) == 2


def test_signing_out_goes_to_the_provider_with_a_hint_and_comes_back() -> None:
    provider = SmallProvider()
    address = provider.run(provider.party().logout_address("the.id.token"))
    assert address is not None
    assert parameters(address) == {
        "id_token_hint": "the.id.token",
        "client_id": "samsnakk",
        "post_logout_redirect_uri": "https://hub.example/sign-in/signed-out",
    }
    without = SmallProvider(metadata={"end_session_endpoint": None})
    assert without.run(without.party().logout_address("x")) is None


def test_what_is_pending_comes_back_as_it_was() -> None:
    pending = Pending("helseid", ISSUER, "s", "n", "v", bytes(32), NOW, None, "/note")
    assert decode_pending(encode_pending(pending)) == pending
    assert decode_pending(encode_pending(pending)).note == "/note"


def test_the_claims_of_a_profile_are_data() -> None:
    provider = SmallProvider(claims={LEVEL: 4})
    assert provider.sign_in(provider.party(levels=frozenset({"4"}))).level == "4"
    assert why(lambda: provider.sign_in(provider.party(levels=frozenset({"5"})))) is Why.LEVEL_TOO_LOW
