"""Rows of refused attempts: one encoding, one chain, and no way to leave something out unnoticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Digest, Millis
from protocol.errors import ChainBroken, MalformedFrame
from protocol.security_log import (
    GENESIS,
    RefusedAttempts,
    SecurityPage,
    SecurityRow,
    decode_page,
    decode_row,
    encode_page,
    encode_row,
    follow,
    next_head,
    page_for,
)

ids = st.none() | st.binary(min_size=16, max_size=16)
counts = st.integers(0, 2**53 - 1)
attempts = st.builds(
    RefusedAttempts,
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=15),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=15),
    st.binary(min_size=8, max_size=8),
    ids,
    st.booleans(),
    ids,
    ids,
    st.integers(1, 2**53 - 1),
    counts.map(Millis),
    counts.map(Millis),
)
MINE, THEIRS = b"m" * 16, b"t" * 16


def chained(told: list[RefusedAttempts]) -> list[SecurityRow]:
    rows, head = [], GENESIS
    for n, one in enumerate(told, 1):
        encoded = encode_row(n, one)
        rows.append(SecurityRow(n, head, encoded, next_head(head, encoded)))
        head = rows[-1].head
    return rows


def some(number: int, house: bytes = MINE) -> RefusedAttempts:
    return RefusedAttempts("act", "not_permitted", bytes(8), b"d" * 16, True, house, None, number, Millis(1), Millis(2))


@given(attempts, st.integers(1, 2**40))
def test_what_is_written_is_what_is_read(one: RefusedAttempts, n: int) -> None:
    assert decode_row(encode_row(n, one), n) == one
    with pytest.raises(MalformedFrame):
        decode_row(encode_row(n, one), n + 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_row_and_a_page_or_malformed(data: bytes) -> None:
    for read in (lambda: decode_row(data, 1), lambda: decode_page(data)):
        try:
            read()
        except MalformedFrame:
            continue


def test_rows_follow_on_each_other_from_the_first_or_from_the_oldest_that_is_left() -> None:
    rows = chained([some(n) for n in range(1, 6)])
    assert follow(rows, 0, GENESIS) == (5, rows[-1].head)
    assert follow(rows[2:], -1, GENESIS) == (5, rows[-1].head)
    assert follow(rows[2:], 2, rows[1].head) == (5, rows[-1].head)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda rows: rows[1:],
        lambda rows: [*rows[:2], *rows[3:]],
        lambda rows: [rows[0], replace(rows[1], encoded=rows[2].encoded), *rows[2:]],
        lambda rows: [rows[1], rows[0], *rows[2:]],
        lambda rows: [replace(rows[0], before=Digest(b"x" * 32)), *rows[1:]],
        lambda rows: [*rows[:-1], replace(rows[-1], head=rows[0].head)],
    ],
)
def test_a_row_that_is_missing_changed_or_moved_is_found(
    tamper: Callable[[list[SecurityRow]], list[SecurityRow]],
) -> None:
    rows = chained([some(n) for n in range(1, 6)])
    with pytest.raises(ChainBroken):
        follow(tamper(rows), 0, GENESIS)


def test_a_node_gets_its_own_people_whole_and_of_the_others_only_that_there_was_something() -> None:
    rows = chained([some(1), some(2, THEIRS), some(3)])
    page = decode_page(encode_page(page_for(MINE, rows, more=False)))
    n, head, told = page.follow(0, GENESIS)
    assert (n, head, [one.count for one in told]) == (3, rows[-1].head, [1, 3])
    assert THEIRS not in encode_page(page)
    assert SecurityPage(0, GENESIS, (), more=False).follow(n, head) == (n, head, [])
    # Rows that are gone by now because they are old leave a gap; the rest follows on what it names.
    assert page_for(MINE, rows[2:], more=False).follow(0, GENESIS)[0] == 3


def test_a_log_that_goes_back_or_on_otherwise_than_the_node_has_seen_is_found() -> None:
    seen = chained([some(1), some(2)])
    other = chained([some(1), some(9), some(3)])
    with pytest.raises(ChainBroken):
        page_for(MINE, other[2:], more=False).follow(2, seen[-1].head)
    with pytest.raises(ChainBroken):
        page_for(MINE, seen, more=False).follow(2, seen[-1].head)
