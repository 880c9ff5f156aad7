"""The node's registers: CSV files that people keep, each read whole or not at all."""

import csv
from pathlib import Path

from samsnakk.node.configuration import BadNode


def read_rows(path: Path, header: list[str]) -> list[list[str]]:
    """The rows below the header, the first of which stands in line 2. Raises `BadNode`, and `FileNotFoundError`."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), strict=True))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadNode(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadNode(f"{path}: {error}") from None
    if not rows or rows[0] != header:
        raise BadNode(f"{path}:1: {','.join(header)} expected")
    return rows[1:]
