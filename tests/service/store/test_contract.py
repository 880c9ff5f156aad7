"""What every store must promise, shown on each kind of server."""

import asyncio
from uuid import UUID

import pytest

from service.store import (
    CommandKey,
    CommandReused,
    EventStore,
    Head,
    NewRecord,
    Receipt,
    RecordRejected,
    Snapshot,
    StoredRecord,
    StreamRow,
    Unit,
    VersionConflict,
)
from tests.service.store.conftest import Database
from tests.service.store.units import command, hashed, new_stream, open_store, record, unit


async def _author(store: EventStore, stream: UUID, last: int) -> None:
    for version in range(1, last + 1):
        await store.append(unit(stream, version))


async def _collect(store: EventStore, after: int, count: int, limit: int = 500) -> list[StoredRecord]:
    found: list[StoredRecord] = []
    async for batch in store.subscribe(after, limit):
        found += batch
        if len(found) >= count:
            break
    return found


async def test_positions_are_gap_free_in_commit_order_and_no_reader_misses_one(database: Database) -> None:
    async with open_store(database) as one, open_store(database) as two:
        readers = [asyncio.create_task(_collect(store, 0, 600, limit)) for store, limit in ((one, 7), (two, 500))]
        await asyncio.gather(*(_author(store, new_stream(), 10) for store in (one, two) for _ in range(30)))
        for found in await asyncio.gather(*readers):
            assert [seen.position for seen in found] == list(range(1, 601))
            last: dict[UUID, int] = {}
            for seen in found:
                assert seen.version == last.get(seen.stream, 0) + 1
                last[seen.stream] = seen.version
        assert await one.max_position() == 600


