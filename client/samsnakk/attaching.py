"""Files beside the channel: sealed before they leave, opened only when they are the very file the message names."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

from crypto import attachments
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
from samsnakk.errors import AttachmentDamaged, AttachmentTooLarge

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
        Disconnected, Refused: not stored; trying again stores it under a new id.

    """
    file, key = FileId(new_id()), SecretKey(random_bytes(32))
    size, sealed = await asyncio.to_thread(_seal, key, file, data)
    total = sum(map(len, sealed))
    asked = reader.ask(f"upload {file.hex()} {thread}")

    async def pieces() -> AsyncIterator[bytes]:
        done = 0
        for chunk in sealed:
            yield chunk
            done += len(chunk)
            progress(done, total)

    await doors.upload(reader.place.channel, thread, file, asked.signed, pieces(), total)
    name, media_type, duration = described
    return SealedFile(file, key, attachments.content_hash(sealed), name, media_type, size, duration)


def _seal(key: SecretKey, file: FileId, data: bytes | Path) -> tuple[int, list[bytes]]:
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size > attachments.MAX_LENGTH:
        raise AttachmentTooLarge
    content = data.read_bytes() if isinstance(data, Path) else data
    return len(content), list(attachments.seal_chunks(key, file, [content]))


async def download(
    doors: Doors, reader: Reader, directory: Directory, thread: ThreadNo, file: SealedFile, progress: Progress
) -> bytes:
    """The file's bytes, checked against the message that names it.

    Raises:
        AttachmentDamaged: something else came.
        UncoveredContent: it came without its access line.
        Disconnected, Refused: it cannot be had now.

    """
    asked = reader.ask(f"attachment {file.file.hex()} {thread}")

    def take_line(line: list[Any]) -> None:
        verify_file(line, asked, thread, file.file, reader.place, directory)

    sealed: list[bytes] = []
    done, total = 0, sealed_size(file)
    async for piece in doors.download(reader.place.channel, thread, file.file, asked.signed, take_line):
        sealed.append(piece)
        done += len(piece)
        progress(done, total)
    return await asyncio.to_thread(_opened, file, sealed)


def _opened(file: SealedFile, sealed: list[bytes]) -> bytes:
    try:
        attachments.verify_content_hash(sealed, Hash(file.content_hash))
        return b"".join(attachments.open_chunks(SecretKey(file.key), file.file, sealed))
    except CryptoError:
        raise AttachmentDamaged from None


def sealed_size(file: SealedFile) -> int:
    """Bytes of the file as it lies at the hub."""
    chunks = max(1, -(-file.size // attachments.CHUNK_LENGTH))
    return file.size + chunks * _TAG


def references(content: object) -> tuple[AttachmentRef, ...]:
    """What stands open in the act about the files of a message: id, stored size and hash."""
    if not isinstance(content, Files):
        return ()
    return tuple(AttachmentRef(f.file, sealed_size(f), Digest(f.content_hash)) for f in content.files)
