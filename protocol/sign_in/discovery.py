"""What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414), checked against what the profile demands."""

import re
from dataclasses import dataclass
from typing import Final

from protocol.sign_in.json_values import Json, optional_text, read_object, text, texts
from protocol.sign_in.profiles import SIGNING, Profile
from protocol.sign_in.refusals import SignInFailed, Why

WELL_KNOWN: Final = "/.well-known/openid-configuration"
_SECURE: Final = re.compile(r"https://[^/?#\s@]+(?:[/?][^#\s]*)?")
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?(?:[/?][^#\s]*)?")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses that signing in needs."""

    issuer: str
    authorization: str
    pushed: str
    token: str
    keys: str
    end_session: str | None
    names_issuer: bool
    """The provider's answer must name its issuer (RFC 9207)."""


def is_safe_address(url: str) -> bool:
    """Whether nobody on the way can read or change what goes there: https, or this machine itself."""
    return (_SECURE.fullmatch(url) or _LOOPBACK.fullmatch(url)) is not None


def discovery_address(issuer: str) -> str:
    """Where the provider's description stands (OIDC Discovery §4)."""
    return issuer.rstrip("/") + WELL_KNOWN


def read_metadata(data: bytes, issuer: str, profile: Profile) -> Metadata:
    """The provider's description.

    Raises:
        SignInFailed: another issuer's, or it cannot do what the profile demands.

    """
    found = read_object(data)
    if text(found, "issuer") != issuer:
        raise SignInFailed(Why.WRONG_ISSUER)
    _require(found, "response_types_supported", {"code"})
    _require(found, "code_challenge_methods_supported", {"S256"})
    _require(found, "token_endpoint_auth_methods_supported", {"private_key_jwt"})
    _require(found, "id_token_signing_alg_values_supported", set(SIGNING))
    if profile.dpop:
        _require(found, "dpop_signing_alg_values_supported", {"ES256"})
    end_session = optional_text(found, "end_session_endpoint")
    return Metadata(
        issuer=issuer,
        authorization=_address(text(found, "authorization_endpoint")),
        pushed=_address(optional_text(found, "pushed_authorization_request_endpoint") or ""),
        token=_address(text(found, "token_endpoint")),
        keys=_address(text(found, "jwks_uri")),
        end_session=None if end_session is None else _address(end_session),
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _require(found: Json, name: str, one_of: set[str]) -> None:
    if not one_of & set(texts(found, name)):
        raise SignInFailed(Why.NOT_SUPPORTED)


def _address(url: str) -> str:
    if not is_safe_address(url):
        raise SignInFailed(Why.NOT_SUPPORTED)
    return url
