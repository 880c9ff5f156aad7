"""What a connection costs the hub that signs in and then does nothing."""

import asyncio
import resource

from tests.bench.light import LightSocket, sign_in
from tests.bench.measured import Goal, Section, Series, slope
from tests.bench.procfs import resident_bytes
from tests.bench.stage import Stage

TOGETHER = 25
"""Logins at a time."""
_SPARE_FILES = 200


def allow_files(wanted: int) -> int:
    """Let this process and those it starts open that many files, or as many as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = min(wanted + _SPARE_FILES, hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed - _SPARE_FILES


async def measure(stage: Stage, *, counts: tuple[int, ...]) -> Section:
    """Connect in steps; at each, ask the kernel for the hub's memory."""
    section = Section(
        "Idle connections", "Signed in, subscribed to nothing. The slope leaves out what the hub needs anyway."
    )
    lights: list[LightSocket] = []
    points: list[tuple[float, float]] = []
    for count in counts:
        while len(lights) < count:
            people = [stage.world.people[number % len(stage.world.people)] for number in range(TOGETHER)]
            lights += await asyncio.gather(*(sign_in(stage.url, person) for person in people))
        points.append((float(len(lights)), resident_bytes(stage.hub_pid) / 1024))
    for light in lights:
        light.close()
    each = slope(points)
    section.add("hub's memory", points[-1][1] / 1024, "MiB", f"with {counts[-1]} connections open")
    section.add("a connection", each, "KiB", f"slope from {counts[0]} to {counts[-1]} connections")
    because = "the allocator takes memory in larger pieces than it is asked for"
    section.goals.append(Goal("memory of an idle connection", each, 25.0, "KiB", at_most=True, because=because))
    series = tuple((f"{count:.0f}", size / 1024) for count, size in points)
    section.series.append(Series("Hub's memory by connections", "MiB", series))
    return section
