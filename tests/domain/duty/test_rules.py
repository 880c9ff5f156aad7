"""Opening hours and on-call plans, against the time zone database and against a clock that walks minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duty.holidays import HOLIDAYS, easter, holiday
from domain.duty.oslo import MINUTE, instant, local
from domain.duty.rules import OnCallPlan, OnHolidays, OpeningHours, OpenThen, Shift, Span, Swap
from domain.ids import EntryId, Millis

OSLO = ZoneInfo("Europe/Oslo")
ANNA, BO, CILLE = (EntryId(bytes([n] * 16)) for n in (1, 2, 3))
MONDAY = date(2026, 1, 5)

days = st.dates(date(1996, 1, 1), date(2099, 12, 31))
moments = st.datetimes(datetime(1996, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: Millis(int(at.timestamp()) * 1000)
)


def at(text: str) -> Millis:
    """A moment by the clock in Norway."""
    return Millis(int(datetime.fromisoformat(text).replace(tzinfo=OSLO).timestamp()) * 1000)


@st.composite
def times(draw: st.DrawFn) -> tuple[int, int]:
    start = draw(st.integers(0, 1439))
    return start, draw(st.integers(start + 1, start + 1440))


spans = st.builds(lambda day, t: Span(day, *t), st.integers(1, 7), times())
near = st.dates(date(2026, 3, 20), date(2026, 4, 10))
hours = st.builds(
    lambda weekly, rule, then: OpeningHours(
        tuple(weekly), rule, tuple(OpenThen(d, tuple(t)) for d, t in sorted(then.items()))
    ),
    st.lists(spans, max_size=6),
    st.sampled_from(OnHolidays),
    st.dictionaries(near, st.lists(times(), max_size=2), max_size=2),
)
people = st.lists(st.sampled_from([ANNA, BO, CILLE]), min_size=1, max_size=2, unique=True).map(tuple)
plans = st.builds(
    lambda shifts, rule, swaps: OnCallPlan(MONDAY, 3, tuple(shifts), rule, tuple(swaps)),
    st.lists(
        st.builds(lambda d, t, w, p: Shift(d, t[0], t[1], w, p), st.integers(1, 7), times(), st.integers(0, 3), people),
        max_size=5,
    ),
    st.sampled_from(OnHolidays),
    st.lists(
        st.builds(lambda d, t, p: Swap(d, t[0], t[1], p), near, times(), st.one_of(people, st.just(()))), max_size=2
    ),
)
easter_weeks = st.integers(0, 20 * 1440).map(lambda m: Millis(instant(date(2026, 3, 20), 0) + m * MINUTE))
"""Summer time and Easter lie in these three weeks."""


@given(moments)
def test_local_time_is_what_the_time_zone_database_says(moment: Millis) -> None:
    expected = datetime.fromtimestamp(moment / 1000, OSLO)
    found = local(moment)
    assert (found.day, found.minute) == (expected.date(), expected.hour * 60 + expected.minute)


@given(days, st.integers(0, 1439))
def test_an_instant_is_what_the_time_zone_database_says_in_gaps_and_doubled_hours_too(day: date, minute: int) -> None:
    shown = datetime(day.year, day.month, day.day, tzinfo=OSLO).replace(hour=minute // 60, minute=minute % 60)
    assert instant(day, minute) == int(shown.timestamp()) * 1000


def test_the_hours_of_the_two_changes() -> None:
    assert instant(date(2026, 3, 29), 150) == at("2026-03-29T03:30")  # 02:30 does not exist
    assert instant(date(2026, 10, 25), 180) - instant(date(2026, 10, 25), 120) == 2 * 60 * MINUTE


@given(st.integers(1996, 2199))
def test_easter_is_a_sunday_of_spring_and_every_holiday_lies_in_its_year(year: int) -> None:
    assert easter(year).isoweekday() == 7
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)
    assert all(one.on(year).year == year for one in HOLIDAYS)


def test_holidays_of_years_that_people_know() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2027)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
    ]
    assert holiday(date(2026, 5, 14)) == "Kristi himmelfartsdag"
    assert holiday(date(2026, 5, 17)) == "17. mai"
    assert holiday(date(2026, 12, 24)) is None
    assert len({one.name for one in HOLIDAYS}) == len(HOLIDAYS) == 12
    assert all(one.source.startswith("lov ") for one in HOLIDAYS)


@given(hours, easter_weeks)
def test_between_now_and_the_next_change_nothing_changes(plan: OpeningHours, now: Millis) -> None:
    change = plan.next_change(now)
    later = now + 3 * 1440 * MINUTE if change is None else change
    step = max(MINUTE, (later - now) // 31 // MINUTE * MINUTE)
    assert all(plan.open_at(Millis(m)) == plan.open_at(now) for m in range(now, min(later, now + 31 * step), step))
    if change is not None:
        assert plan.open_at(change) != plan.open_at(now)
        assert plan.open_at(Millis(change - 1)) == plan.open_at(now)


@given(plans, easter_weeks)
def test_the_same_people_are_on_call_until_the_next_change(plan: OnCallPlan, now: Millis) -> None:
    change = plan.next_change(now)
    later = now + 3 * 1440 * MINUTE if change is None else change
    step = max(MINUTE, (later - now) // 31 // MINUTE * MINUTE)
    assert all(plan.on_duty(Millis(m)) == plan.on_duty(now) for m in range(now, min(later, now + 31 * step), step))
    if change is not None:
        assert plan.on_duty(change) != plan.on_duty(now)
    assert set(plan.on_duty(now)) <= plan.people()


@given(hours)
def test_a_plan_survives_its_plain_form(plan: OpeningHours) -> None:
    assert msgspec.convert(msgspec.to_builtins(plan), OpeningHours) == plan


def office(rule: OnHolidays = OnHolidays.CLOSED, *then: OpenThen) -> OpeningHours:
    return OpeningHours(tuple(Span(day, 8 * 60, 15 * 60 + 30) for day in range(1, 6)), rule, then)


def test_an_office_is_open_in_office_hours_and_closed_at_their_end() -> None:
    assert office().open_at(at("2026-11-24T08:00"))
    assert not office().open_at(at("2026-11-24T15:30"))
    assert office().next_change(at("2026-11-27T16:00")) == at("2026-11-30T08:00")


def test_a_public_holiday_closes_and_an_exception_has_the_last_word() -> None:
    assert not office().open_at(at("2026-04-06T10:00"))
    assert office(OnHolidays.USUAL).open_at(at("2026-04-06T10:00"))
    short = OpenThen(date(2026, 12, 24), ((480, 720),))
    assert office(OnHolidays.CLOSED, short).next_change(at("2026-12-24T09:00")) == at("2026-12-24T12:00")
    assert office(OnHolidays.CLOSED, OpenThen(date(2026, 4, 6), ((480, 720),))).open_at(at("2026-04-06T10:00"))


def test_a_night_shift_ends_on_the_next_morning_also_when_an_hour_is_skipped() -> None:
    night = Span(6, 22 * 60, 32 * 60)
    plan = OpeningHours((night,), OnHolidays.USUAL, ())
    assert plan.open_at(at("2026-03-29T07:59"))
    assert not plan.open_at(at("2026-03-29T08:00"))
    assert plan.next_change(at("2026-03-28T23:00")) == at("2026-03-29T08:00")


def test_a_rotation_goes_round_and_a_swap_has_the_last_word() -> None:
    shifts = tuple(Shift(day, 0, 1440, week, (who,)) for week, who in ((1, ANNA), (2, BO)) for day in range(1, 8))
    plan = OnCallPlan(MONDAY, 2, shifts, OnHolidays.USUAL, (Swap(date(2026, 1, 7), 480, 960, (CILLE,)),))
    assert plan.on_duty(at("2026-01-06T12:00")) == (ANNA,)
    assert plan.on_duty(at("2026-01-13T12:00")) == (BO,)
    assert plan.on_duty(at("2026-01-07T12:00")) == (CILLE,)
    assert plan.on_duty(at("2025-12-30T12:00")) == (BO,)
    assert plan.next_change(at("2026-01-06T12:00")) == at("2026-01-07T08:00")
    empty = OnCallPlan(MONDAY, 1, shifts[:7], OnHolidays.USUAL, (Swap(date(2026, 1, 7), 480, 960, ()),))
    assert empty.on_duty(at("2026-01-07T12:00")) == ()


@pytest.mark.parametrize(
    "made",
    [
        lambda: Span(1, 600, 600),
        lambda: Span(1, 0, 1441),
        lambda: OnCallPlan(date(2026, 1, 6), 1, (), OnHolidays.USUAL, ()),
        lambda: OnCallPlan(MONDAY, 1, (Shift(1, 0, 60, 2, (ANNA,)),), OnHolidays.USUAL, ()),
        lambda: OpeningHours((), OnHolidays.USUAL, (OpenThen(MONDAY, ()), OpenThen(MONDAY - timedelta(1), ()))),
    ],
)
def test_what_no_plan_can_say_is_refused(made: object) -> None:
    with pytest.raises(ValueError, match=r"time|Monday|week|days"):
        made()  # type: ignore[operator]