async def test_two_stores_that_race_for_a_version_get_one_receipt_and_one_conflict(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as one, open_store(database) as two:
        for version in range(1, 21):
            answers = await asyncio.gather(
                one.append(unit(stream, version)), two.append(unit(stream, version)), return_exceptions=True
            )
            assert sorted(type(answer).__name__ for answer in answers) == ["Receipt", "VersionConflict"]
        assert (await one.head(stream)).version == 20


async def test_a_unit_over_several_streams_is_written_whole_or_not_at_all(database: Database) -> None:
    fresh, moved = new_stream(), new_stream()
    async with open_store(database) as store:
        await store.append(unit(moved, 1, 2))
        with pytest.raises(VersionConflict) as caught:
            await store.append(Unit((record(fresh, 1), record(moved, 2))))
        assert (caught.value.stream, caught.value.expected, caught.value.actual) == (moved, 1, 2)
        assert await store.read(fresh) == []
        receipt = await store.append(Unit((record(fresh, 1), record(moved, 3), record(fresh, 2))))
        assert receipt.positions == range(3, 6)
        assert [seen.position for seen in await store.read(fresh)] == [3, 5]


async def test_a_gap_in_a_stream_is_a_conflict(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        await store.append(unit(stream, 1))
        with pytest.raises(VersionConflict) as caught:
            await store.append(unit(stream, 3))
        assert (caught.value.expected, caught.value.actual) == (2, 1)
        with pytest.raises(VersionConflict):
            await store.append(unit(new_stream(), 2))
        with pytest.raises(RecordRejected):
            await store.append(unit(stream, 2, 4))


async def test_units_that_build_on_each_other_may_be_appended_without_waiting(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        receipts = await asyncio.gather(*(store.append(unit(stream, version)) for version in range(1, 51)))
        assert [receipt.positions[0] for receipt in receipts] == list(range(1, 51))


async def test_a_conflict_fails_alone_with_what_was_built_on_it(database: Database) -> None:
    async with open_store(database) as store, open_store(database) as other:
        moved = new_stream()
        await other.append(unit(moved, 1))
        good = [new_stream() for _ in range(20)]
        answers = await asyncio.gather(
            *(store.append(unit(stream, 1)) for stream in good[:10]),
            store.append(unit(moved, 1)),
            store.append(unit(moved, 2, 3)),  # fits the stream as it is, though appended after a unit that does not
            store.append(unit(moved, 5)),
            *(store.append(unit(stream, 1)) for stream in good[10:]),
            return_exceptions=True,
        )
        assert isinstance(answers[10], VersionConflict)
        assert isinstance(answers[11], Receipt)
        assert isinstance(answers[12], VersionConflict)
        assert all(isinstance(answer, Receipt) for answer in answers[:10] + answers[13:])
        assert await store.max_position() == 23


async def test_many_contenders_for_one_version_are_answered_without_delay(database: Database) -> None:
    stream = new_stream()
    async with open_store(database, append_deadline=5) as store:
        answers = await asyncio.gather(*(store.append(unit(stream, 1)) for _ in range(300)), return_exceptions=True)
        assert sum(isinstance(answer, Receipt) for answer in answers) == 1
        assert sum(isinstance(answer, VersionConflict) for answer in answers) == 299


async def test_a_repeated_command_gets_its_first_receipt_whatever_the_head_is_now(database: Database) -> None:
    stream, side = new_stream(), new_stream()
    first = Unit((record(stream, 1), record(side, 1)))
    async with open_store(database) as store, open_store(database) as other:
        receipt = await store.append(first)
        await store.append(unit(stream, 2))
        for again in (store, other):
            repeated = await again.append(first)
            assert repeated.duplicate
            assert repeated.recorded == receipt.recorded
            assert repeated.positions == receipt.positions
        rebuilt = Unit(
            tuple(
                NewRecord(old.stream, version, old.topic, old.state, command=old.command)
                for old, version in zip(first.records, (3, 2), strict=True)
            )
        )
        assert (await other.append(rebuilt)).recorded == receipt.recorded
        assert await store.max_position() == 3


async def test_a_command_sent_twice_at_the_same_time_is_recorded_once(database: Database) -> None:
    sent = unit(new_stream(), 1)
    async with open_store(database) as one, open_store(database) as two:
        receipts = await asyncio.gather(*(store.append(sent) for store in (one, two) for _ in range(5)))
        assert sum(not receipt.duplicate for receipt in receipts) == 1
        assert len({receipt.recorded for receipt in receipts}) == 1
        assert await one.max_position() == 1


async def test_a_command_id_with_other_bytes_is_refused(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        key = command()
        await store.append(Unit((NewRecord(stream, 1, "Recorded", b"state", command=key),)))
        forged = CommandKey(key.device, key.command_id, hashed("other bytes"))
        for version in (1, 2):
            with pytest.raises(CommandReused):
                await store.append(Unit((NewRecord(stream, version, "Recorded", b"other", command=forged),)))
        known = NewRecord(stream, 2, "Recorded", b"state", command=key)
        with pytest.raises(CommandReused):
            await store.append(Unit((known, record(stream, 3))))
        assert await store.max_position() == 1


@pytest.mark.parametrize(
    "spoiled",
    [
        NewRecord(new_stream(), 1, "NUL\0", b"state"),
        NewRecord(new_stream(), 1, "Recorded", b"state", head=b"31 bytes are too few for a head"),
        NewRecord(new_stream(), 1, "Recorded", b"state", command=CommandKey(b"short", b"short", hashed(0))),
        NewRecord(new_stream(), 1 << 64, "Recorded", b"state"),
    ],
    ids=["NUL", "head", "command", "version"],
)
async def test_a_poisoned_unit_fails_and_its_neighbours_do_not(database: Database, spoiled: NewRecord) -> None:
    async with open_store(database) as store:
        before = [unit(new_stream(), 1, 2) for _ in range(10)]
        after = [unit(new_stream(), 1) for _ in range(10)]
        answers = await asyncio.gather(
            *(store.append(each) for each in (*before, Unit((spoiled,)), *after)), return_exceptions=True
        )
        failed = answers.pop(10)
        assert isinstance(failed, (RecordRejected, VersionConflict))
        assert all(isinstance(answer, Receipt) for answer in answers)
        assert await store.max_position() == 30


async def test_a_record_that_is_too_large_is_refused_at_once(database: Database) -> None:
    async with open_store(database, record_size=1000) as store:
        with pytest.raises(RecordRejected, match="1001 bytes"):
            await store.append(Unit((NewRecord(new_stream(), 1, "Recorded", bytes(1001)),)))


async def test_what_was_written_is_read_back(database: Database) -> None:
    stream = new_stream()
    written = [record(stream, version) for version in (1, 2, 3)]
    async with open_store(database) as store:
        receipt = await store.append(Unit(tuple(written)))
        read = await store.read(stream)
        assert [(r.state, r.inner_hash, r.head, r.body, r.blind) for r in read] == [
            (w.state, w.inner_hash, w.head, w.body, w.blind) for w in written
        ]
        assert [seen.version for seen in await store.read(stream, 1, 1)] == [2]
        assert [seen.version for seen in await store.read(stream, until=2)] == [1, 2]
        assert await store.head(stream) == Head(3, written[-1].head)
        assert await store.head(new_stream()) == Head(0, None)
        assert await store.heads([stream, new_stream()]) == {stream: Head(3, written[-1].head)}
        assert (await store.read_bodies(stream, [1, 9]))[1].body == b"body"
        key = written[1].command
        assert key is not None
        assert await store.receipt_for(*key.key) == receipt.recorded[1]
        assert await store.receipt_for(b"unknown 16 bytes", b"unknown 16 bytes") is None


async def test_streams_are_made_with_the_unit_that_opens_them(database: Database) -> None:
    stream, channel = new_stream(), new_stream()
    row = StreamRow(stream, "channel", channel, hashed("name"), 1)
    async with open_store(database) as store:
        await store.append(Unit((record(stream, 1),), (row,)))
        assert await store.streams(channel) == [row]
        assert await store.streams(kind="access") == []
        taken = StreamRow(new_stream(), "channel", channel, hashed("name"), 2)
        with pytest.raises(RecordRejected):
            await store.append(Unit((record(taken.stream, 1),), (taken,)))
        other = StreamRow(new_stream(), "access", channel, hashed("other"), 2)
        with pytest.raises(VersionConflict):
            await store.append(Unit((record(stream, 1),), (other,)))
        assert await store.streams() == [row]


async def test_the_newest_snapshot_is_found_and_none_is_replaced(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        for version, state in ((2, b"two"), (5, b"five"), (5, b"another five")):
            await store.insert_snapshot(Snapshot(stream, version, "Snapshot", state))
        assert await store.latest_snapshot(stream) == Snapshot(stream, 5, "Snapshot", b"five")
        assert await store.latest_snapshot(stream, until=4) == Snapshot(stream, 2, "Snapshot", b"two")
        assert await store.latest_snapshot(new_stream()) is None


async def test_a_subscription_resumes_after_any_position(database: Database) -> None:
    stream = new_stream()
    async with open_store(database) as store:
        await store.append(unit(stream, *range(1, 21)))
        for after in (0, 1, 13, 19):
            found = await _collect(store, after, 20 - after, limit=3)
            assert [seen.position for seen in found] == list(range(after + 1, 21))


async def test_a_subscriber_is_woken_by_other_stores_without_polling(database: Database) -> None:
    async with open_store(database, poll=60) as reader, open_store(database) as writer:
        reading = asyncio.create_task(_collect(reader, 0, 3))
        for version in (1, 2, 3):
            await writer.append(unit(new_stream(), 1, with_command=version == 1))
        async with asyncio.timeout(10):
            assert len(await reading) == 3


async def test_nothing_secret_is_shown(database: Database) -> None:
    async with open_store(database) as store:
        sent = unit(new_stream(), 1)
        receipt = await store.append(sent)
        shown = repr((sent, receipt, await store.read(sent.records[0].stream), store))
        for secret in (b"state", b"body", hashed("blind", 1)):
            assert repr(secret)[2:-1] not in shown
