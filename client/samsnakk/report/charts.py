"""Bars as inline SVG, drawn by hand: no script and no library, readable in black and white."""

from collections.abc import Iterator
from html import escape
from typing import Final

from samsnakk.cli.shown import one_line
from samsnakk.report.tables import Chart

_WIDTH: Final = 320
_ROW: Final = 42
_LONGEST: Final = 260
_TEXT: Final = 13
_SHOWN: Final = 40


def svg(chart: Chart, place: str) -> str:
    """The chart in a figure; what it shows stands beside it in words for whoever does not see it."""
    return "\n".join(_figure(chart, place))


def _figure(chart: Chart, place: str) -> Iterator[str]:
    height = _ROW * max(1, len(chart.bars))
    yield f"<figure><figcaption>{_text(chart.heading)}</figcaption>"
    yield (
        f'<svg role="img" aria-labelledby="{place}t" viewBox="0 0 {_WIDTH} {height}">'
        f'<title id="{place}t">{_text(chart.alt)}</title>'
    )
    most = max((number for _, number in chart.bars), default=0) or 1
    for row, (label, number) in enumerate(chart.bars):
        yield from _bar(row * _ROW, label, number, _LONGEST * number // most)
    yield "</svg></figure>"


def _bar(top: int, label: str, number: int, length: int) -> Iterator[str]:
    shown = one_line(label)
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    yield f'<text x="0" y="{top + _TEXT}">{escape(shown)}</text>'
    if number:
        yield f'<rect x="0" y="{top + 18}" width="{max(length, 2)}" height="12"/>'
    yield f'<text x="{max(length, 2) + 6 if number else 0}" y="{top + 18 + 11}">{number}</text>'


def _text(text: str) -> str:
    return escape(one_line(text))
