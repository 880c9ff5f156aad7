"""Taking a script's TOML apart: every getter returns a value of one shape or says on which line it is not so."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

from protocol.contents import MAX_TEXT
from samsnakk.demo.positions import Path, find_positions
from samsnakk.demo.script import Duration

_UNITS: Final = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION: Final = re.compile(r"(\d{1,6}) ?(ms|s|min|h|d)")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_Choice = TypeVar("_Choice", bound=StrEnum)


class ScriptError(ValueError):
    """The script cannot be played. `line` counts from 1; the text begins with it."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line: Final = line


def parse_toml(source: bytes) -> "Table":
    """The root table. Raises `ScriptError` where the source is not TOML 1.0.0."""
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        raise ScriptError(source.count(b"\n", 0, error.start) + 1, "not UTF-8") from None
    if "\0" in text:
        raise ScriptError(text.count("\n", 0, text.index("\0")) + 1, _NUL)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _misread(str(error), text) from None
    # tomllib counts a CRLF as one line end too, so both agree about lines.
    return Table(values, (), find_positions(text))


_NUL: Final = "NUL (U+0000) cannot stand in a text, because not every end can keep it; remove it"


def _misread(problem: str, text: str) -> ScriptError:
    place = _PLACE.search(problem)
    said = problem[: place.start()] if place else problem
    if place is None or place[1] is None:
        return ScriptError(text.count("\n") + 1, f"{said} at the end")
    return ScriptError(int(place[1]), f"{said} (column {place[2]})")


def listed(names: Collection[str]) -> str:
    """Names for an error message."""
    return ", ".join(names) if names else "none"


class Table:
    """One table. Ask for every key it may have, then `finish`, which refuses all others."""

    def __init__(self, values: Mapping[str, Any], path: Path, lines: Mapping[Path, int]) -> None:
        self._values = values
        self._path = path
        self._lines = lines
        self._asked: set[str] = set()

    @property
    def line(self) -> int:
        """Where the table begins."""
        return self._line(self._path)

    def line_of(self, key: str, index: int | None = None) -> int:
        """Where a key, or an item of its array, stands; where the table begins if the key is missing."""
        path: Path = (*self._path, key)
        if index is not None and (*path, index) in self._lines:
            return self._lines[(*path, index)]
        return self._line(path)

    def error(self, key: str, problem: str) -> ScriptError:
        """An error about this key."""
        return ScriptError(self.line_of(key), problem)

    def has(self, key: str) -> bool:
        """Whether the key stands here."""
        self._asked.add(key)
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """A text; NUL and more than 64 KiB of UTF-8 are refused."""
        value: str = self._get(key, str, "a text", default)
        if "\0" in value:
            raise self.error(key, _NUL)
        if (size := len(value.encode())) > MAX_TEXT:
            raise self.error(key, f"{key!r} has {size} bytes of UTF-8; a text has at most {MAX_TEXT}")
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or None where the key is missing."""
        return self.text(key) if self.has(key) else None

    def truth(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value: bool = self._get(key, bool, "true or false", default)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """An array of texts."""
        found = self._get(key, list, "an array of texts", None if default is None else list(default))
        for index, item in enumerate(found):
            if not isinstance(item, str) or "\0" in item:
                raise ScriptError(self.line_of(key, index), f"{key!r} must be an array of texts without NUL")
        return tuple(found)

    def duration(self, key: str) -> Duration | None:
        """A length of time in milliseconds, or None where the key is missing."""
        if not self.has(key):
            return None
        found = _DURATION.fullmatch(self.text(key))
        if found is None:
            raise self.error(key, f"{key!r} must be a length of time such as '30 s', '45 min', '4 h' or '90 d'")
        return int(found[1]) * _UNITS[found[2]]

    def choice(self, key: str, among: type[_Choice], default: _Choice | None = None) -> _Choice:
        """One of an enumeration's values."""
        value = self.text(key, default)
        if value not in set(among):
            raise self.error(key, f"{key!r} is {value!r}; it must be one of: {listed(list(among))}")
        return among(value)

    def table(self, key: str) -> "Table":
        """A table inside this one; empty where the key is missing."""
        return Table(self._get(key, dict, "a table", {}), (*self._path, key), self._lines)

    def tables(self, key: str) -> Iterator["Table"]:
        """The tables of an array of tables."""
        for index, item in enumerate(self._get(key, list, "an array of tables", [])):
            path = (*self._path, key, index)
            if not isinstance(item, dict):
                raise ScriptError(self.line_of(key, index), f"{key!r} must be an array of tables")
            yield Table(item, path, self._lines)

    def keyed(self) -> Iterator[tuple[str, "Table"]]:
        """All keys of this table, each of which must hold a table."""
        for key in self._values:
            yield key, self.table(key)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, 1)
                meant = f"; did you mean {near[0]!r}?" if near else f"; known here: {listed(sorted(self._asked))}"
                raise self.error(key, f"unknown key {key!r}{meant}")

    def _line(self, path: Path) -> int:
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _get(self, key: str, kind: type, called: str, default: Any = None) -> Any:  # noqa: ANN401 - `kind` says it
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise ScriptError(self.line, f"{key!r} is missing")
        if type(value) is not kind and not (kind is str and isinstance(value, str)):
            raise self.error(key, f"{key!r} must be {called}")
        return value
