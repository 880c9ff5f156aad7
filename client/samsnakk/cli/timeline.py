"""`samsnakk timeline`: the whole record, one line a place; with `--verify` checked from the first one on."""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.text import Text

from domain.access.events import CaseLookedUp, DisclosureMade, IntervalClosed, IntervalOpened
from samsnakk import Client
from samsnakk.access_log import AccessLine
from samsnakk.channel import Channel
from samsnakk.cli import node_timeline
from samsnakk.cli.audit_words import audited
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.record_rows import WIDEST, RecordRows
from samsnakk.cli.shown import fitted
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import local_time, wrapped
from samsnakk.errors import HistoryBroken, SamsnakkError
from samsnakk.profile_changes import without_memory

FAILED: Final = 1
USAGE: Final = 2
_PROGRESS_EVERY: Final = 250


def run(given: argparse.Namespace) -> int:
    """Show the record; returns 0, 1 if it cannot be trusted or had, 2 if there is no such profile or channel."""
    if given.from_node is not None:
        return node_timeline.run(given)
    if given.person is None:
        sys.stderr.write("samsnakk timeline: --as or --from-node is missing\n")
        return USAGE
    try:
        place = find_place(given.person, given.channel, given.data, given.url, given.inbox)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk timeline: {error}\n")
        return USAGE
    console = Console(highlight=False, markup=False, emoji=False)
    try:
        return asyncio.run(_Timeline(place, console).run(verify=given.verify, access=given.access))
    except SamsnakkError as error:
        sys.stderr.write(f"samsnakk timeline: {told(error)}\n")
        return FAILED


class _Timeline:
    def __init__(self, place: Place, console: Console) -> None:
        self._place = place
        self._console = console
        self._width = min(console.width, WIDEST)

    async def run(self, *, verify: bool, access: bool) -> int:
        with ExitStack() as stack:
            unlocked = self._place.unlocked
            if verify:
                # An empty local store: everything is fetched again and nothing that was checked before is believed.
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="samsnakk-")))
                unlocked = without_memory(unlocked, folder)
            async with Client(unlocked, self._place.url, tending=not verify) as client:
                channel = await client.channel(self._place.channel, role=self._place.inbox, purpose=self._place.purpose)
                try:
                    await self._wait(channel, tell=verify)
                    await self._show(channel)
                    lines = await channel.access_log() if verify or access else []
                except HistoryBroken as broken:
                    await self._show(channel)
                    self._paragraph(BOKMAL.not_verified, "bold red")
                    self._paragraph(told(broken), "red")
                    return FAILED
                self._access(channel, lines if access else [])
                if verify:
                    self._line()
                    self._paragraph(BOKMAL.verified.format(number=channel.version), "bold green")
                    self._paragraph(BOKMAL.access_verified.format(number=len(lines)), "bold green")
        return 0

    async def _wait(self, channel: Channel, *, tell: bool) -> None:
        shown = 0
        waiting = asyncio.ensure_future(channel.caught_up(600.0))
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=0.2)
            if tell and channel.version >= shown + _PROGRESS_EVERY:
                shown = channel.version
                self._line(BOKMAL.verifying.format(version=shown), "dim")
        await waiting

    async def _show(self, channel: Channel) -> None:
        rows = RecordRows(self._console, self._place.unlocked.trust, channel.me)
        async for event in channel.events(follow=False):
            rows.show(event)

    def _access(self, channel: Channel, lines: list[AccessLine]) -> None:
        names = Names(self._place.unlocked.trust, channel.me, BOKMAL)
        if lines:
            self._line()
            self._line(f"── {BOKMAL.access_title} ──", "dim")
        for line in lines:
            at = local_time(line.recorded_at)
            before = f"{line.version:>5} {at:%d.%m. %H:%M:%S}  "
            text, room = _access_text(line, names), max(self._width - len(before), 20)
            # Why an auditor looked is told whole, on as many lines as it takes.
            audit = isinstance(line.event, CaseLookedUp)
            for part in wrapped(text, room) if audit else [fitted(text, room).rstrip()]:
                self._line(before + part, "" if line.event is not None else "dim")
                before = " " * len(before)

    def _paragraph(self, text: str, style: str) -> None:
        for line in Text(text).wrap(self._console, self._width):
            self._line(line.plain.rstrip(), style)

    def _line(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def _access_text(line: AccessLine, names: Names) -> str:
    match line.event:
        case IntervalOpened() as opened:
            purpose = BOKMAL.purposes.get(opened.purpose.value, opened.purpose.value)
            return BOKMAL.access_opened.format(reader=_reader(opened, names), purpose=purpose)
        case IntervalClosed(ref=ref, upto=upto):
            return BOKMAL.access_closed.format(ref=ref, upto=upto)
        case DisclosureMade() as made:
            purpose = BOKMAL.purposes.get(made.purpose.value, made.purpose.value)
            return BOKMAL.access_disclosed.format(
                reader=_reader(made, names), start=made.start, until=made.until, purpose=purpose
            )
        case CaseLookedUp() as looked:
            return audited(looked, names)
        case None:
            return BOKMAL.access_stub


def _reader(line: IntervalOpened | DisclosureMade, names: Names) -> str:
    organisation = names.organisation(line.organisation)
    reader = names.of(line.reader)
    return f"{reader[:1].upper()}{reader[1:]}" + (f" ({organisation})" if organisation else "")
