"""What each kind of provider demands and how it names things: data, so that another one is a row and no code."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Audience(StrEnum):
    """For whom a provider vouches; it decides how long a session may lie idle."""

    STAFF = "staff"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of provider.

    `level_claim` names the claim that tells how surely the person was identified, `levels` the accepted values, and
    `acr_values` what is asked for. `assertion_type` is the `typ` of the client's assertion. The last four name claims.
    """

    name: str
    audience: Audience
    scopes: tuple[str, ...]
    acr_values: str
    level_claim: str
    levels: frozenset[str]
    dpop: bool
    assertion_type: str
    pid_claim: str
    hpr_claim: str | None = None
    parent_claim: str | None = None
    child_claim: str | None = None


SIGNING: Final = ("ES256", "PS256", "RS256")
"""Signatures that are believed (FAPI 2.0 §5.4.1, and RS256, the only one that ID-porten makes)."""

HELSEID: Final = Profile(
    name="helseid",
    audience=Audience.STAFF,
    scopes=(
        "openid",
        "helseid://scopes/identity/pid",
        "helseid://scopes/identity/security_level",
        "helseid://scopes/hpr/hpr_number",
    ),
    acr_values="Level4",
    level_claim="helseid://claims/identity/security_level",
    levels=frozenset({"4"}),
    dpop=True,
    assertion_type="client-authentication+jwt",
    pid_claim="helseid://claims/identity/pid",
    hpr_claim="helseid://claims/hpr/hpr_number",
    parent_claim="helseid://claims/client/claims/orgnr_parent",
    child_claim="helseid://claims/client/claims/orgnr_child",
)
"""Health personnel: the security profile of HelseID, which is FAPI 2.0 with PAR and DPoP."""

IDPORTEN: Final = Profile(
    name="idporten",
    audience=Audience.USER,
    scopes=("openid",),
    acr_values="idporten-loa-high",
    level_claim="acr",
    levels=frozenset({"idporten-loa-high"}),
    dpop=False,
    assertion_type="JWT",
    pid_claim="pid",
)
"""Everybody else: ID-porten, with PAR; it binds no tokens to keys, and we use none beyond signing in."""

PROFILES: Final = {profile.name: profile for profile in (HELSEID, IDPORTEN)}
