"""One WebSocket from login to goodbye: each frame to its door, each answer in its turn."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import assert_never

import structlog
from aiohttp import web

from domain.channel.terms import KindClass
from domain.errors import DomainError
from domain.ids import ChannelId, DeviceId, Version
from protocol import frames
from protocol.acts import Place, VerifiedAct, parse_header
from protocol.errors import ProtocolError
from protocol.requests import ReadRequest
from protocol.table import TABLE, Retry
from service import metrics
from service.errors import (
    Draining,
    HistoryBehind,
    HubError,
    NotFound,
    NotSignedIn,
    Overloaded,
    QuotaExceeded,
    StaleRequest,
    UnknownChannel,
)
from service.handle.authority import verified_request
from service.handle.channels import Opened
from service.handle.hub_acts import now
from service.handle.verify import verify_duties, verify_unit
from service.outcomes import code_of
from service.push.fanout import Fanout
from service.push.hub import Hub
from service.push.login import next_frame
from service.push.looks import Look, look
from service.push.lookups import action_of, fetch, read_access_log
from service.push.outlet import Outlet
from service.push.pump import Pump
from service.push.refusing import note_refusal
from service.push.subscription import Ended, Subscription
from service.push.turns import Turns
from service.store import StoreError

log = structlog.get_logger()
_MEMBERSHIP = frozenset({KindClass.OPENING, KindClass.MEMBERSHIP, KindClass.AUDIT})
"""Classes whose acts bring in somebody whose key stream the channel then follows."""
KNOWN = (DomainError, ProtocolError, HubError, StoreError)
_WEIGHTS: dict[type, float] = {frames.Typing: 0.1, frames.Ping: 0.1, frames.Unsubscribe: 0.0, frames.Bye: 0.0}
"""What a frame weighs in the device's quota; an act, a subscription and a look-up weigh 1."""
POLICY_VIOLATION, TRY_AGAIN = 1008, 1013
SERVER_FAULT = 500


