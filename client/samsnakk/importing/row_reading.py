"""One row of a CSV file being read: its values in their one form, and what it points at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from domain.ids import EntryId
from protocol.listings.entries import Facts
from samsnakk.importing import values
from samsnakk.importing.drafts import Draft, Drafts, Pointer
from samsnakk.importing.problems import Wrong
from samsnakk.importing.tables import Row

_T = TypeVar("_T")
TOP: Final = ("organisation", "unit")
BETWEEN: Final = "|"
"""What stands between several values in one cell."""


@dataclass(slots=True)
class Reading:
    """One row being read: what is wrong is noted, and the row then makes nothing."""

    row: Row
    drafts: Drafts
    pointers: list[Pointer] = field(default_factory=list)
    sound: bool = True

    def value(self, column: str, read: Callable[[str], _T]) -> _T | Any:  # noqa: ANN401 - what a wrong row gives is not used
        """What stands in a column."""
        try:
            return read(self.row.cells.get(column, ""))
        except Wrong as wrong:
            self.wrong(column, wrong.what, wrong.instead)
            return None

    def wrong(self, column: str, what: str, instead: str) -> None:
        """Note what is wrong."""
        self.sound = False
        self.drafts.problems.add(self.row.where(column), what, instead)

    def list(self, column: str) -> list[str]:
        """The values of a cell that may hold several."""
        return [values.text(one) for one in self.row.cells.get(column, "").split(BETWEEN) if values.text(one)]

    def names(self) -> tuple[str, ...]:
        """What it is called."""
        first: str = self.value("navn", values.name) or ""
        others = self.value("andre navn", lambda _: values.names(self.list("andre navn")))
        return tuple(dict.fromkeys((first, *(others or ()))))

    def points(self, column: str, kinds: tuple[str, ...], *, needed: bool = False) -> EntryId | None:
        """The id of what the column points at; None where it is empty."""
        code = values.text(self.row.cells.get(column, ""))
        if code:
            self.pointers.append(self.drafts.point(code, kinds, self.row.where(column)))
            return self.drafts.id(code)
        if needed:
            self.wrong(column, "her mangler det noe", f"Skriv koden til det som raden {column}.")
        return None

    def above(self) -> EntryId:
        """What it belongs to."""
        return self.points("hører til", TOP, needed=True) or EntryId(b"")

    def finish(self, code: str, make: Callable[[], Facts]) -> None:
        """Keep what the row says, if all of it is in order."""
        if self.sound:
            self.drafts.found.append(Draft(code, self.row.where(), make(), tuple(self.pointers)))
