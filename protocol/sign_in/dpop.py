"""Proofs of possession (RFC 9449): the code and the tokens of one sign-in are worth nothing without its own key."""

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from protocol.sign_in.jose import sign_token

SEED: Final = 32
_PUBLIC: Final = frozenset({"kty", "crv", "x", "y"})
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the group of P-256 (FIPS 186-5 via SP 800-186 §3.2.1.3)."""


@dataclass(frozen=True, slots=True)
class DpopKey:
    """A P-256 key that lives for one sign-in."""

    key: ECKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "DpopKey":
        """The key of 32 random bytes.

        Reducing modulo the order favours some keys by less than 2^-32; the key guards one code for a minute.
        """
        if len(seed) != SEED:
            raise ValueError("a seed is 32 bytes")
        scalar = 1 + int.from_bytes(seed, "big") % (_ORDER - 1)
        return cls(ECKey.import_key(ec.derive_private_key(scalar, ec.SECP256R1())))

    @property
    def thumbprint(self) -> str:
        """The key's name (RFC 7638): the provider binds the code to it."""
        return self.key.thumbprint()

    def proof(self, method: str, url: str, at: int, jti: str, nonce: str | None) -> str:
        """A proof for one request (RFC 9449 §4.2), made at `at` (UTC seconds), with the provider's nonce if known."""
        public = {name: value for name, value in self.key.as_dict(private=False).items() if name in _PUBLIC}
        claims = {"jti": jti, "htm": method, "htu": url.partition("#")[0].partition("?")[0], "iat": at}
        if nonce is not None:
            claims["nonce"] = nonce
        return sign_token({"alg": "ES256", "typ": "dpop+jwt", "jwk": public}, claims, self.key)
