"""The access log of a channel as its reader gets it: who got what, when and on which basis; chained like the record."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from crypto.errors import CryptoError
from domain.access.events import (
    AccessEvent,
    CaseLookedUp,
    DisclosureMade,
    IntervalClosed,
    IntervalOpened,
    Purpose,
    Reach,
)
from domain.access.readings import Line
from domain.channel.terms import KindClass
from domain.ids import DeviceId, Digest, Millis, PrincipalId, Version
from protocol import frames, records
from protocol.acts import Header, Place, parse_header, verify_act
from protocol.directory import Directory
from protocol.errors import ChainBroken, ForgedRecord, ForkedHistory, ProtocolError
from protocol.readers import signed_request
from protocol.records import Record, Stub
from protocol.requests import ReadRequest, asks_as, audit_action
from samsnakk.errors import Disconnected, Refused

_NOTHING = Version(0)
Learn = Callable[[list[PrincipalId]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line. `event` None: somebody else's, of which this reader gets the leaf only.

    `request`: what the reader signed, checked; None where the line carries none or the device is not known here.
    `heads`: versions and heads of the channel that the line names, first that of when the hub wrote it. `inner`: the
    leaf's hash of it.
    """

    version: Version
    recorded_at: Millis
    event: AccessEvent | None
    request: ReadRequest | None
    heads: tuple[tuple[Version, Digest], ...] = ()
    inner: Digest = field(default=Digest(b""), repr=False)

    def line(self) -> Line:
        """The same as the questions in `domain.access` take it."""
        person = self.request.person if self.request is not None else None
        channel_version = self.heads[0][0] if self.heads else _NOTHING
        return Line(self.version, self.recorded_at, self.event, channel_version, person)


class AccessLogReplay:
    """The log as it comes, line by line from the first one, each verified. Pure."""

    def __init__(self, place: Place, stream_secret: bytes, directory: Directory) -> None:
        self.place = place
        self.directory = directory
        self._head = records.genesis_head(place.deployment, stream_secret, records.ACCESS)
        self._heads: list[Digest] = []
        self._open: set[Version] = set()
        self._asked_for: set[PrincipalId] = set()
        self.lines: list[AccessLine] = []
        self.items: list[object] = []
        """What came, as it came: whoever has to verify it again takes these in again."""

    @property
    def head(self) -> Digest:
        """The head after the newest line taken in."""
        return self._head

    def askers(self) -> set[PrincipalId]:
        """Whose devices asked for what the lines tell of, as far as that could be checked."""
        return {self.directory.owner(line.request.device) for line in self.lines if line.request is not None}

    def stranger(self, item: object) -> PrincipalId | None:
        """Whose keys are still needed to check who asked for what the line tells of; nobody is named twice."""
        person = _unknown_asker(item, self.directory)
        if person is None or person in self._asked_for:
            return None
        self._asked_for.add(person)
        return person

    def take(self, item: object) -> None:
        """The next line. Raises `Attack` if it does not verify; then nothing of it was taken in."""
        entry = records.read_item(item)
        line = self._line(entry)
        self._head = records.next_head(self._head, _leaf(line, entry))
        self._heads.append(self._head)
        self.lines.append(line)
        self.items.append(item)

    def verify_kept(self, kept: Iterable[object], version: Version, head: Digest) -> None:
        """The log holds every line that this end was given before, and goes on from where it was when last read.

        Raises:
            ChainBroken: a line was taken out, changed or moved, or the log went back.

        """
        for item in kept:
            line = records.read_item(item)
            mine = self.lines[line.version - 1] if line.version <= len(self.lines) else None
            if mine is None or not isinstance(line, Record) or mine.inner != line.inner():
                raise ChainBroken("a line that this end was given is not in the access log")
        if version and (version > len(self._heads) or self._heads[version - 1] != head):
            raise ChainBroken("the access log is another one than before")

    def verify_heads(self, head_at: Callable[[Version], Digest | None]) -> None:
        """The lines were written beside the very history that this end holds.

        Raises:
            ForkedHistory: a line names another head of the channel than this end knows for that version.

        """
        for line in self.lines:
            for version, head in line.heads:
                if head_at(version) not in (None, head):
                    raise ForkedHistory(f"an access line names another head for {version}")

    def _line(self, entry: Record | Stub) -> AccessLine:
        if entry.version != len(self.lines) + 1 or (self.lines and entry.recorded_at < self.lines[-1].recorded_at):
            raise ChainBroken("access log")
        if isinstance(entry, Stub):
            return AccessLine(entry.version, entry.recorded_at, None, None, inner=entry.inner)
        line = whole_line(entry, self.place, self.directory)
        if line.event is not None:
            self._follow(entry.version, line.event)
        return line

    def _follow(self, version: Version, event: AccessEvent) -> None:
        """Who gets an interval's end whole got its beginning whole too."""
        if isinstance(event, IntervalOpened):
            self._open.add(version)
        elif isinstance(event, IntervalClosed):
            if event.ref not in self._open:
                raise ForgedRecord("an access line that ends nothing")
            self._open.remove(event.ref)


