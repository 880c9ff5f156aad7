"""The relying party's core, as an organisation's node uses it, against the certified provider: replays and swaps."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from crypto.random import random_bytes
from protocol.sign_in import Client, Outside, Pending, RelyingParty, SignedIn, SignInFailed, Why
from protocol.sign_in.configuration import read_configuration
from protocol.sign_in.id_tokens import Expected, verify_id_token
from protocol.sign_in.jose import ProviderKeys, read_keys
from samsnakk.sign_in import OpenIdProvider, run
from tests.conftest import HubProcess
from tests.service.identity.visitor import Visitor


@pytest.fixture
def client(signing_hub: HubProcess) -> Client:
    file = Path(signing_hub.environment["SAMSNAKK_SIGN_IN_FILE"])
    configuration = read_configuration(file.read_text(), lambda name: (file.parent / name).read_bytes())
    return configuration.providers["helseid"].client


@pytest.fixture
async def provider(client: Client) -> AsyncIterator[OpenIdProvider]:
    async with OpenIdProvider(client) as provider:
        yield provider


async def returned(provider: OpenIdProvider, visitor: Visitor, account: str = "kari") -> tuple[Pending, dict[str, str]]:
    begun = await provider.begin(max_age=60)
    back = await visitor.prove(begun.url, account)
    return begun.pending, dict(parse_qsl(urlsplit(back).query))


async def why(provider: OpenIdProvider, pending: Pending, query: dict[str, str]) -> Why:
    with pytest.raises(SignInFailed) as refused:
        await provider.finish(pending, query)
    return refused.value.why


async def test_a_node_learns_who_signed_in(provider: OpenIdProvider, visitor: Visitor) -> None:
    person = await provider.finish(*await returned(provider, visitor))
    assert (person.subject, person.hpr, person.parent, person.level) == ("kari", "000000001", "000000019", "4")
    assert person.pid == "13918710001"
    assert person.session is not None


async def test_a_code_counts_once(provider: OpenIdProvider, visitor: Visitor) -> None:
    pending, query = await returned(provider, visitor)
    await provider.finish(pending, query)
    assert await why(provider, pending, query) is Why.PROVIDER_REFUSED


async def test_a_code_is_worth_nothing_with_another_key_or_another_verifier(
    provider: OpenIdProvider, visitor: Visitor
) -> None:
    pending, query = await returned(provider, visitor)
    assert await why(provider, replace(pending, dpop_seed=random_bytes(32)), query) is Why.PROVIDER_REFUSED
    pending, query = await returned(provider, visitor)
    assert await why(provider, replace(pending, verifier="v" * 43), query) is Why.PROVIDER_REFUSED


async def test_a_token_for_another_sign_in_is_refused(provider: OpenIdProvider, visitor: Visitor) -> None:
    pending, query = await returned(provider, visitor)
    assert await why(provider, replace(pending, nonce="another"), query) is Why.WRONG_NONCE


async def test_a_login_that_is_older_than_asked_for_is_refused(provider: OpenIdProvider, visitor: Visitor) -> None:
    begun = await provider.begin()
    query = dict(parse_qsl(urlsplit(await visitor.prove(begun.url, "tired")).query))
    assert await why(provider, replace(begun.pending, max_age=300), query) is Why.STALE_LOGIN


async def test_proofs_and_assertions_count_once(client: Client) -> None:
    """The same `jti` again: the provider refuses the second push, whose random numbers are those of the first."""
    party = RelyingParty(client, Outside(lambda: int(time.time()), bytes))
    async with aiohttp.ClientSession() as http:
        with pytest.raises(SignInFailed) as refused:
            await run(party.begin(), http)
    assert refused.value.why is Why.PROVIDER_REFUSED


async def test_a_real_token_is_refused_by_everybody_it_was_not_made_for(
    client: Client, provider: OpenIdProvider, visitor: Visitor, issuer: str
) -> None:
    pending, query = await returned(provider, visitor)
    person = await provider.finish(pending, query)
    async with aiohttp.ClientSession() as http, http.get(f"{issuer}/jwks") as answer:
        keys = read_keys(await answer.read())
    cases = {
        Why.WRONG_AUDIENCE: (replace(client, client_id="another"), pending.nonce, 0),
        Why.WRONG_ISSUER: (replace(client, issuer="https://elsewhere.example"), pending.nonce, 0),
        Why.WRONG_NONCE: (client, "another", 0),
        Why.EXPIRED: (client, pending.nonce, 3600),
        Why.LEVEL_TOO_LOW: (replace(client, levels=frozenset({"5"})), pending.nonce, 0),
    }
    for expected, (reader, nonce, later) in cases.items():
        with pytest.raises(SignInFailed) as refused:
            _read(person, keys, reader, nonce, later)
        assert refused.value.why is expected
    changed = person.id_token[:-8] + ("A" * 8 if not person.id_token.endswith("A" * 8) else "B" * 8)
    with pytest.raises(SignInFailed) as refused:
        _read(replace(person, id_token=changed), keys, client, pending.nonce, 0)
    assert refused.value.why is Why.SIGNATURE


def _read(person: SignedIn, keys: ProviderKeys, client: Client, nonce: str, later: int) -> SignedIn:
    return verify_id_token(person.id_token, keys, client, Expected(nonce, "", 60), int(time.time()) + later)
