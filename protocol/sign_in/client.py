"""Who we are towards a provider: registered client, key, and the assertion that proves it (RFC 7523, OIDC Core §9)."""

from dataclasses import dataclass, field
from typing import Final

from protocol.sign_in.jose import Key, algorithms_of, read_key, sign_token
from protocol.sign_in.json_values import optional_text, read_object
from protocol.sign_in.profiles import Profile
from protocol.sign_in.refusals import SignInFailed, Why

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE: Final = 30
"""Seconds an assertion holds; HelseID takes at most 60."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """The private key that the provider knows the public half of."""

    key: Key = field(repr=False)
    kid: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Client:
    """One registration with one provider.

    `levels` are the accepted values of the profile's level claim; `after_logout` is where the provider sends the
    browser once the person has signed out there.
    """

    name: str
    issuer: str
    client_id: str
    redirect_uri: str
    profile: Profile
    key: ClientKey
    levels: frozenset[str]
    scopes: tuple[str, ...]
    after_logout: str | None = None


def read_client_key(data: bytes) -> ClientKey:
    """The client's private key, from a JWK (JSON).

    Raises:
        SignInFailed: no private P-256 or RSA key (2048 bits and more) with a `kid`.

    """
    found = read_object(data)
    key, kid, algorithm = read_key(found), optional_text(found, "kid"), optional_text(found, "alg")
    if key is None or not key.is_private or not kid:
        raise SignInFailed(Why.MALFORMED)
    allowed = algorithms_of(key)
    if algorithm is not None and algorithm not in allowed:
        raise SignInFailed(Why.NOT_SUPPORTED)
    return ClientKey(key, kid, algorithm or allowed[0])


def client_assertion(client: Client, at: int, jti: str) -> str:
    """Proof that it is this client who asks, for this provider alone, for half a minute from `at` (UTC seconds)."""
    header = {"alg": client.key.algorithm, "kid": client.key.kid, "typ": client.profile.assertion_type}
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": client.issuer,
        "jti": jti,
        "iat": at,
        "nbf": at,
        "exp": at + ASSERTION_LIFE,
    }
    return sign_token(header, claims, client.key.key)
