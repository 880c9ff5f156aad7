"""The bundle as a file: a zip without compression, so that nothing in it can be larger than it looks."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from crypto import cbor
from samsnakk.evidence.contents import (
    ABOUT,
    FILES,
    MAX_BUNDLE_LIST,
    About,
    BadBundle,
    FileSum,
    decode_about,
    encode_about,
    read_items,
    sum_of,
)
from samsnakk.private_files import writing_new

MAX_BUNDLE_FILE: Final = 8 * 1024**3
"""Bytes of any one file in a bundle: about ten million events."""
_PIECE: Final = 1024 * 1024
_THEN: Final = (1980, 1, 1, 0, 0, 0)
"""Every file has this time: a bundle of the same things is the same file."""


class Packing:
    """A bundle in the making: files are given one after the other, `bundle.json` comes last by itself."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sums: dict[str, FileSum] = {}

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """One file, piece by piece."""

        def copied(into: BinaryIO) -> Iterator[bytes]:
            for piece in pieces:
                into.write(piece)
                yield piece

        with self._archive.open(_member(name), "w", force_zip64=True) as into:
            self._sums[name] = sum_of(copied(cast("BinaryIO", into)))

    def finish(self, about: About) -> bytes:
        """Write the list; `about.files` is filled in here. Returns the list, whose hash names the bundle."""
        data = encode_about(msgspec.structs.replace(about, files=self._sums))
        self._archive.writestr(_member(ABOUT), data)
        return data


@contextmanager
def packing(path: Path) -> Iterator[Packing]:
    """Make a bundle at `path`; it appears there whole or not at all, and for its owner's eyes only.

    Raises:
        CannotWriteFile: there is something there already, or it cannot be written.

    """
    with writing_new(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        yield Packing(archive)


class Bundle:
    """An opened bundle, of which every byte has been held against its list."""

    def __init__(self, archive: zipfile.ZipFile, about: About, name: str) -> None:
        self._archive = archive
        self.about = about
        self.name = name
        """SHA-256 of the list, in hexadecimal: two bundles with this name are the same."""

    def items(self, name: str) -> Iterator[cbor.CborValue]:
        """The items of a file. Raises `BadBundle`."""
        with self._archive.open(name) as file:
            yield from read_items(cast("BinaryIO", file))

    def text(self, name: str) -> str:
        """A file of text. Raises `BadBundle`."""
        try:
            return self._archive.read(name).decode()
        except UnicodeDecodeError:
            raise BadBundle(f"{name} is not text") from None

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file of text, one after the other. Raises `BadBundle`."""
        with self._archive.open(name) as file:
            for line in file:
                try:
                    yield line.decode()
                except UnicodeDecodeError:
                    raise BadBundle(f"{name} is not text") from None


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open a bundle and check that each file is the one that its list names.

    Raises:
        BadBundle: it is none, it was made in another way, or a file in it is damaged.

    """
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BadBundle(f"{path}: there is no such file") from None
    except (OSError, zipfile.BadZipFile):
        raise BadBundle(f"{path}: not a bundle, or only a part of one") from None
    with archive:
        _check_members(archive.infolist())
        try:
            listed = archive.read(ABOUT)
            about = decode_about(listed)
            for name, expected in about.files.items():
                _check_sum(archive, name, expected)
        except (zipfile.BadZipFile, EOFError, OSError):
            raise BadBundle("the bundle is damaged") from None
        yield Bundle(archive, about, sum_of([listed]).sha256)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if sorted(names) != sorted((*FILES, ABOUT)):
        raise BadBundle("other files in it than a bundle has")
    for member in members:
        limit = MAX_BUNDLE_LIST if member.filename == ABOUT else MAX_BUNDLE_FILE
        if member.compress_type != zipfile.ZIP_STORED or member.file_size > limit:
            raise BadBundle("a file in it is packed, or too large")


def _check_sum(archive: zipfile.ZipFile, name: str, expected: FileSum) -> None:
    with archive.open(name) as file:
        found = sum_of(iter(lambda: file.read(_PIECE), b""))
    if found != expected:
        raise BadBundle(f"{name} is not the file that was put in")


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _THEN)
