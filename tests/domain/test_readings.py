"""Who has read what, from the log and the record alone, held against what truly left."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access.disclosed import Disclosure, disclosures
from domain.access.readings import readings
from domain.access.state import UnknownInterval
from domain.access.unlogged import unlogged
from domain.channel import events as e
from domain.ids import Version
from tests.domain.anything import attempt
from tests.domain.anything_drawn import CAST, Draw, one_draw
from tests.domain.cast import ANNA, BERIT, BODIL, IDA, ROLF, Someone
from tests.domain.channel_builder import around_ida, epoch, history, message
from tests.domain.reading_world import Pair, ReadingWorld

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIRST = around_ida()
draws = st.lists(one_draw, min_size=15, max_size=40)
deeds = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, len(CAST) - 1), st.integers(0, 40)), min_size=20, max_size=50
)


def _lived(attempts: list[Draw], doings: list[tuple[int, int, int]]) -> ReadingWorld:
    """People act and read in turn; now and then the hub dies."""
    world = ReadingWorld(FIRST.copy())
    for number, (deed, who, where) in enumerate(doings):
        if number < len(attempts):
            attempt(world.story, attempts[number])
            world.grew()
        reader = CAST[who]
        if deed < 6:
            world.subscribe(reader)
        elif deed < 7:
            world.close(reader)
        elif deed < 9:
            world.fetch(reader, where % 3, 1 + where, 1 + 2 * where)
        else:
            world.crash()
            world.come_back()
    return world


def _pairs(found: list[Disclosure]) -> list[Pair]:
    return [(d.reading.line, d.version) for d in found]


@few
@given(draws, deeds)
def test_every_disclosure_of_any_history_is_found_exactly_once(
    attempts: list[Draw], doings: list[tuple[int, int, int]]
) -> None:
    world = _lived(attempts, doings)
    found = _pairs(list(disclosures(world.history(IDA.principal), world.readings())))
    assert len(found) == len(set(found))
    assert world.left <= set(found)


@few
@given(draws, deeds)
def test_nobody_is_said_to_have_got_what_was_never_open_to_them(
    attempts: list[Draw], doings: list[tuple[int, int, int]]
) -> None:
    world = _lived(attempts, doings)
    history = world.history(IDA.principal)
    for one in disclosures(history, world.readings()):
        if (one.reading.line, one.version) in world.left:
            continue
        # Only where rights moved while the reading went on can more be said than left.
        first = max(one.version, one.reading.channel_version)
        assert len(list(history.states(first, one.reading.until))) > 1 or one.reading.ending == "lease_ended"


@few
@given(draws, deeds)
def test_the_user_finds_every_disclosure_although_she_holds_leaves_of_staff_threads(
    attempts: list[Draw], doings: list[tuple[int, int, int]]
) -> None:
    world = _lived(attempts, doings)
    user = world.story.channel.user
    assert user is not None
    found = _pairs(list(disclosures(world.history(user.principal, all_seeing=False), world.readings())))
    own = {reading.line for reading in world.readings() if reading.reader == user.principal}
    assert {pair for pair in world.left if pair[0] not in own} <= set(found)
    assert len(found) == len(set(found))


@few
@given(draws, deeds)
def test_every_reading_has_a_name_a_basis_and_an_end_not_before_its_beginning(
    attempts: list[Draw], doings: list[tuple[int, int, int]]
) -> None:
    for reading in _lived(attempts, doings).readings():
        assert reading.person
        assert reading.bases
        assert reading.until >= reading.start - 1
        assert reading.closed_at is None or reading.closed_at >= reading.opened_at


def test_a_crashed_interval_counts_up_to_the_newest_record_at_the_end_of_its_lease() -> None:
    world = ReadingWorld(FIRST.copy())
    world.subscribe(BERIT)
    world.crash()
    world.story.unit(ANNA, message(0))
    while_dead = world.story.channel.version
    assert world.readings()[0].until == while_dead
    world.come_back()
    world.story.unit(ANNA, message(0))
    (reading,) = world.readings()
    assert (reading.until, reading.ending) == (while_dead, "lease_ended")
    assert while_dead in {d.version for d in disclosures(world.history(IDA.principal), [reading])}


def _of(world: ReadingWorld, who: Someone) -> set[int]:
    found = disclosures(world.history(IDA.principal), world.readings())
    return {d.version for d in found if d.reading.reader == who.principal}


def test_a_newcomer_from_now_on_has_not_read_what_came_before() -> None:
    world = ReadingWorld(FIRST.copy())
    before = world.story.unit(ANNA, message(0))
    world.story.unit(ANNA, (0, BODIL.joining()), epoch(0))
    after = world.story.unit(ANNA, message(0))
    world.subscribe(BODIL)
    assert after in _of(world, BODIL)
    assert before not in _of(world, BODIL)
    world.story.unit(ANNA, history(0, BODIL, start=before, until=before))
    world.fetch(BODIL, 0, before, before)
    assert before in _of(world, BODIL)


def test_what_was_taken_back_before_somebody_came_was_not_read_by_them_and_what_came_later_was() -> None:
    world = ReadingWorld(FIRST.copy())
    world.subscribe(BERIT)
    sent = world.story.unit(ANNA, message(0))
    world.grew()
    world.story.unit(ANNA, (0, e.MessageRetracted(sent)))
    world.grew()
    world.subscribe(IDA)
    assert sent in _of(world, BERIT)
    assert sent not in _of(world, IDA)


def test_a_relative_has_read_nothing_of_threads_that_it_is_not_in() -> None:
    world = ReadingWorld(FIRST.copy())
    world.subscribe(ROLF)
    for number in (0, 1):
        world.story.unit(ANNA, message(number))
    found = list(disclosures(world.history(IDA.principal), world.readings()))
    assert {d.thread for d in found} == {1}


def test_let_out_is_not_shown_and_shown_is_the_readers_own_word() -> None:
    world = ReadingWorld(FIRST.copy())
    world.subscribe(BERIT)
    first, second = world.story.unit(ANNA, message(0)), world.story.unit(ANNA, message(0))
    world.story.pass_time(5)
    world.story.unit(BERIT, (0, e.MessagesSeen(first)))
    found = {d.version: d for d in disclosures(world.history(IDA.principal), world.readings())}
    assert found[first].shown_at == world.story.at
    assert found[second].shown_at is None


def _seen_twice() -> tuple[ReadingWorld, Version]:
    """Berit reads, comes back later and reads on; then she writes, and signs how far she has read."""
    world = ReadingWorld(FIRST.copy())
    world.subscribe(BERIT)
    world.close(BERIT)
    world.story.unit(ANNA, message(0))
    world.subscribe(BERIT)
    world.close(BERIT)
    seen = world.story.channel.version
    world.story.unit(BERIT, message(0))
    return world, seen


@pytest.mark.parametrize("kept", [slice(2, None), slice(0, 2), slice(0, 0)])
def test_a_reading_left_out_of_the_log_is_found_by_the_readers_next_act(kept: slice) -> None:
    world, seen = _seen_twice()
    history = world.history(IDA.principal)
    history.places[-1] = replace(history.places[-1], seen=seen)
    assert unlogged(history, world.readings()) == []
    (found,) = unlogged(history, readings(world.lines[kept], Version(0)))
    assert (found.person, found.seen) == (BERIT.principal, seen)
    assert found.logged < seen


def test_an_interval_that_is_said_to_have_ended_too_early_is_found_too() -> None:
    world, seen = _seen_twice()
    history = world.history(IDA.principal)
    history.places[-1] = replace(history.places[-1], seen=seen)
    shortened = [replace(reading, until=Version(reading.until - 1)) for reading in world.readings()]
    assert [one.device for one in unlogged(history, shortened)] == [BERIT.author.device]


def test_an_end_without_its_beginning_is_no_log() -> None:
    world, _ = _seen_twice()
    with pytest.raises(UnknownInterval):
        readings(world.lines[1:], Version(0))
