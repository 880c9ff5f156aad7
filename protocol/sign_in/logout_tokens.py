"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6): the provider says that a session has ended."""

from dataclasses import dataclass, field
from typing import Final

from protocol.sign_in.client import Client
from protocol.sign_in.id_tokens import LEEWAY, subject_of, verify_addressed
from protocol.sign_in.jose import ProviderKeys, verify_token
from protocol.sign_in.json_values import optional_text, seconds, text
from protocol.sign_in.refusals import SignInFailed, Why

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
MAX_NOTICE_AGE: Final = 5 * 60
"""Seconds since a logout token was made. The caller remembers each `token_id` for at least as long."""


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Which sessions have ended: one (`session`), or all of a person (`subject`)."""

    provider: str
    issuer: str
    token_id: str = field(repr=False)
    subject: str | None = field(repr=False)
    session: str | None = field(repr=False)


def verify_logout_token(token: str, keys: ProviderKeys, client: Client, at: int) -> LoggedOut:
    """What the token ends, once everything about it holds at `at` (UTC seconds); only the caller can tell a replay.

    Raises:
        SignInFailed: something does not hold.

    """
    _, claims = verify_token(token, keys, ("logout+jwt", "jwt", None))
    verify_addressed(claims, client)
    events = claims.get("events")
    # A token with a nonce is an ID token, whatever else it says (§2.4).
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict) or "nonce" in claims:
        raise SignInFailed(Why.WRONG_TYPE)
    issued = seconds(claims, "iat")
    expires = seconds(claims, "exp") if "exp" in claims else issued + MAX_NOTICE_AGE
    if not (issued - LEEWAY <= at < expires + LEEWAY and at - issued <= MAX_NOTICE_AGE):
        raise SignInFailed(Why.EXPIRED)
    session = optional_text(claims, "sid")
    subject = subject_of(claims) if "sub" in claims else None
    if not session and subject is None:
        raise SignInFailed(Why.NO_SUBJECT)
    return LoggedOut(client.name, client.issuer, text(claims, "jti"), subject, session or None)
