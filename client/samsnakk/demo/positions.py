"""On which line of a TOML source each key, table and array item stands; `tomllib` checks, but does not tell.

Reads only sources that `tomllib` has accepted, so it need not notice mistakes (TOML 1.0.0).
"""

import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and indices into arrays of tables and arrays, from the root on."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}\r\n#]+")
_STRINGS: Final = (
    # At the end of a multi-line string up to two quotation marks may stand before the closing three.
    re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
)
_SHORT: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")


def find_positions(source: str) -> dict[Path, int]:
    """Line numbers, counted from 1, by path. The root is on line 1."""
    scan = _Scan(source)
    scan.document()
    return scan.lines


class _Scan:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.lines: dict[Path, int] = {(): 1}
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.source):
            if self.peek("["):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> Path:
        line, several = self.line(), self.source.startswith("[[", self.at)
        self.at += 1 + several
        names = self.key()
        self.at += 1 + several
        path = self.resolved(names[:-1])
        path = (*path, names[-1])
        if several:
            self.note(path, line)
            count = self.counts.get(path, 0)
            self.counts[path] = count + 1
            path = (*path, count)
        self.note(path, line)
        return path

    def resolved(self, names: list[str]) -> Path:
        """Inside an array of tables a header means the array's newest table."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            self.note(path, self.line())
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def pair(self, table: Path) -> None:
        line = self.line()
        path = table
        for name in self.key():
            path = (*path, name)
            self.note(path, line)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path)

    def key(self) -> list[str]:
        names = []
        while True:
            self.skip(_SPACE)
            names.append(self.name())
            self.skip(_SPACE)
            if not self.peek("."):
                return names
            self.at += 1

    def name(self) -> str:
        if self.peek('"'):
            return _ESCAPE.sub(_unescaped, self.string()[1:-1])
        return self.string()[1:-1] if self.peek("'") else self.skip(_BARE)

    def value(self, path: Path) -> None:
        if self.peek("["):
            self.items(path)
        elif self.peek("{"):
            self.inline_table(path)
        elif self.peek('"') or self.peek("'"):
            self.string()
        else:
            self.skip(_SCALAR)

    def items(self, path: Path) -> None:
        self.at += 1
        index = 0
        self.skip(_BLANK)
        while not self.peek("]"):
            self.note((*path, index), self.line())
            self.value((*path, index))
            index += 1
            self.next_one()
        self.at += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        self.skip(_BLANK)
        while not self.peek("}"):
            self.pair(path)
            self.next_one()
        self.at += 1

    def next_one(self) -> None:
        self.skip(_BLANK)
        if self.peek(","):
            self.at += 1
            self.skip(_BLANK)

    def string(self) -> str:
        for pattern in _STRINGS:
            if pattern.match(self.source, self.at):
                return self.skip(pattern)
        return ""

    def skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.source, self.at)
        if found is None:
            raise ValueError(f"line {self.line()}: read by tomllib, but not understood here")
        self.at = found.end()
        return found.group()

    def peek(self, sign: str) -> bool:
        return self.source.startswith(sign, self.at)

    def line(self) -> int:
        return self.source.count("\n", 0, self.at) + 1

    def note(self, path: Path, line: int) -> None:
        self.lines.setdefault(path, line)


def _unescaped(found: re.Match[str]) -> str:
    short, long, letter = found.groups()
    return _SHORT.get(letter, letter) if letter else chr(int(short or long, 16))
