"""JSON read strictly and with its paths: what has the wrong shape is noted, what nobody asks for is not forgotten."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from domain.numbers import holds_national_id
from samsnakk.importing.drafts import Drafts
from samsnakk.importing.problems import PERSONAL, REMOVE, Where, Wrong

MAX_NESTING: Final = 32
"""Objects and lists inside each other in a file."""
_T = TypeVar("_T")
_WRITE: Final = "Rett filen der den lages, og eksporter på nytt."
_STEPS: Final = {dict: "et objekt", list: "en liste", str: "en tekst", bool: "sann eller usann", int: "et tall"}


class _Repeated(dict[str, Any]):
    """An object in which a name stands twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


def _no_number(_: str) -> None:
    raise ValueError("not a number of JSON")


def parse(data: bytes, file: str, drafts: Drafts) -> "Object | None":
    """The object that the file holds; None where it is none, which is noted."""
    problems = drafts.problems
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = Where(file, error.lineno, str(error.colno))
        problems.add(where, "her er filen ikke gyldig JSON", _WRITE)
        return None
    except UnicodeDecodeError:
        problems.add(Where(file), "tegnene er ikke UTF-8", _WRITE)
        return None
    except (ValueError, RecursionError):
        problems.add(Where(file), "filen er ikke gyldig JSON, eller er nøstet for dypt", _WRITE)
        return None
    before = problems.count
    _verify(found, "$", 0, file, drafts)
    if not isinstance(found, dict):
        problems.add(Where(file, path="$"), "filen er ikke et JSON-objekt", "Lever en Bundle (FHIR R4).")
    if problems.count > before or not isinstance(found, dict):
        return None
    return Object(found, "$", "", file, drafts)


def _verify(value: object, path: str, depth: int, file: str, drafts: Drafts) -> None:
    """Note numbers of people, names told twice and too much nesting, wherever they stand."""
    where = Where(file, path=path)
    if depth > MAX_NESTING:
        drafts.problems.add(where, f"mer enn {MAX_NESTING} nivåer inne i hverandre", _WRITE)
        return
    if isinstance(value, _Repeated):
        drafts.problems.add(where, "samme navn står to ganger i objektet", _WRITE)
    if isinstance(value, dict):
        for number, (name, inner) in enumerate(value.items()):
            if holds_national_id(name):
                drafts.problems.add(where, PERSONAL, REMOVE)
            _verify(inner, f"{path}.{name}" if name.isidentifier() else f"{path}[{number}]", depth + 1, file, drafts)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _verify(inner, f"{path}[{number}]", depth + 1, file, drafts)
    elif not isinstance(value, bool) and value is not None and holds_national_id(str(value)):
        drafts.problems.add(where, PERSONAL, REMOVE)


@dataclass(slots=True)
class Object:
    """One object. `path` in the file, `kind` as what is left out is told (`Organization.address`)."""

    members: dict[str, Any] = field(repr=False)
    path: str
    kind: str
    file: str
    drafts: Drafts
    used: set[str] = field(default_factory=set)
    inner: dict[str, "Object"] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    sound: bool = True

    def where(self, name: str = "") -> Where:
        """The place of a member, or of the object."""
        return Where(self.file, path=f"{self.path}.{name}" if name else self.path)

    def wrong(self, name: str, what: str, instead: str) -> None:
        """Note what is wrong, once for each member."""
        self.sound = False
        if name in self.told:
            return
        self.told.add(name)
        self.drafts.problems.add(self.where(name), what, instead)

    def value(self, name: str, read: Callable[[str], _T]) -> _T | Any:  # noqa: ANN401 - what a wrong one gives is not used
        """A text in its one form; of the empty text where there is none."""
        return self.read(name, self.text(name), read)

    def read(self, name: str, text: str, read: Callable[[str], _T]) -> _T | Any:  # noqa: ANN401 - as above
        """`text`, which stands in or below `name`, in its one form."""
        try:
            return read(text)
        except Wrong as wrong:
            self.wrong(name, wrong.what, wrong.instead)
            return None

    def text(self, name: str) -> str:
        """A text; empty where there is none."""
        found: str = self._of(name, str, "")
        return found

    def flag(self, name: str, *, otherwise: bool) -> bool:
        """True or false."""
        found: bool = self._of(name, bool, otherwise)
        return found

    def number(self, name: str) -> int | None:
        """A whole number."""
        found: int | None = self._of(name, int, None)
        return found

    def object(self, name: str) -> "Object | None":
        """An object; None where there is none."""
        found = self._of(name, dict, None)
        return None if found is None else self._inside(found, name, name)

    def objects(self, name: str) -> list["Object"]:
        """The objects of a list."""
        return [self._inside(one, f"{name}[{number}]", name) for number, one in self._items(name, dict)]

    def texts(self, name: str) -> list[str]:
        """The texts of a list."""
        return [one for _, one in self._items(name, str)]

    def skip(self, *names: str) -> None:
        """What says nothing of its own."""
        self.used.update(names)

    def left_out(self) -> Iterator[str]:
        """Everything in here that nobody asked for."""
        for name in self.members.keys() - self.used:
            yield f"{self.kind}.{name}" if name.isidentifier() else self.kind
        for one in self.inner.values():
            yield from one.left_out()

    def _of(self, name: str, kind: type, otherwise: Any) -> Any:  # noqa: ANN401 - the caller names the kind
        found = self.members.get(name, otherwise)
        if name in self.members and type(found) is not kind:
            self._misshapen(name, kind)
            return otherwise
        self.used.add(name)
        return found

    def _items(self, name: str, kind: type) -> Iterator[tuple[int, Any]]:
        for number, one in enumerate(self._of(name, list, [])):
            if type(one) is kind:
                yield number, one
            else:
                self._misshapen(f"{name}[{number}]", kind)

    def _misshapen(self, name: str, kind: type) -> None:
        """Note it the first time that somebody asks."""
        if name not in self.used:
            self.used.add(name)
            self.wrong(name, f"her skal det stå {_STEPS[kind]}", _WRITE)

    def _inside(self, found: dict[str, Any], step: str, name: str) -> "Object":
        if step not in self.inner:
            self.inner[step] = Object(found, f"{self.path}.{step}", f"{self.kind}.{name}", self.file, self.drafts)
        return self.inner[step]
