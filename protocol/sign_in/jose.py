"""Signed tokens (RFC 7515, 7519) and keys (RFC 7517): joserfc does the cryptography, this says what is accepted.

ECDSA and PSS draw their own randomness inside the `cryptography` library, as HPKE sealing does.
"""

from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from protocol.sign_in.json_values import MAX_ANSWER, Json, read_object
from protocol.sign_in.profiles import SIGNING
from protocol.sign_in.refusals import SignInFailed, Why

_RSA_BITS: Final = 2048
_KEY_FAULTS: Final = (JoseError, ValueError, TypeError, KeyError, RecursionError, OverflowError)

Key = jwk.ECKey | jwk.RSAKey


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """A provider's public signing keys; each with its id, where it has one."""

    keys: tuple[tuple[str | None, Key], ...]


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def hashed(value: str) -> bytes:
    """SHA-256 of an ASCII text, as OAuth uses it: the labels of `crypto` have no place in its formats."""
    return sha256(value.encode("ascii", "replace")).digest()


def algorithms_of(key: Key) -> tuple[str, ...]:
    """The signatures that this kind of key makes, of those that are believed."""
    return ("ES256",) if isinstance(key, jwk.ECKey) else ("PS256", "RS256")


def read_key(found: Mapping[str, Any]) -> Key | None:
    """A signing key of a kind that is believed (P-256, or RSA of 2048 bits and more); None for any other.

    Raises:
        SignInFailed: it is broken.

    """
    kind = (found.get("kty"), found.get("crv"))
    # Compared, never hashed: whatever a provider sends may stand here.
    if not (kind == ("EC", "P-256") or kind[0] == "RSA") or found.get("use", "sig") != "sig":
        return None
    if kind[0] == "RSA" and int.from_bytes(_unb64(found.get("n")), "big").bit_length() < _RSA_BITS:
        return None
    try:
        key = jwk.import_key(dict(found))
    except _KEY_FAULTS:
        raise SignInFailed(Why.MALFORMED) from None
    return key if isinstance(key, jwk.ECKey | jwk.RSAKey) else None


def read_keys(data: bytes) -> ProviderKeys:
    """A provider's key set; keys of other kinds and purposes are left out.

    Raises:
        SignInFailed: no key set, or none of its keys can be used.

    """
    listed = read_object(data).get("keys")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise SignInFailed(Why.MALFORMED)
    found = []
    for item in listed:
        key = read_key({name: value for name, value in item.items() if name not in {"d", "p", "q", "dp", "dq", "qi"}})
        kid = item.get("kid")
        if key is not None:
            found.append((kid if isinstance(kid, str) else None, key))
    if not found:
        raise SignInFailed(Why.NOT_SUPPORTED)
    return ProviderKeys(tuple(found))


def sign_token(header: Json, claims: Json, key: Key) -> str:
    """A compact signed token."""
    return jwt.encode(header, claims, key, algorithms=[header["alg"]], default_type=None)


def verify_token(token: str, keys: ProviderKeys, types: Sequence[str | None]) -> tuple[Json, Json]:
    """Header and claims of a token, once the provider's signature holds.

    `types`: what `typ` may be (RFC 8725 §3.11); None allows leaving it out.

    Raises:
        SignInFailed: not signed by one of these keys, for another purpose, or no token.

    """
    header = _header_of(token)
    kind = header.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in types:
        raise SignInFailed(Why.WRONG_TYPE)
    if header.get("alg") not in SIGNING or "crit" in header:
        raise SignInFailed(Why.SIGNATURE)
    for kid, key in keys.keys:
        if header["alg"] in algorithms_of(key) and header.get("kid", kid) == kid:
            try:
                signed = jws.deserialize_compact(token, key, algorithms=[header["alg"]])
            except _KEY_FAULTS:
                continue
            return header, read_object(signed.payload or b"")
    raise SignInFailed(Why.SIGNATURE)


def _header_of(token: str) -> Json:
    if len(token) > MAX_ANSWER:
        raise SignInFailed(Why.TOO_LARGE)
    head, *rest = token.split(".")
    if len(rest) != 2 or not token.isascii():  # noqa: PLR2004 - header.payload.signature
        raise SignInFailed(Why.MALFORMED)
    return read_object(_unb64(head))


def _unb64(value: object) -> bytes:
    """Decode base64url. Raises `SignInFailed`."""
    if not isinstance(value, str):
        raise SignInFailed(Why.MALFORMED)
    try:
        return b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
    except (Base64Error, ValueError):
        raise SignInFailed(Why.MALFORMED) from None
