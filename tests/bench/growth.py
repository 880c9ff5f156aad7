"""What stays the same while everything grows: more channels, longer histories."""

import asyncio
import time
from statistics import median
from uuid import uuid4

from protocol import frames
from service.store import EventStore, StoreSettings, Unit
from tests.bench.appends import database, no_collections, record
from tests.bench.history import openings
from tests.bench.light import LightSocket
from tests.bench.load import OUTSTANDING
from tests.bench.measured import Goal, Section, Series
from tests.bench.room import Author
from tests.bench.stage import Stage, author_socket, fill, new_room

APPENDS_OUTSTANDING = 64
GOAL_LENGTH = 10_000
_PATIENCE = 120.0


async def _appends(dsn: str, streams: int, total: int) -> float:
    """Events a second into that many streams, always the same number on their way."""
    made = [uuid4() for _ in range(streams)]
    units = iter([Unit((record(made[n % streams], n // streams + 1),)) for n in range(total)])
    async with EventStore(StoreSettings(dsn)) as store:

        async def writer() -> None:
            for unit in units:
                await store.append(unit)

        with no_collections():
            started = time.perf_counter()
            await asyncio.gather(*(writer() for _ in range(APPENDS_OUTSTANDING)))
            return total / (time.perf_counter() - started)


async def _posts(light: LightSocket, authors: list[Author], total: int) -> float:
    """Messages a second that one connection posts into that many channels; nobody reads."""
    made = [authors[number % len(authors)].frame(number) for number in range(total)]
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[None] = loop.create_future()
    left = iter(made[OUTSTANDING:])
    receipts = 0

    def heard(payload: bytes) -> None:
        nonlocal receipts
        if b"refused" in payload[:16]:
            raise RuntimeError(str(frames.decode_hub(payload)))
        receipts += 1
        if receipts == total:
            finished.set_result(None)
        elif (following := next(left, None)) is not None:
            light.send(following)

    light.hear = heard
    started = time.perf_counter()
    for frame in made[:OUTSTANDING]:
        light.send(frame)
    async with asyncio.timeout(_PATIENCE):
        await finished
    return total / (time.perf_counter() - started)


async def channels(stage: Stage, *, counts: tuple[int, ...], appends: int, posts: int) -> Section:
    """The same work over more and more channels."""
    section = Section("More channels", "The same number of events over 1, 10 or 100 channels: it should not matter.")
    appended, posted = [], []
    async with database() as dsn:
        await _appends(dsn, 1, appends // 4)
        appended = [(f"{count} streams", await _appends(dsn, count, appends)) for count in counts]
    light = await author_socket(stage)
    rooms = [await new_room(stage, light, members=1) for _ in range(max(counts))]
    await _posts(light, rooms, posts // 4)
    posted = [(f"{count} channels", await _posts(light, rooms[:count], posts)) for count in counts]
    light.close()
    for label, rate in appended:
        section.add(f"appends, {label}", rate, "events/s", f"{APPENDS_OUTSTANDING} on their way, heads checked")
    for label, rate in posted:
        section.add(f"posts, {label}", rate, "msg/s", "one connection, checked and durable, nobody reads")
    section.series.append(Series("Appends by streams", "events/s", tuple(appended)))
    section.series.append(Series("Posts by channels", "msg/s", tuple(posted)))
    return section


async def histories(stage: Stage, *, lengths: tuple[int, ...], repeats: int) -> Section:
    """Channels with longer and longer histories, opened by a member who has none of it."""
    section = Section(
        "Opening a channel",
        "A member of ten connects with the SDK, fetches, verifies and keeps every record, and decrypts every message.",
    )
    light = await author_socket(stage)
    points = []
    for length in lengths:
        author = await new_room(stage, light)
        await fill(light, author, length)
        found = [await openings(stage, author.place, length) for _ in range(repeats)]
        took, again = median(one.first for one in found), median(one.again for one in found)
        section.add(f"{length} messages", took, "s", f"from nothing: {took / length * 1e6:.0f} µs a message")
        section.add(f"{length} messages, again", again, "s", "from the encrypted local store, then asking for news")
        points.append((f"{length}", took / length * 1e6))
    light.close()
    whole = points[-1][1] * GOAL_LENGTH / 1e6
    because = (
        "a third of it is checking signatures, the rest hashes, rules, keys and the local store, nearly all on one "
        "processor; hub and database fetch what the hub no longer has in memory on the others"
    )
    name = "opening 10,000 messages" + ("" if lengths[-1] == GOAL_LENGTH else f", extrapolated from {lengths[-1]}")
    section.goals.append(Goal(name, whole, 3.0, "s", at_most=True, because=because))
    section.series.append(Series("Opening, for each message", "µs", tuple(points)))
    return section
