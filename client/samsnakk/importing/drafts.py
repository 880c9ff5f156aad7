"""What a file says, before it is known to hang together: each thing with its place, and what it points at."""

from dataclasses import dataclass, field
from typing import Final

from domain.ids import EntryId, OrganisationId
from protocol.listings.entries import Facts, Unit
from protocol.listings.making import entry_id
from samsnakk.importing.problems import Problems, Where, shown

MAX_THINGS: Final = 200_000
"""Things in one file: rows of a table, or resources of a bundle."""
KIND_NAMES: Final = {
    "organisation": "virksomhet",
    "unit": "enhet",
    "inbox": "fellesinnboks",
    "role": "rolle",
    "person": "person",
    "hours": "åpningstid",
    "plan": "vaktplan",
}


@dataclass(frozen=True, slots=True)
class Pointer:
    """That a thing points at another, by its code; `kinds` it may be of."""

    code: str
    kinds: tuple[str, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing, whose own values are in order."""

    code: str
    where: Where
    facts: Facts = field(repr=False)
    pointers: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """What stands in the file and has no place in the directory; `times` how often."""

    what: str
    times: int


@dataclass(slots=True)
class Drafts:
    """Everything that a file says of one organisation."""

    organisation: OrganisationId
    problems: Problems
    declared: dict[str, tuple[str, Where]] = field(default_factory=dict)
    found: list[Draft] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def id(self, code: str) -> EntryId:
        """The id of what the file calls `code`."""
        return entry_id(self.organisation, code)

    def point(self, code: str, kinds: tuple[str, ...], where: Where) -> Pointer:
        """Something points there, whether it is in order itself or not."""
        self.pointers.append(Pointer(code, kinds, where))
        return self.pointers[-1]

    def declare(self, code: str, kind: str, where: Where) -> bool:
        """There is such a thing, in order or not. Whether it is the first of that code."""
        if code in self.declared:
            first = self.declared[code][1]
            place = f"rad {first.row}" if first.row else first.path
            self.problems.add(where, f"koden er brukt før, i {place}", "Gi hver ting sin egen kode.")
            return False
        self.declared[code] = (kind, where)
        return True

    def leave_out(self, what: str, times: int = 1) -> None:
        """Something that the directory has no place for."""
        self.dropped[what] = self.dropped.get(what, 0) + times

    def left_out(self) -> tuple[LeftOut, ...]:
        """All of that, in order."""
        return tuple(sorted(LeftOut(what, times) for what, times in self.dropped.items()))

    def verify_pointers(self) -> None:
        """Note what points at nothing, at something of the wrong kind, or in a circle."""
        for pointer in dict.fromkeys(self.pointers):
            self._verify(pointer)
        self._verify_no_circle()

    def _verify(self, pointer: Pointer) -> None:
        wanted = " eller ".join(KIND_NAMES[kind] for kind in pointer.kinds)
        known = self.declared.get(pointer.code)
        if known is None:
            what = f"{shown(pointer.code)} peker på noe som ikke står i filen"
            self.problems.add(pointer.where, what, f"Skriv koden til en {wanted} i filen, eller la feltet stå tomt.")
        elif known[0] not in pointer.kinds:
            what = f"{shown(pointer.code)} er av typen {KIND_NAMES[known[0]]}"
            self.problems.add(pointer.where, what, f"Skriv koden til en {wanted}.")

    def _verify_no_circle(self) -> None:
        """Units within each other must end at the organisation; inboxes may well stand in for each other."""
        above = {one.code: one.pointers[0] for one in self.found if isinstance(one.facts, Unit) and one.pointers}
        done: set[str] = set()
        for start in above:
            way: dict[str, None] = {}
            step = start
            while step in above and step not in done and step not in way:
                way[step] = None
                step = above[step].code
            if step in way:
                what = "enhetene hører til hverandre i ring: herfra kommer man tilbake hit"
                self.problems.add(above[step].where, what, "La en av dem høre til virksomheten.")
            done |= way.keys()
