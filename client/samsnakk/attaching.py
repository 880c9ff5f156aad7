"""Files beside the channel: sealed before they leave, opened only when they are the very file the message names.

A file passes chunk by chunk, so the largest one takes no more memory than a small one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from crypto import attachments
from crypto.attachments import CHUNK_LENGTH, ContentHash, FileOpener
from crypto.errors import CryptoError
from crypto.hashing import Digest as Hash
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from domain.channel.events import AttachmentRef
from domain.ids import Digest, FileId, Millis, ThreadNo
from protocol.contents import Files, SealedFile
from protocol.directory import Directory
from samsnakk.asking import Reader
from samsnakk.coverage import verify_file
from samsnakk.doors import Doors
from samsnakk.errors import AttachmentDamaged, AttachmentTooLarge, CannotReadFile
from samsnakk.private_files import writing_new

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""
_TAG: Final = 16


def no_progress(_done: int, _total: int) -> None:
    """For who does not want to know."""


async def upload(
    doors: Doors,
    reader: Reader,
    thread: ThreadNo,
    data: bytes | Path,
    described: tuple[str, str, Millis | None],
    progress: Progress,
) -> SealedFile:
    """Seal and store a file; what comes back goes into a `Files` message.

    Args:
        doors: the hub's.
        reader: in whose name.
        thread: where the message will be posted.
        data: the file, or its path; at most 25 MiB.
        described: name, media type, and for sound its duration; all of them are sealed in the message.
        progress: told about every chunk.

    Raises:
        AttachmentTooLarge: more than 25 MiB.
        CannotReadFile: there is no such file, or it changed while it was read.
        Disconnected, Refused: not stored; trying again stores it under a new id.

    """
    file, key = FileId(new_id()), SecretKey(random_bytes(32))
    sealing = await asyncio.to_thread(_Sealing, key, file, data)
    total = _sealed_length(sealing.size)
    asked = reader.ask(f"upload {file.hex()} {thread}")

    async def pieces() -> AsyncIterator[bytes]:
        done = 0
        while (chunk := await asyncio.to_thread(sealing.next)) is not None:
            yield chunk
            done += len(chunk)
            progress(done, total)

    try:
        await doors.upload(reader.place.channel, thread, file, asked.signed, pieces(), total)
    finally:
        sealing.close()
        # What went wrong with the file looks to the connection like a connection that broke.
        if sealing.error is not None:
            raise sealing.error from None
    name, media_type, duration = described
    return SealedFile(file, key, sealing.hash.digest(), name, media_type, sealing.size, duration)


class _Sealing:
    """A file on its way out. `error`: why it cannot go on."""

    def __init__(self, key: SecretKey, file: FileId, data: bytes | Path) -> None:
        self.error: CannotReadFile | None = None
        self.hash = ContentHash()
        try:
            self._source: BinaryIO = data.open("rb") if isinstance(data, Path) else BytesIO(data)
            self.size = self._source.seek(0, 2)
            self._source.seek(0)
        except OSError as error:
            raise CannotReadFile(error.strerror) from None
        if self.size > attachments.MAX_LENGTH:
            self.close()
            raise AttachmentTooLarge
        self._chunks = attachments.seal_chunks(key, file, self._read())

    def _read(self) -> Iterator[bytes]:
        left = self.size
        while left:
            piece = self._source.read(min(left, CHUNK_LENGTH))
            if not piece:
                raise CannotReadFile("it became shorter while it was read")
            left -= len(piece)
            yield piece

    def next(self) -> bytes | None:
        """The next sealed chunk; None after the last one. Raises `CannotReadFile`, and remembers it."""
        try:
            chunk = next(self._chunks, None)
        except OSError as error:
            self.error = CannotReadFile(error.strerror)
            raise self.error from None
        except CannotReadFile as error:
            self.error = error
            raise
        if chunk is not None:
            self.hash.add(chunk)
        return chunk

    def close(self) -> None:
        self._source.close()


async def download(
    doors: Doors, reader: Reader, directory: Directory, thread: ThreadNo, file: SealedFile, progress: Progress
) -> bytes:
    """The file's bytes, checked against the message that names it.

    Raises:
        AttachmentDamaged: something else came.
        UncoveredContent: it came without its access line.
        Disconnected, Refused: it cannot be had now.

    """
    whole = BytesIO()
    await _fetch(doors, reader, directory, thread, file, whole, progress)
    # Not copied: the buffer and the bytes are one as long as nobody writes on.
    return whole.getvalue()


async def save(
    doors: Doors,
    reader: Reader,
    directory: Directory,
    thread: ThreadNo,
    file: SealedFile,
    path: Path,
    progress: Progress,
) -> None:
    """Write the file to `path`, where nothing may be yet. Nothing is there until all of it has been checked.

    Raises:
        CannotWriteFile: there is something already, or no room, or no permission.
        AttachmentDamaged, UncoveredContent, Disconnected, Refused: as for `download`.

    """
    with writing_new(path) as target:
        await _fetch(doors, reader, directory, thread, file, target, progress)


async def _fetch(
    doors: Doors,
    reader: Reader,
    directory: Directory,
    thread: ThreadNo,
    file: SealedFile,
    target: BinaryIO,
    progress: Progress,
) -> None:
    """Opened chunks into `target`. They are the file only once this returns; after an error, throw them away."""
    asked = reader.ask(f"attachment {file.file.hex()} {thread}")

    def take_line(line: list[Any]) -> None:
        verify_file(line, asked, thread, file.file, reader.place, directory)

    opener = FileOpener(SecretKey(file.key), file.file, Hash(file.content_hash))
    done, total = 0, sealed_size(file)
    try:
        async for piece in doors.download(reader.place.channel, thread, file.file, asked.signed, take_line):
            await asyncio.to_thread(_write, target, opener.add(piece))
            done += len(piece)
            progress(done, total)
        await asyncio.to_thread(_write, target, opener.finish())
    except CryptoError:
        raise AttachmentDamaged from None


def _write(target: BinaryIO, chunks: Iterator[bytes]) -> None:
    target.writelines(chunks)


def sealed_size(file: SealedFile) -> int:
    """Bytes of the file as it lies at the hub."""
    return _sealed_length(file.size)


def _sealed_length(size: int) -> int:
    return size + max(1, -(-size // CHUNK_LENGTH)) * _TAG


def references(content: object) -> tuple[AttachmentRef, ...]:
    """What stands open in the act about the files of a message: id, stored size and hash."""
    if not isinstance(content, Files):
        return ()
    return tuple(AttachmentRef(f.file, sealed_size(f), Digest(f.content_hash)) for f in content.files)
