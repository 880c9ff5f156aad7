import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import labels
from crypto.boxes import ONLY_NONCE, seal_box
from crypto.cbor import decode, encode
from crypto.derivation import expand_key
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.messages import (
    MAX_BODY,
    MAX_CONTENT,
    body_salt,
    message_key,
    open_body,
    open_with_message_key,
    seal,
)
from crypto.padding import MINIMUM, pad, padded_length, unpad
from crypto.shapes import SecretKey, array
from tests.crypto.fixed import flipped, some_bytes, some_secret

EPOCH_KEY = some_secret("epoch 7")
SALT = some_bytes("salt")
CORE = b"header core"
BODY = seal(EPOCH_KEY, SALT, CORE, "Hei på deg".encode())


def _items(body: bytes) -> list[bytes]:
    return [item for item in array(decode(body, max_size=MAX_BODY), 3) if isinstance(item, bytes)]


@given(st.binary(max_size=2000), st.binary(max_size=300))
def test_a_message_opens_to_its_content(content: bytes, core: bytes) -> None:
    body = seal(EPOCH_KEY, SALT, core, content)
    assert open_body(EPOCH_KEY, core, body) == content
    assert open_with_message_key(message_key(EPOCH_KEY, body_salt(body), core), core, body) == content


def test_the_longest_message_fills_the_largest_body() -> None:
    content = bytes(MAX_CONTENT)
    body = seal(EPOCH_KEY, SALT, CORE, content)
    assert len(body) == MAX_BODY
    assert open_body(EPOCH_KEY, CORE, body) == content


def test_content_that_is_too_long_is_not_sealed() -> None:
    with pytest.raises(Malformed):
        seal(EPOCH_KEY, SALT, CORE, bytes(MAX_CONTENT + 1))


def test_short_messages_look_alike() -> None:
    assert len(seal(EPOCH_KEY, SALT, CORE, b"ja")) == len(seal(EPOCH_KEY, SALT, CORE, b"x" * 252))


def test_a_message_does_not_open_with_another_epoch_key() -> None:
    with pytest.raises(CannotOpen):
        open_body(some_secret("epoch 8"), CORE, BODY)


def test_a_message_does_not_open_beside_another_header() -> None:
    with pytest.raises(CannotOpen):
        open_body(EPOCH_KEY, b"header of another", BODY)


def test_a_granted_key_does_not_open_beside_another_header() -> None:
    with pytest.raises(CannotOpen):
        open_with_message_key(message_key(EPOCH_KEY, SALT, CORE), b"header of another", BODY)


def test_a_granted_key_opens_no_other_message() -> None:
    with pytest.raises(CannotOpen):
        open_with_message_key(message_key(EPOCH_KEY, some_bytes("another salt"), CORE), CORE, BODY)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_message_does_not_open_with_a_bit_of_any_part_changed(part: int) -> None:
    items = _items(BODY)
    items[part] = flipped(items[part])
    with pytest.raises(CannotOpen):
        open_body(EPOCH_KEY, CORE, encode(items))


def test_a_ciphertext_under_a_key_it_does_not_commit_to_does_not_open() -> None:
    # What a dishonest author of "one body, two texts" has to do: keep the commitment to one key, encrypt under another.
    honest = _items(BODY)
    other = message_key(EPOCH_KEY, some_bytes("another salt"), CORE)
    content_key = expand_key(other, label=labels.MESSAGE_CONTENT, context=b"")
    forged = encode([honest[0], honest[1], seal_box(content_key, ONLY_NONCE, CORE, pad(b"another text"))])
    with pytest.raises(CannotOpen):
        open_with_message_key(other, CORE, forged)
    with pytest.raises(CannotOpen):
        open_body(EPOCH_KEY, CORE, forged)


@given(st.binary(max_size=120))
def test_any_other_body_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        open_body(EPOCH_KEY, CORE, body)


@pytest.mark.parametrize(
    "body",
    [
        [SALT[:-1], SALT, b""],
        [SALT, SALT + b"\x00", b""],
        [SALT, SALT],
        [SALT, SALT, b"", b""],
        [SALT, SALT, "text"],
        [SALT, SALT, None],
        [[], SALT, b""],
    ],
)
def test_a_body_of_another_shape_is_malformed(body: list[bytes]) -> None:
    with pytest.raises(Malformed):
        open_body(EPOCH_KEY, CORE, encode(body))


def test_a_body_that_is_too_large_is_malformed() -> None:
    with pytest.raises(Malformed):
        open_body(EPOCH_KEY, CORE, encode([SALT, SALT, bytes(MAX_BODY)]))


def test_keys_and_salts_of_another_length_are_refused() -> None:
    with pytest.raises(BadKey):
        seal(SecretKey(b"short"), SALT, CORE, b"")
    with pytest.raises(BadKey):
        seal(EPOCH_KEY, SALT[:16], CORE, b"")
    with pytest.raises(BadKey):
        open_with_message_key(SecretKey(b"short"), CORE, BODY)


def test_wrong_padding_under_the_right_key_is_malformed() -> None:
    key = message_key(EPOCH_KEY, SALT, CORE)
    sealed = seal_box(expand_key(key, label=labels.MESSAGE_CONTENT, context=b""), ONLY_NONCE, CORE, b"no padding")
    with pytest.raises(Malformed):
        open_body(EPOCH_KEY, CORE, encode([*_items(BODY)[:2], sealed]))


@given(st.integers(2, 1 << 40))
def test_padding_costs_at_most_an_eighth_and_never_shortens(length: int) -> None:
    padded = padded_length(length)
    assert length <= padded
    assert padded == MINIMUM or padded - length < length / 8
    assert padded_length(padded) == padded


def test_padded_lengths_are_the_published_ones() -> None:
    # Padmé keeps floor(log2(floor(log2 L))) + 1 significant bits behind the first: 2^E / 2^S apart.
    assert [padded_length(length) for length in (256, 257, 272, 273, 1000, 1025, 100_000)] == [
        256,
        272,
        272,
        288,
        1024,
        1088,
        100_352,
    ]


@given(st.binary(max_size=3000))
def test_unpadding_gives_the_content_back(content: bytes) -> None:
    assert unpad(pad(content)) == content


@given(st.binary(max_size=600))
def test_only_what_padding_makes_is_unpadded(padded: bytes) -> None:
    try:
        content = unpad(padded)
    except Malformed:
        return
    assert pad(content) == padded


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\x00\x00\x00",
        flipped(pad(b"abc")),
        pad(b"abc")[:-1],
        pad(b"abc") + b"\x00",
        flipped(pad(b"abc"), 3),
        b"\xff" * 256,
        b"\x00\x00\x02\x00" + bytes(252),
    ],
)
def test_padding_that_hides_something_is_malformed(padded: bytes) -> None:
    with pytest.raises(Malformed):
        unpad(padded)


def test_content_whose_length_does_not_fit_four_bytes_is_not_padded() -> None:
    class Endless(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(Malformed):
        pad(Endless())
