"""What holds after any sequence of attempts by anybody."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.channel.audit_cases import case_reads
from domain.channel.audits import AuditCase
from domain.channel.evolve import evolve
from domain.channel.roster import roster
from domain.channel.state import NOTHING, Channel
from domain.channel.visibility import is_served
from domain.ids import MAIN_THREAD, Millis, OrganisationId, ThreadNo, Version
from protocol.snapshots import decode_state, encode_state
from tests.domain.anything import attempt
from tests.domain.anything_drawn import CAST, Draw, draws
from tests.domain.audit_builder import terms
from tests.domain.cast import AGNES
from tests.domain.channel_builder import DAY, START, Story, around_ida, kind_class, reads_record, replayed

few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIRST = around_ida()


def _after(attempts: list[Draw]) -> Story:
    story = FIRST.copy()
    for one in attempts:
        attempt(story, one)
    return story


def _without(channel: Channel, keep: Callable[[ThreadNo], bool]) -> set[ThreadNo]:
    return {number for number in channel.threads if not keep(number)}


@few
@given(draws)
def test_whatever_is_tried_is_recorded_or_refused_and_a_refusal_changes_nothing(attempts: list[Draw]) -> None:
    story = FIRST.copy()
    for one in attempts:
        before = encode_state(story.channel)
        state = story.channel
        if attempt(story, one) is not None:
            assert story.channel is state
        assert encode_state(state) == before


@few
@given(draws)
def test_rosters_are_sorted_and_name_nobody_twice(attempts: list[Draw]) -> None:
    story = _after(attempts)
    for thread in story.channel.threads.values():
        principals = [entry.principal for entry in roster(story.channel, thread, story.at)]
        assert principals == sorted(set(principals))


@few
@given(draws)
def test_the_membership_version_counts_exactly_the_acts_that_changed_the_roster(attempts: list[Draw]) -> None:
    channel = NOTHING
    counted: dict[ThreadNo, int] = {}
    for recorded in _after(attempts).records:
        after, at = evolve(channel, recorded), recorded.recorded_at
        for number, thread in after.threads.items():
            old = channel.threads.get(number)
            was = roster(channel, old, at) if old is not None else ()
            counted[number] = counted.get(number, 0) + (roster(after, thread, at) != was)
        channel = after
    assert {number: thread.membership_version for number, thread in channel.threads.items()} == counted


@few
@given(draws)
def test_a_snapshot_is_the_state_and_replay_from_it_is_replay_from_the_start(attempts: list[Draw]) -> None:
    story = _after(attempts)
    middle = len(story.records) // 2
    snapshot = decode_state(encode_state(replayed(story.records[:middle])))
    assert snapshot == replayed(story.records[:middle])
    assert replayed(story.records[middle:], snapshot) == replayed(story.records) == story.channel


@few
@given(draws)
def test_every_reader_derives_the_same_members_and_the_same_stubs_of_its_own_threads(attempts: list[Draw]) -> None:
    story = _after(attempts)
    for reader in (who.principal for who in CAST):
        if not is_served(story.channel, reader, story.at):
            continue
        seen = story.as_seen_by(reader)
        own = {
            n for n, t in story.channel.threads.items() if any(span.until is None for span in t.ranges.get(reader, ()))
        }
        for number in own:
            mine, whole = seen.channel.threads[number], story.channel.threads[number]
            assert mine.membership_version == whole.membership_version
            assert roster(seen.channel, mine, story.at) == roster(story.channel, whole, story.at)
            assert mine.ranges[reader] == whole.ranges[reader]
        for recorded in story.records:
            if recorded.act.thread in own:
                assert reads_record(seen.channel, reader, recorded, story.at) == reads_record(
                    story.channel, reader, recorded, story.at
                )


@few
@given(draws)
def test_the_user_and_staff_know_all_members_of_all_threads(attempts: list[Draw]) -> None:
    story = _after(attempts)
    user = story.channel.user
    assert user is not None
    main = story.channel.threads[MAIN_THREAD]
    for reader in (user.principal, *main.members):
        if is_served(story.channel, reader, story.at):
            seen = story.as_seen_by(reader).channel
            for number, thread in story.channel.threads.items():
                assert seen.threads[number].members == thread.members
            assert seen.tillitsperson == story.channel.tillitsperson


@few
@given(draws, st.sets(st.integers(0, 3), min_size=1), st.integers(0, 40))
def test_an_auditor_takes_every_record_that_a_case_opens_and_derives_the_same_members(
    attempts: list[Draw], threads: set[int], since: int
) -> None:
    story = _after(attempts)
    numbers = tuple(ThreadNo(n) for n in sorted(threads) if n in story.channel.threads)
    asked = terms(story.at, threads=numbers, since=Millis(START + since * DAY // 4))
    case = AuditCase(Version(0), asked, OrganisationId(b"o" * 16), AGNES.principal, Millis(story.at + 1))
    seen = story.as_shown_by(lambda r: case_reads(case, r.act.thread, kind_class(r), r.version, r.recorded_at))
    for number in numbers:
        assert seen.channel.threads[number].members == story.channel.threads[number].members


@few
@given(draws)
def test_a_membership_ends_by_time_alone(attempts: list[Draw]) -> None:
    story = _after(attempts)
    later = Millis(story.at + 3 * DAY)
    for thread in story.channel.threads.values():
        ended = {m.principal for m in thread.members.values() if m.valid_until is not None and m.valid_until <= later}
        assert ended.isdisjoint(entry.principal for entry in roster(story.channel, thread, later))
