"""CSV files: read as spreadsheets write them, refused with the place and the remedy of every mistake at once."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duty.rules import MAX_EXCEPTIONS, MAX_PEOPLE, OnHolidays, OpeningHours, OpenThen, Shift, Span, Swap
from protocol.listings.entries import Hours, Inbox, Organisation, Person, Plan, encode_entry
from samsnakk.importing import drafts, tables
from samsnakk.importing.assembling import MAX_FILE, Ours
from samsnakk.importing.problems import ImportRefused
from tests.client.importing.files import (
    ANNA,
    COLUMNS,
    HEADER,
    HOURS,
    INBOX,
    OPEN,
    OURS,
    PLAN,
    SHIFT,
    TOP,
    UNIT,
    WHOLE,
    Cells,
    an_entry,
    entries,
    imported,
    mistakes,
    table,
)

SYNTHETIC = "13819012345"


def changed(*rows: Cells, **_: Any) -> bytes:
    return table(TOP, UNIT, *rows)


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_file_means_the_same_however_the_spreadsheet_wrote_it(delimiter: str, bom: bytes, ending: bytes) -> None:
    data = bom + table(*WHOLE, delimiter=delimiter).replace(b"\r\n", ending)
    assert imported(data).entries == imported(table(*WHOLE)).entries
    person = an_entry(data, "anna").facts
    assert isinstance(person, Person)
    assert (person.names, person.number) == (("Anna Ŋuorra Åsen",), "999000001")
    top = an_entry(data, "top").facts
    assert isinstance(top, Organisation)
    assert top.number == "000000019"


def test_the_order_of_rows_and_the_form_of_letters_change_nothing() -> None:
    backwards = table(*WHOLE[::-1])
    assert imported(backwards).entries == imported(table(*WHOLE)).entries
    taken_apart = table(
        TOP | {"navn": "  Fjellheim   DPS "}, UNIT, ANNA | {"navn": "Anna Ŋuorra A\u030asen"}, *WHOLE[3:]
    )
    assert imported(taken_apart).entries == imported(table(*WHOLE)).entries


def test_hours_and_plans_come_with_holidays_exceptions_turns_and_swaps() -> None:
    rows = (
        ANNA,
        ANNA | {"kode": "bo", "navn": "Bo", "hpr": ""},
        INBOX | {"åpningstid": "hours", "vaktplan": "plan"},
        HOURS | {"helligdager": "søndag"},
        OPEN | {"dager": "fre-søn|tir"},
        OPEN | {"dager": "2026-12-24|31.12.2026", "fra": "08.00", "til": "12.00"},
        {"type": "åpent", "hører til": "hours", "dager": "2027-07-12/2027-07-13"},
        PLAN | {"første uke": "2026-01-05", "uker": "2"},
        SHIFT | {"dager": "man", "fra": "15:30", "til": "08:00", "uke": "2", "personer": "bo|anna"},
        {"type": "vakt", "hører til": "plan", "dager": "2026-12-24"},
    )
    data = changed(*rows)
    hours, plan = an_entry(data, "hours").facts, an_entry(data, "plan").facts
    assert isinstance(hours, Hours)
    assert isinstance(plan, Plan)
    times = ((480, 720),)
    assert hours.rules == OpeningHours(
        tuple(Span(day, 480, 930) for day in (2, 5, 6, 7)),
        OnHolidays.SUNDAY,
        (
            OpenThen(date(2026, 12, 24), times),
            OpenThen(date(2026, 12, 31), times),
            OpenThen(date(2027, 7, 12), ()),
            OpenThen(date(2027, 7, 13), ()),
        ),
    )
    people = tuple(an_entry(data, code).id for code in ("bo", "anna"))
    assert plan.rules.shifts == (Shift(1, 930, 1920, 2, people),)
    assert plan.rules.swaps == (Swap(date(2026, 12, 24), 0, 1440, ()),)
    assert (plan.rules.weeks, plan.rules.first_week) == (2, date(2026, 1, 5))


WRONG: dict[str, tuple[tuple[Cells, ...], int, str, str]] = {
    "a type that is none": ((UNIT | {"type": "avdeling", "kode": "x"},), 4, "type", "er ikke en type"),
    "no type": (({"kode": "x"},), 4, "type", "typen mangler"),
    "no name": ((ANNA | {"navn": ""},), 4, "navn", "navnet mangler"),
    "no code": ((ANNA | {"kode": ""},), 4, "kode", "koden mangler"),
    "a code twice": ((ANNA, ANNA), 5, "kode", "i rad 4"),
    "a column of another type": ((ANNA | {"tjeneste": "x"},), 4, "tjeneste", "gjelder ikke"),
    "nothing above": ((ANNA | {"hører til": ""},), 4, "hører til", "mangler"),
    "something above that is not there": ((ANNA | {"hører til": "x"},), 4, "hører til", "ikke står i filen"),
    "something above of another type": ((ANNA, INBOX | {"hører til": "anna"}), 5, "hører til", "av typen person"),
    "an inbox that stands in for itself": ((INBOX | {"avløser": "desk"},), 4, "avløser", "avløser seg selv"),
    "a wrong check digit": ((TOP | {"kode": "b", "orgnr": "000000018"},), 4, "orgnr", "kontrollsifferet"),
    "an HPR number that is none": ((ANNA | {"hpr": "12345"},), 4, "hpr", "HPR-nummer"),
    "an HPR number twice": ((ANNA, ANNA | {"kode": "b"}), 5, "", "to personer"),
    "a telephone that is none": ((UNIT | {"kode": "b", "telefon": "ring"},), 4, "telefon", "telefonnummer"),
    "a code of a list that is none": ((INBOX | {"kontakt": "Akutt!"},), 4, "kontakt", "er ikke en kode"),
    "no code of a list": ((INBOX | {"kontakt": ""},), 4, "kontakt", "mangler"),
    "a key that is none": ((ANNA | {"nøkkel": "abc"},), 4, "nøkkel", "nøkkel-id"),
    "a key twice": ((ANNA | {"nøkkel": "ab" * 16}, INBOX | {"nøkkel": "ab" * 16}), 5, "", "nøkkel-id"),
    "a clock that is none": ((HOURS, OPEN | {"fra": "8"}), 5, "fra", "klokkeslett"),
    "an hour that is none": ((HOURS, OPEN | {"til": "25:00"}), 5, "til", "klokkeslett"),
    "a day that is none": ((HOURS, OPEN | {"dager": "mandag"}), 5, "dager", "er ingen dag"),
    "a date that is none": ((HOURS, OPEN | {"dager": "2026-02-30"}), 5, "dager", "er ikke en dato"),
    "a period that runs backwards": ((HOURS, OPEN | {"dager": "2026-02-02/2026-01-01"}), 5, "dager", "tidsrom"),
    "a time of no plan": ((OPEN | {"hører til": "x"},), 4, "hører til", "ikke en åpningstid"),
    "holidays that are none": ((HOURS | {"helligdager": "kanskje"},), 4, "helligdager", "helligdager"),
    "a week that begins on a Tuesday": ((PLAN | {"første uke": "2026-01-06"},), 4, "første uke", "mandag"),
    "turns that begin nowhere": ((PLAN | {"uker": "3"},), 4, "første uke", "er ikke en dato"),
    "a week that never comes": ((ANNA, PLAN, SHIFT | {"uke": "2"}), 6, "uke", "1 uker"),
    "a shift of nobody": ((PLAN, SHIFT | {"personer": ""}), 5, "personer", "ingen er nevnt"),
    "a shift of somebody unknown": ((PLAN, SHIFT), 5, "personer", "ikke står i filen"),
    "a second organisation": ((TOP | {"kode": "b"},), 4, "kode", "flere virksomheter"),
    "a name that is too long": ((ANNA | {"navn": "x" * 201},), 4, "navn", "201 tegn"),
    "a sign that turns the writing": ((ANNA | {"navn": "Anna\u202e"},), 4, "navn", "ikke kan vises"),
    "more cells than columns": (({**ANNA, "personer": 'a";"b";"c'},), 4, "", "celler"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_row_column_and_what_to_write_instead(name: str) -> None:
    rows, row, column, what = WRONG[name]
    told = [one for one in mistakes(changed(*rows)) if (one.where.row, one.where.column) == (row, column)]
    assert [what in one.what for one in told] == [True], mistakes(changed(*rows))
    assert told[0].instead.endswith(".")
    assert str(told[0]).startswith(f"fil.csv, rad {row}")


def test_all_mistakes_are_told_at_once_and_nothing_is_taken_over() -> None:
    rows = [row for wrong, *_ in WRONG.values() for row in wrong]
    with pytest.raises(ImportRefused) as refused:
        imported(changed(*rows))
    assert refused.value.count > len(WRONG) - 5
    assert "Ingenting er endret" in str(refused.value)


def test_units_that_belong_to_each_other_in_a_circle_are_told_and_inboxes_may_cover_each_other() -> None:
    units = [UNIT | {"kode": code, "hører til": above} for code, above in (("a", "b"), ("b", "c"), ("c", "a"))]
    assert ["i ring" in one.what for one in mistakes(table(TOP, UNIT, *units))] == [True]
    covering = [INBOX | {"kode": "one", "avløser": "two"}, INBOX | {"kode": "two", "avløser": "one"}]
    assert mistakes(changed(*covering)) == ()


def test_a_file_of_another_organisation_is_refused() -> None:
    other = Ours(OURS.organisation, "000000027")
    assert ["ikke deres eget" in one.what for one in mistakes(table(TOP), ours=other)] == [True]
    assert ["hvilken virksomhet" in one.what for one in mistakes(table())] == [True]


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "type"])
@pytest.mark.parametrize("written", [SYNTHETIC, "138190 12345", "Anna (13819012345)", "１３８１９０１２３４５"])
def test_a_number_of_a_person_is_refused_wherever_it_stands_and_never_repeated(column: str, written: str) -> None:
    told = mistakes(changed(ANNA | {column: written}))
    assert ["fødselsnummer" in one.what for one in told if one.where.column == column] == [True]
    text = " ".join(map(str, told))
    assert not any(part in text for part in ("13819", "12345", "１３８１"))


def test_a_number_of_a_person_in_the_header_is_refused_and_not_repeated() -> None:
    told = mistakes(table(TOP, header=HEADER + f";{SYNTHETIC}"))
    assert ["fødselsnummer" in one.what for one in told] == [True]
    assert SYNTHETIC not in str(told)


@pytest.mark.parametrize(
    ("data", "row", "what"),
    [
        ("type;kode\nvirksomhet;Sør".encode("latin-1"), 2, "ikke UTF-8"),
        (b"type;kode\nvirksomhet;\0", 2, "nulltegn"),
        (b'type;kode\nvirksomhet;"top\nenhet;x', 2, "anførselstegn"),
        (b'type;kode\nvirksomhet;"to"p\n', 2, "anførselstegn"),
        (b"type;kode;type\n", 1, "to ganger"),
        (b"type;kode;mobil\n", 1, "ikke navnet på en kolonne"),
        (b"type;navn\n", 1, "mangler kode"),
        (b"", 1, "mangler type og kode"),
    ],
)
def test_a_file_that_is_no_table_says_where_and_why(data: bytes, row: int, what: str) -> None:
    assert [(one.where.row, what in one.what) for one in mistakes(data) if what in one.what] == [(row, True)]


def test_the_row_of_a_mistake_is_the_line_on_which_it_begins() -> None:
    rows = (ANNA | {"navn": "Anna\r\nÅsen"}, ANNA | {"kode": "b", "hpr": "x"})
    assert [one.where.row for one in mistakes(changed(*rows)) if one.where.column == "hpr"] == [6]


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "byte" in mistakes(bytes(MAX_FILE + 1))[0].what
    assert "tegn" in mistakes(changed(ANNA | {"tittel": "x" * (tables.MAX_CELL + 1)}))[0].what
    people = [ANNA | {"kode": f"p{n}", "hpr": ""} for n in range(MAX_PEOPLE + 1)]
    crowd = SHIFT | {"personer": "|".join(one["kode"] for one in people)}
    assert ["deler én vakt" in one.what for one in mistakes(changed(*people, PLAN, crowd))] == [True]
    years = [OPEN | {"dager": f"20{year}-01-01/20{year}-12-30", "fra": "", "til": ""} for year in (26, 27)]
    assert [f"{MAX_EXCEPTIONS} eller" in one.instead for one in mistakes(changed(HOURS, *years))] == [True]
    monkeypatch.setattr(tables, "MAX_THINGS", 3)
    assert drafts.MAX_THINGS == 200_000
    assert "mer enn 3 rader" in mistakes(changed(ANNA, INBOX))[0].what


cells = st.text("aæÅš 0123456789:.-/|\"'\n;,", max_size=12) | st.sampled_from([*COLUMNS, "man-fre", "08:00", "top"])
some_rows = st.lists(st.dictionaries(st.sampled_from(COLUMNS), cells, max_size=8), max_size=6)


@given(some_rows)
def test_any_rows_are_taken_over_in_one_form_or_refused_with_one_error(rows: list[Cells]) -> None:
    data = table(TOP, *({k: v.replace('"', '""') for k, v in row.items()} for row in rows))
    try:
        found = entries(data)
    except ImportRefused:
        return
    assert all(encode_entry(one) for one in found.values())


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: (HEADER + "\n" + text).encode("utf-8", "replace"))
)
def test_any_bytes_are_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(ImportRefused):
        imported(data)


def test_an_inbox_points_at_its_hours_its_plan_and_its_stand_in() -> None:
    rows = (INBOX | {"kode": "other"}, INBOX | {"avløser": "other", "åpningstid": "hours", "vaktplan": "plan"})
    data = changed(ANNA, *rows, HOURS, OPEN, PLAN, SHIFT)
    desk = an_entry(data, "desk").facts
    assert isinstance(desk, Inbox)
    assert [desk.stands_in, desk.hours, desk.plan] == [an_entry(data, c).id for c in ("other", "hours", "plan")]
