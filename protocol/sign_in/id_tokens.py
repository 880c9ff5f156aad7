"""ID tokens (OIDC Core §3.1.3.7): who signed in, how surely, and when."""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from protocol.sign_in.client import Client
from protocol.sign_in.jose import ProviderKeys, b64, hashed, verify_token
from protocol.sign_in.json_values import Json, optional_text, seconds
from protocol.sign_in.refusals import SignInFailed, Why

LEEWAY: Final = 10
"""Seconds by which two honest clocks may differ."""
MAX_TOKEN_AGE: Final = 5 * 60
"""Seconds since an ID token was made; it is fetched the moment the browser is back."""
_SUBJECT: Final = 255
_HALF: Final = 16


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back from a provider. What identifies a person is not shown by `repr`.

    `subject` is the provider's name for the person, `session` its name for their session there, `auth_time` (UTC
    seconds) when they proved who they are. `pid` is the national id number, `hpr` the health personnel number,
    `parent` and `child` the organisation numbers, each where the provider says so.
    """

    provider: str
    issuer: str
    subject: str = field(repr=False)
    session: str | None = field(repr=False)
    level: str
    auth_time: int
    pid: str | None = field(repr=False)
    hpr: str | None = field(repr=False)
    parent: str | None
    child: str | None
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must agree with. `max_age` in seconds, None: the login may be older."""

    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    max_age: int | None


def verify_id_token(token: str, keys: ProviderKeys, client: Client, expected: Expected, at: int) -> SignedIn:
    """Who signed in, once everything about the token holds at `at` (UTC seconds).

    Raises:
        SignInFailed: something does not.

    """
    _, claims = verify_token(token, keys, ("jwt", None))
    verify_addressed(claims, client)
    issued, expires = seconds(claims, "iat"), seconds(claims, "exp")
    if not (issued - LEEWAY <= at < expires + LEEWAY and at - issued <= MAX_TOKEN_AGE):
        raise SignInFailed(Why.EXPIRED)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), expected.nonce.encode()):
        raise SignInFailed(Why.WRONG_NONCE)
    _verify_hash(claims, expected.access_token)
    level = optional_text(claims, client.profile.level_claim)
    if level is None or level not in client.levels:
        raise SignInFailed(Why.LEVEL_TOO_LOW)
    return _person(token, claims, client, level, _auth_time(claims, expected.max_age, at))


def verify_addressed(claims: Json, client: Client) -> None:
    """From this provider, for this client (OIDC Core §3.1.3.7, 2 to 5). Raises `SignInFailed`."""
    if claims.get("iss") != client.issuer:
        raise SignInFailed(Why.WRONG_ISSUER)
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client.client_id not in named:
        raise SignInFailed(Why.WRONG_AUDIENCE)
    if (len(named) > 1 or "azp" in claims) and claims.get("azp") != client.client_id:
        raise SignInFailed(Why.WRONG_AUDIENCE)


def subject_of(claims: Json) -> str:
    """The provider's name for the person: 1 to 255 characters (OIDC Core §2). Raises `SignInFailed`."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT:
        raise SignInFailed(Why.NO_SUBJECT)
    return subject


def _verify_hash(claims: Json, access_token: str) -> None:
    """All signatures that are believed hash with SHA-256, so its left half it is (OIDC Core §3.1.3.6)."""
    given = claims.get("at_hash")
    if given is not None and given != b64(hashed(access_token)[:_HALF]):
        raise SignInFailed(Why.WRONG_HASH)


def _auth_time(claims: Json, max_age: int | None, at: int) -> int:
    """When the person proved who they are. Without it nobody could tell a fresh login from an old one."""
    if "auth_time" not in claims:
        raise SignInFailed(Why.STALE_LOGIN)
    proved = seconds(claims, "auth_time")
    if proved > at + LEEWAY or (max_age is not None and at - proved > max_age + LEEWAY):
        raise SignInFailed(Why.STALE_LOGIN)
    return proved


def _person(token: str, claims: Json, client: Client, level: str, proved: int) -> SignedIn:
    def said(name: str | None) -> str | None:
        return None if name is None else optional_text(claims, name)

    profile = client.profile
    return SignedIn(
        provider=client.name,
        issuer=client.issuer,
        subject=subject_of(claims),
        session=optional_text(claims, "sid"),
        level=level,
        auth_time=proved,
        pid=said(profile.pid_claim),
        hpr=said(profile.hpr_claim),
        parent=said(profile.parent_claim),
        child=said(profile.child_claim),
        id_token=token,
    )
