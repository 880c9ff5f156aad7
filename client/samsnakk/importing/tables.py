"""A CSV file as rows of named cells: UTF-8 with or without BOM, `;` or `,`, quotes as in RFC 4180, nothing guessed."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.numbers import holds_national_id
from samsnakk.importing.drafts import MAX_THINGS
from samsnakk.importing.problems import PERSONAL, REMOVE, Problems, Where, shown

MAX_CELL: Final = 4000
"""Characters of one cell."""
_UTF8: Final = "Lagre filen på nytt som «CSV UTF-8»."
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what stands in its filled cells, by column."""

    file: str
    number: int
    cells: dict[str, str] = field(repr=False)

    def where(self, column: str = "") -> Where:
        """The place of one of its cells, or of the row."""
        return Where(self.file, self.number, column)


def read_table(data: bytes, file: str, columns: Sequence[str], problems: Problems) -> list[Row]:
    """The rows that are not empty. Whatever is wrong is noted; rows that cannot be read are left out."""
    text = _decoded(data, file, problems)
    if text is None:
        return []
    first, _, _ = text.partition("\n")
    delimiter = ";" if ";" in first else ","
    lines = _Lines(text)
    try:
        rows = _numbered(csv.reader(lines, delimiter=delimiter, strict=True), lines)
        header = _header(next(rows, (1, []))[1], file, columns, problems)
        return [] if header is None else list(_rows(rows, header, file, problems))
    except csv.Error:
        what = "anførselstegnene går ikke opp"
        instead = 'Skriv " foran og bak en celle som inneholder skilletegn eller linjeskift, og "" for ett tegn.'
        problems.add(Where(file, lines.begun), what, instead)
        return []


class _Lines:
    """The lines of a text, counting: `begun` is where the row that is being read began, from 1."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.number = 0
        self.begun = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _numbered(reader: Iterator[list[str]], lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        yield lines.begun, row
        lines.begun = lines.number + 1


def _decoded(data: bytes, file: str, problems: Problems) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        problems.add(Where(file, row), "tegnene er ikke UTF-8 (æ, ø og å blir feil)", _UTF8)
        return None
    if "\0" in text:
        problems.add(Where(file, text.count("\n", 0, text.index("\0")) + 1), "raden inneholder nulltegn", _UTF8)
        return None
    return text.removeprefix(_BOM)


def _header(cells: list[str], file: str, columns: Sequence[str], problems: Problems) -> list[str] | None:
    """The names of the columns; None where they are not known, so that nothing below them can be read."""
    names = [" ".join(cell.replace("_", " ").casefold().split()) for cell in cells]
    before = problems.count
    for at, name in enumerate(names):
        where = Where(file, 1, f"nr. {at + 1}")
        if holds_national_id(name):
            problems.add(where, PERSONAL, REMOVE)
        elif name not in columns:
            what = f"{shown(name)} er ikke navnet på en kolonne" if name else "kolonnen har ikke noe navn"
            problems.add(where, what, f"Kolonnene heter {', '.join(columns)}.")
        elif name in names[:at]:
            problems.add(where, f"{shown(name)} står to ganger", "Slett den ene kolonnen.")
    missing = [name for name in columns[:2] if name not in names]
    if missing:
        what = f"overskriften mangler {' og '.join(missing)}"
        problems.add(Where(file, 1), what, f"Skriv navnene på kolonnene i første rad: {', '.join(columns)}.")
    return names if problems.count == before else None


def _rows(rows: Iterator[tuple[int, list[str]]], header: list[str], file: str, problems: Problems) -> Iterator[Row]:
    for count, (number, cells) in enumerate(rows, 1):
        if count > MAX_THINGS:
            problems.add(Where(file, number), f"filen har mer enn {MAX_THINGS} rader", "Ta med færre.")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            what = f"raden har {len(cells)} celler, men det er {len(header)} kolonner"
            problems.add(Where(file, number), what, "Sett anførselstegn rundt celler som inneholder skilletegnet.")
            continue
        # A cell whose number of a person is told must not be told again for what else is wrong with it.
        read = [_cell(cell, Where(file, number, name), problems) for name, cell in zip(header, cells, strict=False)]
        if all(read):
            filled = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
            yield Row(file, number, filled)


def _cell(cell: str, where: Where, problems: Problems) -> bool:
    if len(cell) > MAX_CELL:
        problems.add(where, f"cellen er på {len(cell)} tegn", f"Skriv {MAX_CELL} tegn eller færre.")
        return False
    if holds_national_id(cell):
        problems.add(where, PERSONAL, REMOVE)
        return False
    return True
