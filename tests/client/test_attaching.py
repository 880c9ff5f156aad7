"""Files pass chunk by chunk: the largest takes little memory, and nothing half or wrong is ever left behind."""

import tracemalloc
from collections.abc import AsyncIterable, AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crypto.attachments import CHUNK_LENGTH, MAX_LENGTH
from domain.ids import ThreadNo
from protocol.contents import SealedFile
from samsnakk import attaching
from samsnakk.asking import Reader
from samsnakk.attaching import no_progress, sealed_size
from samsnakk.doors import Doors
from samsnakk.errors import AttachmentDamaged, AttachmentTooLarge, CannotReadFile, CannotWriteFile, Disconnected

THREAD = ThreadNo(0)
LITTLE = 3 * 1024 * 1024
"""Bytes: a few chunks and what Python needs besides, an eighth of the largest file."""
READER = cast(
    "Reader", SimpleNamespace(ask=lambda _: SimpleNamespace(signed=b""), place=SimpleNamespace(channel=b"channel"))
)


class Shelf:
    """In place of the hub's doors: keeps one sealed file on the disk, and gives it out in pieces of 64 KiB."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0

    async def upload(self, *given: Any) -> None:
        pieces: AsyncIterable[bytes] = given[4]
        self.length = given[5]
        with self.path.open("wb") as file:
            try:
                async for piece in pieces:
                    file.write(piece)
            except Exception:  # noqa: BLE001 - see below
                # As an HTTP client does: whatever its source raises is a connection that broke.
                raise Disconnected from None

    async def download(self, *_: Any) -> AsyncIterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(64 * 1024):
                yield piece


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "sealed")


async def put(shelf: Shelf, data: bytes | Path) -> SealedFile:
    doors = cast("Doors", shelf)
    return await attaching.upload(doors, READER, THREAD, data, ("tegning.png", "image/png", None), no_progress)


async def get(shelf: Shelf, file: SealedFile) -> bytes:
    return await attaching.download(cast("Doors", shelf), READER, cast("Any", None), THREAD, file, no_progress)


async def save(shelf: Shelf, file: SealedFile, path: Path) -> None:
    await attaching.save(cast("Doors", shelf), READER, cast("Any", None), THREAD, file, path, no_progress)


def pattern(path: Path, length: int) -> Path:
    """A file in which no two chunks are alike."""
    with path.open("wb") as file:
        for start in range(0, length, CHUNK_LENGTH):
            file.write(start.to_bytes(8, "big") * (min(CHUNK_LENGTH, length - start) // 8 + 1))
        file.truncate(length)
    return path


@pytest.fixture
def peak() -> Callable[[], int]:
    """Bytes that were in use at most since the last call; tracing ends with the test."""

    def since() -> int:
        found = tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else 0
        tracemalloc.stop()
        tracemalloc.start()
        return found

    return since


@pytest.fixture(autouse=True)
def _traced() -> Any:
    yield
    tracemalloc.stop()


async def test_the_largest_file_needs_little_memory_on_its_way_out_and_in(
    shelf: Shelf, tmp_path: Path, peak: Callable[[], int]
) -> None:
    picture = pattern(tmp_path / "picture", MAX_LENGTH)
    peak()
    file = await put(shelf, picture)
    assert peak() < LITTLE
    await save(shelf, file, tmp_path / "saved")
    assert peak() < LITTLE
    tracemalloc.stop()
    assert (tmp_path / "saved").read_bytes() == picture.read_bytes()
    assert shelf.length == shelf.path.stat().st_size == sealed_size(file)


async def test_a_file_that_is_wanted_in_memory_is_there_once(
    shelf: Shelf, tmp_path: Path, peak: Callable[[], int]
) -> None:
    file = await put(shelf, pattern(tmp_path / "picture", MAX_LENGTH))
    peak()
    data = await get(shelf, file)
    assert peak() < 1.25 * MAX_LENGTH + LITTLE
    tracemalloc.stop()
    assert data == (tmp_path / "picture").read_bytes()


@pytest.mark.parametrize("length", [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 3 * CHUNK_LENGTH + 7])
async def test_any_length_comes_back_from_bytes_and_from_a_path(shelf: Shelf, tmp_path: Path, length: int) -> None:
    picture = pattern(tmp_path / "picture", length)
    for data in (picture, picture.read_bytes()):
        file = await put(shelf, data)
        assert file.size == length
        assert await get(shelf, file) == picture.read_bytes()


async def test_one_byte_too_many_is_refused_before_anything_is_sent(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(AttachmentTooLarge):
        await put(shelf, pattern(tmp_path / "picture", MAX_LENGTH + 1))
    assert not shelf.path.exists()


async def test_a_file_that_is_not_there_is_named_as_such(shelf: Shelf, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(CannotReadFile) as caught:
            await put(shelf, path)
        assert tmp_path.name not in str(caught.value)


async def test_a_file_that_shrinks_while_it_is_read_is_not_a_lost_connection(shelf: Shelf, tmp_path: Path) -> None:
    picture = pattern(tmp_path / "picture", 4 * CHUNK_LENGTH)

    def shrink(done: int, _total: int) -> None:
        if done:
            with picture.open("r+b") as file:
                file.truncate(CHUNK_LENGTH)

    with pytest.raises(CannotReadFile):
        await attaching.upload(cast("Doors", shelf), READER, THREAD, picture, ("a", "b/c", None), shrink)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: flipped(sealed, 5),
        lambda sealed: flipped(sealed, len(sealed) - 1),
        lambda sealed: sealed[: CHUNK_LENGTH + 16],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"\0",
        lambda sealed: sealed[:0],
        lambda sealed: sealed[CHUNK_LENGTH + 16 :] + sealed[: CHUNK_LENGTH + 16],
    ],
)
async def test_nothing_of_another_file_than_was_sent_stays_on_the_disk(
    shelf: Shelf, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    file = await put(shelf, pattern(tmp_path / "picture", 2 * CHUNK_LENGTH + 100))
    shelf.path.write_bytes(change(shelf.path.read_bytes()))
    with pytest.raises(AttachmentDamaged):
        await save(shelf, file, tmp_path / "saved")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["picture", "sealed"]
    with pytest.raises(AttachmentDamaged):
        await get(shelf, file)


async def test_nothing_that_is_there_is_replaced(shelf: Shelf, tmp_path: Path) -> None:
    file = await put(shelf, b"new")
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("kept", "link"):
        with pytest.raises(CannotWriteFile):
            await save(shelf, file, tmp_path / name)
    assert (tmp_path / "kept").read_bytes() == b"old"
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(CannotWriteFile):
        await save(shelf, file, tmp_path / "no such folder" / "name")


async def test_a_saved_file_is_its_owners_alone(shelf: Shelf, tmp_path: Path) -> None:
    await save(shelf, await put(shelf, b"new"), tmp_path / "saved")
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o600
