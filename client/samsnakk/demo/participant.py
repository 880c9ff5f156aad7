"""One participant's process: a folder of its own, the SDK, and orders on standard input until that closes."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from crypto.random import random_bytes
from domain.access.events import Purpose
from domain.channel.terms import Standing
from domain.ids import PrincipalId
from protocol.contents import KnownContent
from protocol.errors import ProtocolError
from protocol.published_keys import decode_entries
from protocol.trust import decode_trust
from samsnakk.arrival import arriving
from samsnakk.arrival.arrivals import Arrivals
from samsnakk.arrival.inviting import Inviting
from samsnakk.channel import Channel
from samsnakk.channel_events import ChannelEvent, Sent
from samsnakk.client import Client
from samsnakk.demo import lines
from samsnakk.demo.beginnings import Begin, Made, read_beginning
from samsnakk.demo.coming import Alone, Home, Staff, add_second_device, keep_key, know, sign_in_at_hub
from samsnakk.demo.deeds import carry_out, sdk_terms
from samsnakk.demo.holding import examined
from samsnakk.demo.listed import look_up
from samsnakk.demo.standard_lines import say, standard_input
from samsnakk.errors import ChannelEnded, HistoryBroken, Refused, SamsnakkError, SignInRefused

_KNOWN: Final = get_args(KnownContent)
_SOON: Final = 0.05
"""Seconds between two looks into the arrival's mailbox: both ends wait for each other here."""


