"""One participant's process: a profile of its own, the SDK, and orders on standard input until that closes."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Final, get_args

from domain.access.events import Purpose
from domain.ids import PrincipalId
from protocol.contents import KnownContent
from protocol.errors import ProtocolError
from samsnakk.channel import Channel
from samsnakk.channel_events import ChannelEvent, Sent
from samsnakk.client import Client
from samsnakk.demo import lines
from samsnakk.demo.deeds import carry_out, sdk_terms
from samsnakk.demo.profiles import unlock_profile
from samsnakk.errors import ChannelEnded, HistoryBroken, Refused, SamsnakkError
from samsnakk.profile import Unlocked

_KNOWN: Final = get_args(KnownContent)


def main() -> None:
    """Run until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path, required=True)
    parser.add_argument("--channel", type=bytes.fromhex, required=True)
    parser.add_argument("--inbox", type=bytes.fromhex)
    given = parser.parse_args()
    unlocked = unlock_profile(given.profile)
    asyncio.run(_Participant(given.channel, unlocked, given.inbox).run())


class _Participant:
    def __init__(self, channel_id: bytes, unlocked: Unlocked, inbox: bytes | None) -> None:
        self._channel_id = channel_id
        self._unlocked = unlocked
        self._inbox = None if inbox is None else PrincipalId(inbox)
        staff = unlocked.identity.organisation is not None
        self._purpose = Purpose.COORDINATION if staff else Purpose.OWN_RECORD
        self._channel: Channel | None = None
        self._reporting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        orders = await _standard_input()
        if not (first := await orders.readline()):
            return
        async with Client(self._unlocked, lines.read_begin(first).url) as client, asyncio.TaskGroup() as tasks:
            _say(lines.Online())
            while line := await orders.readline():
                order = lines.read_order(line)
                _say(await self._answer(order, client, tasks))
            if self._reporting is not None:
                self._reporting.cancel()

    async def _answer(self, order: lines.AnyOrder, client: Client, tasks: asyncio.TaskGroup) -> lines.Line:
        try:
            if isinstance(order, lines.OpenChannel):
                self._channel = await client.open_channel(sdk_terms(order.terms), channel=self._channel_id)
                return lines.Done(order.number, 1, self._channel.version)
            if isinstance(order, lines.Watch):
                return await self._watch(order, client, tasks)
            if self._channel is None:
                return lines.Failed(order.number, "not_a_participant", "")
            return _done(order, await carry_out(order, self._channel))
        except (Refused, ChannelEnded, ProtocolError) as error:
            return lines.Failed(order.number, error.code, getattr(error, "advice", str(error)))
        except SamsnakkError as error:
            return lines.Failed(order.number, type(error).__name__, str(error))

    async def _watch(self, order: lines.Watch, client: Client, tasks: asyncio.TaskGroup) -> lines.Line:
        """Subscribe (again, after having been removed and invited anew) and report from the beginning on."""
        channel = await client.channel(self._channel_id, role=self._inbox, purpose=self._purpose)
        self._channel = channel
        if channel.ended is not None:
            await channel.resume()
        if self._reporting is None or self._reporting.done():
            self._reporting = tasks.create_task(_report(channel))
        await channel.caught_up()
        return lines.Done(order.number, channel.version, channel.version)


async def _report(channel: Channel) -> None:
    try:
        async for event in channel.events():
            _say(_saw(event))
    except HistoryBroken as error:
        _say(lines.Broken(str(error)))
        return
    _say(lines.Ended(channel.ended or ""))


def _done(order: lines.AnyOrder, sent: Sent) -> lines.Done:
    return lines.Done(order.number, min(sent.versions), max(sent.versions), sent.thread)


def _saw(event: ChannelEvent) -> lines.Saw:
    content = event.content if isinstance(event.content, _KNOWN) else None
    return lines.Saw(
        version=event.version,
        thread=event.thread,
        recorded_at=event.recorded_at,
        kind=event.kind,
        author=event.author,
        state=event.state,
        content=content,
        sealed=event.sealed,
        late=event.late,
    )


def _say(line: lines.Line) -> None:
    # Whole lines in one write: reports and answers come from different tasks of one thread.
    data = memoryview(lines.encode_line(line))
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=lines.LONGEST_LINE)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


if __name__ == "__main__":
    main()
