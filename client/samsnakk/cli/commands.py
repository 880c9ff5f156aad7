"""What people type in `samsnakk chat`: a message, or a command that begins with a slash."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from domain.ids import Millis
from samsnakk.cli import rights_commands as r

_HOURS: Final = re.compile(r"(\d{1,4})\s*(t|h|d)", re.IGNORECASE)
_MILLIS: Final = {"t": 3_600_000, "h": 3_600_000, "d": 86_400_000}


class NotUnderstood(ValueError):
    """The line is no command; `usage` names the command it was meant to be, if one is recognised."""

    def __init__(self, usage: str | None = None) -> None:
        super().__init__(usage or "")
        self.usage: Final = usage


@dataclass(frozen=True, slots=True)
class Say:
    """A message in the present thread."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that can be taken."""

    text: str


@dataclass(frozen=True, slots=True)
class Take:
    """Answer for a question; `within`: milliseconds promised, None for no time."""

    target: int
    within: Millis | None


@dataclass(frozen=True, slots=True)
class Done:
    """A question is settled."""

    target: int


@dataclass(frozen=True, slots=True)
class Retract:
    """Take an own message back."""

    target: int


@dataclass(frozen=True, slots=True)
class SendFile:
    """Send a file from this machine."""

    path: str


@dataclass(frozen=True, slots=True)
class SaveFiles:
    """Save the files of a message in a folder; None: where the program was started."""

    target: int
    folder: str | None


@dataclass(frozen=True, slots=True)
class SwitchThread:
    """Go to another thread; None lists them."""

    number: int | None


@dataclass(frozen=True, slots=True)
class Who:
    """List who takes part."""


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the program."""


Command: TypeAlias = (
    Say | Ask | Take | Done | Retract | SendFile | SaveFiles | SwitchThread | Who | Help | Quit | r.RightsCommand
)

_NAMES: Final = {
    "ask": "ask",
    "spør": "ask",
    "take": "take",
    "ta": "take",
    "done": "done",
    "ferdig": "done",
    "retract": "retract",
    "trekk": "retract",
    "file": "file",
    "fil": "file",
    "save": "save",
    "lagre": "save",
    "thread": "thread",
    "tråd": "thread",
    "who": "who",
    "hvem": "who",
    "help": "help",
    "hjelp": "help",
    "quit": "quit",
    "slutt": "quit",
    "ja": "yes",
    "yes": "yes",
    "nei": "no",
    "no": "no",
    **r.NAMES,
}

_PLAIN: Final[dict[str, Command]] = {"who": Who(), "help": Help(), "quit": Quit()}


def parse(line: str) -> Command | None:
    """The command in a line, None if it is empty. A message that begins with a slash is written with two.

    Raises `NotUnderstood`.
    """
    if not line.strip():
        return None
    if not line.startswith("/"):
        return Say(line)
    if line.startswith("//"):
        return Say(line[1:])
    word, _, rest = line[1:].partition(" ")
    name = _NAMES.get(word.casefold())
    if name is None:
        raise NotUnderstood
    return _command(name, rest.strip())


def _command(name: str, rest: str) -> Command:
    if name in _PLAIN:
        return _PLAIN[name]
    if name in {"ask", "file"} and not rest:
        raise NotUnderstood(name)
    match name:
        case "ask":
            return Ask(rest)
        case "file":
            return SendFile(rest)
        case "thread":
            return SwitchThread(_number(rest, name) if rest else None)
        case _:
            return _about_message(name, rest)


def _about_message(name: str, rest: str) -> Command:
    number, _, more = rest.partition(" ")
    match name:
        case "take":
            return Take(_number(number, name), _within(more.strip()))
        case "save":
            return SaveFiles(_number(number, name), more.strip() or None)
        case "done":
            return Done(_number(rest, name))
        case "retract" if not rest or rest[0] in "#0123456789":
            return Retract(_number(rest, name))
        case "retract":
            # What is no number is the name of an organisation that shall take part no more.
            return r.WithdrawConsent(rest)
        case "yes" | "no":
            return r.AnswerProposal(_number(rest, name), yes=name == "yes")
        case _:
            found = r.rights_command(name, rest)
            if found is None:
                raise NotUnderstood(name)
            return found


def _number(text: str, name: str) -> int:
    digits = text.removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:  # noqa: PLR2004 - below 2^53
        raise NotUnderstood(name)
    return int(digits)


def _within(text: str) -> Millis | None:
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise NotUnderstood("take")
    return Millis(int(found[1]) * _MILLIS[found[2].lower()])
