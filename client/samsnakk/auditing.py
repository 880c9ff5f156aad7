"""Auditing: opening, approving, refusing and closing cases, and looking on them. For who takes part in no channel.

async with Auditing(unlocked, "https://hub.example") as audits:
    file = await audits.open_case(channel, terms)       # hand the file to the approver
    headers = await audits.headers(file)                # once it is approved
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Final, Self

from crypto import cbor
from crypto.random import new_command_id
from domain.access.events import Purpose, Shown
from domain.channel.audits import (
    AuditEvent,
    CaseApproved,
    CaseClosed,
    CaseOpened,
    CaseRefused,
    CaseTerms,
    ContentAsked,
)
from domain.ids import ChannelId, CommandId, Digest, EpochNo, Millis, ThreadNo, Version
from protocol import frames
from protocol.acts import Header, Place, Seen, SignedAct, parse_header, sign_act
from protocol.audit_replay import AuditReplay
from protocol.case_files import CaseFile, OpenedCase, verify_case_file
from protocol.directory import Directory
from protocol.errors import ProtocolError
from protocol.requests import audit_action
from samsnakk.access_log import AccessLine, AccessLogReplay
from samsnakk.asking import Reader
from samsnakk.audit_looks import Headers, Lines, Look
from samsnakk.clock import HubClock
from samsnakk.connection import Connection
from samsnakk.doors import Doors
from samsnakk.errors import Disconnected, HistoryBroken, NotInTime, Refused
from samsnakk.key_finding import KeyFinder
from samsnakk.local_store import LocalStore
from samsnakk.private_files import write_private
from samsnakk.profile import Unlocked
from samsnakk.pulse import Pulse

DEADLINE: Final = 60.0
_NOTHING_SEEN: Final = Seen(Version(0), Digest(bytes(32)))


Answers = deque[frames.HubFrame]


class Auditing:
    """One device of an auditor or approver at one hub. An asynchronous context manager.

    Each method raises `Refused` where the rules or the hub say no, `Disconnected`, `NotInTime`, and `HistoryBroken`
    where the hub was caught; then the evidence lies in a file of the profile's folder.
    """

    def __init__(self, unlocked: Unlocked, url: str) -> None:
        self._unlocked = unlocked
        self._url = url
        self._clock = HubClock()
        self._connection = Connection(url, unlocked, self._clock, self._on_frame, self._on_change)
        self._pulse = Pulse()
        self._waiting: dict[bytes, Answers] = {}
        self._asked_in = 0

    async def __aenter__(self) -> Self:
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._store = LocalStore(self._unlocked)
        self._doors = Doors(self._url)
        self._finder = KeyFinder(Directory(self._unlocked.trust), self._doors, self._store)
        await self._finder.load()
        self._running = self._tasks.create_task(self._connection.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace  # what went wrong in the body goes on as it is, not as a group of one
        self._running.cancel()
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            await self._doors.close()
            await self._store.close()

    async def connected(self) -> None:
        """Wait for the hub; from then on `now` is by its clock. Raises `NotInTime`, `SignInRefused`."""
        await self._until(lambda: self._connection.connected)

    def now(self) -> Millis:
        """UTC milliseconds, as the hub would say."""
        return self._clock.now()

    async def open_case(self, channel: bytes, terms: CaseTerms) -> CaseFile:
        """Ask to look. Nothing can be looked at before somebody else has approved; hand them the file."""
        signed = self._signed(ChannelId(channel), CaseOpened(terms))
        return CaseFile(await self._record(ChannelId(channel), signed), signed.header, signed.signature)

    async def read_case(self, file: CaseFile) -> OpenedCase:
        """What a file asks for, checked. Raises also `BadCaseFile`."""
        header = file.opened
        directory = self._finder.directory
        vault = directory.vault_of(header.organisation) if header.organisation is not None else None
        named = [who for who in (header.person, vault) if who is not None]
        await self._finder.renew(named)
        return verify_case_file(file, directory, self.now())

    async def approve(self, file: CaseFile) -> Version:
        """Let the auditor look, on exactly what the file says."""
        case = await self.read_case(file)
        return await self._act(file, CaseApproved(case.ref, case.auditor, case.terms))

    async def refuse(self, file: CaseFile) -> Version:
        """Say no, or take an approval back: nobody looks on this case any more."""
        return await self._act(file, CaseRefused(file.ref))

    async def close(self, file: CaseFile) -> Version:
        """The auditor is done."""
        return await self._act(file, CaseClosed(file.ref))

    async def ask_content(
        self, file: CaseFile, vault_case: bytes, threads: tuple[ThreadNo, ...], start: Version, last: Version
    ) -> Version:
        """Record that the key officers are asked to open this case at the vault (its hash), and nothing else."""
        return await self._act(file, ContentAsked(file.ref, vault_case, threads, start, last))

    async def headers(self, file: CaseFile) -> Headers:
        """Who did what and who was there, within the case; leaves a line that the user sees at once."""
        reader = self._reader(file.place)
        replay = AuditReplay(file.place, reader.person, reader.organisation, file.ref, self._finder.directory)
        headers = Headers(replay)
        await self._look(Look(reader.ask(audit_action(file.ref, Shown.RECORDS)), file.ref, Shown.RECORDS), headers)
        return headers

    async def readings(self, file: CaseFile, headers: Headers) -> list[AccessLine]:
        """Who has read, within the case: its lines whole, the rest as leaves; leaves a line, too.

        `headers` of the same case, looked at before: they say which channel the lines stand beside.
        """
        reader = self._reader(file.place)
        log = AccessLogReplay(file.place, headers.replay.channel.stream_secret, self._finder.directory)
        lines = Lines(log, headers)
        await self._look(Look(reader.ask(audit_action(file.ref, Shown.READINGS)), file.ref, Shown.READINGS), lines)
        return log.lines

    async def _act(self, file: CaseFile, event: AuditEvent) -> Version:
        return await self._record(file.place.channel, self._signed(file.place.channel, event))

    def _signed(self, channel: ChannelId, event: AuditEvent) -> SignedAct:
        identity, at = self._unlocked.identity, self.now()
        header = Header(
            place=Place(self._unlocked.trust.deployment_id, channel),
            thread=None,
            event=event,
            person=identity.person,
            device=identity.device,
            organisation=identity.organisation,
            role=None,
            membership_version=0,
            epoch=EpochNo(0),
            command_id=CommandId(new_command_id(at)),
            seen=_NOTHING_SEEN,
            claimed_at=at,
            body_hash=None,
        )
        return sign_act(header, None, self._unlocked.signing_key)

    async def _record(self, channel: ChannelId, signed: SignedAct) -> Version:
        """Have the act recorded; sent again after a loss it is recorded once."""
        command = parse_header(signed.header)[0].command_id
        async with self._answers_to(command) as answers:
            send = frames.Send(channel, frames.wire_acts([signed]))
            while True:
                await self._ask(send)
                answer = await self._next(answers)
                if answer is None:
                    continue  # the connection was lost meanwhile
                if isinstance(answer, frames.Receipt):
                    return answer.recorded[0][1]
                raise _refusal(answer)

    async def _look(self, look: Look, shown: Headers | Lines) -> None:
        async with self._answers_to(look.asked.request.request_id) as answers:
            await self._ask(frames.Audit(look.asked.signed, look.ref, look.shows))
            more = True
            while more:
                frame = await self._next(answers)
                if frame is None:
                    raise Disconnected
                if not isinstance(frame, frames.Audited):
                    raise _refusal(frame)
                try:
                    looked = await look.covered_by(frame.line, self._finder)
                    await shown.take(frame, self._finder)
                    more = frame.more
                    if not more:
                        shown.verify(looked)
                except ProtocolError as problem:
                    raise self._broken(problem, frame) from None

    def _broken(self, problem: ProtocolError, frame: frames.Audited) -> HistoryBroken:
        evidence = self._unlocked.folder / f"evidence-{frame.channel.hex()[:8]}-{self.now()}.cbor"
        write_private(evidence, cbor.encode([problem.code, problem.detail, frames.encode(frame)]))
        return HistoryBroken(problem, evidence)

    def _reader(self, place: Place) -> Reader:
        identity, key = self._unlocked.identity, self._unlocked.signing_key
        return Reader(
            place, identity.person, identity.device, identity.organisation, None, Purpose.AUDIT, key, self._clock
        )

    # ── asking and answers ───────────────────────────────────────────────────────────────────────────────────────────
    @asynccontextmanager
    async def _answers_to(self, subject: bytes) -> AsyncIterator[Answers]:
        answers = self._waiting[subject] = Answers()
        try:
            yield answers
        finally:
            del self._waiting[subject]

    async def _ask(self, frame: frames.Frame) -> None:
        """Send as soon as there is a connection. Raises `NotInTime`, `SignInRefused`."""
        await self._until(lambda: self._connection.connected)
        self._asked_in = self._connection.losses
        with suppress(Disconnected):
            await self._connection.send(frame)

    async def _next(self, answers: Answers) -> frames.HubFrame | None:
        """The next answer; None if the connection was lost since asking. Raises `NotInTime`, `SignInRefused`."""
        await self._until(lambda: answers or self._connection.losses != self._asked_in)
        return answers.popleft() if answers else None

    async def _until(self, holds: Callable[[], object]) -> None:
        try:
            await self._pulse.wait_for(lambda: holds() or self._connection.failure, DEADLINE)
        except TimeoutError:
            raise NotInTime from None
        if self._connection.failure is not None:
            raise self._connection.failure

    def _on_change(self) -> None:
        self._pulse.beat()

    def _on_frame(self, frame: frames.HubFrame) -> None:
        match frame:
            case frames.Refused(command_id=subject) | frames.Audited(request_id=subject):
                self._answer(subject, frame)
            case frames.Receipt(recorded=recorded):
                self._answer(recorded[0][0], frame)
            case _:
                pass
        self._pulse.beat()

    def _answer(self, subject: bytes, frame: frames.HubFrame) -> None:
        if (answers := self._waiting.get(subject)) is not None:
            answers.append(frame)


def _refusal(frame: frames.HubFrame) -> Refused:
    if isinstance(frame, frames.Refused):
        return Refused(frame.code, frame.detail)
    return Refused("malformed_frame")
