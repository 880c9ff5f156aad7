"""A sign-in that has begun: what must be remembered, by this browser's side only, until it comes back."""

from dataclasses import dataclass, field
from typing import Final

from crypto import cbor
from crypto.errors import Malformed
from crypto.shapes import array, exactly, short_text, whole
from protocol.sign_in.refusals import SignInFailed, Why

MAX_WAIT: Final = 10 * 60
"""Seconds a person may take at the provider."""
_VERSION: Final = 1
_FIELDS: Final = 9
_SECRET: Final = 32
_TEXT: Final = 2048
_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Pending:
    """One sign-in on its way.

    `dpop_seed` (32 bytes) is its key; `max_age` (seconds) how fresh the login must be, None: any. `note` is the
    caller's own, such as where to go afterwards.
    """

    provider: str
    issuer: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    dpop_seed: bytes = field(repr=False)
    started_at: int
    max_age: int | None
    note: str = ""


def encode_pending(pending: Pending) -> bytes:
    """As bytes, to be kept secret: CBOR [1, …fields]."""
    p = pending
    return cbor.encode(
        [_VERSION, p.provider, p.issuer, p.state, p.nonce, p.verifier, p.dpop_seed, p.started_at, p.max_age, p.note]
    )


def decode_pending(data: bytes) -> Pending:
    """The sign-in in `data`. Raises `SignInFailed` if it is none."""
    try:
        version, *fields = array(cbor.decode(data, max_size=8 * _TEXT), 1 + _FIELDS)
        whole(version, _VERSION, _VERSION)
        provider, issuer, state, nonce, verifier, seed, started_at, max_age, note = fields
        return Pending(
            short_text(provider, _NAME),
            short_text(issuer, _TEXT),
            short_text(state, _TEXT),
            short_text(nonce, _TEXT),
            short_text(verifier, _TEXT),
            exactly(seed, _SECRET),
            whole(started_at),
            None if max_age is None else whole(max_age),
            "" if note == "" else short_text(note, _TEXT),
        )
    except (Malformed, ValueError):
        raise SignInFailed(Why.MALFORMED) from None
