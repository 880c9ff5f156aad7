"""The global log: what it takes of the append throughput, and what checking all of it costs as it grows."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

from crypto.checkpoints import Checkpoint
from crypto.growing_log import GrowingLog
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_tiles import TILE_WIDTH, encode_bundle
from crypto.random import random_bytes
from crypto.signing import SigningKey
from domain.ids import DeploymentId, Millis
from samsnakk.whole_log import check_log, processors
from service.handle.sequencer import Sequencer
from service.store import EventStore, StoreSettings, StreamRow, Unit
from tests.bench.appends import database, no_collections, record
from tests.bench.measured import Goal, Section, Series, middle_ratio

AUTHORS = 256
STREAMS = 2000
NEW = 1000


def _work(count: int) -> list[list[Unit]]:
    """For each author a stream of their own, which begins with the first record."""
    found = []
    for _ in range(AUTHORS):
        stream = uuid4()
        row = StreamRow(stream, "bench", UUID(int=0), random_bytes(32), Millis(0))
        versions = range(1, count // AUTHORS + 1)
        found.append([Unit((record(stream, n),), (row,) if n == 1 else ()) for n in versions])
    return found


async def _appends(dsn: str, count: int, *, logged: bool) -> float:
    """Events a second until all are durable, and with `logged` in a signed checkpoint too."""
    work = _work(count)
    async with EventStore(StoreSettings(dsn)) as store:
        key = SigningKey.from_seed(bytes(32))
        # Both begin with an empty backlog; only one goes on with it.
        sequencer = await Sequencer.taken_up(store, key, DeploymentId(bytes(16)))
        while await sequencer.advance():
            continue

        async def author(units: list[Unit]) -> None:
            for unit in units:
                await store.append(unit)

        with no_collections():
            started = time.perf_counter()
            logging = asyncio.create_task(sequencer.run_for_ever()) if logged else None
            await asyncio.gather(*(author(units) for units in work))
            if logging is not None:
                logging.cancel()
                await asyncio.wait([logging])
                while await sequencer.advance():
                    continue
            took = time.perf_counter() - started
        if logged:
            assert sequencer.signed == await store.max_position()
    return sum(map(len, work)) / took


async def share(*, rounds: int, events: int) -> Section:
    """With and without the log, turn by turn."""
    section = Section(
        "Logging", f"{events} events by {AUTHORS} authors, heads checked, into one database: without and with the log."
    )
    bare, logged = [], []
    async with database() as dsn:
        await _appends(dsn, events // 4, logged=True)
        for _ in range(rounds):
            bare.append(await _appends(dsn, events, logged=False))
            logged.append(await _appends(dsn, events, logged=True))
    taken = 1 - middle_ratio(logged, bare)
    section.add("not logged", median(bare), "events/s", "until all events are durable")
    section.add("logged", median(logged), "events/s", "until all are in a signed checkpoint besides")
    because = "hashing and reading the record again share a processor with the writer here"
    section.goals.append(Goal("logging's share of the throughput", taken, 0.15, at_most=True, because=because))
    return section


def _log(size: int) -> tuple[Path, Checkpoint]:
    """A log of that many entries over some streams, as a file of bundles, and what was signed of it."""
    log = GrowingLog()
    heads = [random_bytes(32) for _ in range(STREAMS)]
    names = [Digest(random_bytes(32)) for _ in range(STREAMS)]
    with tempfile.NamedTemporaryFile(prefix="sk-log-", delete=False) as file:
        for first in range(0, size, TILE_WIDTH):
            numbers = range(first, min(first + TILE_WIDTH, size))
            entries = [LogEntry(names[n % STREAMS], n // STREAMS + 1, Digest(heads[n % STREAMS])) for n in numbers]
            log.append(entries)
            bundle = encode_bundle([entry_bytes(entry) for entry in entries])
            file.write(len(bundle).to_bytes(4, "big") + bundle)
    return Path(file.name), Checkpoint("bench", size, log.frontier.root, log.heads.root)


def _bundles(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length := file.read(4):
            yield file.read(int.from_bytes(length, "big"))


def _check(path: Path, checkpoint: Checkpoint, pool: ProcessPoolExecutor) -> float:
    started = time.perf_counter()
    told: list[int] = []
    joined = check_log(_bundles(path), checkpoint, pool, told.append)
    took = time.perf_counter() - started
    assert told[-1] == joined.size == checkpoint.size
    return took


def _news(size: int) -> tuple[float, float]:
    """Seconds for `NEW` events behind `size` that are known, as a witness takes them; and for as many behind those."""
    log = GrowingLog()
    names = [Digest(random_bytes(32)) for _ in range(STREAMS)]
    entries = (LogEntry(names[n % STREAMS], n // STREAMS + 1, names[n % STREAMS]) for n in range(size + 2 * NEW))
    log.append(islice(entries, size))
    root = log.heads.root
    took = []
    for _ in range(2):
        some = list(islice(entries, NEW))
        started = time.perf_counter()
        log.append(some)
        assert log.frontier.root != root != log.heads.root
        took.append(time.perf_counter() - started)
    return took[0], took[1]


def checking(*, sizes: Sequence[int], repeats: int) -> Section:
    """Whole logs of several sizes, on all processors and on one, and what is new behind the largest."""
    section = Section(
        "Checking a whole log", "Every entry is read and hashed, every stream followed, both roots compared."
    )
    each: list[float] = []
    with processors() as pool, processors(1) as single:
        for some in (pool, single):
            path, checkpoint = _log(TILE_WIDTH * 256)
            _check(path, checkpoint, some)
            path.unlink()
        for size in sizes:
            path, checkpoint = _log(size)
            took = median(_check(path, checkpoint, pool) for _ in range(repeats))
            each.append(took / size * 1e6)
            section.add(f"{size} events", took, "s", f"on all processors: {each[-1]:.2f} µs an event")
            if size == sizes[-1]:
                alone = _check(path, checkpoint, single)
                section.add(f"{size} events, one processor", alone, "s", "the same by one process and its reader")
                section.add("all processors against one", alone / took, "×", "how much faster they are together")
            path.unlink()
    few, many = (min(min(_news(size)) for _ in range(repeats)) / NEW * 1e6 for size in (sizes[0], sizes[-1]))
    section.add(
        f"{NEW} new events", many, "µs", f"an event, behind {sizes[-1]} that are known; behind {sizes[0]}: {few:.2f}"
    )
    section.goals.append(
        Goal("what is new, behind the longest log against the shortest", many / few, 1.3, "×", at_most=True)
    )
    worst = max(each) / min(each)
    name = f"cost of an event, {sizes[0]} to {sizes[-1]} events, worst against best"
    section.goals.append(Goal(name, worst, 1.3, "×", at_most=True, because="a short log does not keep all busy"))
    section.series.append(Series("Checking, for each event", "µs", tuple(zip(map(str, sizes), each, strict=True))))
    return section
