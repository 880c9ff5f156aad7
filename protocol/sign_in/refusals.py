"""Why a sign-in is refused: a closed list, fit for a log. No text of the provider, no claim and no token is in it."""

from enum import StrEnum
from typing import Final

from protocol.errors import ProtocolError


class Why(StrEnum):
    """What did not hold."""

    MALFORMED = "malformed"
    """The provider's answer, a token or a key is not what it should be."""
    TOO_LARGE = "too_large"
    WRONG_ISSUER = "wrong_issuer"
    NOT_SUPPORTED = "not_supported"
    """The provider lacks what the profile asks for, or names an address that is not https."""
    PROVIDER_REFUSED = "provider_refused"
    CANCELLED = "cancelled"
    """The person did not go through with it."""
    WRONG_STATE = "wrong_state"
    EXPIRED = "expired"
    TOKEN_TYPE = "token_type"  # noqa: S105 - a reason, no secret
    SIGNATURE = "signature"
    WRONG_TYPE = "wrong_type"
    """A token made for another purpose."""
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    WRONG_HASH = "wrong_hash"
    """The access token beside the ID token is another one than it names."""
    LEVEL_TOO_LOW = "level_too_low"
    STALE_LOGIN = "stale_login"
    """The person proved who they are too long ago."""
    NO_SUBJECT = "no_subject"
    REPLAYED = "replayed"
    PERSON_ENDED = "person_ended"
    """The organisation has stated that the person has left."""


class SignInFailed(ProtocolError):
    """A sign-in, or a notice that one has ended, is refused; `why` says what did not hold."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why: Final = why


class ProviderUnavailable(ProtocolError):
    """The identity provider did not answer, or with an error of its own."""
