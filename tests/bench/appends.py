"""Durable appends: group commit against COPY into the same tables, and against one transaction for each insert."""

import asyncio
import contextlib
import gc
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg

from service.store import CommandKey, EventStore, NewRecord, StoreSettings, Unit, VersionConflict
from service.store.embedded import EmbeddedPostgres
from service.store.migrate import migrate
from tests.bench.measured import Goal, Section, Series, middle_ratio, percentile

STATE, BODY = 260, 340
"""Bytes of a message's record and of its sealed body: 600 together."""
CONFLICT_EVERY = 100
CONNECTIONS = 32
_NOISE = os.urandom(1 << 20)
_TOPIC = "message-posted/1"
_INSERT = """
WITH recorded AS (
    INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id, inner_hash, head)
    VALUES ($1, $2, $3, $4, nextval('bench_positions'), $5, $6)
), beside AS (
    INSERT INTO bodies (originator_id, originator_version, body, blind) VALUES ($1, $2, $7, $8)
)
INSERT INTO commands (device, command_id, digest, originator_id, originator_version) VALUES ($9, $10, $11, $1, $2)
"""
_COLUMNS = {
    "stored_events": (
        "originator_id",
        "originator_version",
        "topic",
        "state",
        "notification_id",
        "inner_hash",
        "head",
    ),
    "bodies": ("originator_id", "originator_version", "body", "blind"),
    "commands": ("device", "command_id", "digest", "originator_id", "originator_version"),
}


class _Bytes:
    """Bytes that do not compress and cost little to make."""

    def __init__(self) -> None:
        self._at = 0

    def __call__(self, length: int) -> bytes:
        self._at = (self._at + 8191) % (len(_NOISE) - STATE - BODY)
        return _NOISE[self._at : self._at + length]


_bytes = _Bytes()
_Link: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_Insert: TypeAlias = Callable[[_Link, NewRecord], Coroutine[object, object, None]]


@contextlib.contextmanager
def no_collections() -> Iterator[None]:
    """What was prepared lies in memory by the hundred thousand: the garbage collector need not look at it."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def record(stream: UUID, version: int) -> NewRecord:
    command = CommandKey(_bytes(16), os.urandom(16), _bytes(32))
    state, body = _bytes(STATE), _bytes(BODY)
    return NewRecord(stream, version, _TOPIC, state, _bytes(32), _bytes(32), body, _bytes(32), command)


def records(count: int) -> Iterator[NewRecord]:
    """As they come from 256 authors, each writing a stream."""
    streams = [uuid4() for _ in range(256)]
    return (record(streams[number % 256], number // 256 + 1) for number in range(count))


@dataclass(slots=True)
class Appended:
    """What group commit did: events a second, milliseconds each took, conflicts that were refused."""

    rate: float = 0.0
    took: list[float] = field(default_factory=list)
    conflicts: int = 0


async def _author(store: EventStore, units: list[Unit], until: float, found: Appended, *, conflicts: bool) -> None:
    for number, unit in enumerate(units, secrets.randbelow(CONFLICT_EVERY)):
        started = time.perf_counter()
        if started > until:
            return
        await store.append(unit)
        found.took.append((time.perf_counter() - started) * 1000)
        if conflicts and number % CONFLICT_EVERY == CONFLICT_EVERY - 1:
            stale = Unit((record(unit.records[0].stream, unit.records[0].version),))
            with contextlib.suppress(VersionConflict):
                await store.append(stale)
                raise AssertionError("a version was written twice")
            found.conflicts += 1


async def group_commit(dsn: str, authors: int, seconds: float, *, conflicts: bool = False) -> Appended:
    """Authors who each append to a stream of their own, one event after the other, with every head checked."""
    prepared = max(4, int(seconds * 60_000 / authors))
    streams = [uuid4() for _ in range(authors)]
    work = [[Unit((record(stream, version),)) for version in range(1, prepared + 1)] for stream in streams]
    found = Appended()
    async with EventStore(StoreSettings(dsn)) as store:
        with no_collections():
            started = time.perf_counter()
            until = started + seconds
            await asyncio.gather(*(_author(store, units, until, found, conflicts=conflicts) for units in work))
            found.rate = len(found.took) / (time.perf_counter() - started)
    return found


async def copy(dsn: str, count: int) -> float:
    """Rows a second by COPY into the three tables of an event, 20,000 events a transaction."""
    connection = await asyncpg.connect(dsn)
    took = 0.0
    for _ in range(0, count, 20_000):
        rows = _rows(list(records(min(count, 20_000))), await _last(connection))
        started = time.perf_counter()
        async with connection.transaction():
            for table, columns in _COLUMNS.items():
                await connection.copy_records_to_table(table, records=rows[table], columns=columns)
        took += time.perf_counter() - started
    await connection.close()
    return count / took


async def _last(connection: _Link) -> int:
    found = await connection.fetchval("SELECT COALESCE(max(notification_id), 0) FROM stored_events")
    return int(found)


def _rows(made: list[NewRecord], after: int) -> dict[str, list[tuple[object, ...]]]:
    numbered = list(enumerate(made, after + 1))
    events = [(r.stream, r.version, r.topic, r.state, at, r.inner_hash, r.head) for at, r in numbered]
    bodies = [(r.stream, r.version, r.body, r.blind) for r in made]
    commands = [(c.device, c.command_id, c.digest, r.stream, r.version) for r in made if (c := r.command) is not None]
    return {"stored_events": list(events), "bodies": list(bodies), "commands": list(commands)}


async def one_by_one(dsn: str, seconds: float, *, ordered: bool) -> float:
    """Events a second when each is a transaction of its own, on 32 connections.

    `ordered`: with the store's promise about positions, without gaps and in commit order; else they come from a
    sequence, and readers that follow them lose events.
    """
    made = [list(records(int(seconds * 1500))) for _ in range(CONNECTIONS)]
    links = [await asyncpg.connect(dsn) for _ in range(CONNECTIONS)]
    insert = _insert_in_order if ordered else _insert
    with no_collections():
        started = time.perf_counter()
        work = [_inserts(insert, link, rows, started + seconds) for link, rows in zip(links, made, strict=True)]
        rate = sum(await asyncio.gather(*work)) / (time.perf_counter() - started)
    for link in links:
        await link.close()
    return rate


async def _inserts(insert: "_Insert", link: "_Link", rows: list[NewRecord], until: float) -> int:
    for done, r in enumerate(rows):
        if time.perf_counter() > until:
            return done
        await insert(link, r)
    return len(rows)


async def _insert(link: "_Link", r: NewRecord, statement: str = _INSERT) -> None:
    assert r.command is not None
    event = (r.stream, r.version, r.topic, r.state, r.inner_hash, r.head, r.body, r.blind)
    await link.execute(statement, *event, r.command.device, r.command.command_id, r.command.digest)


async def _insert_in_order(link: "_Link", r: NewRecord) -> None:
    async with link.transaction():
        await link.execute("SELECT hold_order()")
        await _insert(link, r, _INSERT.replace("nextval('bench_positions')", "last_position() + 1"))


@contextlib.asynccontextmanager
async def database() -> AsyncIterator[str]:
    """A fresh database, as the service logs in; set up like the hub's own."""
    folder = Path(tempfile.mkdtemp(prefix="sk-"))
    folder.chmod(0o755)
    try:
        async with EmbeddedPostgres(folder / "postgres") as postgres:
            await migrate(postgres.dsn("owner"))
            owner = await asyncpg.connect(postgres.dsn("owner"))
            # Far from the positions that the store makes: here both write the same table.
            await owner.execute("CREATE SEQUENCE bench_positions START 1000000000000")
            await owner.execute("GRANT USAGE ON SEQUENCE bench_positions TO samsnakk_service")
            await owner.close()
            yield postgres.dsn("service")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measure(*, rounds: int, seconds: float, rows: int) -> list[Section]:
    """All ways in turn, some rounds."""
    copied, few, many = [], [], []
    async with database() as dsn:
        await group_commit(dsn, 64, 0.5)
        for _ in range(rounds):
            copied.append(await copy(dsn, rows))
            few.append(await group_commit(dsn, 64, seconds))
            many.append(await group_commit(dsn, 256, seconds, conflicts=True))
        # Last, because its positions are ahead of all others.
        single = [await one_by_one(dsn, seconds, ordered=False) for _ in range(rounds)]
        ordered = await one_by_one(dsn, seconds, ordered=True)
    return [_section(copied, single, ordered, few, many)]


