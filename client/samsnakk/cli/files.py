"""Files in `samsnakk chat`: from this machine into the channel, and from a message onto this machine."""

import asyncio
import mimetypes
from pathlib import Path
from typing import Final

from protocol.contents import Files
from samsnakk.channel import Channel
from samsnakk.cli.shown import one_line
from samsnakk.errors import CannotWriteFile

UNNAMED: Final = "vedlegg"
_LONGEST: Final = 120
"""Bytes of UTF-8 in a file name, so that every file system takes it with a number added."""
_SEPARATORS: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\N{REPLACEMENT CHARACTER}', "_"))
_TRIES: Final = 1000


async def send(channel: Channel, thread: int, path: Path) -> None:
    """Post a file. Raises what `Channel.upload` and `Channel.post` raise."""
    media_type, _ = mimetypes.guess_type(path.name)
    file = await channel.upload(thread, path, path.name, media_type or "application/octet-stream")
    await channel.post(thread, Files((file,)))


async def save(channel: Channel, thread: int, content: Files, folder: Path) -> list[Path]:
    """Save the files of a message under names that are free; returns where. Raises what `Channel.save` raises."""
    if not await asyncio.to_thread(folder.is_dir):
        raise CannotWriteFile("no such folder")
    saved = []
    for file in content.files:
        path = _free(folder, local_name(file.name))
        await channel.save(thread, file, path)
        saved.append(path)
    return saved


def local_name(name: str) -> str:
    """A name that is safe here, whatever the sender called the file: one part, nothing hidden, nothing that steers."""
    part = one_line(name.replace("\\", "/").rpartition("/")[2]).translate(_SEPARATORS).strip(". ")
    stem, dot, suffix = part.rpartition(".")
    if not dot:
        return _cut(part, _LONGEST) or UNNAMED
    suffix = _cut(suffix, 16)
    return (_cut(stem, _LONGEST - 17).strip(". ") or UNNAMED) + f".{suffix}"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _free(folder: Path, name: str) -> Path:
    wanted = folder / name
    for number in range(2, _TRIES):
        if not wanted.exists() and not wanted.is_symlink():
            return wanted
        wanted = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    raise CannotWriteFile("all names are taken")
