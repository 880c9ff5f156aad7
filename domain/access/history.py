"""A channel's record as it was at every version: who could read what then, and not only what they can read now."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.channel.acts import Recorded
from domain.channel.evolve import evolve, evolve_stub
from domain.channel.state import NOTHING, Channel, Thread
from domain.channel.terms import KindClass
from domain.ids import Millis, PrincipalId, ThreadNo, Version

_NOTHING = Version(0)


@dataclass(frozen=True, slots=True)
class Place:
    """One verified place of the record. `recorded` None: a leaf. `seen`: how far its author had read when acting."""

    version: Version
    thread: ThreadNo | None
    kind_class: KindClass
    recorded_at: Millis
    recorded: Recorded | None = None
    seen: Version = _NOTHING


class History:
    """Every place from the first on, and the state after each; in the eyes of `viewer`, whose leaves they are."""

    def __init__(self, places: Iterable[Place], viewer: PrincipalId) -> None:
        self.viewer = viewer
        self.places: list[Place] = []
        self.channel: Channel = NOTHING
        self._turns: list[Version] = []
        self._states: list[Channel] = []
        for place in places:
            self._take(place)

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.channel.version

    def at(self, version: Version) -> Channel:
        """The channel after `version`, as far as members, threads and ranges go."""
        found = bisect_right(self._turns, version)
        return self._states[found - 1] if found else NOTHING

    def states(self, start: Version, until: Version) -> Iterator[Channel]:
        """The state after `start`, and each other one up to `until` in which members, threads or ranges differ."""
        yield self.at(start)
        first, last = bisect_right(self._turns, start), bisect_right(self._turns, until)
        yield from self._states[first:last]

    def of_class(self, kind_class: KindClass, start: Version, until: Version) -> Sequence[Place]:
        """The places of a class between two versions, both included."""
        return [p for p in self.places[max(start - 1, 0) : until] if p.kind_class is kind_class]

    def _take(self, place: Place) -> None:
        before = self.channel
        if place.recorded is None:
            after = evolve_stub(before, place.version, place.thread, place.recorded_at, place.kind_class)
        else:
            after = evolve(before, place.recorded)
        self.places.append(place)
        self.channel = after
        if _turned(before, after):
            self._turns.append(place.version)
            self._states.append(after)


def _turned(before: Channel, after: Channel) -> bool:
    """Whether somebody may read more, less or elsewhere since. Most acts change nothing of the kind."""
    if before.threads is after.threads:
        return before.user is not after.user
    return before.user is not after.user or any(
        _differs(before.threads.get(number), thread) for number, thread in after.threads.items()
    )


def _differs(old: Thread | None, new: Thread) -> bool:
    if old is new:
        return False
    return old is None or any(
        one is not other
        for one, other in (
            (old.members, new.members),
            (old.vaults, new.vaults),
            (old.ranges, new.ranges),
            (old.retracted, new.retracted),
            (old.hidden, new.hidden),
            (old.unseen, new.unseen),
        )
    )
