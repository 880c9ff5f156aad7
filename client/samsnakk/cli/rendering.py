"""Putting a report where it is wanted: on the screen, or in files by their endings."""

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from samsnakk.cli.places import NoPlace
from samsnakk.report import as_csv, as_html, as_json, as_text
from samsnakk.report.as_pdf import find_printer, print_page
from samsnakk.report.tables import Report
from samsnakk.report.words import Words
from samsnakk.report.words_en import ENGLISH
from samsnakk.report.words_nb import BOKMAL

PDF: Final = ".pdf"
Proof = dict[str, Any] | None
LANGUAGES: Final = {words.language: words for words in (BOKMAL, ENGLISH)}
_WAYS: Final[dict[str, Callable[[Report, Words, Proof], str]]] = {
    ".html": lambda report, words, _: as_html.render(report, words),
    ".csv": lambda report, _, __: as_csv.render(report),
    ".json": lambda report, _, proof: as_json.render(report, proof),
}


def verify_endings(paths: list[Path]) -> None:
    """Say at once what cannot be written. Raises `NoPlace`."""
    for path in paths:
        if path.suffix.lower() not in (*_WAYS, PDF):
            raise NoPlace(f"--out {path.name}: the name ends in {', '.join((*_WAYS, PDF))}")


def deliver(report: Report, given: argparse.Namespace, proof: Proof = None) -> None:
    """Write the files that are asked for; print it if none is. Raises `OSError`, `CannotPrint`."""
    words = LANGUAGES[given.language]
    for path in given.out:
        if path.suffix.lower() == PDF:
            print_page(as_html.render(report, words), path, find_printer())
            continue
        # newline="": CSV has its own line ends (RFC 4180).
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(_WAYS[path.suffix.lower()](report, words, proof))
    if given.json:
        sys.stdout.write(as_json.render(report, proof))
    elif not given.out:
        sys.stdout.write(as_text.render(report, words, shutil.get_terminal_size().columns))
