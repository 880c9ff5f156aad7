"""Whether an inbox is staffed, who stands in, and what people are told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duty.oslo import instant
from domain.duty.rules import OnCallPlan, OnHolidays, OpeningHours, Shift, Span
from domain.duty.staffing import Inbox, Route, Unit, Why, route, staffing
from domain.duty.told import EMERGENCY, on_duty, warning, when
from domain.ids import EntryId, Millis

IDS = [EntryId(bytes([n] * 16)) for n in range(8)]
MONDAY = date(2026, 11, 23)
NOON, NIGHT = instant(MONDAY, 720), instant(MONDAY, 23 * 60)
OFFICE = OpeningHours(tuple(Span(day, 480, 930) for day in range(1, 6)), OnHolidays.CLOSED, ())
ALWAYS = OnCallPlan(
    date(2026, 1, 5), 1, tuple(Shift(day, 0, 1440, 0, (IDS[7],)) for day in range(1, 8)), OnHolidays.USUAL, ()
)
EARLY = OnCallPlan(
    date(2026, 1, 5), 1, tuple(Shift(day, 540, 600, 0, (IDS[7],)) for day in range(1, 8)), OnHolidays.USUAL, ()
)
NAMES = {IDS[1]: "Mottaket", IDS[2]: "Vakttelefonen", IDS[7]: "Anna"}


def name(entry: EntryId) -> str:
    return NAMES[entry]


def inbox(
    number: int,
    hours: OpeningHours | None = None,
    plan: OnCallPlan | None = None,
    stands_in: int | None = None,
    phone: str = "",
) -> Inbox:
    return Inbox(IDS[number], hours, plan, None if stands_in is None else IDS[stands_in], IDS[5], phone)


def units(stands_in: int | None = None, phone: str = "") -> dict[EntryId, Unit]:
    below = Unit(IDS[5], None if stands_in is None else IDS[stands_in], IDS[6], "")
    return {IDS[5]: below, IDS[6]: Unit(IDS[6], None, None, phone)}


def routed(asked: Inbox, *others: Inbox, at: Millis = NIGHT, stands_in: int | None = None, phone: str = "") -> Route:
    return route(asked, {one.id: one for one in (asked, *others)}, units(stands_in, phone), at)


def test_an_inbox_is_staffed_when_it_is_open_and_somebody_is_on_call() -> None:
    assert staffing(inbox(1, OFFICE, ALWAYS), NOON).people == (IDS[7],)
    assert staffing(inbox(1, OFFICE), NOON).staffed
    assert staffing(inbox(1, OFFICE, ALWAYS), NIGHT).why is Why.CLOSED
    assert staffing(inbox(1, None, EARLY), NOON).why is Why.NOBODY_ON_DUTY
    assert staffing(inbox(1), NOON).why is Why.NOT_STATED


def test_when_somebody_answers_again_needs_hours_and_plan() -> None:
    assert staffing(inbox(1, OFFICE, EARLY), NIGHT).until == instant(date(2026, 11, 24), 540)


def test_the_unit_s_inbox_stands_in_and_the_warning_names_it() -> None:
    found = routed(inbox(1, OFFICE), inbox(2, None, ALWAYS), stands_in=2)
    assert found.instead == IDS[2]
    assert warning(found, name, NIGHT) == (
        "«Mottaket» har stengt nå, og svarer igjen i morgen kl. 08.00. "
        f"Skriv til «Vakttelefonen» i stedet: der er noen på vakt. {EMERGENCY}"
    )


def test_the_inbox_s_own_stand_in_comes_before_the_unit_s() -> None:
    found = routed(inbox(1, OFFICE, stands_in=3), inbox(2, None, ALWAYS), inbox(3, None, ALWAYS), stands_in=2)
    assert found.instead == IDS[3]


def test_nobody_stands_in_so_the_telephone_is_named() -> None:
    found = routed(inbox(1, OFFICE), phone="22 00 00 00")
    assert warning(found, name, NIGHT) == (
        "«Mottaket» har stengt nå, og svarer igjen i morgen kl. 08.00. Ingen fellesinnboks tar over. "
        f"Ring 22 00 00 00. {EMERGENCY}"
    )
    told = warning(routed(inbox(1)), name, NIGHT)
    assert told is not None
    assert "ikke oppgitt noe telefonnummer" in told


def test_a_circle_of_stand_ins_ends() -> None:
    found = routed(inbox(1, OFFICE, stands_in=2), inbox(2, OFFICE, stands_in=1, phone="1"), stands_in=1)
    assert found.instead is None


def test_a_staffed_inbox_needs_no_warning_and_says_who() -> None:
    found = routed(inbox(1, OFFICE, ALWAYS), at=NOON)
    assert warning(found, name, NOON) is None
    assert on_duty(found, name, NOON) == "På vakt nå: Anna, til i dag kl. 15.30."
    assert on_duty(routed(inbox(1, None, ALWAYS), at=NOON), name, NOON) == "På vakt nå: Anna."


@pytest.mark.parametrize(
    ("day", "text"),
    [(23, "i dag kl. 12.00"), (24, "i morgen kl. 12.00"), (27, "fredag kl. 12.00"), (30, "30.11.2026 kl. 12.00")],
)
def test_a_moment_is_said_as_people_say_it(day: int, text: str) -> None:
    assert when(instant(date(2026, 11, day), 720), NOON) == text


plans = st.sampled_from([None, ALWAYS, EARLY])
openings = st.sampled_from([None, OFFICE])


@given(
    st.lists(st.tuples(openings, plans, st.none() | st.integers(0, 4)), min_size=5, max_size=5),
    st.none() | st.integers(0, 4),
    st.sampled_from([NOON, NIGHT]),
)
def test_whoever_is_named_instead_is_staffed_and_nobody_is_named_where_the_inbox_itself_is(
    boxes: list[tuple[OpeningHours | None, OnCallPlan | None, int | None]], unit: int | None, at: Millis
) -> None:
    made = {IDS[n]: inbox(n, *box) for n, box in enumerate(boxes)}
    found = route(made[IDS[0]], made, units(unit), at)
    assert found.staffing == staffing(made[IDS[0]], at)
    if found.instead is not None:
        assert not found.staffing.staffed
        assert staffing(made[found.instead], at).staffed
