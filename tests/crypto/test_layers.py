"""Nested wraps, where epochs and grants cannot go wrong by themselves."""

import pytest

from crypto import labels
from crypto.cbor import encode
from crypto.errors import BadKey, CannotOpen
from crypto.kem import KemKey, hpke_seal
from crypto.labels import labelled
from crypto.layers import Layer, open_layer, unwrap_key, wrap_key
from tests.crypto.fixed import KARI, OFFICERS, VAULT_KEYS, some_secret

CONTEXT = ["context"]


@pytest.mark.parametrize("keys", [(), (KARI, *OFFICERS)], ids=["no key", "three keys"])
def test_a_key_is_wrapped_for_one_or_two_keys_only(keys: tuple[KemKey, ...]) -> None:
    with pytest.raises(BadKey):
        wrap_key([key.public for key in keys], labels.EPOCH_WRAP, CONTEXT, some_secret("epoch"))
    with pytest.raises(BadKey):
        unwrap_key(keys, labels.EPOCH_WRAP, CONTEXT, b"")


@pytest.mark.parametrize("layer", Layer)
@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_wrap_around_anything_but_a_key_does_not_open(layer: Layer, length: int) -> None:
    sealed = hpke_seal(KARI.public, labelled(labels.EPOCH_WRAP, encode([*CONTEXT, layer])), bytes(length))
    with pytest.raises(CannotOpen):
        open_layer(KARI, labels.EPOCH_WRAP, CONTEXT, layer, sealed)


def test_an_epoch_wrap_does_not_open_as_a_grant() -> None:
    wrapped = wrap_key(VAULT_KEYS, labels.EPOCH_WRAP, CONTEXT, some_secret("epoch"))
    with pytest.raises(CannotOpen):
        unwrap_key(OFFICERS, labels.GRANT_WRAP, CONTEXT, wrapped)
