import io

from rich.console import Console

from domain.ids import Millis
from protocol.contents import Text
from samsnakk.demo.board import Board, Mark, Message
from samsnakk.demo.lines import Saw
from samsnakk.demo.screen import Screen
from samsnakk.demo.script import Expectation


def saw(version: int, text: str | None, state: str = "readable") -> Saw:
    author = None if state == "hidden" else bytes(16)
    content = None if text is None else Text(text)
    return Saw(version, 0, Millis(0), "message-posted/1", author, state, content, 344, late=False)


def expectation(readable: tuple[str, ...], hidden: tuple[str, ...]) -> Expectation:
    return Expectation(message="a", readable_by=readable, not_by=hidden, line=7)


def board() -> Board:
    """Kari wrote "a" at version 1; Elle reads it, Jon holds a stub, Ola is not there."""
    made = Board(("Kari", "Elle", "Jon", "Ola"))
    made.messages[1] = Message(1, "Kari", Text("a"))
    for key, report in {"Kari": saw(1, "a"), "Elle": saw(1, "a"), "Jon": saw(1, None, "hidden")}.items():
        made.saw(key, report)
    return made


def test_each_participant_has_one_mark() -> None:
    assert list(board().marks(1).values()) == [Mark.READ, Mark.READ, Mark.SEALED, Mark.ABSENT]


def test_an_expectation_holds_if_exactly_those_named_can_read() -> None:
    assert board().judge(expectation(("Kari", "Elle"), ("Jon", "Ola")), {"a": 1}).problems == ()


def test_whoever_reads_too_much_or_too_little_is_named() -> None:
    verdict = board().judge(expectation(("Kari", "Jon"), ("Elle", "Ola")), {"a": 1})
    assert verdict.problems == ("Jon kan ikke lese den", "Elle kan lese den")


def test_a_text_that_arrived_changed_does_not_count_as_read() -> None:
    changed = board()
    changed.views["Elle"].read[1] = Text("a ")
    verdict = changed.judge(expectation(("Kari", "Elle"), ("Jon", "Ola")), {"a": 1})
    assert verdict.problems == ("Elle leser noe annet enn Kari skrev",)


def test_what_was_read_once_stays_read_although_it_is_retracted_later() -> None:
    later = board()
    later.saw("Elle", saw(1, None, "retracted"))
    assert later.mark("Elle", 1) is Mark.READ


def test_only_those_whom_the_hub_serves_are_waited_for() -> None:
    waiting = board()
    waiting.views["Jon"].served = True
    assert waiting.behind(1) == []
    assert waiting.behind(2) == ["Jon"]


def test_someone_whose_key_is_on_its_way_is_waited_for() -> None:
    waiting = board()
    waiting.views["Jon"].served = True
    waiting.saw("Jon", saw(1, None, "on_its_way"))
    assert waiting.waiting() == ["Jon"]


def test_every_line_of_the_timeline_fits_a_narrow_terminal() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False)
    shown = board()
    shown.messages[2] = Message(2, "Kari", Text("👩\u200d⚕️ שלום " + "å" * 200))
    shown.saw("Elle", saw(2, "👩\u200d⚕️ שלום " + "å" * 200))
    Screen(console, tuple(shown.views)).outcome(shown, [])
    assert all(len(line.rstrip()) <= 80 for line in out.getvalue().splitlines() if "⚕" not in line)
    assert "●  ●  ○  –" in out.getvalue()
