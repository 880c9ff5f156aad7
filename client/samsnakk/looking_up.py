"""Older history: finding what this reader may have by now but holds as leaves only, and asking for it run by run."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import ThreadNo, Version
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


def runs(held: Held, missing: Sequence[Version]) -> list[Run]:
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
