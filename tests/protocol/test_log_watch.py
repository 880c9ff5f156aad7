"""A stream held against the log: what is merely new, what is late, and what is a lie."""

from collections.abc import Callable

import pytest

from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_entries import LogEntry
from protocol.errors import LoggedOtherwise, LogOmits, WithheldRecords
from protocol.log_watch import MAX_MERGE_DELAY, Stream, StreamWatch

NAME = Digest(bytes(32))
LATER = MAX_MERGE_DELAY + 1


def head(n: int) -> Digest:
    return Digest(n.to_bytes(DIGEST_LENGTH, "big"))


def logged(n: int) -> LogEntry:
    return LogEntry(NAME, n, head(n))


def held(version: int, *, served: bool = True, head_at: Callable[[int], bytes | None] = head) -> Stream:
    return Stream(NAME, version, head_at, served)


def watching(version: int, at: float = 0.0) -> StreamWatch:
    watch = StreamWatch()
    watch.hold(held(version), at)
    return watch


def test_what_the_log_shows_is_settled() -> None:
    watch = watching(3)
    watch.judge(held(3), logged(3), 10, 1.0)
    assert not watch.is_open
    assert watch.logged == logged(3)


def test_what_is_merely_new_is_no_lie() -> None:
    watch = watching(3)
    watch.judge(held(3), logged(2), 10, 1.0)
    watch.judge(held(3), logged(2), 11, MAX_MERGE_DELAY)
    assert watch.is_open
    assert not watch.is_late(MAX_MERGE_DELAY)


def test_what_is_missing_for_long_is_late_and_a_lie_once_the_log_grows_without_it() -> None:
    watch = watching(3)
    watch.judge(held(3), None, 10, LATER)
    assert watch.is_late(LATER)
    watch.judge(held(3), None, 10, LATER + 1)
    with pytest.raises(LogOmits):
        watch.judge(held(3), logged(2), 11, LATER + 2)


def test_a_log_that_stood_still_and_catches_up_is_believed_again() -> None:
    watch = watching(3)
    watch.judge(held(3), logged(2), 10, LATER)
    watch.judge(held(3), logged(3), 12, LATER + 1)
    assert not watch.is_late(LATER * 9)
    watch.hold(held(4), LATER * 9)
    watch.judge(held(4), logged(3), 14, LATER * 9 + 1)
    assert not watch.is_late(LATER * 9 + 1)


def test_each_record_has_its_own_time() -> None:
    watch = watching(1)
    watch.hold(held(2), 50.0)
    watch.judge(held(2), logged(1), 10, 55.0)
    assert not watch.is_late(LATER)
    assert watch.is_late(50.0 + LATER)


def test_another_head_than_was_served_is_a_lie_at_every_version() -> None:
    for n in (1, 2, 3):
        with pytest.raises(LoggedOtherwise):
            watching(3).judge(held(3), LogEntry(NAME, n, head(99)), 10, 1.0)


def test_a_head_that_the_log_has_first_is_compared_as_soon_as_the_record_is_here() -> None:
    watch = watching(3)
    watch.judge(held(3), LogEntry(NAME, 4, head(99)), 10, 1.0)
    watch.hold(held(3), 2.0)
    with pytest.raises(LoggedOtherwise):
        watch.hold(held(4), 3.0)


def test_what_the_log_has_and_is_not_served_is_noticed_without_asking_again() -> None:
    watch = watching(3)
    watch.judge(held(3, served=False), logged(4), 10, 1.0)
    watch.hold(held(3), 2.0)
    watch.hold(held(3), MAX_MERGE_DELAY)
    with pytest.raises(WithheldRecords):
        watch.hold(held(3), 2.0 + LATER)


def test_a_head_that_is_not_known_here_is_not_compared() -> None:
    watching(3).judge(held(3, head_at=lambda _: None), logged(2), 10, 1.0)


def test_the_log_takes_nothing_back() -> None:
    for taken_back in (None, logged(2), LogEntry(NAME, 3, head(99))):
        watch = watching(3)
        watch.judge(held(3), logged(3), 10, 1.0)
        with pytest.raises(LoggedOtherwise):
            watch.judge(held(3, head_at=lambda _: None), taken_back, 11, 2.0)


def test_what_the_log_has_must_be_served_in_time() -> None:
    watch = watching(3)
    watch.judge(held(3), logged(5), 10, 1.0)
    watch.judge(held(3), logged(5), 10, MAX_MERGE_DELAY)
    with pytest.raises(WithheldRecords):
        watch.judge(held(4), logged(6), 12, LATER + 1)


def test_who_is_served_later_or_not_at_all_is_not_kept_from_anything() -> None:
    watch = watching(3)
    watch.judge(held(3), logged(5), 10, 1.0)
    watch.judge(held(5), logged(7), 10, LATER + 1)
    watch.judge(held(5, served=False), logged(7), 10, LATER * 3)
    watch.judge(held(5), logged(8), 10, LATER * 5)
    assert watch.is_open
