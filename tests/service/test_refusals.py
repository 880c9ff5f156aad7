"""Refused attempts gathered: every one is counted, the first is told at once, and no flood fills the disk."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Millis
from protocol.security_log import RefusedAttempts
from service.handle.refusals import MANY, MAX_SORTS, MAX_SORTS_OF_SOURCE, NO_SOURCE, WINDOW, Gathering
from service.handle.security import is_attempt

ONE = RefusedAttempts("act", "not_permitted", b"s" * 8, b"d" * 16, True, None, None, 1, Millis(5), Millis(5))


def _noted(gathering: Gathering, one: RefusedAttempts, at: int) -> None:
    gathering.note(replace(one, first_at=Millis(at), last_at=Millis(at)))


def test_the_first_is_told_at_once_and_the_rest_as_a_count_at_the_end_of_the_window() -> None:
    gathering = Gathering(Millis(0))
    _noted(gathering, ONE, 5)
    (told,) = gathering.due(Millis(6))
    assert (told.count, told.first_at) == (1, 5)
    for at in (10, 20, 30):
        _noted(gathering, ONE, at)
    assert gathering.due(Millis(40)) == []
    (told,) = gathering.due(Millis(WINDOW))
    assert (told.count, told.first_at, told.last_at) == (3, 10, 30)
    assert gathering.due(Millis(2 * WINDOW)) == []


sorts = st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(1, 3))


@given(st.lists(sorts, max_size=300), st.integers(1, 40))
def test_every_attempt_is_counted_once_whatever_is_gathered(tried: list[tuple[int, int, int]], every: int) -> None:
    gathering, told = Gathering(Millis(0)), 0
    for number, (source, door, count) in enumerate(tried):
        one = replace(ONE, source=bytes([source]) * 8, door=f"door {door}", count=count)
        _noted(gathering, one, number)
        if number % every == 0:
            told += sum(row.count for row in gathering.due(Millis(number)))
    told += sum(row.count for row in gathering.due(Millis(0), all_of_it=True))
    assert told == sum(count for _, _, count in tried)


def test_one_source_that_tries_everything_takes_a_few_rows_and_many_sources_no_more_than_the_window_holds() -> None:
    gathering = Gathering(Millis(0))
    for number in range(1000):
        _noted(gathering, replace(ONE, door=f"door {number}"), 1)
    rows = gathering.due(Millis(1))
    assert len(rows) == MAX_SORTS_OF_SOURCE + 1
    assert rows[-1].door == MANY
    assert rows[-1].count == 1000 - MAX_SORTS_OF_SOURCE
    for number in range(20_000):
        _noted(gathering, replace(ONE, source=number.to_bytes(8)), 2)
    rows = gathering.due(Millis(2))
    assert len(rows) <= MAX_SORTS + 1
    assert rows[-1].source == NO_SOURCE
    assert sum(row.count for row in rows) == 20_000


def test_who_was_only_slower_than_others_has_attempted_nothing() -> None:
    attempted = {"not_permitted", "device_not_valid", "forged_record", "unknown_channel", "quota_exceeded", "not_found"}
    harmless = {"version_conflict", "stale_epoch", "membership_moved", "overloaded", "draining", "internal_error"}
    assert {code for code in attempted | harmless if is_attempt(code)} == attempted
