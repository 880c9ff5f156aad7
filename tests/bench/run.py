"""`make bench`: measure, print a table and plots, say what each number means. `--quick` takes less than a minute.

Everything is compared within one run, because only ratios mean the same on another machine. Numbers are no tests:
the exit code is 0 whether goals are met or missed.
"""

import argparse
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.bench import appends, delivery, directory, growth, idle, logging, stalled
from tests.bench.crews import ROOT
from tests.bench.measured import Section
from tests.bench.procfs import busy_seconds, own_seconds
from tests.bench.report import lines, machine, write_json, write_svg
from tests.bench.stage import stage

QUIET = 0.05
"""The part of the processors that others may use before absolute numbers mean little."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often. Times in seconds."""

    rounds: int = 3
    append_seconds: float = 3.0
    rows: int = 60_000
    delivery_seconds: float = 6.0
    idle: tuple[int, ...] = (500, 750, 1000, 1250, 1500, 1750, 2000)
    lengths: tuple[int, ...] = (10, 100, 1000, 10_000)
    repeats: int = 3
    channels: tuple[int, ...] = (1, 10, 100)
    appends: int = 30_000
    posts: int = 4000
    entries: tuple[int, ...] = (5000, 20_000, 100_000)
    stalled_seconds: float = 5.0
    logged: int = 40_000
    logs: tuple[int, ...] = (10_000, 100_000, 1_000_000)


QUICK = Plan(
    rounds=1,
    append_seconds=1.0,
    rows=5000,
    delivery_seconds=1.5,
    idle=(50, 100, 150, 200),
    lengths=(10, 100, 500),
    repeats=1,
    channels=(1, 10),
    appends=2000,
    posts=200,
    entries=(5000,),
    stalled_seconds=2.0,
    logged=6000,
    logs=(10_000, 40_000),
)


async def measure(plan: Plan) -> AsyncIterator[Section]:
    """One section after the other."""
    for section in await appends.measure(rounds=plan.rounds, seconds=plan.append_seconds, rows=plan.rows):
        yield section
    yield await logging.share(rounds=plan.rounds, events=plan.logged)
    yield logging.checking(sizes=plan.logs, repeats=plan.rounds)
    yield await directory.measure(sizes=plan.entries)
    with stage() as scene:
        # First of all on this hub, while its memory is still that of a hub that has done nothing.
        yield await idle.measure(scene, counts=plan.idle)
    with stage() as scene:
        for section in await delivery.measure(scene, rounds=plan.rounds, seconds=plan.delivery_seconds):
            yield section
        yield await stalled.measure(scene, rounds=plan.rounds, seconds=plan.stalled_seconds)
        yield await growth.histories(scene, lengths=plan.lengths, repeats=plan.repeats)
        yield await growth.channels(scene, counts=plan.channels, appends=plan.appends, posts=plan.posts)


async def run(plan: Plan, folder: Path) -> None:
    started, busy, own = time.monotonic(), busy_seconds(), own_seconds()
    print(f"samsnakk, measured on {machine()}. Only ratios within this run mean the same elsewhere.", flush=True)
    sections: list[Section] = []
    async for section in measure(plan):
        sections.append(section)
        print("\n".join(lines(section)), flush=True)
    goals = [goal for section in sections for goal in section.goals]
    folder.mkdir(parents=True, exist_ok=True)
    write_json(sections, folder / "bench.json")
    write_svg(sections, folder / "bench.svg")
    met = sum(goal.met for goal in goals)
    took = time.monotonic() - started
    print(f"\n{met} of {len(goals)} goals met, {took:.0f} s. Plots and numbers: {folder}")
    others = (busy_seconds() - busy - (own_seconds() - own)) / took / (os.cpu_count() or 1)
    if others > QUIET:
        print(f"The machine was not quiet: others used {others:.0%} of its processors meanwhile. Trust ratios at most.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter and rougher, to see that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="where bench.json and bench.svg go")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else Plan()
    idle.allow_files(max(plan.idle))
    # As Ctrl-C does: stop what was started, instead of leaving a hub and its database behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    uvloop.run(run(plan, arguments.out))


if __name__ == "__main__":
    main()