def _section(
    copied: list[float], single: list[float], ordered: float, few: list[Appended], many: list[Appended]
) -> Section:
    section = Section(
        "Durable appends",
        f"Events of {STATE + BODY} bytes into three tables, all indexes and triggers on, flushed to disk. The middle "
        "of the rounds.",
    )
    rates = {"COPY": median(copied), "group commit, 256": median(run.rate for run in many)}
    rates |= {
        "group commit, 64": median(run.rate for run in few),
        "insert each": median(single),
        "insert each, ordered": ordered,
    }
    for name, means in _MEANS.items():
        section.add(name, rates[name], "events/s", means)
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        took = median(percentile(run.took, share) for run in many)
        section.add(f"256 authors, {label}", took, "ms", "until an author knows that the event is durable")
    section.add("conflicts", float(sum(run.conflicts for run in many)), "", "stale appends, every one refused")
    ratio = middle_ratio([run.rate for run in many], copied)
    section.goals.append(Goal("group commit at 256 / COPY", ratio, 0.30, "×", because=_WHY_COPY))
    singles = middle_ratio([run.rate for run in many], single)
    section.goals.append(Goal("group commit at 256 / insert each", singles, 5.0, "×", because=_WHY_SINGLE))
    section.series.append(Series("Appends", "events/s", tuple(rates.items())))
    return section


_MEANS = {
    "COPY": "the fastest way into the same tables: no heads, no conflicts, nobody waits for one event",
    "group commit, 256": "256 authors wait for one event each; heads checked, 1 % stale and refused",
    "group commit, 64": "the same with 64 authors: smaller groups",
    "insert each": f"each event a transaction of its own, on {CONNECTIONS} connections; readers would lose events",
    "insert each, ordered": "the same with positions in commit order and without gaps, as group commit promises",
}
_WHY_COPY = "the author's side (Python) and PostgreSQL share the processors, and COPY needs next to nothing of Python"
_WHY_SINGLE = "a cheap flush makes single transactions cheap: on a slow disk group commit leads by far more"
