"""The findings as text for the terminal, as JSON and as one SVG picture."""

import json
import os
import platform
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from xml.sax.saxutils import escape

from tests.bench.measured import Goal, Section, Series

_BARS = " ▏▎▍▌▋▊▉█"
_BAR_WIDTH = 30
_LABEL_WIDTH = 30
_WIDEST = 120
_MANY, _SOME = 100, 1


def number(value: float) -> str:
    """Three digits that matter, no more."""
    if value == int(value) or abs(value) >= _MANY:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 * _SOME else f"{value:.3g}"


def bar(value: float, largest: float, width: int = _BAR_WIDTH) -> str:
    """A bar of eighths of a character."""
    eighths = round(width * 8 * value / largest) if largest > 0 else 0
    return ("█" * (eighths // 8) + _BARS[eighths % 8]).rstrip()


def lines(section: Section) -> Iterator[str]:
    """A section as it stands in the terminal."""
    width = min(_WIDEST, shutil.get_terminal_size().columns)
    yield ""
    yield section.title.upper()
    yield from textwrap.wrap(section.about, width)
    for line in section.numbers:
        value = f"{number(line.value):>9} {line.unit:<11}"
        yield f"  {line.name:<{_LABEL_WIDTH}} {value} {line.means}"
    for series in section.series:
        yield from _plot(series)
    for goal in section.goals:
        yield from _verdict(goal, width)


def _plot(series: Series) -> Iterator[str]:
    largest = max(value for _, value in series.points)
    yield f"  {series.title}, {series.unit}:"
    for label, value in series.points:
        yield f"    {label:>{_LABEL_WIDTH - 2}} {bar(value, largest):<{_BAR_WIDTH}} {number(value)}"


def _verdict(goal: Goal, width: int) -> Iterator[str]:
    wanted = f"{'at most' if goal.at_most else 'at least'} {number(goal.limit)} {goal.unit}".rstrip()
    verdict = "met" if goal.met else "NOT SHOWN" if goal.void else "MISSED"
    text = f"  GOAL {verdict}: {goal.name}: {number(goal.value)} {goal.unit}".rstrip() + f" (goal: {wanted})"
    if not goal.met and (goal.void or goal.because):
        text += f" - {goal.void or goal.because}"
    yield from textwrap.wrap(text, width, subsequent_indent="    ", initial_indent="  ")


def machine() -> str:
    """What it was measured on: without it no absolute number means anything."""
    return f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"


def write_json(sections: Sequence[Section], file: Path) -> None:
    """Everything, for those who compare runs."""
    found = {"machine": machine(), "sections": [asdict(section) for section in sections]}
    for told, section in zip(found["sections"], sections, strict=True):
        assert isinstance(told, dict)
        told["goals"] = [{**asdict(goal), "met": goal.met} for goal in section.goals]
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


_ROW, _GAP, _LEFT, _WIDTH, _LONGEST = 20, 36, 230, 760, 440


def write_svg(sections: Sequence[Section], file: Path) -> None:
    """All plots, one below the other."""
    parts: list[str] = []
    y = _GAP
    for section in sections:
        for series in section.series:
            parts += _drawn(series, y, f"{section.title}: {series.title}")
            y += _ROW * len(series.points) + 2 * _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" font-family="sans-serif">'
    file.write_text("\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n")


def _drawn(series: Series, y: int, title: str) -> list[str]:
    largest = max(value for _, value in series.points) or 1
    parts = [f'<text x="12" y="{y}" font-size="14" font-weight="bold">{escape(title)} ({escape(series.unit)})</text>']
    for place, (label, value) in enumerate(series.points):
        top = y + 12 + place * _ROW
        length = max(1, round(_LONGEST * value / largest))
        parts += [
            f'<text x="{_LEFT - 8}" y="{top + 12}" font-size="12" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{_LEFT}" y="{top}" width="{length}" height="{_ROW - 5}" fill="#0062ba"/>',
            f'<text x="{_LEFT + length + 6}" y="{top + 12}" font-size="12">{number(value)}</text>',
        ]
    return parts
