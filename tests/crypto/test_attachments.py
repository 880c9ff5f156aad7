from collections.abc import Iterable, Iterator

import pytest

from crypto.attachments import (
    CHUNK_LENGTH,
    MAX_CHUNKS,
    MAX_LENGTH,
    SealedHash,
    content_hash,
    open_chunks,
    seal_chunks,
    verify_content_hash,
)
from crypto.boxes import TAG_LENGTH, seal_box
from crypto.cbor import encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.shapes import SecretKey
from tests.crypto.fixed import flipped, some_bytes, some_id, some_secret

KEY, FILE = some_secret("file"), some_id("file")
CONTENT = some_bytes("a picture", 2 * CHUNK_LENGTH + 1000)
SEALED = list(seal_chunks(KEY, FILE, [CONTENT]))


def _opened(sealed: Iterable[bytes], key: SecretKey = KEY, file_id: bytes = FILE) -> bytes:
    return b"".join(open_chunks(key, file_id, sealed))


def _sealed(index: int, chunk: bytes, *, last: bool) -> bytes:
    """One chunk, put together from the documented parts."""
    aad = encode(["samsnakk/1 attachment", FILE, index, last])
    return seal_box(KEY, index.to_bytes(12, "big"), aad, chunk)


def _in_pieces(data: bytes, length: int) -> Iterator[bytes]:
    return (data[start : start + length] for start in range(0, len(data), length))


@pytest.mark.parametrize("length", [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 3 * CHUNK_LENGTH])
def test_a_file_opens_to_its_content(length: int) -> None:
    content = CONTENT * 2
    sealed = list(seal_chunks(KEY, FILE, [content[:length]]))
    assert _opened(sealed) == content[:length]
    assert len(sealed) == max(1, -(-length // CHUNK_LENGTH))


def test_a_file_without_any_piece_is_an_empty_file() -> None:
    assert list(seal_chunks(KEY, FILE, [])) == list(seal_chunks(KEY, FILE, [b"", b""]))
    assert _opened(seal_chunks(KEY, FILE, [])) == b""


@pytest.mark.parametrize("length", [1009, CHUNK_LENGTH, CHUNK_LENGTH + TAG_LENGTH, 10 * CHUNK_LENGTH])
def test_the_pieces_in_which_a_file_travels_do_not_matter(length: int) -> None:
    assert list(seal_chunks(KEY, FILE, _in_pieces(CONTENT, length))) == SEALED
    whole = b"".join(SEALED)
    assert _opened(_in_pieces(whole, length)) == CONTENT
    assert content_hash(_in_pieces(whole, length)) == content_hash(SEALED)
    kept = SealedHash()
    for piece in _in_pieces(whole, length):
        kept.add(piece)
    assert kept.digest() == content_hash(SEALED)


def test_the_largest_file_opens_and_one_byte_more_is_refused() -> None:
    sealed = list(seal_chunks(KEY, FILE, [bytes(MAX_LENGTH)]))
    assert sum(map(len, open_chunks(KEY, FILE, sealed))) == MAX_LENGTH
    with pytest.raises(Malformed):
        list(seal_chunks(KEY, FILE, [bytes(MAX_LENGTH), b"x"]))


def test_a_file_that_its_sender_made_too_long_is_refused() -> None:
    full = bytes(CHUNK_LENGTH)
    too_long = [_sealed(index, full, last=index == MAX_CHUNKS) for index in range(MAX_CHUNKS + 1)]
    with pytest.raises(Malformed):
        _opened(too_long)
    with pytest.raises(Malformed):
        content_hash(too_long)


def test_a_file_cut_off_at_a_chunk_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        _opened(SEALED[:-1])


def test_a_file_cut_off_within_a_chunk_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        _opened([*SEALED[:-1], SEALED[-1][:-1]])


def test_no_bytes_at_all_are_not_an_empty_file() -> None:
    with pytest.raises(CannotOpen):
        _opened([])


def test_a_file_in_another_order_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        _opened([SEALED[1], SEALED[0], SEALED[2]])


def test_a_file_with_a_chunk_left_out_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        _opened([SEALED[0], SEALED[2]])


def test_a_file_with_a_chunk_repeated_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        _opened([SEALED[0], SEALED[0], *SEALED[1:]])


@pytest.mark.parametrize("extra", [b"x", bytes(TAG_LENGTH), SEALED[-1]])
def test_a_file_with_something_added_does_not_open(extra: bytes) -> None:
    with pytest.raises(CannotOpen):
        _opened([*SEALED, extra])


def test_a_chunk_of_another_file_does_not_open_here() -> None:
    other = list(seal_chunks(KEY, some_id("other file"), [CONTENT]))
    with pytest.raises(CannotOpen):
        _opened([SEALED[0], other[1], SEALED[2]])
    with pytest.raises(CannotOpen):
        _opened(other)


def test_a_file_does_not_open_with_another_key() -> None:
    with pytest.raises(CannotOpen):
        _opened(SEALED, key=some_secret("other"))


@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_a_file_with_a_bit_changed_does_not_open(chunk: int) -> None:
    with pytest.raises(CannotOpen):
        _opened([flipped(one, 7) if index == chunk else one for index, one in enumerate(SEALED)])


def test_a_full_file_has_no_empty_chunk_behind_it() -> None:
    full = bytes(CHUNK_LENGTH)
    assert _opened([_sealed(0, full, last=True)]) == full
    with pytest.raises(Malformed):
        _opened([_sealed(0, full, last=False), _sealed(1, b"", last=True)])


def test_the_hash_in_the_message_tells_a_substituted_file() -> None:
    expected = content_hash(SEALED)
    verify_content_hash(SEALED, expected)
    for other in ([], SEALED[:-1], SEALED[::-1], [*SEALED, b"x"], [flipped(SEALED[0]), *SEALED[1:]]):
        with pytest.raises(CannotOpen):
            verify_content_hash(other, expected)


def test_keys_and_ids_of_another_length_are_refused() -> None:
    with pytest.raises(BadKey):
        list(seal_chunks(SecretKey(b"short"), FILE, [b""]))
    with pytest.raises(Malformed):
        list(seal_chunks(KEY, b"short", [b""]))
