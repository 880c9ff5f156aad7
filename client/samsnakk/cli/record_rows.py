"""A record on the screen, one line a place."""

from typing import Final

from rich.console import Console
from rich.text import Text

from protocol.trust import Trust
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.cli.erasure_words import erased_by
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.shown import fitted, one_line
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import Transcript, local_time
from samsnakk.demo.screen import summary_of

WIDEST: Final = 110
_HEAD: Final = 4


class RecordRows:
    """Writes events one after the other, each day marked once. `sealed`: for what this reader never opens."""

    def __init__(self, console: Console, trust: Trust, me: bytes, sealed: str = BOKMAL.on_its_way) -> None:
        self._console = console
        self._sealed = sealed
        self._width = min(console.width, WIDEST)
        self._threads = Threads(BOKMAL)
        self._names = Names(trust, me, BOKMAL)
        self._transcript = Transcript(self._names, self._threads, self._width)
        self._day = ""

    def show(self, event: ChannelEvent) -> None:
        """The next place of the record."""
        self._threads.learn(event)
        today = BOKMAL.date(local_time(event.recorded_at))
        if today != self._day:
            self._day = today
            self._console.print(Text(), soft_wrap=True)
            self._console.print(Text(f"── {today} ──", style="dim"), soft_wrap=True)
        self._console.print(self._row(event), soft_wrap=True)

    def _row(self, event: ChannelEvent) -> Text:
        thread = "" if event.thread is None else str(event.thread)
        row = Text(f"{event.version:>5} ", style="dim")
        row.append(f"{local_time(event.recorded_at):%H:%M:%S} ")
        row.append(f"{event.head[:_HEAD].hex()} ", style="cyan")
        row.append(f"{thread:>3} ")
        room = max(self._width - row.cell_len, 20)
        return row.append(fitted(self._what(event), room).rstrip(), style=_style(event))

    def _what(self, event: ChannelEvent) -> str:
        if event.erased is not None:
            return f"▒ {erased_by(event.erased, self._names, BOKMAL.date(local_time(event.erased.at)))}"
        if event.facts is None:
            return f"▒ {event.kind_class.value} · {BOKMAL.stub}"
        if event.content is not None:
            content = summary_of(event.content) if event.state is State.READABLE else BOKMAL.newer_version
            author = self._names.of(event.author)
            return f"{author[:1].upper()}{author[1:]}: {one_line(content)}"
        unread = {State.RETRACTED: BOKMAL.retracted, State.ERASED: BOKMAL.erased, State.ON_ITS_WAY: self._sealed}
        suffix = f" {unread[event.state]}" if event.state in unread else ""
        return self._transcript.fact(event) + suffix


def _style(event: ChannelEvent) -> str:
    if event.facts is None:
        return "dim"
    return "default" if event.content is not None else "dim italic"
