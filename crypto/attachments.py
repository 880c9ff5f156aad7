"""Files, sealed in chunks that can be made, sent, checked and opened one by one (protocol §6).

Chunks of 256 KiB, each AES-256-GCM under the file's own fresh key. The nonce is the chunk's index, which is safe
because the key seals one file, once. The associated data is the CBOR array [label, file id, index, last]: so a file
with a chunk missing, moved, added, cut off the end or taken from another file does not open. An empty file has one
empty chunk. The length of a file is not hidden.
"""

from collections.abc import Iterable, Iterator
from hmac import compare_digest
from typing import Final

from crypto import labels
from crypto.boxes import NONCE_LENGTH, TAG_LENGTH, open_box, seal_box
from crypto.cbor import encode
from crypto.errors import CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.shapes import Id, SecretKey, identifier

CHUNK_LENGTH: Final = 256 * 1024
MAX_CHUNKS: Final = 100
MAX_LENGTH: Final = MAX_CHUNKS * CHUNK_LENGTH
"""Bytes of the largest file: 25 MiB."""

_SEALED_CHUNK_LENGTH: Final = CHUNK_LENGTH + TAG_LENGTH


def seal_chunks(key: SecretKey, file_id: Id, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed chunks of a file that comes in pieces of any size.

    `key` is 32 fresh random bytes: never seal a second file, or a changed one, under it. Raises `Malformed` from the
    first byte over `MAX_LENGTH` on, `BadKey` on a wrong key length.
    """
    for index, last, chunk in _numbered(chunks, CHUNK_LENGTH):
        yield seal_box(key, _nonce(index), _aad(file_id, index, last=last), chunk)


def open_chunks(key: SecretKey, file_id: Id, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a sealed file that comes in pieces of any size.

    What was given out is only part of the file until the iterator ends by itself: whoever catches an error from it
    must discard what came before. Raises `CannotOpen`, `Malformed` (too long), `BadKey`.
    """
    for index, last, chunk in _numbered(sealed, _SEALED_CHUNK_LENGTH):
        opened = open_box(key, _nonce(index), _aad(file_id, index, last=last), chunk)
        # An empty chunk behind full ones would be a second way to seal the same file.
        if not opened and index > 0:
            raise Malformed("an empty chunk at the end")
        yield opened


def content_hash(sealed: Iterable[bytes]) -> Digest:
    """The hash of a sealed file, independent of the pieces it comes in: a hash over the hashes of its chunks."""
    hashes = [hash_with(labels.ATTACHMENT_CHUNK, chunk) for _, _, chunk in _numbered(sealed, _SEALED_CHUNK_LENGTH)]
    return hash_with(labels.ATTACHMENT_CONTENT, b"".join(hashes))


def verify_content_hash(sealed: Iterable[bytes], expected: Digest) -> None:
    """Raises `CannotOpen` unless `sealed` is the file that the message names, `Malformed` if it is too long."""
    if not compare_digest(content_hash(sealed), expected):
        raise CannotOpen("not the file that was sent")


def _numbered(pieces: Iterable[bytes], length: int) -> Iterator[tuple[int, bool, bytes]]:
    """Cuts `pieces` into (index, is last, chunk), all chunks `length` bytes long except the last."""
    index, waiting = 0, bytearray()
    for piece in pieces:
        waiting += piece
        # A full chunk is held back until a byte follows it: only then is it known not to be the last.
        while len(waiting) > length:
            _verify_count(index)
            yield index, False, bytes(waiting[:length])
            del waiting[:length]
            index += 1
    _verify_count(index)
    yield index, True, bytes(waiting)


def _verify_count(index: int) -> None:
    if index >= MAX_CHUNKS:
        raise Malformed("file too large")


def _nonce(index: int) -> bytes:
    return index.to_bytes(NONCE_LENGTH, "big")


def _aad(file_id: Id, index: int, *, last: bool) -> bytes:
    return encode([labels.ATTACHMENT.decode(), identifier(file_id), index, last])
