"""Writing in a channel: messages, and what people do about them."""

from collections.abc import Sequence

from domain.channel import events as e
from domain.ids import Millis, PrincipalId, ThreadNo, Version
from protocol.contents import KnownContent
from samsnakk import units
from samsnakk.channel_events import Sent
from samsnakk.channel_reading import ChannelReading
from samsnakk.errors import ChannelEnded
from samsnakk.plans import Plan, Step


class ChannelActs(ChannelReading):
    """Acts return when they are recorded *and* this end has verified it, so what was done is seen at once.

    Each raises `Refused` where the rules say no, `ChannelEnded` where this reader takes part no more, `SignInRefused`
    where the hub accepts this device no more, `HistoryBroken`.
    """

    async def carry_out(self, plan: Plan) -> Sent:
        """Have a plan recorded."""
        if self._held.broken is not None:
            raise self._held.broken
        if self._held.ended is not None:
            raise ChannelEnded(self._held.ended)
        if self._parts.connection.failure is not None:
            raise self._parts.connection.failure
        done = self._parts.sender.submit(plan)
        await self._parts.sender.keep_if_offline()
        return await done

    async def post(
        self,
        thread: int,
        content: KnownContent,
        *,
        asks: bool = False,
        due: Millis | None = None,
        corrects: int | None = None,
    ) -> Sent:
        """Post a message. `asks`: a question that can be taken, wanted by `due`; `corrects`: an own message.

        Raises:
            BadContent: a text that not every end can keep (NUL, lone surrogates, more than 64 KiB).

        """
        replaced = None if corrects is None else Version(corrects)
        return await self.carry_out(units.message(ThreadNo(thread), content, asks=asks, due=due, corrects=replaced))

    async def act(self, event: e.ChannelEvent, thread: int | None) -> Sent:
        """Record one act without sealed content, such as `QuestionTaken(target, until)`."""
        return await self.carry_out((Step(event, None if thread is None else ThreadNo(thread)),))

    async def seen(self, thread: int, upto: int) -> Sent:
        """Say what was really shown of a thread; once a visit is enough."""
        return await self.act(e.MessagesSeen(Version(upto)), thread)

    async def retract(self, thread: int, target: int) -> Sent:
        """Take an own message back: hidden from readers, kept for audit."""
        return await self.act(e.MessageRetracted(Version(target)), thread)

    async def misplaced(self, thread: int, target: int, hidden_from: Sequence[PrincipalId]) -> Sent:
        """Posted in the wrong place: hide a message from those who should not have had it; opens a deviation."""
        return await self.act(e.MessageMisplaced(Version(target), tuple(sorted(hidden_from))), thread)

    async def close_deviation(self, thread: int, ref: int) -> Sent:
        """The deviation opened at version `ref` is dealt with."""
        return await self.act(e.DeviationClosed(Version(ref)), thread)

    async def take(self, thread: int, target: int, until: Millis | None = None) -> Sent:
        """Take a question, until a time or without one."""
        return await self.act(e.QuestionTaken(Version(target), until), thread)

    async def offer(self, thread: int, target: int, receiver: PrincipalId) -> Sent:
        """Hand a question on; it stays here until accepted."""
        return await self.act(e.QuestionOffered(Version(target), receiver), thread)

    async def accept(self, thread: int, target: int, until: Millis | None = None) -> Sent:
        """Take over a question that was offered."""
        return await self.act(e.QuestionAccepted(Version(target), until), thread)

    async def done(self, thread: int, target: int) -> Sent:
        """The question is settled."""
        return await self.act(e.QuestionDone(Version(target)), thread)
