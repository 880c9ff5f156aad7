"""A report for a terminal: what is said, and each row as a few short lines."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from samsnakk.cli.shown import one_line
from samsnakk.report.tables import Report, Section, Table
from samsnakk.report.words import Words

WIDEST: Final = 88
_INDENT: Final = "  "


def render(report: Report, words: Words, width: int = WIDEST) -> str:
    """The text, no line wider than `width` cells where a word leaves a choice."""
    room = max(20, min(width, WIDEST))
    lines = [report.title, "═" * min(len(report.title), room)]
    for section in report.sections:
        lines += _section(section, words, room)
    return "\n".join([*lines, "", *_table(report.made_from, words, room), ""])


def _section(section: Section, words: Words, room: int) -> Iterator[str]:
    yield ""
    yield from wrap(one_line(("⚠ " if section.warning else "") + section.heading), room)
    for sentence in section.said:
        yield from wrap(one_line(sentence), room, initial_indent="• ", subsequent_indent=_INDENT)
    for table in section.tables:
        # What is said in sentences already is not said again in rows; the other renderings have both.
        if table.key != "accesses":
            yield ""
            yield from _table(table, words, room)


def _table(table: Table, words: Words, room: int) -> Iterator[str]:
    yield from wrap(f"── {table.heading} ──", room)
    if not table.rows and table.empty:
        yield table.empty
    for row in table.rows:
        cells = [(column.heading, words.cell(cell)) for column, cell in zip(table.columns, row, strict=True)]
        told = [f"{heading}: {one_line(value)}" for heading, value in cells if value not in {"", words.none}]
        first, *more = told or [words.none]
        yield from wrap(" · ".join((first, *more)), room, subsequent_indent=_INDENT, break_on_hyphens=False)