def main() -> None:
    """Run until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--standing", type=Standing, required=True)
    parser.add_argument("--channel", type=bytes.fromhex, required=True)
    parser.add_argument("--deployment", type=bytes.fromhex, required=True)
    given = parser.parse_args()
    asyncio.run(_Participant(Role(given.name, given.standing, given.channel, given.deployment), given.folder).run())


@dataclass(frozen=True, slots=True)
class Role:
    """Who plays, as what, in which channel."""

    name: str
    standing: Standing
    channel: bytes
    deployment: bytes

    @property
    def is_staff(self) -> bool:
        """Whether a node certifies them."""
        return self.standing in (Standing.STAFF, Standing.INBOX)


class _Participant:
    def __init__(self, role: Role, folder: Path) -> None:
        self._role = role
        self._home = Home(folder)
        self._staff = Staff(self._home) if role.is_staff else None
        self._alone = Alone(self._home, role.deployment) if role.standing is Standing.RELATIVE else None
        self._purpose = Purpose.COORDINATION if role.is_staff else Purpose.OWN_RECORD
        self._begin: Begin
        self._client: Client | None = None
        self._channel: Channel | None = None
        self._inviting: Inviting | None = None
        self._reporting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        orders = await standard_input()
        made = self._alone.made if self._alone else Made(None)
        say(lines.encode_line(made))
        if not (first := await orders.readline()):
            return
        begin = read_beginning(first)
        if not isinstance(begin, Begin):
            raise TypeError("begin expected")
        self._begin = begin
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            await self._come(stack, begin)
            say(lines.encode_line(lines.Online()))
            while line := await orders.readline():
                await self._obey(line, stack, tasks)
            if self._reporting is not None:
                self._reporting.cancel()

    async def _come(self, stack: AsyncExitStack, begin: Begin) -> None:
        """Be there from the start, if one can: who is invited or vouched for later comes when told to."""
        if self._staff is not None and not begin.alone and await self._staff.come(begin, self._role.name):
            say(lines.encode_line(lines.SignedIn("node", "helseid")))
        if self._home.is_there:
            await self._enter(stack, signing_in=not begin.alone)

    async def _enter(self, stack: AsyncExitStack, *, signing_in: bool = True) -> Client:
        if signing_in:
            home, staff = self._home, self._role.is_staff
            provider = await sign_in_at_hub(home, self._begin.url, self._role.name, staff=staff)
            say(lines.encode_line(lines.SignedIn("hub", provider)))
        begin = self._begin
        client = Client(self._home.unlocked(), begin.url, node=None if begin.alone else begin.node)
        self._client = await stack.enter_async_context(client)
        if begin.inbox is not None and not begin.alone:
            await client.inboxes.renew(PrincipalId(begin.inbox))  # its first key, by whoever answers it
        return self._client

    async def _obey(self, line: bytes, stack: AsyncExitStack, tasks: asyncio.TaskGroup) -> None:
        order = lines.read_order(line)
        answer: lines.Line
        try:
            answer = await self._answer(order, stack, tasks)
        except (Refused, ChannelEnded, ProtocolError) as error:
            answer = lines.Failed(order.number, error.code, getattr(error, "advice", str(error)))
        except SamsnakkError as error:
            answer = lines.Failed(order.number, type(error).__name__, str(error))
        say(lines.encode_line(answer))

    async def _answer(  # noqa: PLR0911 - one case per order
        self, order: lines.AnyOrder, stack: AsyncExitStack, tasks: asyncio.TaskGroup
    ) -> lines.Line:
        match order:
            case lines.Come(link=link):
                return await (self._appear(order, stack) if link is None else self._arrive(order, link, stack))
            case lines.Called(person=person):
                know(self._home, (person,))
                return lines.Done(order.number, 0, 0)
            case lines.Examine(folder=folder):
                return await asyncio.to_thread(examined, self._home, order.number, Path(folder))
            case lines.OpenChannel() if self._client is not None:
                self._channel = await self._client.open_channel(sdk_terms(order.terms), channel=self._role.channel)
                return lines.Done(order.number, 1, self._channel.version)
            case lines.Watch() if self._client is not None:
                return await self._watch(order, self._client, tasks)
            case lines.LookUp() if self._client is not None:
                return lines.LookedUp(order.number, await look_up(self._client))
            case _ if self._client is None or self._channel is None:
                return lines.Failed(order.number, "not_a_participant", "")
            case lines.Invite() | lines.Admit() | lines.Vouch():
                return await self._let_in(order, self._client.arrivals(self._channel), self._channel)
            case _:
                return _done(order, await carry_out(order, self._channel))

    async def _let_in(
        self, order: lines.Invite | lines.Admit | lines.Vouch, arrivals: Arrivals, channel: Channel
    ) -> lines.Line:
        if isinstance(order, lines.Vouch):
            await arrivals.vouch(PrincipalId(order.principal), decode_entries(order.bundle))
            return lines.Done(order.number, channel.version, channel.version)
        if isinstance(order, lines.Invite):
            self._inviting = await arrivals.invite(order.name)
            return lines.Invited(order.number, self._inviting.link_at(self._begin.url))
        if self._inviting is None:
            return lines.Failed(order.number, "invitation_unknown", "")
        await self._inviting.answered(_SOON)
        code = (await self._inviting.admit()).safety_code
        arrived = channel.state.user
        first = channel.version if arrived is None else arrived.arrived_at
        return lines.Admitted(order.number, first, channel.version, code)

    async def _arrive(self, order: lines.Come, link: str, stack: AsyncExitStack) -> lines.Line:
        """The user's way in, with a root that is made here and now (docs/arrival.md)."""
        welcome, key = await arriving.look(link), random_bytes(32)
        arrival = await arriving.begin(self._home.script, welcome, key=key)
        keep_key(self._home.script, key)
        await arrival.confirmed(_SOON)
        await self._settle()
        client = await self._enter(stack)
        self._channel = await arrival.enter(client)
        return lines.Came(order.number, client.me, arrival.safety_code)

    async def _appear(self, order: lines.Come, stack: AsyncExitStack) -> lines.Line:
        """Somebody who has been vouched for."""
        if self._alone is not None:
            self._alone.settle(decode_trust(self._begin.trust))
        await self._settle()
        client = await self._enter(stack)
        return lines.Came(order.number, client.me, "")

    async def _settle(self) -> None:
        """A second device, and what the others and the channel are called."""
        await add_second_device(self._home, self._begin.url)
        trust = decode_trust(self._begin.trust)
        know(self._home, trust.people, trust.channels)

    async def _watch(self, order: lines.Watch, client: Client, tasks: asyncio.TaskGroup) -> lines.Line:
        """Subscribe (again, after having been removed and invited anew) and report from the beginning on."""
        role = None if self._begin.inbox is None else PrincipalId(self._begin.inbox)
        channel = await client.channel(self._role.channel, role=role, purpose=self._purpose)
        self._channel = channel
        if order.alone:
            async for event in channel.events(follow=False):
                say(lines.encode_line(_saw(event)))
            return lines.Done(order.number, channel.version, channel.version)
        if channel.ended is not None:
            await channel.resume()
        if self._reporting is None or self._reporting.done():
            self._reporting = tasks.create_task(_report(channel))
        await channel.caught_up()
        return lines.Done(order.number, channel.version, channel.version)


async def _report(channel: Channel) -> None:
    try:
        async for event in channel.events():
            say(lines.encode_line(_saw(event)))
    except HistoryBroken as error:
        say(lines.encode_line(lines.Broken(str(error))))
        return
    except SignInRefused as error:
        # A hub that turns a revoked device out may do so before it has entered in the channel that its person left.
        say(lines.encode_line(lines.Ended(error.code)))
        return
    say(lines.encode_line(lines.Ended(channel.ended or "")))


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


if __name__ == "__main__":
    main()