@dataclass(slots=True)
class Connection:
    """A signed-in device."""

    hub: Hub
    socket: web.WebSocketResponse
    outlet: Outlet
    device: DeviceId
    session: bytes | None = None
    remote: str | None = None
    active: bool = False
    asks_about_log: bool = False
    pumps: dict[ChannelId, Pump] = field(default_factory=dict)
    in_flight: int = 0
    turns: Turns = field(default_factory=Turns)

    async def run(self) -> None:
        """Serve until either end says goodbye or the connection is gone; leaves no interval open behind it."""
        metrics.connections.inc()
        self.hub.connections.append(self)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._receive(tasks)
                for pump in self.pumps.values():
                    pump.stop(Ended.DISCONNECTED)
        finally:
            if self.hub.checkpoints is not None:
                self.hub.checkpoints.listening.discard(self.outlet)
            self.hub.connections.remove(self)
            metrics.connections.dec()

    def turn_out(self, code: str) -> None:
        """Certificate or session hold no longer: say so and hang up; the pumps end with their closing lines."""
        self.outlet.send(frames.Bye(code, ""))
        self.outlet.hang_up()

    async def _receive(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            try:
                frame = await next_frame(self.socket)
            except ProtocolError as error:
                await self.outlet.close(POLICY_VIOLATION, frames.Bye(error.code, error.detail))
                return
            if frame is None or isinstance(frame, frames.Bye):
                return
            place = self._place(frame)
            try:
                self._dispatch(frame, place, tasks)
            except KNOWN as error:
                if isinstance(frame, frames.Send):
                    self._refuse_unit(frame, place, error)
                else:
                    self._refuse(bytes(16), error, frame)

    def _place(self, frame: frames.ClientFrame) -> int:
        """A unit's place in the order in which the author's units came; 0 for any other frame."""
        return self.turns.come(frame.channel, lambda: _subject(frame)) if isinstance(frame, frames.Send) else 0

    def _dispatch(self, frame: frames.ClientFrame, place: int, tasks: asyncio.TaskGroup) -> None:
        # What a person does keeps a session alive; what a program does by itself does not.
        self.active = self.active or not isinstance(frame, frames.Ping | frames.AskLog)
        self._charge(len(frame.acts) if isinstance(frame, frames.Send) else _WEIGHTS.get(type(frame), 1.0))
        match frame:
            case frames.Send():
                self._admit(frame)
                tasks.create_task(self._send(frame, place))
            case frames.Subscribe():
                tasks.create_task(self._subscribe(frame))
            case frames.Unsubscribe(channel=channel):
                if (pump := self.pumps.get(channel)) is not None:
                    pump.stop(Ended.ASKED)
            case frames.Fetch() | frames.ReadAccessLog() | frames.Audit():
                tasks.create_task(self._look_up(frame))
            case frames.Typing():
                self._typing(frame)
            case frames.Ping() | frames.AskLog():
                self._answer_program(frame, tasks)
            case frames.Hello() | frames.Prove():
                raise NotSignedIn("signed in already")
            case frames.Bye():
                return
            case _:
                assert_never(frame)

    def _answer_program(self, frame: frames.Ping | frames.AskLog, tasks: asyncio.TaskGroup) -> None:
        if isinstance(frame, frames.Ping):
            self.outlet.send(frames.Pong(frame.mark, now()))
        else:
            tasks.create_task(self._ask_log(frame))

    def _admit(self, frame: frames.Send) -> None:
        """The organisation's quota and back-pressure, before any work is done."""
        if self.hub.core.draining:
            raise Draining
        if self.in_flight >= self.hub.core.settings.in_flight:
            raise Overloaded
        at, weight = time.monotonic(), float(len(frame.acts))
        for organisation in self._organisations():
            if not self.hub.core.organisation_quota.take(organisation, weight, at):
                raise QuotaExceeded("organisation")
        self.in_flight += 1

    def _charge(self, weight: float) -> None:
        if not self.hub.core.device_quota.take(self.device, weight, time.monotonic()):
            raise QuotaExceeded("device")

    def _organisations(self) -> set[bytes]:
        """The organisations that certified this device."""
        directory = self.hub.core.keys.directory
        certificates = directory.state(directory.owner(self.device)).certificates_of(self.device)
        return {c.organisation for c in certificates if c.organisation is not None}

    async def _send(self, frame: frames.Send, turn: int) -> None:
        started = time.perf_counter()
        acts = frames.signed_acts(frame.acts)
        try:
            place = Place(self.hub.core.keys.directory.deployment, frame.channel)
            verified = verify_unit(acts, place, self.device, self.hub.core.keys.directory, now())
            opened = await self.hub.core.channels.get(frame.channel)
            recorded = await opened.live.submit(verified, lambda: self._check(opened, verified, turn))
        except KNOWN as error:
            self._refuse_unit(frame, turn, error)
            return
        finally:
            self.in_flight -= 1
        metrics.acts.inc(len(recorded))
        metrics.commit_seconds.observe(time.perf_counter() - started)
        self.outlet.send(frames.Receipt(frame.channel, recorded))
        if self.hub.promises is not None and self.asks_about_log:
            promised = opened.live.places.promised(opened.live.channel.stream_secret, recorded)
            self.hub.promises.add(self.outlet, promised)
        await self._afterwards(opened, verified)

    def _check(self, opened: Opened, acts: tuple[VerifiedAct, ...], turn: int) -> None:
        self.turns.check(opened.live.place.channel, turn)
        verify_duties(acts, self.hub.core.keys.directory, opened.live.ahead)

    async def _afterwards(self, opened: Opened, acts: tuple[VerifiedAct, ...]) -> None:
        """What follows from a recorded unit, once its author has the receipt."""
        try:
            if any(act.kind.kind_class in _MEMBERSHIP for act in acts):
                await self.hub.core.channels.enter_key_movements(opened.live)
            await opened.live.snapshot()
        except KNOWN as error:  # entered when the channel is taken up next
            log.warning("afterwards_failed", code=code_of(error))

    def _request(self, signed: bytes, action: str) -> ReadRequest:
        return verified_request(signed, action, self.hub.core.keys.directory, self.device, nodes=True)

    async def _subscribe(self, frame: frames.Subscribe) -> None:
        request_id = bytes(16)
        try:
            request = self._request(frame.request, "subscribe")
            request_id = request.request_id
            await self._pump(request, frame.request, frame.after)
        except KNOWN as error:
            self._refuse(request_id, error, frame)

    async def _pump(self, request: ReadRequest, signed: bytes, after: Version) -> None:
        channel = request.place.channel
        opened = await self.hub.core.channels.get(channel)
        opened.live.require_open()
        if self.hub.core.draining:
            raise Draining
        subscription = Subscription(request, signed, after)
        if not subscription.threads(opened.live.channel, now()):
            raise UnknownChannel
        if after > opened.live.channel.version:
            raise HistoryBehind
        if channel in self.pumps:
            raise StaleRequest("subscribed already")
        pump = Pump(opened, subscription, self.outlet, self.hub.core.lease)
        self.pumps[channel] = pump
        self.hub.watch(channel, pump, Fanout(opened.live))
        try:
            why = await pump.run()
        finally:
            self.hub.unwatch(channel, pump)
            del self.pumps[channel]
        if why is Ended.SLOW:
            await self.outlet.close(TRY_AGAIN)
        self.outlet.send(frames.Unsubscribed(channel, why.value))

    async def _look_up(self, frame: frames.Looking) -> None:
        request_id = bytes(16)
        try:
            request = self._request(frame.request, action_of(frame))
            request_id = request.request_id
            opened = await self.hub.core.channels.get(request.place.channel)
            opened.live.require_open()
            if isinstance(frame, frames.Audit):
                asked = Look(opened, request, frame, self.hub.core.keys.directory)
                await look(asked, self.outlet, self.hub.notice)
            elif isinstance(frame, frames.Fetch):
                await fetch(opened, request, frame, self.outlet)
            else:
                await read_access_log(opened, request, frame, self.outlet)
        except KNOWN as error:
            self._refuse(request_id, error, frame)
        except (TimeoutError, ConnectionError):
            await self.outlet.close(TRY_AGAIN)

    async def _ask_log(self, frame: frames.AskLog) -> None:
        try:
            if self.hub.checkpoints is None:
                raise NotFound
            self.asks_about_log = True
            self.outlet.send(await self.hub.checkpoints.answer(frame))
            self.hub.checkpoints.listening.add(self.outlet)
        except KNOWN as error:
            self._refuse(frame.request_id, error, frame)

    def _typing(self, frame: frames.Typing) -> None:
        pump, fanout = self.pumps.get(frame.channel), self.hub.fanouts.get(frame.channel)
        if pump is not None and fanout is not None and frame.thread in pump.subscription.covered:
            fanout.typing(pump, frame.thread)

    def _refuse_unit(self, frame: frames.Send, place: int, error: Exception) -> None:
        subject = _subject(frame)
        self.turns.refused(frame.channel, place, subject, error)
        self._refuse(subject, error, frame)

    def _refuse(self, subject: bytes, error: Exception, frame: frames.ClientFrame) -> None:
        code = code_of(error)
        metrics.refusals.labels(code).inc()
        note_refusal(self.hub.core.security, frame, code, self.device, self.remote)
        detail = str(getattr(error, "detail", ""))
        if TABLE[code].status >= SERVER_FAULT or TABLE[code].retry is Retry.NEVER:
            log.info("refused", code=code, device=self.device.hex())
        self.outlet.send(frames.Refused(subject, code, detail))


def _subject(frame: frames.Send) -> bytes:
    """The first act's command id, so that the client knows which unit was refused; zeros where it cannot be read."""
    try:
        return parse_header(frames.signed_acts(frame.acts)[0].header)[0].command_id
    except ProtocolError:
        return bytes(16)
