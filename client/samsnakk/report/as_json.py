"""A report as JSON: the same tables with stable keys; times as RFC 3339 in UTC, lengths of time in seconds."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from domain.ids import Millis
from samsnakk.report.tables import Cell, Lasting, Moment, Report, Section, Table

FORMAT: Final = "samsnakk-report/1"


def render(report: Report, proof: dict[str, Any] | None = None) -> str:
    """The text. `proof`: what somebody else needs to check what it was made from."""
    whole: dict[str, Any] = {
        "format": FORMAT,
        "title": report.title,
        "language": report.language,
        "made_from": _table(report.made_from),
        "sections": [_section(section) for section in report.sections],
    }
    if proof is not None:
        whole["proof"] = proof
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def moment(at: Millis) -> str:
    """RFC 3339, to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "heading": section.heading,
        "warning": section.warning,
        "said": list(section.said),
        "tables": [_table(table) for table in section.tables],
    }


def _table(table: Table) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    return {
        "key": table.key,
        "heading": table.heading,
        "columns": [{"key": column.key, "heading": column.heading} for column in table.columns],
        "rows": [dict(zip(keys, map(_value, row), strict=True)) for row in table.rows],
    }


def _value(cell: Cell) -> Any:  # noqa: ANN401 - whatever JSON holds
    match cell:
        case Moment(at=at):
            return moment(at)
        case Lasting(milliseconds=milliseconds):
            return milliseconds // 1000
        case tuple():
            return list(cell)
        case _:
            return cell
