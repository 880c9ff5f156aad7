"""What a report consists of: sections of sentences, tables and charts. Values stay values until they are rendered."""

from dataclasses import dataclass, field

from domain.ids import Millis


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in time."""

    at: Millis


@dataclass(frozen=True, slots=True, order=True)
class Lasting:
    """A length of time, milliseconds."""

    milliseconds: int


Cell = str | int | bool | Moment | Lasting | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it for programs and never changes; `heading` is for people."""

    key: str
    heading: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns. `empty`: what is said where there is no row."""

    key: str
    heading: str
    empty: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: how many of what. `alt` says in words what it shows; every chart stands beside the table it draws."""

    key: str
    heading: str
    alt: str
    bars: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer."""

    key: str
    heading: str
    said: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. `made_from`: what it rests on, in order: words and value."""

    title: str
    language: str
    made_from: Table
    sections: tuple[Section, ...] = field(default=())

    def tables(self) -> list[Table]:
        """Every table, in order."""
        return [self.made_from, *(table for section in self.sections for table in section.tables)]
