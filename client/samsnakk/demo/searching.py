"""Does a secret lie where it must not? It is looked for as it is, in hexadecimal and in base64, in every file."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_EDGES: Final = (0, 2, 3)
"""How many first signs of base64 depend on what stands before, by how far a secret is shifted in its group of three."""

_LOG: Final = "pg_wal"
_PAGE, _HEADER, _FIRST_HEADER = 8192, 24, 40
"""PostgreSQL's log is in pages, and what goes over the edge of one has the next one's header in its middle; a file's
first page has a longer one (`XLogLongPageHeaderData` in its `xlog_internal.h`)."""


def fingerprint(secret: bytes) -> str:
    """By which two holders of one secret are found out, and which tells nothing else: secrets are random."""
    return hashlib.sha256(secret).hexdigest()


def dresses(secret: bytes) -> tuple[bytes, ...]:
    """The ways in which these bytes may stand in a file."""
    shifted = (b64encode(bytes(n) + secret)[_EDGES[n] : -4] for n in range(3))
    return (secret, secret.hex().encode(), secret.hex().upper().encode(), *shifted)


def found_below(folder: Path, wanted: Mapping[str, bytes]) -> set[str]:
    """Which of these secrets stand in a file of the folder, by their names. A file that cannot be read is an error."""
    found: set[str] = set()
    needles = [(name, dress) for name, secret in wanted.items() for dress in dresses(secret)]
    for data in _contents(folder):
        found.update(name for name, dress in needles if name not in found and dress in data)
    return found


def joined_log(files: Iterable[bytes]) -> bytes:
    """The files of PostgreSQL's log, in order of their names, without what stands between the parts of a record."""
    return b"".join(
        data[at + (_HEADER if at else _FIRST_HEADER) : at + _PAGE]
        for data in files
        for at in range(0, len(data), _PAGE)
    )


def _contents(folder: Path) -> Iterable[bytes]:
    """Everything that stands in the files, once: a new database is made of copies of one."""
    seen: set[bytes] = set()
    log: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        try:
            # What a database has only reserved is nothing but zeros.
            data = path.read_bytes().rstrip(b"\0") if path.is_file() else b""
        except FileNotFoundError:
            continue  # a database renames and removes its files while it runs
        if path.parent.name == _LOG:
            log.append(data)
        digest = hashlib.sha256(data).digest()
        if data and digest not in seen:
            seen.add(digest)
            yield data
    yield joined_log(log)
