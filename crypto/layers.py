"""Sealing a 32-byte key for a principal: one HPKE layer, or two nested ones for a vault (protocol §3).

A vault's two keys (A, B) lie with two different groups of key officers: wrapped = HPKE_A(HPKE_B(key)). Neither group
opens anything alone. The layer's number stands in its `info`, so a layer never opens in another's place.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from crypto import labels
from crypto.cbor import CborInput, encode
from crypto.errors import BadKey, CannotOpen
from crypto.hashing import Digest, hash_with
from crypto.kem import OVERHEAD, KemKey, hpke_open, hpke_seal
from crypto.labels import Label, labelled
from crypto.shapes import KEY_LENGTH, SecretKey

KEYS_OF_A_VAULT: Final = 2


class Layer(IntEnum):
    """Which layer of a wrap: the only one, or a vault's inner (key B) or outer one (key A)."""

    ONLY = 0
    INNER = 1
    OUTER = 2


def kem_hash(public_keys: Sequence[bytes]) -> Digest:
    """The hash by which rosters name a principal's KEM key, or a vault's two: H(kem-key; [pk] or [pkA, pkB])."""
    return hash_with(labels.KEM_KEY, encode(list(public_keys)))


def wrapped_length(key_count: int) -> int:
    """Bytes of a wrapped 32-byte key: 1168 under one KEM key, 2304 under a vault's two."""
    return KEY_LENGTH + key_count * OVERHEAD


def wrap_key(public_keys: Sequence[bytes], label: Label, context: Sequence[CborInput], key: SecretKey) -> bytes:
    """`key`, sealed to one or two public keys. Raises `BadKey`."""
    if len(key) != KEY_LENGTH:
        raise BadKey("only 32-byte keys are wrapped")
    match public_keys:
        case [only]:
            return hpke_seal(only, _info(label, context, Layer.ONLY), key)
        case [outer, inner]:
            sealed = hpke_seal(inner, _info(label, context, Layer.INNER), key)
            return hpke_seal(outer, _info(label, context, Layer.OUTER), sealed)
        case _:
            raise BadKey("a principal has one KEM key, a vault two")


def unwrap_key(keys: Sequence[KemKey], label: Label, context: Sequence[CborInput], wrapped: bytes) -> SecretKey:
    """The key in `wrapped`, for whoever holds all its private keys. Raises `CannotOpen`, `BadKey`."""
    match keys:
        case [only]:
            return SecretKey(open_layer(only, label, context, Layer.ONLY, wrapped))
        case [outer, inner]:
            sealed = open_layer(outer, label, context, Layer.OUTER, wrapped)
            return SecretKey(open_layer(inner, label, context, Layer.INNER, sealed))
        case _:
            raise BadKey("a principal has one KEM key, a vault two")


def open_layer(key: KemKey, label: Label, context: Sequence[CborInput], layer: Layer, sealed: bytes) -> bytes:
    """One layer, for an officer who holds only one of a vault's keys. Raises `CannotOpen`.

    Of the outer layer this gives the inner sealed bytes, of the others the 32-byte key.
    """
    opened = hpke_open(key, _info(label, context, layer), sealed)
    if len(opened) != (wrapped_length(1) if layer is Layer.OUTER else KEY_LENGTH):
        raise CannotOpen("sealed bytes do not open")
    return opened


def _info(label: Label, context: Sequence[CborInput], layer: Layer) -> bytes:
    return labelled(label, encode([*context, layer]))
