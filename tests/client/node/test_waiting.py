"""What a node remembers between two steps of a browser: once, for a while, and no more than it has room for."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import labels
from domain.ids import Millis
from samsnakk.node.sign_in.waiting import MAX_WAITING, Waiting


@dataclass
class Clock:
    at: int = 1_000_000

    def now(self) -> Millis:
        return Millis(self.at)


def waiting(clock: Clock) -> Waiting[str]:
    return Waiting(labels.NODE_TICKET, 60_000, clock.now)


def test_a_thing_is_taken_once_and_looked_at_as_often_as_one_likes() -> None:
    kept = waiting(Clock())
    token = kept.keep("hers")
    assert [kept.look(token), kept.look(token), kept.take(token), kept.take(token), kept.look(token)] == [
        "hers",
        "hers",
        "hers",
        None,
        None,
    ]


@pytest.mark.parametrize(("later", "found"), [(59_999, "hers"), (60_000, None), (10_000_000, None)])
def test_it_waits_so_long_and_no_longer(later: int, found: str | None) -> None:
    clock = Clock()
    kept = waiting(clock)
    token = kept.keep("hers")
    clock.at += later
    assert kept.take(token) == found


def test_the_oldest_makes_room() -> None:
    kept = waiting(Clock())
    first = kept.keep("first")
    second = kept.keep("second")
    for _ in range(MAX_WAITING - 1):
        kept.keep("more")
    assert (kept.take(first), kept.take(second)) == (None, "second")


@given(st.text(max_size=60))
def test_nothing_waits_under_what_is_no_token(text: str) -> None:
    kept = waiting(Clock())
    kept.keep("hers")
    assert kept.look(text) is None
    assert kept.take(text) is None


def test_tokens_do_not_stand_in_memory_and_one_kind_is_none_of_another() -> None:
    clock = Clock()
    kept, others = waiting(clock), Waiting[str](labels.NODE_SIGN_IN, 60_000, clock.now)
    token = kept.keep("hers")
    assert token not in repr(vars(kept))
    assert others.take(token) is None
