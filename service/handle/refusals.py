"""Refused attempts gathered before they are written: the first of each sort at once, all further ones as a count.

However much is tried, a window adds a bounded number of rows. Pure: the time is an argument.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from domain.ids import Millis
from protocol.security_log import SOURCE, RefusedAttempts

WINDOW: Final = 10 * 60 * 1000
"""Milliseconds for which further attempts of a sort are only counted."""
MAX_SORTS_OF_SOURCE: Final = 16
"""Sorts of refusals told apart of one source in a window; more are gathered under `many`."""
MAX_SORTS: Final = 500
"""Sorts told apart in a window, whoever tries; more are gathered without their source."""
MANY: Final = "many"
NO_SOURCE: Final = bytes(SOURCE)
_NEVER: Final = Millis(0)


@dataclass(slots=True)
class _Counted:
    """One sort in this window. `written`: how many of them stand in rows already."""

    first: RefusedAttempts
    count: int
    fresh_from: Millis
    last_at: Millis
    written: int = 0


@dataclass(slots=True)
class Gathering:
    """What was refused in the window that runs. `since`: when it began."""

    since: Millis = _NEVER
    _sorts: dict[tuple[object, ...], _Counted] = field(default_factory=dict)
    _of_source: dict[bytes, int] = field(default_factory=dict)

    def note(self, one: RefusedAttempts) -> None:
        """One more refused attempt, at its `last_at`."""
        sort = self._sort(one)
        known = self._sorts.get(_key(sort))
        if known is not None:
            if known.count == known.written:
                known.fresh_from = one.first_at
            known.count += one.count
            known.last_at = max(known.last_at, one.last_at)
            return
        self._sorts[_key(sort)] = _Counted(sort, one.count, one.first_at, one.last_at)
        self._of_source[sort.source] = self._of_source.get(sort.source, 0) + 1

    def due(self, at: Millis, *, all_of_it: bool = False) -> list[RefusedAttempts]:
        """What must be written now: what is new, and at the end of the window whatever was counted since."""
        over = all_of_it or at >= self.since + WINDOW
        found: list[RefusedAttempts] = []
        for counted in self._sorts.values():
            fresh = counted.count - counted.written
            if fresh and (over or not counted.written):
                found.append(replace(counted.first, count=fresh, first_at=counted.fresh_from, last_at=counted.last_at))
                counted.written = counted.count
        if over:
            self.since = at
            self._sorts.clear()
            self._of_source.clear()
        return found

    def _sort(self, one: RefusedAttempts) -> RefusedAttempts:
        if _key(one) in self._sorts:
            return one
        nobody = replace(one, door=MANY, code=MANY, device=None, proven=False, organisation=None, channel=None)
        if len(self._sorts) >= MAX_SORTS:
            return replace(nobody, source=NO_SOURCE)
        return nobody if self._of_source.get(one.source, 0) >= MAX_SORTS_OF_SOURCE else one


def _key(one: RefusedAttempts) -> tuple[object, ...]:
    return one.door, one.code, one.source, one.device, one.proven, one.channel
