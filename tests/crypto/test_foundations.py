"""Labels, hashes, randomness, derivation and boxes."""

import hmac
from hashlib import sha256
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors, labels
from crypto.boxes import NONCE_LENGTH, open_box, seal_box
from crypto.derivation import derive_key, expand_key
from crypto.errors import BadKey, CannotOpen, CryptoError
from crypto.hashing import hash_with
from crypto.labels import Label, labelled
from crypto.random import new_command_id, new_id, random_bytes
from crypto.shapes import SecretKey
from tests.crypto.fixed import flipped, some_bytes, some_secret

ALL_LABELS = [value for name, value in vars(labels).items() if name.isupper() and name != "PREFIX"]
NONCE = bytes(NONCE_LENGTH)


def test_no_two_purposes_share_a_label() -> None:
    assert len(set(ALL_LABELS)) == len(ALL_LABELS) > 20


def test_no_label_holds_the_byte_that_ends_labels() -> None:
    assert all(label.startswith(b"samsnakk/1 ") and b"\x00" not in label for label in ALL_LABELS)


@given(st.sampled_from(ALL_LABELS), st.sampled_from(ALL_LABELS), st.binary(max_size=40), st.binary(max_size=40))
def test_inputs_of_two_purposes_are_never_equal(one: Label, other: Label, data: bytes, more: bytes) -> None:
    if one != other:
        assert labelled(one, data) != labelled(other, more)
        assert not labelled(one, data).startswith(labelled(other, b""))


def test_a_hash_is_sha256_of_label_zero_and_data() -> None:
    assert hash_with(labels.LEAF, b"data") == sha256(b"samsnakk/1 leaf\x00data").digest()


def test_every_error_has_the_one_root() -> None:
    found = [error for error in vars(errors).values() if isinstance(error, type)]
    assert len(found) == 8
    assert all(issubclass(error, CryptoError) for error in found)


def test_random_bytes_have_the_length_asked_for_and_differ() -> None:
    assert len(random_bytes(32)) == 32
    assert random_bytes(32) != random_bytes(32)


def test_a_new_id_is_a_uuid_of_version_4() -> None:
    made = UUID(bytes=new_id())
    assert (made.version, made.variant) == (4, RFC_4122)


@given(st.integers(0, 2**48 - 1))
def test_a_command_id_is_a_uuid_of_version_7_led_by_its_time(now_ms: int) -> None:
    made = UUID(bytes=new_command_id(now_ms))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == now_ms


@pytest.mark.parametrize("now_ms", [-1, 2**48])
def test_a_time_outside_48_bits_gives_no_command_id(now_ms: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        new_command_id(now_ms)


def test_derived_keys_differ_by_secret_salt_label_and_context() -> None:
    def derived(
        secret: bytes = b"s", salt: bytes = b"t", label: Label = labels.MESSAGE_KEY, context: bytes = b"c"
    ) -> SecretKey:
        return derive_key(secret, salt=salt, label=label, context=context)

    others = [derived(b"x"), derived(salt=b"x"), derived(label=labels.KEYRING_PRF), derived(context=b"x")]
    assert len({derived(), *others}) == 5


def test_hkdf_expand_is_the_second_half_of_hkdf() -> None:
    # RFC 5869 §2.3: T(1) = HMAC(PRK, info ‖ 0x01).
    prk = some_secret("prk")
    expected = hmac.digest(prk, labelled(labels.MESSAGE_CONTENT, b"x") + b"\x01", "sha256")
    assert expand_key(prk, label=labels.MESSAGE_CONTENT, context=b"x") == expected


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_a_box_opens_to_what_was_put_in(plaintext: bytes, aad: bytes) -> None:
    key = some_secret("box")
    assert open_box(key, NONCE, aad, seal_box(key, NONCE, aad, plaintext)) == plaintext


def test_a_box_does_not_open_with_anything_changed() -> None:
    key, sealed = some_secret("box"), seal_box(some_secret("box"), NONCE, b"aad", b"plaintext")
    for arguments in [
        (some_secret("other"), NONCE, b"aad", sealed),
        (key, flipped(NONCE), b"aad", sealed),
        (key, NONCE, b"AAD", sealed),
        (key, NONCE, b"aad", flipped(sealed)),
        (key, NONCE, b"aad", flipped(sealed, 0)),
        (key, NONCE, b"aad", sealed[:-1]),
        (key, NONCE, b"aad", sealed + b"\x00"),
        (key, NONCE, b"aad", b""),
    ]:
        with pytest.raises(CannotOpen):
            open_box(*arguments)


@pytest.mark.parametrize(("key_length", "nonce_length"), [(16, 12), (31, 12), (32, 11), (32, 16), (32, 0)])
def test_only_32_byte_keys_and_12_byte_nonces_are_taken(key_length: int, nonce_length: int) -> None:
    with pytest.raises(BadKey):
        seal_box(SecretKey(some_bytes("k", key_length)), bytes(nonce_length), b"", b"")
