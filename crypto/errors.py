"""The errors of this package: one root, seven ways to fail.

No message in here, and none passed to these classes, holds a key, a plaintext, a name or an id.
"""


class CryptoError(Exception):
    """Root of every error that `crypto` raises on purpose."""


class Malformed(CryptoError):
    """Bytes or values that do not have the one allowed form. The only error a parser raises."""


class BadSignature(CryptoError):
    """A signature that does not hold for these bytes, this label and this public key."""


class CannotOpen(CryptoError):
    """Sealed bytes that do not open. Says no more: why it failed is of use to an attacker only."""


class BadKey(CryptoError):
    """A key of the wrong length, off the curve, of small order, or not the key that was promised."""


class BadChain(CryptoError):
    """A key stream that breaks its own rules: order, hash chain, issuer, versions or times."""


class BadProof(CryptoError):
    """A proof about the global log that does not hold: a leaf, a head or an older log is not where it is said to be."""


class NoQuorum(CryptoError):
    """Fewer witnesses have cosigned a checkpoint than the policy asks for: no lie shown, and no truth either."""
