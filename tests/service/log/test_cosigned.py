"""Which checkpoint stands out to be cosigned, and which one is shown."""

import pytest

from crypto.notes import NoteKey, NoteKind, note_key
from domain.ids import Millis
from service.log.cosigned import STANDS, Candidate, is_due, shown
from tests.crypto.fixed import signing_key

AT = Millis(1_000_000)


def key(name: str) -> NoteKey:
    return note_key(name, NoteKind.WITNESS, signing_key(name).public)


def out(size: int, *by: str) -> Candidate:
    return Candidate(size, "text\n", "text\n\nsigned\n", AT, {key(name).public: f"{name}\n" for name in by})


HOUSES = [(key("a"),), (key("b"), key("b2")), (key("c"),), (key("d"),)]


@pytest.mark.parametrize(
    ("candidate", "newest", "at", "due"),
    [
        (None, 5, AT, True),
        (out(5), 5, AT + STANDS, False),
        (out(5), 4, AT + STANDS, False),
        (out(5), 9, AT + STANDS - 1, False),
        (out(5), 9, AT + STANDS, True),
        (out(5, "a", "b2", "c"), 9, AT, False),
        (out(5, "a", "b2", "c", "d"), 9, AT, True),
        (out(5, "a", "b", "b2", "c"), 9, AT, False),
    ],
)
def test_the_newest_takes_its_place_once_all_have_cosigned_or_have_had_their_time(
    candidate: Candidate | None, newest: int, at: int, *, due: bool
) -> None:
    assert is_due(candidate, newest, HOUSES, Millis(at)) is due


def test_where_nobody_can_cosign_it_stands_for_its_time() -> None:
    assert not is_due(out(5), 9, [], AT)
    assert is_due(out(5), 9, [], Millis(AT + STANDS))


@pytest.mark.parametrize(
    ("candidates", "size"),
    [
        ([], None),
        ([out(5)], None),
        ([out(5, "a"), out(7)], 5),
        ([out(5, "a", "b", "c"), out(7, "a", "b", "d"), out(9, "a", "b")], 7),
        ([out(5, "a", "b", "c", "d"), out(7, "a", "b", "d")], 7),
        ([out(5, "a", "b"), out(7, "b", "b2")], 5),
        ([out(5, "somebody"), out(7)], None),
    ],
)
def test_the_newest_with_enough_is_shown_and_else_the_one_with_most(
    candidates: list[Candidate], size: int | None
) -> None:
    found = shown(candidates, HOUSES)
    assert (None if found is None or not found.count(HOUSES) else found.size) == size


def test_the_lines_stand_under_the_note_in_one_order() -> None:
    assert out(5, "a", "b").note == out(5, "b", "a").note
    assert out(5).note == "text\n\nsigned\n"
