"""From sending to durable to decrypted by all ten members, against the least that could carry the same bytes."""

import os
from dataclasses import dataclass, field
from statistics import median

from tests.bench.light import LightSocket
from tests.bench.load import OUTSTANDING, Ran, Target, drip, flood
from tests.bench.measured import Goal, Section, Series, middle_ratio
from tests.bench.procfs import cpu_seconds
from tests.bench.raw import raw_place, sizes_of
from tests.bench.room import MEMBERS, TEXT_BYTES, Author
from tests.bench.stage import Stage, author_socket, new_room
from tests.bench.targets import WithMembers, raw_target, with_counters, with_members

PACE = 100.0
"""Messages a second while latency is measured: a channel in lively use, far below what anything here can carry."""
HUB, RAW, COUNTED = "samsnakk", "raw", "hub alone"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds a message: raw process, hub, database, and one member."""

    raw: float
    hub: float
    database: float
    member: float


@dataclass(slots=True)
class Runs:
    """All runs, by what was loaded; the n-th of each ran in the same round."""

    flooded: dict[str, list[Ran]] = field(default_factory=lambda: {HUB: [], RAW: [], COUNTED: []})
    dripped: dict[str, list[Ran]] = field(default_factory=lambda: {HUB: [], RAW: [], COUNTED: []})
    costs: list[Cost] = field(default_factory=list)

    def rate(self, name: str) -> float:
        return median(run.rate for run in self.flooded[name])

    def latency(self, name: str, share: float) -> float:
        return median(run.latency(share) for run in self.dripped[name])


async def _both(runs: Runs, name: str, target: Target, seconds: float) -> None:
    runs.flooded[name].append(await flood(target, seconds))
    runs.dripped[name].append(await drip(target, seconds, PACE))


async def _with_members(runs: Runs, stage: Stage, target: WithMembers, seconds: float, raw: float) -> None:
    before, crews = stage.cpu(), sum(crew.cpu for crew in target.crews)
    runs.flooded[HUB].append(ran := await flood(target, seconds))
    after, per_message = stage.cpu(), 1000 / len(ran.sent_at)
    members = sum(crew.cpu for crew in target.crews) - crews
    hub, database = ((b - a) * per_message for a, b in zip(before, after, strict=True))
    runs.costs.append(Cost(raw, hub, database, members * per_message / MEMBERS))
    runs.dripped[HUB].append(await drip(target, seconds, PACE))


async def _round(runs: Runs, stage: Stage, light: LightSocket, seconds: float, number: int) -> None:
    author: Author = await new_room(stage, light)
    names = [person.key for person in stage.world.people[:MEMBERS]]
    async with raw_place(stage.folder / f"raw-{number}", sizes_of(author, TEXT_BYTES)) as place:
        async with raw_target(place) as raw:
            before = cpu_seconds(place.pid)
            await _both(runs, RAW, raw, seconds)
            cost = (cpu_seconds(place.pid) - before) * 1000 / raw.window.sent
        async with with_members(stage, light, author, names) as members:
            await _with_members(runs, stage, members, seconds, cost)
        async with with_counters(stage, light, author) as counters:
            await _both(runs, COUNTED, counters, seconds)


async def measure(stage: Stage, *, rounds: int, seconds: float) -> list[Section]:
    """Raw, samsnakk and the hub alone, in turn, some rounds."""
    runs = Runs()
    light = await author_socket(stage)
    for number in range(rounds):
        await _round(runs, stage, light, seconds, number)
    light.close()
    return [_delivery(runs), _latency(runs), _costs(runs.costs)]


def _delivery(runs: Runs) -> Section:
    section = Section(
        "Delivery to ten members",
        f"One author seals, signs and sends {TEXT_BYTES} characters at a time, {OUTSTANDING} messages on their way; a "
        "message counts when it is durable and with all ten. Raw: the same bytes, group commit and socket only.",
    )
    ratio = middle_ratio(*([run.rate for run in runs.flooded[name]] for name in (HUB, RAW)))
    alone = middle_ratio(*([run.rate for run in runs.flooded[name]] for name in (COUNTED, RAW)))
    section.add(HUB, runs.rate(HUB), "msg/s", "each verified and decrypted by ten clients that share nothing")
    section.add(COUNTED, runs.rate(COUNTED), "msg/s", "the same hub and author, but the ten only count frames")
    section.add(RAW, runs.rate(RAW), "msg/s", "no signatures, rules or keys at all: nothing could be faster")
    section.add("hub alone / raw", alone, "×", "what the hub's checking costs once clients have machines of their own")
    section.goals.append(Goal("samsnakk / raw, all ten decrypt", ratio, 0.4, "×", because=_because(runs)))
    points = tuple((name, runs.rate(name)) for name in (RAW, COUNTED, HUB))
    section.series.append(Series("Messages a second with all ten", "msg/s", points))
    return section


def _because(runs: Runs) -> str:
    cost = runs.costs[-1]
    whole = cost.hub + cost.database + MEMBERS * cost.member
    processors = os.cpu_count() or 1
    most = processors * 1000 / whole
    return (
        f"ten clients that each check everything themselves take {MEMBERS * cost.member:.1f} of the {whole:.1f} CPU ms "
        f"that a message costs here, on the processors that hub and database need too: {processors} of them carry at "
        f"most {most:.0f} msg/s, which is {most / runs.rate(RAW):.3f} × raw. In real life each client has its own, and "
        f"this one could take {1000 / cost.member:.0f} msg/s"
    )


def _latency(runs: Runs) -> Section:
    section = Section(
        "Delay to ten members", f"{PACE:.0f} messages a second; from the call to send until the last of the ten has it."
    )
    for name in (HUB, COUNTED, RAW):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            section.add(f"{name} {label}", runs.latency(name, share), "ms", _LATENCY[name])
    ours, theirs = ([run.latency(0.5) for run in runs.dripped[name]] for name in (HUB, RAW))
    alone = middle_ratio([run.latency(0.5) for run in runs.dripped[COUNTED]], theirs)
    because = (
        "ten clients verify, keep and decrypt side by side on few processors, and the last one's time counts; "
        "a client that does not keep up with this pace on its share of a processor builds up a queue. "
        f"Up to the ten sockets it is {alone:.2g} × raw"
    )
    ratio = middle_ratio(ours, theirs)
    section.goals.append(Goal("p50, samsnakk / raw", ratio, 2.0, "×", at_most=True, because=because))
    points = tuple(
        (f"{name} {label}", runs.latency(name, share)) for name in (RAW, COUNTED, HUB) for label, share in _P
    )
    section.series.append(Series("Delay", "ms", points))
    return section


_P = (("p50", 0.5), ("p99", 0.99))
_LATENCY = {
    HUB: "sealed, signed, checked, durable, pushed, verified and decrypted by all",
    COUNTED: "sealed, signed, checked, durable, pushed to all",
    RAW: "durable and pushed to all",
}


def _costs(costs: list[Cost]) -> Section:
    section = Section("Processor time of a message", "From the kernel's own accounts, while ten members keep up.")
    for name, values, means in (
        ("raw", [cost.raw for cost in costs], "appends and pushes to ten, checks nothing"),
        ("hub", [cost.hub for cost in costs], "checks, decides, records, pushes to ten"),
        ("database", [cost.database for cost in costs], "PostgreSQL with all its processes"),
        ("one member", [cost.member for cost in costs], "checks chain, signature and rules, decrypts"),
    ):
        section.add(name, median(values), "CPU ms/msg", means)
    section.add("one member alone", 1000 / median(c.member for c in costs), "msg/s", "what one processor lets it take")
    cost = costs[-1]
    points = (("raw", cost.raw), ("hub", cost.hub), ("database", cost.database), ("one member", cost.member))
    section.series.append(Series("CPU of a message", "ms", points))
    return section
