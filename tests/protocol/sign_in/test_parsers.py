"""Whatever a provider sends is read or refused: no other error ever comes out of it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.sign_in import PROFILES, SignInFailed, Why, decode_pending, encode_pending, read_client_key
from protocol.sign_in.calls import encoded, with_query
from protocol.sign_in.discovery import is_safe_address, read_metadata
from protocol.sign_in.dpop import DpopKey
from protocol.sign_in.id_tokens import Expected, verify_id_token
from protocol.sign_in.jose import b64, read_keys
from protocol.sign_in.json_values import MAX_ANSWER, read_object
from protocol.sign_in.logout_tokens import verify_logout_token
from protocol.sign_in.pending import Pending
from tests.protocol.anything import patient
from tests.protocol.sign_in.small_provider import (
    ISSUER,
    NOW,
    Json,
    SmallProvider,
    client,
    described,
    key_of,
    parameters,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3))
KEYS = read_keys(json.dumps({"keys": [key_of("theirs").as_dict(private=False)]}).encode())
PUBLIC_KEY = key_of("theirs").as_dict(private=False)
CLAIMS = (
    "iss",
    "aud",
    "azp",
    "sub",
    "iat",
    "exp",
    "auth_time",
    "nonce",
    "sid",
    "acr",
    "at_hash",
    "pid",
    "events",
    "jti",
)


def token_with(header: bytes) -> str:
    return f"{b64(header)}.e30.AA"


def changed(usual: Json) -> st.SearchStrategy[Json]:
    """The usual object with some values replaced by anything."""
    return st.dictionaries(st.sampled_from(sorted(usual)), values, max_size=3).map(lambda change: usual | change)


@patient
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"a":NaN}')
@example(b"1" * 5000)
@example(b"\xff")
def test_any_bytes_are_an_object_or_refused(data: bytes) -> None:
    with suppress(SignInFailed):
        assert isinstance(read_object(data), dict)


@pytest.mark.parametrize(
    "data", [b'{"iss":"a","iss":"b"}', b'{"a":{"b":1,"b":2}}', b"[]", b"", b"null", b'{"a":Infinity}']
)
def test_an_object_that_two_readers_could_read_differently_is_refused(data: bytes) -> None:
    with pytest.raises(SignInFailed):
        read_object(data)


def test_an_answer_above_the_limit_is_refused_unread() -> None:
    with pytest.raises(SignInFailed) as refused:
        read_object(b" " * MAX_ANSWER + b"{}")
    assert refused.value.why is Why.TOO_LARGE


@patient
@given(changed(described()), st.sampled_from(sorted(PROFILES)))
def test_any_description_is_read_or_refused_and_names_safe_addresses_only(found: Json, profile: str) -> None:
    with suppress(SignInFailed):
        metadata = read_metadata(json.dumps(found).encode(), ISSUER, PROFILES[profile])
        for address in (metadata.authorization, metadata.pushed, metadata.token, metadata.keys):
            assert is_safe_address(address)


@patient
@given(st.lists(changed(PUBLIC_KEY) | st.dictionaries(st.text(max_size=4), values, max_size=3), max_size=3) | values)
def test_any_key_set_is_read_or_refused(keys: Any) -> None:
    with suppress(SignInFailed):
        assert all(key.is_private is False for _, key in read_keys(json.dumps({"keys": keys}).encode()).keys)


def test_a_private_half_that_a_provider_shows_is_not_kept() -> None:
    shown = key_of("theirs").as_dict(private=True)
    ((_, key),) = read_keys(json.dumps({"keys": [shown]}).encode()).keys
    assert not key.is_private


def test_weak_and_foreign_keys_are_left_out() -> None:
    weak = {"kty": "RSA", "e": "AQAB", "n": b64((1 << 1023 | 1).to_bytes(128, "big")), "kid": "weak"}
    others: list[Json] = [
        weak,
        {"kty": "oct", "k": "AAAA"},
        {**PUBLIC_KEY, "use": "enc"},
        {**PUBLIC_KEY, "crv": "P-384"},
    ]
    for other in others:
        with pytest.raises(SignInFailed):
            read_keys(json.dumps({"keys": [other]}).encode())
        ((kid, _),) = read_keys(json.dumps({"keys": [other, PUBLIC_KEY]}).encode()).keys
        assert kid == "theirs"


@patient
@given(
    st.text(max_size=60)
    | st.tuples(st.binary(max_size=40), st.binary(max_size=40)).map(lambda p: f"{b64(p[0])}.{b64(p[1])}.")
)
@example("..")
@example("a.b.c.d")
@example("e30.e30.")
@example(token_with(b'{"alg":["ES256"]}'))
@example(token_with(b'{"alg":"ES256","typ":["jwt"]}'))
@example(token_with(b'{"alg":"ES256","kid":{}}'))
def test_any_text_is_refused_as_a_token(token: str) -> None:
    for verify in (_id_token, _logout_token):
        with pytest.raises(SignInFailed):
            verify(token)


@patient
@given(st.dictionaries(st.sampled_from(CLAIMS), values, max_size=4))
def test_any_claims_that_are_signed_are_understood_or_refused(claims: Json) -> None:
    provider = SmallProvider(claims=claims, header={"typ": "JWT"})
    with suppress(SignInFailed):
        person = _id_token(provider.id_token(nonce="n"))
        assert (person.issuer, person.subject) == (ISSUER, claims.get("sub", "somebody"))
    with suppress(SignInFailed):
        assert _logout_token(provider.id_token()).issuer == ISSUER


@patient
@given(st.binary(max_size=300))
def test_any_bytes_are_no_pending_sign_in(data: bytes) -> None:
    with suppress(SignInFailed):
        assert encode_pending(decode_pending(data)) == data


@patient
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_pending_sign_in_is_another_one_or_none(place: int, byte: int) -> None:
    whole = encode_pending(Pending("helseid", ISSUER, "s" * 43, "n" * 43, "v" * 43, bytes(32), NOW, 300))
    damaged = bytearray(whole)
    damaged[place % len(whole)] = byte
    with suppress(SignInFailed):
        assert encode_pending(decode_pending(bytes(damaged))) == damaged


@patient
@given(changed(key_of("ours").as_dict(private=True)))
def test_any_client_key_is_read_or_refused(found: Json) -> None:
    with suppress(SignInFailed):
        assert read_client_key(json.dumps(found).encode()).algorithm == "ES256"


def test_a_public_key_is_no_client_key() -> None:
    with pytest.raises(SignInFailed):
        read_client_key(json.dumps(PUBLIC_KEY).encode())


@patient
@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20)), max_size=4))
def test_parameters_arrive_as_they_were_sent(pairs: list[tuple[str, str]]) -> None:
    sent = [(n, v) for n, v in dict(pairs).items() if (n + v).encode("utf-8", "replace").decode() == n + v]
    if sent:
        assert parameters(with_query("https://x.example/a?b=c", sent)) == {"b": "c"} | dict(sent)
        assert encoded(sent).isascii()


@pytest.mark.parametrize("seed", [bytes(32), b"\xff" * 32, bytes(31) + b"\x01"])
def test_every_seed_gives_a_key_that_signs(seed: bytes) -> None:
    key = DpopKey.from_seed(seed)
    assert key.proof("POST", "https://x.example/par?a=b#c", NOW, "1", None).count(".") == 2
    assert key.thumbprint == DpopKey.from_seed(seed).thumbprint


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example/",
        "http://127.0.0.1.example/",
        "http://localhost@evil.example/",
        "https://",
        "https://a b/",
        "https://user@x.example/",
        "HTTPS://x.example",
        "javascript:alert(1)",
        "https://x.example/#f",
        "",
    ],
)
def test_an_address_that_somebody_else_could_read_is_not_safe(url: str) -> None:
    assert not is_safe_address(url)


@pytest.mark.parametrize(
    "url", ["https://x.example", "https://x.example:8443/a?b", "http://127.0.0.1:1/", "http://[::1]:80/a"]
)
def test_https_and_this_machine_are_safe(url: str) -> None:
    assert is_safe_address(url)


def _id_token(token: str) -> Any:
    return verify_id_token(token, KEYS, client(), Expected("n", "at", 300), NOW)


def _logout_token(token: str) -> Any:
    return verify_logout_token(token, KEYS, client(), NOW)
