"""`samsnakk chat`: a line to write on, and the conversation above it. Piped, it writes plain lines."""

import argparse
import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from time import time_ns
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console
from rich.text import Text

from domain.ids import DeviceId, Millis, PrincipalId, ThreadNo
from protocol.errors import BadContent, ProtocolError
from samsnakk import Client
from samsnakk.channel import Channel
from samsnakk.cli.audit_words import audited
from samsnakk.cli.bringing import KindOf
from samsnakk.cli.commands import Command, NotUnderstood, parse
from samsnakk.cli.conversation import Conversation
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.texts import BOKMAL
from samsnakk.errors import InboxFileNotBelieved, InboxReadersMoved, SamsnakkError

FAILED: Final = 1
USAGE: Final = 2
PLAIN_WIDTH: Final = 80
_TYPING_SHOWN: Final = 5.0
_TYPING_TOLD: Final = 3.0
_LONGEST_LINE: Final = 1024 * 1024


def run(given: argparse.Namespace) -> int:
    """Talk; returns 0, 1 if something could not be sent or shown, 2 if there is no such profile or channel."""
    try:
        place = find_place(given.person, given.channel, given.data, given.url, given.inbox)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk chat: {error}\n")
        return USAGE
    try:
        return asyncio.run(_Visit(place, on_terminal=sys.stdin.isatty() and sys.stdout.isatty()).run())
    except (SamsnakkError, ProtocolError, BaseExceptionGroup) as error:
        for leaf in _leaves(error):
            sys.stderr.write(f"samsnakk chat: {told(leaf)}\n")
    return FAILED


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    found = [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    if any(not isinstance(leaf, SamsnakkError | ProtocolError) for leaf in found):
        raise error
    return found


class _Visit:
    """One visit, from connecting to leaving."""

    def __init__(self, place: Place, *, on_terminal: bool) -> None:
        self._place = place
        self._on_terminal = on_terminal
        self._console = Console(highlight=False, markup=False, emoji=False, width=None if on_terminal else PLAIN_WIDTH)
        self._failures = 0
        self._typing = ""
        self._prompt: PromptSession[str] | None = None

    async def run(self) -> int:
        async with AsyncExitStack() as stack:
            if self._on_terminal:
                stack.enter_context(patch_stdout(raw=True))
                self._console = Console(highlight=False, markup=False, emoji=False, force_terminal=True)
            self._say(BOKMAL.connecting)
            client = await stack.enter_async_context(Client(self._place.unlocked, self._place.url))
            client.inboxes.troubled = self._inbox_troubled
            channel = await client.channel(self._place.channel, role=self._place.inbox, purpose=self._place.purpose)
            await channel.caught_up()
            await self._talk(channel, client.listings.organisation_kind)
        return FAILED if self._failures else 0

    def _inbox_troubled(self, inbox: PrincipalId, error: Exception) -> None:
        """A hub that plays with an inbox's keys is told at once; that there are none yet is no news."""
        if isinstance(error, InboxFileNotBelieved | InboxReadersMoved):
            self._say(f"{self._place.unlocked.trust.name_of(inbox)}: {told(error)}")

    async def _talk(self, channel: Channel, kind_of: KindOf) -> None:
        names = Names(self._place.unlocked.trust, channel.me, BOKMAL)
        talk = Conversation(channel, names, self._show, self._console.width, kind_of)
        async for event in channel.events(follow=False):
            talk.take(event)
        talk.enter(talk.first_thread())
        self._say(BOKMAL.connected.format(version=channel.version))
        channel.when_typing = lambda device, thread: self._somebody_types(talk, device, thread)
        channel.when_audited(lambda looked: self._say(audited(looked.event, names)))
        await talk.tell_seen()
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(self._follow(channel, talk))
            self._when_typing(lambda: tasks.create_task(talk.tell_typing()))
            await self._listen(talk, tasks if self._on_terminal else None)
            await channel.reached(channel.version)
            await talk.tell_seen()
            following.cancel()

    async def _follow(self, channel: Channel, talk: Conversation) -> None:
        shown = channel.version
        async for event in channel.events(after=shown):
            talk.take(event)
            if event.device is not None and event.thread is not None:
                self._nobody_types(talk.typing(event.device, event.thread))  # here is what was being written
        self._say(BOKMAL.ended)

    async def _listen(self, talk: Conversation, tasks: asyncio.TaskGroup | None) -> None:
        """Carry out line after line. On a terminal nobody waits for the hub's answer before writing on."""
        async for line in self._lines():
            try:
                command = parse(line)
            except NotUnderstood as error:
                self._not_understood(error)
                continue
            if command is not None:
                work = self._do(talk, command)
                if tasks is not None:
                    tasks.create_task(work)
                    await asyncio.sleep(0)
                else:
                    await work
            if talk.quitting:
                return

    async def _do(self, talk: Conversation, command: Command) -> None:
        try:
            await talk.do(command, Millis(time_ns() // 1_000_000))
        except (SamsnakkError, BadContent) as error:
            self._failures += 1
            self._say(BOKMAL.refused.format(advice=told(error)))

    async def _lines(self) -> AsyncIterator[str]:
        if self._on_terminal:
            async for line in self._typed():
                yield line
        else:
            async for line in piped_lines():
                yield line

    async def _typed(self) -> AsyncIterator[str]:
        while self._prompt is not None:
            try:
                yield await self._prompt.prompt_async("> ")
            except (EOFError, KeyboardInterrupt):
                self._say(BOKMAL.goodbye)
                return

    def _when_typing(self, tell: Callable[[], object]) -> None:
        """Tell the others that somebody writes here, every few seconds while it goes on."""
        if not self._on_terminal:
            return
        self._prompt = PromptSession(
            erase_when_done=True, reserve_space_for_menu=0, bottom_toolbar=lambda: self._typing or None
        )
        told = 0.0

        def changed(buffer: Buffer) -> None:
            nonlocal told
            now = asyncio.get_running_loop().time()
            if buffer.text and not buffer.text.startswith("/") and now > told + _TYPING_TOLD:
                told = now
                tell()

        self._prompt.default_buffer.on_text_changed += changed

    def _somebody_types(self, talk: Conversation, device: DeviceId, thread: ThreadNo) -> None:
        said = talk.typing(device, thread)
        if said is None or self._prompt is None:
            return
        self._typing = said
        self._prompt.app.invalidate()
        asyncio.get_running_loop().call_later(_TYPING_SHOWN, self._nobody_types, said)

    def _nobody_types(self, said: str | None) -> None:
        if self._typing == said and self._prompt is not None:
            self._typing = ""
            self._prompt.app.invalidate()

    def _not_understood(self, error: NotUnderstood) -> None:
        self._failures += 1
        usage = BOKMAL.usage.get(error.usage or "")
        self._say(BOKMAL.usage_is.format(usage=usage) if usage else BOKMAL.not_understood)

    def _say(self, text: str) -> None:
        self._show([Text(f"  {text}", style="dim")])

    def _show(self, lines: Iterable[Text]) -> None:
        for line in lines:
            self._console.print(line, soft_wrap=True)


async def piped_lines() -> AsyncIterator[str]:
    """The lines of standard input, without their ends, whether it is a pipe or a file."""
    if stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode):
        for line in sys.stdin:
            yield line.removesuffix("\n")
        return
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line_bytes := await reader.readline():
            yield line_bytes.decode(errors="replace").removesuffix("\n")
    finally:
        transport.close()
