"""Making anybody's text safe to show: what others write never steers the reader's terminal."""

import re
import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size

_UNSHOWN: Final = "\N{REPLACEMENT CHARACTER}"
_FORMATTING_KEPT: Final = frozenset("\u200c\u200d")
"""Joiners that scripts and emoji need. Other formatting signs, above all those that turn the direction of writing,
could make a line look like another one (CVE-2021-42574)."""
_MANY_BLANKS: Final = re.compile(r"\s+")
ELLIPSIS: Final = "…"


def safe(text: str) -> str:
    """The text with line ends as they are and every control and direction sign made visible or left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(map(_safe_sign, lines))


def _safe_sign(sign: str) -> str:
    if sign == "\n" or sign in _FORMATTING_KEPT:
        return sign
    match unicodedata.category(sign):
        case "Cc" | "Cs" | "Zl" | "Zp":
            return _UNSHOWN
        case "Cf":
            return ""
        case _:
            return sign


def one_line(text: str) -> str:
    """The text on one line."""
    return _MANY_BLANKS.sub(" ", safe(text)).strip()


def fitted(text: str, width: int) -> str:
    """One line, cut or filled to exactly this many cells of the terminal."""
    line = one_line(text)
    if cell_len(line) <= width:
        return set_cell_size(line, width)
    cut = set_cell_size(line, width - 1) if width > 1 else ""
    return set_cell_size(cut.rstrip() + ELLIPSIS, width)
