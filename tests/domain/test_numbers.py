"""Which numbers of registers are well formed, and that no number of a person slips through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.numbers import holds_national_id, is_organisation_number
from samsnakk.demo.cast import ORGANISATIONS

FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
ADDED = {"real form": (0, 0), "D-number": (40, 0), "NAV's": (0, 40), "Skatteetaten's": (0, 80), "both": (40, 80)}


def completed(nine: str) -> str | None:
    """The number with both check digits; None where there is none."""
    first = -sum(w * int(d) for w, d in zip(FIRST, nine, strict=True)) % 11
    second = -sum(w * int(d) for w, d in zip(SECOND, f"{nine}{first}", strict=False)) % 11
    return f"{nine}{first}{second}" if first < 10 and second < 10 else None


@st.composite
def synthetic_ids(draw: st.DrawFn) -> str:
    """Month + 80: of nobody. The other forms are tried below, with days that make them nobody's either."""
    day, month, year = draw(st.integers(1, 28)), draw(st.integers(1, 12)), draw(st.integers(0, 99))
    d_number = draw(st.sampled_from((0, 40)))
    number = completed(f"{day + d_number:02}{month + 80:02}{year:02}{draw(st.integers(0, 999)):03}")
    return number if number is not None else completed("018190900") or "01819012345"


@given(synthetic_ids(), st.sampled_from(["{}", "fnr {}.", "({})", "Kari, {}", "{}\n", "2026: {}"]))
def test_a_national_id_is_found_wherever_it_stands(number: str, text: str) -> None:
    assert holds_national_id(text.format(number))
    assert holds_national_id(text.format(f"{number[:6]} {number[6:]}"))
    assert holds_national_id(text.format(f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:]}"))
    assert holds_national_id(text.format("".join(chr(ord(digit) + 0xFEE0) for digit in number)))


@pytest.mark.parametrize("form", ADDED)
def test_every_form_of_number_is_found_also_with_a_wrong_check_digit(form: str) -> None:
    day, month = ADDED[form]
    assert holds_national_id(f"{13 + day:02}{1 + month:02}9012345")


def test_a_number_that_lost_its_leading_zero_in_a_spreadsheet_is_found() -> None:
    found = [number for n in range(999) if (number := completed(f"018190{n:03}")) is not None]
    assert found
    assert all(holds_national_id(number.removeprefix("0")) for number in found)


def test_a_hjelpenummer_is_found() -> None:
    number = next(found for n in range(999) if (found := completed(f"812345{n:03}")) is not None)
    assert holds_national_id(number)


@pytest.mark.parametrize(
    "text",
    [
        "22 00 00 00",
        "+47 22 00 00 00",
        "+46812345678",
        "000000019",
        "999000001",
        "2026-11-24T08:00:00",
        "urn:oid:2.16.578.1.12.4.1.4.101",
        "0193e3a0-7c11-7abc-8f00-123456789012",
        "99819012345",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_national_id(text)


@given(st.text(max_size=60))
def test_any_text_is_looked_through_without_stumbling(text: str) -> None:
    assert holds_national_id(text) in (True, False)


def test_organisation_numbers_check_out_or_do_not() -> None:
    assert all(is_organisation_number(organisation.number) for organisation in ORGANISATIONS)
    for wrong in ("000000018", "00000001", "0000000190", "00000001x", "", "٠٠٠٠٠٠٠١٩", "000000100"):
        assert not is_organisation_number(wrong)
