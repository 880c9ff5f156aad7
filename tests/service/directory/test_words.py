"""However somebody types a name, it is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.listings.entries import parse_entry
from service.directory.words import fold, query, searched, words_of
from tests.protocol.listings.small_listing import an_id, listing

ALL = {one: parse_entry(raw) for one, raw in listing().items()}
letters = st.text("aeoåæøéčđŋšŧžöäABCØÅÆ nmst", max_size=20)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Håkon", ["haakon", "hakon", "HÅKON"]),
        ("Sørvik", ["soervik", "sorvik", "sørvik"]),
        ("Bærum", ["baerum", "barum", "bærum"]),
        ("Bøen", ["boeen", "bøen", "boen"]),
        ("Márjá Ŋuorra", ["marja nuorra"]),
        ("Čáhci Đoaŧŧu Šžé", ["cahci doattu sze"]),
    ],
)
def test_a_name_is_the_same_with_and_without_its_marks(written: str, typed: list[str]) -> None:
    assert {fold(one) for one in typed} == {fold(written)}


@given(letters, st.integers(0, 20))
def test_what_begins_a_word_before_folding_begins_it_after(word: str, length: int) -> None:
    assert fold(word).startswith(fold(word[:length]))


@given(st.text(max_size=200))
def test_whatever_is_typed_makes_a_query_of_plain_words_or_none(text: str) -> None:
    asked = query(text)
    assert (asked is None) == (not words_of(text))
    if asked is not None:
        assert all(set("'\\\\:&|()!<>").isdisjoint(word) for word in words_of(text))


def test_plans_and_hours_are_not_found_by_themselves() -> None:
    assert searched(ALL[an_id("nights")], ALL) == ("", "")
    name, words = searched(ALL[an_id("unit")], ALL)
    assert name == "psykiatrisk akuttmottak"
    assert "'pmottak':1A" in words
    assert "'wfjellheim':1C" in words
