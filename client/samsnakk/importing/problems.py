"""What is wrong in a file: where, what, and what to write instead. All of it is gathered before anybody is told."""

import re
from dataclasses import dataclass, field
from typing import Final

from domain.numbers import holds_national_id
from samsnakk.errors import SamsnakkError

SHOWN: Final = 1000
"""Mistakes that are told one by one."""
_LONGEST: Final = 40
_DIGITS: Final = re.compile(r"\d{6}")
PERSONAL: Final = "her står et fødselsnummer, D-nummer eller hjelpenummer"
REMOVE: Final = "Slett nummeret. Katalogen kan leses av mange, og skal aldri inneholde slike numre."


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file: row and column of a table, or a JSON path."""

    file: str
    row: int = 0
    column: str = ""
    path: str = ""

    def __str__(self) -> str:
        """As it is shown."""
        found = [self.file]
        if self.row:
            found.append(f"rad {self.row}")
        if self.column:
            found.append(f"kolonne «{self.column}»")
        if self.path:
            found.append(self.path)
        return ", ".join(found)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, in plain bokmål."""

    where: Where
    what: str
    instead: str

    def __str__(self) -> str:
        """As it is shown."""
        return f"{self.where}: {self.what}. {self.instead}"


class ImportRefused(SamsnakkError):
    """The file is not taken over, not even in part. `problems`: everything that is wrong with it."""

    def __init__(self, problems: "Problems") -> None:
        super().__init__(f"{problems.count} feil i filen", "Ingenting er endret. Rett feilene, og prøv igjen.")
        self.problems = tuple(problems.found)
        self.count = problems.count


@dataclass(slots=True)
class Problems:
    """The mistakes found so far. `count`: how many, also of those that are not kept to be told."""

    found: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, where: Where, what: str, instead: str) -> None:
        """One mistake more."""
        self.count += 1
        if len(self.found) < SHOWN:
            self.found.append(Problem(where, what, instead))

    def raise_any(self) -> None:
        """Raise `ImportRefused` if there is any."""
        if self.count:
            self.found.sort(key=lambda one: one.where)
            raise ImportRefused(self)


class Wrong(Exception):
    """A value is not what it should be; whoever read it knows where it stands."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(what)
        self.what = what
        self.instead = instead


def shown(value: str) -> str:
    """A value in guillemets, unless it is long or could be a number of a person: then only that there is one."""
    if len(value) > _LONGEST or _DIGITS.search(value) or holds_national_id(value) or not value.isprintable():
        return "verdien"
    return f"«{value}»"
