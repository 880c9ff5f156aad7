"""A report as one HTML page: no script, nothing fetched, to be read on a phone, printed, and listened to."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Final

from samsnakk.cli.shown import one_line
from samsnakk.report.charts import svg
from samsnakk.report.style import STYLE
from samsnakk.report.tables import Report, Section, Table
from samsnakk.report.words import Words

_ID: Final = re.compile(r"[0-9a-f]{16,}")
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""The page may draw itself and do nothing else, whatever stands in a name or title."""


def render(report: Report, words: Words) -> str:
    """The page."""
    return "\n".join(_page(report, words)) + "\n"


def _page(report: Report, words: Words) -> Iterator[str]:
    title = _text(report.title)
    yield "<!doctype html>"
    yield f'<html lang="{_text(report.language)}">'
    yield '<head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{title}</title>"
    yield f"<style>{STYLE}</style></head>"
    yield f"<body><main><h1>{title}</h1>"
    if len(report.sections) > 1:
        yield from _contents(report, words)
    for number, section in enumerate(report.sections):
        yield from _section(section, words, f"s{number}")
    yield from _table(report.made_from, words)
    yield "</main></body></html>"


def _contents(report: Report, words: Words) -> Iterator[str]:
    yield f'<nav aria-label="{_text(words.headings["contents"])}"><ol>'
    for number, section in enumerate(report.sections):
        yield f'<li><a href="#s{number}">{_text(section.heading)}</a></li>'
    yield "</ol></nav>"


def _section(section: Section, words: Words, place: str) -> Iterator[str]:
    warning = ' class="warning"' if section.warning else ""
    yield f'<section id="{place}" aria-labelledby="{place}h"{warning}>'
    yield f'<h2 id="{place}h">{_text(section.heading)}</h2>'
    if len(section.said) == 1:
        yield f"<p>{_text(section.said[0])}</p>"
    elif section.said:
        yield "<ul>"
        yield from (f"<li>{_text(sentence)}</li>" for sentence in section.said)
        yield "</ul>"
    for chart in section.charts:
        yield svg(chart, f"{place}{chart.key}")
    for table in section.tables:
        yield from _table(table, words)
    yield "</section>"


def _table(table: Table, words: Words) -> Iterator[str]:
    # Roles are said again because a phone shows rows as cards, and browsers then forget that it is a table.
    yield '<table role="table">'
    yield f'<caption role="caption">{_text(table.heading)}</caption>'
    if not table.rows:
        yield f'<tbody role="rowgroup"><tr role="row"><td role="cell">{_text(table.empty)}</td></tr></tbody></table>'
        return
    heads = "".join(f'<th role="columnheader" scope="col">{_text(column.heading)}</th>' for column in table.columns)
    yield f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">'
    for row in table.rows:
        cells = [words.cell(cell) for cell in row]
        yield '<tr role="row">' + "".join(_cells(table, cells, words)) + "</tr>"
    yield "</tbody></table>"


def _cells(table: Table, cells: list[str], words: Words) -> Iterator[str]:
    for number, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
        tag, role = ("th", 'role="rowheader" scope="row"') if number == 0 else ("td", 'role="cell"')
        shown = f'<span class="id">{cell}</span>' if _ID.fullmatch(cell) else _text(cell or words.none)
        yield f'<{tag} {role} data-heading="{_text(column.heading)}">{shown}</{tag}>'


def _text(text: str) -> str:
    return escape(one_line(text))
