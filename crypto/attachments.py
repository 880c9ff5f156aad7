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
        yield _opened(key, file_id, index, last, chunk)


def _opened(key: SecretKey, file_id: Id, index: int, last: bool, chunk: bytes) -> bytes:  # noqa: FBT001 - as numbered
    opened = open_box(key, _nonce(index), _aad(file_id, index, last=last), chunk)
    # An empty chunk behind full ones would be a second way to seal the same file.
    if not opened and index > 0:
        raise Malformed("an empty chunk at the end")
    return opened


class SealedHash:
    """`content_hash` of a sealed file that comes in pieces of any size, for who keeps it and does not open it."""

    def __init__(self) -> None:
        self._cutter = _Cutter(_SEALED_CHUNK_LENGTH)
        self._hash = ContentHash()

    def add(self, piece: bytes) -> None:
        """The next bytes. Raises `Malformed` where the whole becomes too long."""
        for _, chunk in self._cutter.add(piece):
            self._hash.add(chunk)

    def digest(self) -> Digest:
        """The hash, once all pieces were added. Raises `Malformed` where there were none."""
        _, chunk = self._cutter.last()
        self._hash.add(chunk)
        return self._hash.digest()


class FileOpener:
    """A sealed file that is handed over piece by piece, as a network gives it.

    What `add` and `finish` give out is only part of the file until `finish` has ended by itself: whoever catches an
    error must discard what came before. Both raise `CannotOpen`, `Malformed` (too long) and `BadKey`.
    """

    def __init__(self, key: SecretKey, file_id: Id, expected: Digest) -> None:
        self._key = key
        self._file_id = file_id
        self._expected = expected
        self._cutter = _Cutter(_SEALED_CHUNK_LENGTH)
        self._hash = ContentHash()

    def add(self, piece: bytes) -> Iterator[bytes]:
        """The chunks that are complete with this piece. Take all of them before the next piece."""
        for index, chunk in self._cutter.add(piece):
            self._hash.add(chunk)
            yield _opened(self._key, self._file_id, index, False, chunk)  # noqa: FBT003 - as numbered

    def finish(self) -> Iterator[bytes]:
        """The last chunk, once the whole is known to be the file with the expected `content_hash`."""
        index, chunk = self._cutter.last()
        self._hash.add(chunk)
        if not compare_digest(self._hash.digest(), self._expected):
            raise CannotOpen("not the file that was sent")
        yield _opened(self._key, self._file_id, index, True, chunk)  # noqa: FBT003 - as numbered


class ContentHash:
    """`content_hash` of a file whose sealed chunks pass one by one."""

    def __init__(self) -> None:
        self._hashes: list[Digest] = []

    def add(self, chunk: bytes) -> None:
        """The next sealed chunk, whole."""
        self._hashes.append(hash_with(labels.ATTACHMENT_CHUNK, chunk))

    def digest(self) -> Digest:
        """The hash of all chunks so far."""
        return hash_with(labels.ATTACHMENT_CONTENT, b"".join(self._hashes))


def content_hash(sealed: Iterable[bytes]) -> Digest:
    """The hash of a sealed file, independent of the pieces it comes in: a hash over the hashes of its chunks."""
    found = ContentHash()
    for _, _, chunk in _numbered(sealed, _SEALED_CHUNK_LENGTH):
        found.add(chunk)
    return found.digest()


def verify_content_hash(sealed: Iterable[bytes], expected: Digest) -> None:
    """Raises `CannotOpen` unless `sealed` is the file that the message names, `Malformed` if it is too long."""
    if not compare_digest(content_hash(sealed), expected):
        raise CannotOpen("not the file that was sent")


class _Cutter:
    """Cuts pieces of any size into numbered chunks, all `length` bytes long except the last."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._index = 0
        self._waiting = bytearray()

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The chunks that are complete and not the last."""
        self._waiting += piece
        # A full chunk is held back until a byte follows it: only then is it known not to be the last.
        while len(self._waiting) > self._length:
            _verify_count(self._index)
            yield self._index, bytes(self._waiting[: self._length])
            del self._waiting[: self._length]
            self._index += 1

    def last(self) -> tuple[int, bytes]:
        """What is left."""
        _verify_count(self._index)
        return self._index, bytes(self._waiting)


def _numbered(pieces: Iterable[bytes], length: int) -> Iterator[tuple[int, bool, bytes]]:
    """Cuts `pieces` into (index, is last, chunk)."""
    cutter = _Cutter(length)
    for piece in pieces:
        for index, chunk in cutter.add(piece):
            yield index, False, chunk
    index, chunk = cutter.last()
    yield index, True, chunk


def _verify_count(index: int) -> None:
    if index >= MAX_CHUNKS:
        raise Malformed("file too large")


def _nonce(index: int) -> bytes:
    return index.to_bytes(NONCE_LENGTH, "big")


def _aad(file_id: Id, index: int, *, last: bool) -> bytes:
    return encode([labels.ATTACHMENT.decode(), identifier(file_id), index, last])
