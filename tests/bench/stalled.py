"""One member of ten stops reading. Do the other nine notice, and does it lose anything? Neither should be."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed

from tests.bench.light import LightSocket
from tests.bench.load import Ran, drip
from tests.bench.measured import Goal, Section, Series
from tests.bench.member import Member
from tests.bench.room import MEMBERS, index_of
from tests.bench.stage import Stage, author_socket, new_room
from tests.bench.targets import with_members

PACE, TEXT = 20.0, 12_000
"""Few messages, so that two processors carry ten clients, and long ones, so that a stalled one is soon far behind."""
_OVERLOADED = 500.0
"""Milliseconds of ordinary delay beyond which there is a queue anyway, and comparing tails shows nothing."""
_SMALL = 16 * 1024
"""The stalled end's receive buffer: the kernel must not take in megabytes for it."""
_PATIENCE = 60.0


@dataclass(slots=True)
class Runs:
    """The nine others' runs, with and without the stalled one, and what it got in the end."""

    without: list[Ran] = field(default_factory=list)
    beside: list[Ran] = field(default_factory=list)
    cut_off: int = 0
    missing: int = 0


async def _small_socket(url: str) -> socket.socket:
    host = urlsplit(url)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (host.hostname, host.port))
    return made


async def _round(runs: Runs, stage: Stage, light: LightSocket, seconds: float, *, stalls: bool) -> None:
    author = await new_room(stage, light)
    people = stage.world.people[:MEMBERS]
    last = Member(stage.world, people[-1], author.place)
    async with with_members(stage, light, author, [person.key for person in people[:-1]], TEXT) as target:
        if stalls:
            await last.connect(stage.url, sock=await _small_socket(stage.url))
            await last.catch_up()
        # From here on nobody calls the last one's receive.
        ran = await drip(target, seconds, PACE)
        (runs.beside if stalls else runs.without).append(ran)
        if stalls:
            await _resume(runs, stage, last, len(ran.sent_at))


async def _resume(runs: Runs, stage: Stage, member: Member, sent: int) -> None:
    """It reads again: what lies in its buffers, then, if it was cut off, what it missed."""
    got: list[str] = []
    async with asyncio.timeout(_PATIENCE):
        with contextlib.suppress(ConnectionClosed):
            while len(got) < sent:
                got += await member.read()
        if len(got) < sent:
            runs.cut_off += 1
            await member.connect(stage.url)
            got += await member.catch_up()
    runs.missing += sent - len({index_of(text) for text in got})
    await member.close()


async def measure(stage: Stage, *, rounds: int, seconds: float) -> Section:
    """With and without, in turn."""
    runs = Runs()
    light = await author_socket(stage)
    for _ in range(rounds):
        await _round(runs, stage, light, seconds, stalls=False)
        await _round(runs, stage, light, seconds, stalls=True)
    light.close()
    return _section(runs, rounds)


def _section(runs: Runs, rounds: int) -> Section:
    section = Section(
        "One stalled member of ten",
        f"{PACE:.0f} messages a second of {TEXT} characters; the tenth member stops reading, the other nine do not.",
    )
    points = []
    for name, found in (("without", runs.without), ("with a stalled one", runs.beside)):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            value = median(run.latency(share) for run in found)
            section.add(f"{name}, {label}", value, "ms", "until the last of the nine has decrypted it")
            points.append((f"{name}, {label}", value))
    section.add("cut off", float(runs.cut_off), f"of {rounds}", "the hub closed the stalled connection by itself")
    section.add("lost", float(runs.missing), "messages", "missing at the stalled member after it resumed by version")
    ratio = min(run.latency(0.99) for run in runs.beside) / min(run.latency(0.99) for run in runs.without)
    because = "the last percent of a loaded machine is mostly its scheduler"
    slow = min(run.latency(0.5) for run in runs.without) > _OVERLOADED
    void = "without a stalled one the machine does not keep up either" if slow else ""
    goal = Goal("p99 of the nine, with / without", ratio, 2.0, "×", at_most=True, because=because, void=void)
    section.goals.append(goal)
    section.goals.append(Goal("messages lost by the stalled one", float(runs.missing), 0.0, "", at_most=True))
    section.series.append(Series("The other nine's delay", "ms", tuple(points)))
    return section
