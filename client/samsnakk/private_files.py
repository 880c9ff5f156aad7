"""Files that only their owner may read, replaced whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from samsnakk.errors import CannotWriteFile


def write_private(path: Path, data: bytes) -> None:
    """Write `data`; never readable by others, not even for a moment."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def writing_new(path: Path) -> Iterator[BinaryIO]:
    """Write to a file beside `path`, which takes its place when the block ends well; after an error nothing is left.

    Raises:
        CannotWriteFile: there is something at `path` already, or it cannot be written.

    """
    beside = path.with_name(f".{path.name[:80]}.{os.getpid()}.new")
    reserved = written = False
    try:
        # The name is taken first, so that two never write to one and nothing that is there is ever replaced.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        reserved = True
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        written = True
    except OSError as error:
        raise CannotWriteFile(error.strerror) from None
    finally:
        if reserved and not written:
            beside.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
