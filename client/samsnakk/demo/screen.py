"""The live timeline: one line a message, one column a participant, and what the hub gets to see of it."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from protocol.contents import Agreement, Files, KnownContent, Question, Reaction, Reason, Summary, Title, Unknown
from protocol.contents import Text as PlainText
from samsnakk.cli.shown import fitted
from samsnakk.demo import script as s
from samsnakk.demo.board import Board, Mark, Verdict
from samsnakk.demo.checking import Check
from samsnakk.demo.descriptions import describe
from samsnakk.demo.houses import House
from samsnakk.demo.lines import Duty

_STYLES: Final = {Mark.READ: "bold green", Mark.SEALED: "yellow", Mark.ABSENT: "dim"}
_WIDEST: Final = 110
_NUMBER, _AUTHOR, _HUB, _COLUMN = 3, 8, 8, 3


class Screen:
    """Writes line after line and never goes back, so that it reads the same on a terminal and in a file."""

    def __init__(self, console: Console, participants: Sequence[str]) -> None:
        self._console: Final = console
        self._participants: Final = participants
        self._width = min(console.width, _WIDEST)
        self._text = max(self._width - _NUMBER - _AUTHOR - _COLUMN * len(participants) - _HUB - 4, 12)
        self._indent = " " * (_NUMBER + 2)

    def starting(self, script: s.Script) -> None:
        """The first words."""
        self._line()
        self._line(f" {script.title}", "bold")
        self._line(
            " Alle personer og virksomheter er oppdiktet. Nøkler, prosesser, database, noder og hub er ekte.", "dim"
        )
        self._line()

    def progress(self, text: str) -> None:
        """What is being waited for."""
        self._line(f" {text}", "dim")

    def houses(self, rows: Sequence[House]) -> None:
        """What runs where, whose keys lie there, and who signed in how."""
        head = House("prosess", "mappe", "port", "nøkler", "innlogging (OpenID Connect)")
        widths = [max(len(column) for column in columns) for columns in zip(*map(_columns, (head, *rows)), strict=True)]
        self._line()
        for row in (head, *rows):
            cells = (f"{cell:<{width}}" for cell, width in zip(_columns(row), widths, strict=True))
            self._line(f"  {'  '.join(cells)}".rstrip(), "dim" if row is head else "")
        self._line()

    def directory(self, entries: int, organisations: int, found: Sequence[Duty]) -> None:
        """What the directory holds, and what somebody who looks up whom to write to is told."""
        total = f"{entries} oppføringer fra {organisations} virksomheter"
        self._line(f" Katalogen: {total}, importert fra filene deres og signert av hver virksomhets node.", "dim")
        for duty in found:
            self._line(f"  {duty.asked:<28} {duty.inbox}")
            self._line(f"  {'':<28} {duty.text}", "yellow" if duty.warning else "green")
        self._line()

    def arrived(self, inviter: str, user: str, code: str) -> None:
        """The user came by her invitation; both ends show the same code."""
        self._wrapped(f"{user} kommer med lenken fra {inviter} og lager sin egen rot på sin egen enhet.", "italic cyan")
        self._wrapped(f"Begge ser sikkerhetskoden {code}.", "cyan")

    def checked(self, checks: Sequence[Check]) -> None:
        """What was found out about the folders."""
        self._line()
        for check in checks:
            style = "bold red" if check.problems else "green"
            self._wrapped(f"{'✗' if check.problems else '✓'} {check.text}", style)
            for problem in check.problems:
                self._wrapped(f"    {problem}", style)

    def opened(self, script: s.Script, opener: str) -> None:
        """The channel is open: who will take part, and the head of the table."""
        for key, person in script.participants.items():
            at = next((o.name for o in script.organisations if o.key == person.organisation), "")
            about = ", ".join(part for part in (person.title, at) if part)
            self._line(f"  {initials(key)}  {key:<{_AUTHOR + 1}} {about}")
        self._line()
        self._line("  ● dekryptert av personens egen prosess   ○ har bare en forseglet rest   – er ikke der", "dim")
        self._head()
        self._wrapped(f"{opener} åpner kanalen «{script.channel.name}».", "italic cyan")

    def message(self, board: Board, version: int) -> None:
        """One message and how it stands with everybody."""
        self._row(board, version)

    def deed(self, step: s.Step, script: s.Script, gained: Mapping[str, int]) -> None:
        """Something that happened besides messages, and who can read more because of it."""
        self._wrapped(describe(step, script), "italic cyan")
        for key, number in gained.items():
            earlier = "1 tidligere melding" if number == 1 else f"{number} tidligere meldinger"
            self._wrapped(f"→ {key} kan nå lese {earlier} også.", "cyan")

    def refused(self, step: s.Step, script: s.Script, advice: str) -> None:
        """An attempt that came to nothing, as the script expected."""
        self._wrapped(f"✗ Avvist, som det skal være: {describe(step, script)}", "italic magenta")
        self._wrapped(f"  {advice}", "dim magenta")

    def outcome(self, board: Board, verdicts: Sequence[Verdict]) -> None:
        """Everything once more as it stands in the end, and what came of the expectations."""
        judged = {verdict.expectation.message: verdict for verdict in verdicts}
        self._line()
        self._line(" Hva hver prosess kan lese til slutt", "bold")
        self._head()
        for version in sorted(board.messages):
            self._row(board, version)
        self._sum(board)
        self._line()
        for verdict in judged.values():
            for problem in verdict.problems:
                about = f"linje {verdict.expectation.line}: meldingen «{verdict.expectation.message}»"
                self._wrapped(f"✗ {about}: {problem}", "bold red")
        held = sum(not verdict.problems for verdict in verdicts)
        self._line(
            f" {held} av {len(verdicts)} forventninger holdt.", "bold green" if held == len(verdicts) else "bold red"
        )

    def say(self, text: str, style: str = "") -> None:
        """A line of its own."""
        self._line(text, style)

    def _sum(self, board: Board) -> None:
        places = [place for version in range(1, _newest(board) + 1) if (place := board.place(version)) is not None]
        sealed = sum(place.sealed for place in places)
        self._line()
        self._line(f" Huben ordnet, lagret og sendte {len(places)} hendelser med {_bytes(sealed).strip()} forseglet,")
        self._line(" og har ingen nøkkel til noen av dem.")

    def _head(self) -> None:
        names = "".join(f"{initials(key):^{_COLUMN}}" for key in self._participants)
        before = " " * (_NUMBER + 2 + _AUTHOR + 1 + self._text + 1)
        self._line(f"{before}{names}{'huben':>{_HUB}}", "dim")
        self._line("─" * self._width, "dim")

    def _row(self, board: Board, version: int) -> None:
        message, place = board.messages[version], board.place(version)
        contents = (view.read[version] for view in board.views.values() if version in view.read)
        text = fitted(summary_of(next(contents, message.sent)), self._text)
        line = Text(f"{version:>{_NUMBER}}  {fitted(message.author, _AUTHOR)} ", style="dim")
        line.append(f"{text} ", style="not dim")
        for mark in board.marks(version).values():
            line.append(f"{mark.value:^{_COLUMN}}", style=f"not dim {_STYLES[mark]}")
        line.append(f"{_bytes(place.sealed if place else 0):>{_HUB}}")
        self._console.print(line, overflow="crop", no_wrap=True, soft_wrap=True)

    def _wrapped(self, text: str, style: str) -> None:
        for line in Text(text).wrap(self._console, self._width - len(self._indent)):
            self._line(f"{self._indent}{line.plain.rstrip()}", style)

    def _line(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def initials(key: str) -> str:
    """The two letters that head a participant's column."""
    return fitted(key, 2) if len(key) < 2 else key[:2]  # noqa: PLR2004 - two letters


def summary_of(content: KnownContent | Unknown | None) -> str:  # noqa: C901, PLR0911 - one case per kind
    """A message in one line."""
    match content:
        case None:
            return "(ingen her kan lese den)"
        case Question(text=text):
            return f"? {text}"
        case Agreement(agreed=agreed):
            return f"☑ {agreed}"
        case Title(text=text):
            return f"# {text}"
        case Reason(text=text):
            return f"ⓘ {text}"
        case Summary(text=text):
            return f"∎ {text}"
        case PlainText(text=text):
            return text or "(tom)"
        case Reaction(sign=sign):
            return sign
        case Files(files=files):
            return f"{len(files)} filer"
        case Unknown(kind=kind):
            return f"({kind})"


def _columns(row: House) -> tuple[str, ...]:
    return row.process, row.folder, row.port, row.keys, row.login


def _newest(board: Board) -> int:
    return max((view.version for view in board.views.values()), default=0)


def _bytes(number: int) -> str:
    return f"{number:,} B".replace(",", "\N{NO-BREAK SPACE}")
