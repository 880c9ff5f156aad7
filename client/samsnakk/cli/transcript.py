"""A channel on the screen: what was written, by whom and when, and what happened in between."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from domain.channel import events as e
from domain.channel.erasing import ErasureDecision
from protocol import contents as c
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.cli.erasure_words import erased_by
from samsnakk.cli.people import Names, Threads, named_facts, subject_of
from samsnakk.cli.shown import one_line, safe

_WIDEST: Final = 88
_INDENT: Final = 2
_SILENT: Final = (e.EpochOpened, e.WrapFailed, e.MessagesSeen, e.KeyMoved)
"""Kinds that are the programs' business; `samsnakk timeline` shows them."""


def local_time(milliseconds: int) -> datetime:
    """A moment in this machine's time zone."""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone()


@dataclass(slots=True)
class Transcript:
    """Renders events one after the other. Knows the day it is on, so that each day is marked once."""

    names: Names
    threads: Threads
    width: int
    day: str = ""

    def __post_init__(self) -> None:
        self.width = min(self.width, _WIDEST)

    def render(self, event: ChannelEvent) -> list[Text]:
        """The lines of an event, none where there is nothing to show."""
        lines = list(self._lines(event))
        if not lines:
            return []
        day = self.names.texts.date(local_time(event.recorded_at))
        if day == self.day:
            return lines
        self.day = day
        return [Text(), _centred(day, self.width), *lines]

    def _lines(self, event: ChannelEvent) -> Iterator[Text]:
        if isinstance(event.facts, e.MessagePosted) or event.content is not None:
            yield from self._message(event)
        elif event.erased is not None:
            yield from self._gap(event, event.erased)
        elif event.facts is not None and not isinstance(event.facts, _SILENT):
            yield from self._deed(event)

    def _message(self, event: ChannelEvent) -> Iterator[Text]:
        yield Text()
        yield self._head(event)
        for text, style in self._body(event):
            for line in wrapped(text, self.width - _INDENT):
                yield Text(" " * _INDENT + line, style=style)

    def _gap(self, event: ChannelEvent, decision: ErasureDecision) -> Iterator[Text]:
        """What is left of an erased message: that there was one, and who decided that it is gone."""
        date = self.names.texts.date(local_time(decision.at))
        before = f"  #{event.version}  "
        for line in wrapped(erased_by(decision, self.names, date), self.width - len(before)):
            yield Text(before + line, style="dim italic")
            before = " " * len(before)

    def _head(self, event: ChannelEvent) -> Text:
        names = self.names
        right = f"#{event.version}  {names.texts.time(local_time(event.recorded_at))}"
        author = names.full(event.author) if event.author is not None else ""
        head = Text(author, style=f"bold {names.colour(event.author)}")
        # A user's message names the organisation whose legal basis carries it, which is not where she works.
        place = names.employer(event.author) if event.author is not None else ""
        # Whoever writes for an inbox is named, and so is the inbox: roles are addressed, people are shown.
        place = names.full(event.role) if event.role is not None else place
        room = self.width - cell_len(right) - cell_len(author) - 2
        if place and room > cell_len(place):
            head.append(f" · {place}", style="not bold dim")
        head.append(" " * max(self.width - cell_len(head.plain) - cell_len(right), 1))
        return head.append(right, style="not bold dim default")

    def _body(self, event: ChannelEvent) -> Iterator[tuple[str, str]]:
        texts = self.names.texts
        if event.late:
            yield texts.late, "dim"
        if isinstance(event.facts, e.MessagePosted) and event.facts.corrects is not None:
            yield texts.corrects.format(version=event.facts.corrects), "dim"
        unread = {
            State.HIDDEN: texts.hidden,
            State.ON_ITS_WAY: texts.on_its_way,
            State.RETRACTED: texts.retracted,
            State.ERASED: texts.erased,
        }
        if event.state in unread:
            yield unread[event.state], "dim italic"
            return
        yield from self._content(event)

    def _content(self, event: ChannelEvent) -> Iterator[tuple[str, str]]:
        texts = self.names.texts
        match event.content:
            case c.Question(text=text):
                yield f"? {text}", "bold"
                if isinstance(event.facts, e.MessagePosted) and event.facts.due is not None:
                    yield "  " + texts.due.format(time=self.moment(event.facts.due)), "dim"
            case c.Agreement() as agreement:
                yield from self._agreement(agreement)
            case c.Title(text=text):
                yield f"{texts.title}: {text}", "bold"
            case c.Reason(text=text):
                yield f"{texts.reason}: {text}", "italic"
            case c.Summary(text=text, contact=contact):
                yield f"{texts.summary}: {text}", "bold"
                yield texts.contact.format(text=contact), ""
            case c.Reaction(target=target, sign=sign):
                yield f"{sign} → #{target}", ""
            case c.Files(files=files, text=text):
                yield from ((texts.attachment.format(name=one_line(file.name)), "underline") for file in files)
                yield text, ""
            case c.Text(text=text):
                yield text, ""
            case _:
                yield texts.newer_version, "dim italic"

    def _agreement(self, agreement: c.Agreement) -> Iterator[tuple[str, str]]:
        texts = self.names.texts
        yield f"{texts.agreement} · {texts.met.format(names=', '.join(agreement.met))}", "bold"
        yield agreement.agreed, ""
        for task in agreement.tasks:
            by_then = "" if task.due is None else f" ({texts.by_then.format(time=self.moment(task.due))})"
            yield texts.task.format(who=task.who, what=task.what) + by_then, ""

    def _deed(self, event: ChannelEvent) -> Iterator[Text]:
        time = self.names.texts.time(local_time(event.recorded_at))
        before = f"  {time}  "
        for line in wrapped(self.fact(event), self.width - len(before)):
            yield Text(before + line, style="dim italic")
            before = " " * len(before)

    def fact(self, event: ChannelEvent) -> str:
        """What happened, in one sentence."""
        texts = self.names.texts
        filled = dict(named_facts(event, self.names))
        until = getattr(event.facts, "until", None)
        if isinstance(until, int):
            filled["until"] = " " + texts.by_then.format(time=self.moment(until))
        sentence = texts.facts.get(event.kind, event.kind)
        if event.author is not None and subject_of(event.facts) == event.author:
            sentence = texts.about_oneself.get(event.kind, sentence)
        said = sentence.format_map(filled)
        return said[:1].upper() + said[1:]

    def moment(self, milliseconds: int) -> str:
        """A point in time in words, short if it is today."""
        return self.names.texts.moment(local_time(milliseconds), datetime.now().astimezone())


def show(console: Console, lines: Iterable[Text]) -> None:
    """Write lines that are laid out already."""
    for line in lines:
        console.print(line, soft_wrap=True)


def _centred(text: str, width: int) -> Text:
    side = "─" * max((width - cell_len(text) - 2) // 2, 2)
    return Text(f"{side} {text} {side}", style="dim")


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text as lines that fit, its own line ends kept."""
    console = Console(width=width, file=None)
    for paragraph in safe(text).split("\n"):
        if not paragraph.strip():
            yield ""
            continue
        for line in Text(paragraph).wrap(console, width):
            yield line.plain.rstrip()
