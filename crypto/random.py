"""The one place where randomness comes from: the operating system's generator.

Everything else takes random bytes as an argument, so it can be replayed and tested. The one exception
is HPKE sealing (`crypto.kem.hpke_seal`), which draws its ephemeral keys inside the `cryptography` library.
"""

from os import urandom
from uuid import uuid4

_MILLISECONDS_BITS = 48


def random_bytes(length: int) -> bytes:
    """`length` unpredictable bytes, fit for keys, salts, nonces and blinds."""
    return urandom(length)


def new_id() -> bytes:
    """A new id: 16 bytes, UUID version 4 (RFC 9562 §5.4)."""
    return uuid4().bytes


def new_command_id(now_ms: int) -> bytes:
    """A new command id: 16 bytes, UUID version 7 (RFC 9562 §5.7), 48 bits of `now_ms` and 74 random bits.

    `now_ms` is milliseconds since the Unix epoch. Raises ValueError outside 0 … 2^48-1.
    """
    if not 0 <= now_ms < 1 << _MILLISECONDS_BITS:
        msg = "a time in milliseconds must fit in 48 bits"
        raise ValueError(msg)
    tail = bytearray(urandom(10))
    tail[0] = 0x70 | (tail[0] & 0x0F)  # version 7
    tail[2] = 0x80 | (tail[2] & 0x3F)  # variant of RFC 9562
    return now_ms.to_bytes(6, "big") + bytes(tail)
