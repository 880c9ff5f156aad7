"""What `samsnakk chat` knows and does, whatever it is typed into and shown on."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from rich.text import Text

from domain.channel import events as e
from domain.channel.roster import active_member, user_takes_part
from domain.channel.terms import Standing
from domain.ids import DeviceId, Millis, PrincipalId, ThreadNo
from protocol.contents import Files, Question
from protocol.contents import Text as PlainText
from samsnakk.channel import Channel
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.cli import commands as c
from samsnakk.cli import files
from samsnakk.cli.bringing import KindOf, nobody_says
from samsnakk.cli.deciding import Deciding
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.shown import one_line
from samsnakk.cli.transcript import Transcript, local_time, wrapped

SHOWN_AT_FIRST: Final = 40
"""Messages and happenings of a thread that are shown when it is entered."""

Show = Callable[[Iterable[Text]], None]


class Conversation:
    """One visit to a channel: the events so far, the thread one writes in, and what commands do."""

    def __init__(self, channel: Channel, names: Names, show: Show, width: int, kind_of: KindOf = nobody_says) -> None:
        self.thread: int = 0
        self.quitting = False
        self._channel = channel
        self._names = names
        self._texts = names.texts
        self._show = show
        self._width = width
        self._threads = Threads(names.texts)
        self._transcript = Transcript(names, self._threads, width)
        self._events: dict[int, ChannelEvent] = {}
        self._entered = False
        self._told_seen: dict[int, int] = {}
        self._deciding = Deciding(channel, names, self._threads, self._note, kind_of)

    def take(self, event: ChannelEvent) -> None:
        """An event has arrived; it is shown once the thread has been entered."""
        self._events[event.version] = event
        self._threads.learn(event)
        if not self._entered:
            return
        if isinstance(event.facts, e.MessagesSeen):
            self._receipt(event, event.facts)
        elif event.thread in (None, self.thread):
            self._show(self._transcript.render(event))
        elif event.state is State.READABLE and isinstance(event.facts, e.MessagePosted):
            self._note(f"#{event.version} {self._names.of(event.author)} {self._in_thread(event.thread)}")

    def enter(self, thread: int) -> None:
        """Show the newest of a thread, and write there from now on."""
        self.thread, self._entered = thread, True
        self._transcript = Transcript(self._names, self._threads, self._width)
        rendered = [
            lines
            for event in self._events.values()
            if event.thread in (None, thread) and self._is_for_me(event) and (lines := self._transcript.render(event))
        ]
        for lines in rendered[-SHOWN_AT_FIRST:]:
            self._show(lines)
        self._show([Text()])
        self._note(self._texts.now_in.format(thread=self._threads.name(thread)))

    def first_thread(self) -> int:
        """Where to begin: the common thread, or for whoever is not in it the first thread that they are in."""
        mine = [number for number in sorted(self._channel.state.threads) if self._takes_part(number)]
        return mine[0] if mine else 0

    def unseen(self) -> int | None:
        """The newest message of the thread by somebody else, if this visit has not yet said that it was shown."""
        others = (
            event.version
            for event in self._events.values()
            if event.thread == self.thread and event.content is not None and _whose(event) != self._channel.me
        )
        newest = max(others, default=0)
        thread = self._channel.state.threads.get(ThreadNo(self.thread))
        known = thread.seen.get(self._channel.me, 0) if thread is not None else newest
        return newest if newest > max(known, self._told_seen.get(self.thread, 0)) else None

    async def tell_seen(self) -> None:
        """Say what was shown, if something new was."""
        newest = self.unseen()
        if newest is not None and self._channel.ended is None:
            self._told_seen[self.thread] = newest
            await self._channel.seen(self.thread, newest)

    async def do(self, command: c.Command, now: Millis) -> None:  # noqa: C901 - one case per command
        """Carry out what was typed. Raises what the channel raises."""
        match command:
            case c.Say(text=text):
                await self._channel.post(self.thread, PlainText(text))
            case c.Ask(text=text):
                await self._channel.post(self.thread, Question(text), asks=True)
            case c.Take(target=target, within=within):
                until = None if within is None else Millis(now + within)
                await self._channel.take(self._thread_of(target), target, until)
            case c.Done(target=target):
                await self._channel.done(self._thread_of(target), target)
            case c.Retract(target=target):
                await self._channel.retract(self._thread_of(target), target)
            case c.SendFile(path=path):
                await files.send(self._channel, self.thread, _local(path))
            case c.SaveFiles(target=target, folder=folder):
                await self._save(target, folder)
            case c.SwitchThread(number=number):
                self._switch(number)
            case c.Who():
                self._who(now)
            case c.Help():
                self._show(Text(line, style="dim") for line in self._texts.help.split("\n"))
            case c.Quit():
                self.quitting = True
            case _:
                await self._deciding.do(command, self.thread, now)

    async def _save(self, target: int, folder: str | None) -> None:
        event = self._events.get(target)
        if event is None or not isinstance(event.content, Files):
            self._note(self._texts.no_files.format(version=target))
            return
        for path in await files.save(self._channel, self._thread_of(target), event.content, _local(folder or ".")):
            self._note(self._texts.saved.format(path=one_line(str(path))))

    async def tell_typing(self) -> None:
        """Let the others know that this person is writing."""
        if self._channel.ended is None:
            await self._channel.typing(self.thread)

    def typing(self, device: DeviceId, thread: ThreadNo) -> str | None:
        """Who is writing in the present thread, in words; None if it is elsewhere or nobody known."""
        authors = (event.author for event in self._events.values() if event.device == device)
        author = next(authors, None)
        if thread != self.thread or author is None or author == self._channel.me:
            return None
        return self._texts.writes.format(name=self._names.full(author))

    def _thread_of(self, version: int) -> int:
        event = self._events.get(version)
        return self.thread if event is None or event.thread is None else event.thread

    def _is_for_me(self, event: ChannelEvent) -> bool:
        return event.state is not State.HIDDEN or event.facts is not None

    def _receipt(self, event: ChannelEvent, seen: e.MessagesSeen) -> None:
        """Somebody has seen an own message that they had not seen before."""
        mine = [
            v
            for v, own in self._events.items()
            if _whose(own) == self._channel.me and own.thread == event.thread and own.content is not None
        ]
        if mine and mine[-1] <= seen.upto and _whose(event) not in (None, self._channel.me):
            self._note(f"✓ #{mine[-1]} {self._texts.seen_by.format(names=self._names.of(event.author))}")

    def _switch(self, number: int | None) -> None:
        mine = [n for n in sorted(self._channel.state.threads) if self._takes_part(n)]
        if number is None:
            self._show([Text(self._texts.threads, style="dim")])
            for n in mine:
                mark = "▸" if n == self.thread else " "
                self._show([Text(f"{mark} {n}  {self._threads.name(n)} ({self._threads.audience(n)})", style="dim")])
        elif number in mine:
            self.enter(number)
        else:
            self._note(self._texts.no_such_thread)

    def _takes_part(self, number: int) -> bool:
        state = self._channel.state
        thread = state.threads[ThreadNo(number)]
        if state.user is not None and state.user.principal == self._channel.me:
            return user_takes_part(state, thread)
        return active_member(thread, self._channel.me, state.recorded_at) is not None

    def _who(self, now: Millis) -> None:
        state, texts = self._channel.state, self._texts
        thread = state.threads[ThreadNo(self.thread)]
        self._show([Text(texts.who.format(thread=self._threads.name(self.thread)), style="dim")])
        if state.user is not None and user_takes_part(state, thread):
            self._show(self._member(state.user.principal, []))
        for member in thread.members.values():
            if not member.active(now) or member.standing is Standing.VAULT:
                continue
            about = [
                texts.functions.get(member.function, member.function),
                self._names.organisation(member.organisation),
            ]
            if member.principal == state.tillitsperson:
                about.append(texts.tillitsperson)
            if member.valid_until is not None:
                about.append(texts.until.format(time=texts.date(local_time(member.valid_until))))
            self._show(self._member(member.principal, about))

    def _member(self, principal: bytes, about: list[str]) -> list[Text]:
        detail = ", ".join(part for part in about if part) or self._names.title(principal)
        name = Text(f"  {self._names.full(principal)}", style=self._names.colour(principal))
        return [name, *(Text(f"    {line}", style="dim") for line in wrapped(detail, self._width - 4))]

    def _in_thread(self, thread: int | None) -> str:
        return self._texts.in_thread.format(thread=self._threads.name(thread or 0)) + f" (/tråd {thread})"

    def _note(self, text: str) -> None:
        self._show([Text(f"  {text}", style="dim")])


def _whose(event: ChannelEvent) -> PrincipalId | None:
    """For whom an act was made: the inbox, where somebody acts for one."""
    return event.role or event.author


def _local(typed: str) -> Path:
    """A path as people type it: with the home folder as ~, perhaps in quotation marks."""
    inside = typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "\"'" else typed
    try:
        return Path(inside).expanduser()
    except RuntimeError:
        return Path(inside)