def whole_line(entry: Record, place: Place, directory: Directory) -> AccessLine:
    """A line by itself: the hub's, and what it says of its reader the reader has signed. Raises `Attack`."""
    if entry.signed.signer != directory.hub:
        raise ForgedRecord("an access line that is not the hub's")
    act = verify_act(entry.signed, place, directory.signer)
    directory.verify_author(act.header, entry.recorded_at)
    event, request = _read(act.header, place, directory)
    return AccessLine(entry.version, entry.recorded_at, event, request, _heads(act.header), entry.inner())


async def pushed_line(item: object, place: Place, directory: Directory, learn: Learn) -> AccessLine:
    """A line that came alone; `learn` fetches its reader's keys. Raises `Attack`."""
    if (stranger := _unknown_asker(item, directory)) is not None:
        with suppress(Disconnected, Refused):  # the line counts all the same, its reader's word unproven
            await learn([stranger])
    entry = records.read_item(item)
    if not isinstance(entry, Record):
        raise ForgedRecord("a leaf instead of an access line")
    return whole_line(entry, place, directory)


class AccessLogReading(AccessLogReplay):
    """One reading of the log at the hub; `done` is set with the lines, or with what is wrong."""

    def __init__(self, request_id: bytes, place: Place, stream_secret: bytes, directory: Directory) -> None:
        super().__init__(place, stream_secret, directory)
        self.done: asyncio.Future[list[AccessLine]] = asyncio.get_running_loop().create_future()
        self.request_id = request_id

    async def take_page(self, frame: frames.Events, learn: Learn) -> None:
        """The next page; `learn` fetches the key streams of those whose requests stand in it. Raises `Attack`."""
        for item in frame.items:
            if (stranger := self.stranger(item)) is not None:
                with suppress(Disconnected, Refused):  # the line counts all the same, its reader's word unproven
                    await learn([stranger])
            self.take(item)
        if frame.items and frame.head != self.head:
            raise ChainBroken("access log")
        if frame.live and not self.done.done():
            self.done.set_result(self.lines)

    def refuse(self, code: str) -> None:
        """The hub says no."""
        if not self.done.done():
            self.done.set_exception(Refused(code))


def _heads(header: Header) -> tuple[tuple[Version, Digest], ...]:
    """What the hub says the channel was: when it wrote the line, and when the interval began."""
    seen = (header.seen.version, header.seen.head)
    if isinstance(header.event, IntervalOpened):
        return seen, (header.event.head_version, header.event.head)
    return (seen,)


def _unknown_asker(item: object, directory: Directory) -> PrincipalId | None:
    """Who asked for what the line tells of, where their keys are not known here."""
    try:
        entry = records.read_item(item)
        event = parse_header(entry.signed.header)[0].event if isinstance(entry, Record) else None
        if not isinstance(event, IntervalOpened | DisclosureMade | CaseLookedUp):
            return None
        person, device = asks_as(event.request)
    except ProtocolError:
        return None  # whoever takes the line in says what is wrong with it
    return None if _knows(directory, device) else person


def _knows(directory: Directory, device: DeviceId) -> bool:
    try:
        directory.owner(device)
    except ProtocolError:
        return False
    return True


def _leaf(line: AccessLine, entry: Record | Stub) -> Digest:
    thread, kind = (entry.thread, entry.kind_class) if isinstance(entry, Stub) else (None, KindClass.ACCESS)
    return Stub(line.version, thread, kind, line.recorded_at, line.inner).leaf()


def _read(header: Header, place: Place, directory: Directory) -> tuple[AccessEvent, ReadRequest | None]:
    match header.event:
        case IntervalClosed() as closed:
            return closed, None
        case (IntervalOpened() | DisclosureMade() | CaseLookedUp()) as line:
            return line, _verified_request(line, place, directory)
        case _:
            raise ForgedRecord("not an access line")


def _verified_request(
    line: IntervalOpened | DisclosureMade | CaseLookedUp, place: Place, directory: Directory
) -> ReadRequest | None:
    """What the reader signed: a hub cannot invent a reading, nor move one here from elsewhere."""
    try:
        request = signed_request(line.request, directory)
    except ForgedRecord:
        raise
    except (ProtocolError, CryptoError):
        return None
    purpose = Purpose.AUDIT if isinstance(line, CaseLookedUp) else line.purpose
    if (request.reader, request.device, request.purpose) != (line.reader, line.device, purpose):
        raise ForgedRecord("an access line about another reader than the request's")
    role = None if isinstance(line, CaseLookedUp) else line.role
    if (request.place, request.organisation, request.role) != (place, line.organisation, role):
        raise ForgedRecord("an access line about another channel, organisation or role than the request's")
    if request.action != _action(line):
        raise ForgedRecord("an access line about another reading than the request's")
    return request


def _action(line: IntervalOpened | DisclosureMade | CaseLookedUp) -> str:
    """What the reader must have asked for."""
    if isinstance(line, IntervalOpened):
        return "subscribe"
    if isinstance(line, CaseLookedUp):
        return audit_action(line.case, line.shows)
    if line.reach is Reach.ATTACHMENT and line.file is not None:
        return f"attachment {line.file.hex()} {line.thread}"
    return line.reach.value
