"""What two key officers hand out for one case: the keys of its messages, sealed for the auditor (protocol §3).

Never an epoch key, which would open more than the case, and never anything of the vault's own keys. A sealed release is
the CBOR array [wrap, ciphertext]: a fresh content key wrapped for the auditor, and under it [[version, key]…], sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto import labels
from crypto.boxes import ONLY_NONCE, open_box, seal_box
from crypto.cbor import CborValue, decode, encode
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.labels import labelled
from crypto.layers import unwrap_key, wrap_key
from crypto.shapes import SecretKey, array, blob, digest, secret, strictly_rising, whole

MAX_CASE_KEYS: Final = 8 * 1024 * 1024
"""Bytes of one release, some 190,000 messages."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The key of one message, by its version in the channel's stream."""

    version: int
    key: SecretKey = field(repr=False)


def seal_case_keys(case: Digest, auditor: bytes, keys: Sequence[CaseKey], *, content_key: SecretKey) -> bytes:
    """The release, for the holder of `auditor` (1216 bytes) alone. `content_key` is 32 fresh random bytes.

    Raises `Malformed` if the keys are not sorted by version, `BadKey`.
    """
    strictly_rising((one.version,) for one in keys)
    content = encode([[whole(one.version, 1), secret(one.key)] for one in keys])
    wrapped = wrap_key([auditor], labels.CASE_KEYS, [digest(case)], content_key)
    # The nonce may be constant because `content_key` seals this one release.
    return encode([wrapped, seal_box(content_key, ONLY_NONCE, _aad(case), content)])


def open_case_keys(case: Digest, auditor: KemKey, sealed: bytes) -> tuple[CaseKey, ...]:
    """The keys, for the auditor whom the case names. Raises `Malformed`, `CannotOpen`."""
    wrapped, ciphertext = array(decode(sealed, max_size=MAX_CASE_KEYS, max_depth=1), 2)
    content_key = unwrap_key([auditor], labels.CASE_KEYS, [digest(case)], blob(wrapped))
    content = decode(
        open_box(content_key, ONLY_NONCE, _aad(case), blob(ciphertext)), max_size=MAX_CASE_KEYS, max_depth=2
    )
    keys = tuple(_key(row) for row in array(content))
    strictly_rising((one.version,) for one in keys)
    return keys


def _key(row: CborValue) -> CaseKey:
    version, key = array(row, 2)
    return CaseKey(whole(version, 1), secret(key))


def _aad(case: Digest) -> bytes:
    return labelled(labels.CASE_CONTENT, digest(case))
