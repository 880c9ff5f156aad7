"""The organisation's copy of attachments: sealed as they came, under the hash that stands open in the record.

The node holds no key to any of them. What it can tell is that a file is the one that the message names; that is checked
before the file counts as kept, and again whenever somebody asks.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from shutil import disk_usage
from typing import BinaryIO, Final

import msgspec

from crypto.attachments import SealedHash
from crypto.errors import CryptoError
from domain.channel.events import AttachmentRef, MessagePosted
from domain.ids import ChannelId, Digest, FileId, ThreadNo, Version
from protocol.acts import parse_header
from protocol.records import Record, read_item
from samsnakk.local_store import Drop, LocalStore, Put
from samsnakk.node.configuration import BadNode

RESERVE: Final = 256 * 1024 * 1024
"""Bytes that are left free for the records: they matter more than files."""
_TABLE: Final = "exported"
_UPTO: Final = b"files"
_MISSING: Final = b"missing files"
_ERASED: Final = b"erased files"
_ID: Final = 16
_PIECE: Final = 256 * 1024


def files_of(node: Path, organisation: bytes) -> Path:
    """The folder of an organisation's files below the node's."""
    return node / f"{organisation.hex()}.files"


class NoRoom(Exception):
    """The disk has no room for the next file."""


class NotTheFile(Exception):
    """What came is not the file that the message names."""


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a message names: in which channel and thread, at which version."""

    channel: ChannelId
    thread: ThreadNo
    version: Version
    ref: AttachmentRef


def named_in(channel: ChannelId, item: object) -> Iterator[Named]:
    """The files of a record, as it was served; a leaf names none."""
    entry = read_item(item)
    if isinstance(entry, Record):
        header, _ = parse_header(entry.signed.header)
        if isinstance(header.event, MessagePosted) and header.thread is not None:
            for ref in header.event.attachments:
                yield Named(channel, header.thread, entry.version, ref)


@dataclass(frozen=True, slots=True)
class FileShelf:
    """The files on disk."""

    folder: Path

    def path(self, content: Digest) -> Path:
        """Where a file lies, or would."""
        return self.folder / content.hex()[:2] / content.hex()

    def has(self, ref: AttachmentRef) -> bool:
        """Whether the file is here, as far as its length tells."""
        try:
            return self.path(ref.content_hash).stat().st_size == ref.size
        except OSError:
            return False

    def verify(self, ref: AttachmentRef) -> None:
        """Read the file again from disk. Raises `NotTheFile`, also where it is not there."""
        found, size = SealedHash(), 0
        try:
            with self.path(ref.content_hash).open("rb") as file:
                while piece := file.read(_PIECE):
                    found.add(piece)
                    size += len(piece)
            if size != ref.size or not compare_digest(found.digest(), ref.content_hash):
                raise NotTheFile
        except (OSError, CryptoError):
            raise NotTheFile from None

    def forget(self, content: Digest) -> bool:
        """Destroy a file, such as after an erasure; whether it was here."""
        try:
            self.path(content).unlink()
        except FileNotFoundError:
            return False
        return True

    def kept(self) -> tuple[int, int]:
        """How many files there are, and how many bytes."""
        sizes = [path.stat().st_size for path in self.folder.glob("??/*") if path.suffix == ""]
        return len(sizes), sum(sizes)

    @contextmanager
    def writing(self, ref: AttachmentRef) -> "Iterator[Incoming]":
        """Take a file in: it is there once the block has ended well and what came is what is named.

        Raises:
            NoRoom: the disk is too full for it.
            NotTheFile: something else came; nothing of it stays.

        """
        path = self.path(ref.content_hash)
        beside = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if disk_usage(path.parent).free < RESERVE + ref.size:
                raise NoRoom
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                incoming = Incoming(file, ref)
                yield incoming
                incoming.verify()
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            raise NoRoom from None
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


@dataclass(slots=True)
class Incoming:
    """A file on its way in."""

    file: BinaryIO = field(repr=False)
    ref: AttachmentRef
    _hash: SealedHash = field(default_factory=SealedHash)
    _size: int = 0

    def add(self, piece: bytes) -> None:
        """The next bytes. Raises `NotTheFile` where there are too many, OSError."""
        self._size += len(piece)
        if self._size > self.ref.size:
            raise NotTheFile
        try:
            self._hash.add(piece)
        except CryptoError:
            raise NotTheFile from None
        self.file.write(piece)

    def verify(self) -> None:
        """Raise `NotTheFile` unless all of it came, and nothing else."""
        try:
            if self._size != self.ref.size or not compare_digest(self._hash.digest(), self.ref.content_hash):
                raise NotTheFile
        except CryptoError:
            raise NotTheFile from None


class _Row(msgspec.Struct, array_like=True, frozen=True):
    channel: bytes
    thread: int
    version: int
    file: bytes
    size: int
    content_hash: bytes


class FileList:
    """How far each channel's files were fetched, and which could not be had; in the same sealed file as the records."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self.upto: dict[ChannelId, Version] = {}
        self.missing: dict[FileId, Named] = {}
        self.erased: set[FileId] = set()

    async def load(self) -> None:
        """Read it from disk. Raises `BadProfile`, `BadNode`."""
        for _, _, data in await self._store.rows(_TABLE, _UPTO):
            self.upto[ChannelId(data[:_ID])] = Version(int.from_bytes(data[_ID:]))
        for _, _, data in await self._store.rows(_TABLE, _MISSING):
            one = _read(data)
            self.missing[one.ref.file] = one
        self.erased = {FileId(data) for _, _, data in await self._store.rows(_TABLE, _ERASED)}

    async def keep(self, channel: ChannelId, upto: Version, missing: list[Named]) -> None:
        """Write down that the channel's files up to there were asked for, and which of them are not to be had."""
        self.upto[channel] = upto
        self.missing |= {one.ref.file: one for one in missing}
        row = (*_place(channel), channel + upto.to_bytes(8))
        rows = [(*_place(one.ref.file), _written(one)) for one in missing]
        await self._store.write(Put(_TABLE, _UPTO, [row]), Put(_TABLE, _MISSING, rows))

    async def go_back(self, channel: ChannelId, before: Version) -> None:
        """Records came in the place of leaves: look at the channel again from there on."""
        if self.upto.get(channel, 0) >= before:
            await self.keep(channel, Version(before - 1), [])

    async def erase(self, files: Sequence[FileId]) -> None:
        """Note that these are wanted never again."""
        self.erased |= {*files}
        await self._store.write(Put(_TABLE, _ERASED, [(*_place(file), file) for file in files]))
        for file in files:
            await self.found(file)

    async def found(self, file: FileId) -> None:
        """A file that was missing is here, or is no longer wanted."""
        if self.missing.pop(file, None) is not None:
            await self._store.write(Drop(_TABLE, _MISSING, _place(file)[0]))


def _place(one: bytes) -> tuple[int, int]:
    return int.from_bytes(one[:6]), int.from_bytes(one[10:])


def _written(one: Named) -> bytes:
    ref = one.ref
    return msgspec.msgpack.encode(_Row(one.channel, one.thread, one.version, ref.file, ref.size, ref.content_hash))


def _read(data: bytes) -> Named:
    try:
        row = msgspec.msgpack.decode(data, type=_Row)
    except msgspec.MsgspecError:
        raise BadNode("the replica's list of missing files is damaged") from None
    ref = AttachmentRef(FileId(row.file), row.size, Digest(row.content_hash))
    return Named(ChannelId(row.channel), ThreadNo(row.thread), Version(row.version), ref)
