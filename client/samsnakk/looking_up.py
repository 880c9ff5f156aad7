"""Older history: finding what this reader may have by now but holds as leaves only, and asking for it run by run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.channel.events import HistoryGranted
from domain.channel.terms import STRUCTURE
from domain.ids import Millis, ThreadNo, Version
from protocol.errors import UnjustifiedStub
from protocol.replay import Accepted
from samsnakk.coverage import Asked
from samsnakk.held import Held


@dataclass(frozen=True, slots=True)
class Run:
    """Versions of one thread, from the first to the last that are missing."""

    thread: ThreadNo
    start: Version
    until: Version


@dataclass(frozen=True, slots=True)
class LookUp:
    """A run that was asked for. `asked_at`: the loop's time in seconds."""

    run: Run
    asked: Asked
    asked_at: float


def missing(held: Held, asked: Iterable[LookUp], at: Millis, after: Version) -> list[Run]:
    """What lies after a version, may be readable at `at`, is held as leaves only and was not asked for yet."""
    busy = {version for one in asked for version in range(one.run.start, one.run.until + 1)}
    return _runs(held, [v for v in held.replay.readable_stubs(at, after) if v not in busy])


def _runs(held: Held, missing: Sequence[Version]) -> list[Run]:
    """The missing versions as runs, each without anything of its thread that is held already."""
    if not missing:
        return []
    open_runs: dict[ThreadNo, Run] = {}
    done: list[Run] = []
    wanted = set(missing)
    for place in held.places[min(wanted) - 1 :]:
        if place.thread is None:
            continue
        run = open_runs.get(place.thread)
        if place.version in wanted:
            start = run.start if run is not None else place.version
            open_runs[place.thread] = Run(place.thread, start, place.version)
        elif run is not None and place.act is not None:
            done.append(open_runs.pop(place.thread))
    return [*done, *open_runs.values()]


class Doubts:
    """Answers that fell short of what this reader may have, as far as it knows.

    Once that can be honest: the answer overtakes what was recorded shortly before it, such as this reader's leaving or
    a retraction, and that explains it. A new connection begins at least where the hub stood when it answered, so
    whoever is answered short of the same version again, after catching up there, is being lied to.
    """

    def __init__(self) -> None:
        self._since: dict[Version, int] = {}
        self._connection = 0

    def connected(self) -> None:
        """There is a new connection; what was told before it came over an earlier one."""
        self._connection += 1

    def fall_on(self, held: Held, run: Run, at: Millis) -> bool:
        """Judge what the hub has given of a run; whether it takes a new connection to know.

        Raises:
            UnjustifiedStub: something that this reader may have was kept back, also when asked for once more.

        """
        short = [
            version
            for version in held.replay.readable_stubs(at, Version(run.start - 1))
            if version <= run.until and held.places[version - 1].thread == run.thread
        ]
        for version in short:
            if self._since.setdefault(version, self._connection) < self._connection:
                raise UnjustifiedStub(f"version {version}")
        return bool(short)


def changes_ranges(accepted: Accepted) -> bool:
    """Whether the act may open to this reader what came before it as leaves."""
    if accepted.kind_class in STRUCTURE:
        return True
    return accepted.act is not None and isinstance(accepted.header.event, HistoryGranted)
