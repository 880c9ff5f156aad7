"""A report as CSV: one table after the other, each under a line with its key; keys as heads, UTC times (RFC 4180)."""

import csv
import io

from samsnakk.report.as_json import moment
from samsnakk.report.tables import Cell, Lasting, Moment, Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: Report) -> str:
    """The text. Begins with a byte order mark, because spreadsheets read it as UTF-8 only then."""
    out = io.StringIO()
    writer = csv.writer(out)
    for number, table in enumerate(report.tables()):
        if number:
            writer.writerow([])
        writer.writerow(["#", table.key, _plain(table.heading)])
        writer.writerow([column.key for column in table.columns])
        writer.writerows([_plain(_value(cell)) for cell in row] for row in table.rows)
    return "\ufeff" + out.getvalue()


def _value(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Moment(at=at):
            return moment(at)
        case Lasting(milliseconds=milliseconds):
            return str(milliseconds // 1000)
        case tuple():
            return "; ".join(cell)
        case _:
            return str(cell)


def _plain(text: str) -> str:
    """A spreadsheet must not take anybody's name or title for a formula (CWE-1236)."""
    return "'" + text if text.startswith(_FORMULA) else text
