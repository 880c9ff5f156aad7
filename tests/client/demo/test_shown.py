import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from samsnakk.cli.shown import fitted, one_line, safe


@given(st.text())
def test_no_text_steers_the_terminal(text: str) -> None:
    kept = {unicodedata.category(sign) for sign in safe(text).replace("\n", "")} - {"Cf"}
    assert not kept & {"Cc", "Cs", "Zl", "Zp"}


def test_signs_that_turn_the_direction_of_writing_are_left_out() -> None:
    assert safe("til \u202eola\u202c") == "til ola"


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert safe("\x1b[2Jhei") == "\N{REPLACEMENT CHARACTER}[2Jhei"


def test_letters_signs_and_joined_emoji_stay_as_they_are() -> None:
    text = "č đ ŋ š ŧ ž å æ ø 👩\u200d⚕️ שלום a\u0301"
    assert safe(text) == text


@given(st.text(), st.integers(1, 30))
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width


def test_line_ends_become_blanks_on_one_line() -> None:
    assert one_line("a\r\n\r\nb\tc ") == "a b c"
