"""Padmé padding (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication", 2019, §4).

A length then tells O(log log n) bits about the content, at a cost of at most 12 %. Short contents all
look alike: nothing is shorter than 256 bytes.
"""

from typing import Final

from crypto.errors import Malformed

MINIMUM: Final = 256
_LENGTH_BYTES: Final = 4


def padded_length(length: int) -> int:
    """The length that `length` bytes (at least 2) are padded to."""
    exponent = length.bit_length() - 1
    kept_bits = exponent.bit_length()
    mask = (1 << (exponent - kept_bits)) - 1
    return max(MINIMUM, (length + mask) & ~mask)


def pad(content: bytes) -> bytes:
    """Length of `content` (4 bytes, big-endian) ‖ `content` ‖ zeros. Raises `Malformed` from 4 GiB on."""
    if len(content) >= 1 << 32:
        raise Malformed("content too large to pad")
    body = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return body + bytes(padded_length(len(body)) - len(body))


def unpad(padded: bytes) -> bytes:
    """The content of `padded`. Raises `Malformed` unless `pad` makes exactly these bytes of it."""
    content = padded[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")]
    if pad(content) != padded:
        raise Malformed("wrong padding")
    return content
