"""The access log of a channel as its reader gets it: who got what, when and on which basis; chained like the record."""

import asyncio
from dataclasses import dataclass

from crypto.errors import CryptoError
from domain.access.events import AccessEvent, DisclosureMade, IntervalClosed, IntervalOpened
from domain.ids import Millis, Version
from protocol import frames, records
from protocol.acts import Header, Place, verify_act
from protocol.directory import Directory
from protocol.errors import ChainBroken, ForgedRecord, ProtocolError
from protocol.readers import signed_request
from protocol.records import Record, Stub
from protocol.requests import ReadRequest
from samsnakk.errors import Refused


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line. `event` None: somebody else's, of which this reader gets the leaf only.

    `request`: what the reader signed, checked; None where the line carries none or the device is not known here.
    """

    version: Version
    recorded_at: Millis
    event: AccessEvent | None
    request: ReadRequest | None


class AccessLogReading:
    """One reading of the log from its first line on; `done` is set with the lines, or with what is wrong."""

    def __init__(self, request_id: bytes, place: Place, stream_secret: bytes, directory: Directory) -> None:
        self.done: asyncio.Future[list[AccessLine]] = asyncio.get_running_loop().create_future()
        self.request_id = request_id
        self._place = place
        self._directory = directory
        self._head = records.genesis_head(place.deployment, stream_secret, records.ACCESS)
        self._lines: list[AccessLine] = []

    def take(self, frame: frames.Events) -> None:
        """The next page. Raises `Attack` if it does not verify."""
        for item in frame.items:
            self._lines.append(self._line(records.read_item(item)))
        if frame.items and frame.head != self._head:
            raise ChainBroken("access log")
        if frame.live and not self.done.done():
            self.done.set_result(self._lines)

    def refuse(self, code: str) -> None:
        """The hub says no."""
        if not self.done.done():
            self.done.set_exception(Refused(code))

    def _line(self, entry: Record | Stub) -> AccessLine:
        if entry.version != len(self._lines) + 1 or (self._lines and entry.recorded_at < self._lines[-1].recorded_at):
            raise ChainBroken("access log")
        if isinstance(entry, Stub):
            self._head = records.next_head(self._head, entry.leaf())
            return AccessLine(entry.version, entry.recorded_at, None, None)
        if entry.signed.signer != self._directory.hub:
            raise ForgedRecord("an access line that is not the hub's")
        act = verify_act(entry.signed, self._place, self._directory.signer)
        self._directory.verify_author(act.header, entry.recorded_at)
        stub = Stub(entry.version, act.header.thread, act.kind.kind_class, entry.recorded_at, entry.inner())
        self._head = records.next_head(self._head, stub.leaf())
        event, request = _read(act.header, self._directory)
        return AccessLine(entry.version, entry.recorded_at, event, request)


def _read(header: Header, directory: Directory) -> tuple[AccessEvent, ReadRequest | None]:
    match header.event:
        case IntervalClosed() as closed:
            return closed, None
        case (IntervalOpened() | DisclosureMade()) as line:
            return line, _verified_request(line, directory)
        case _:
            raise ForgedRecord("not an access line")


def _verified_request(line: IntervalOpened | DisclosureMade, directory: Directory) -> ReadRequest | None:
    """What the reader signed: a hub cannot invent a reading, and a reader cannot deny one."""
    try:
        request = signed_request(line.request, directory)
    except ForgedRecord:
        raise
    except (ProtocolError, CryptoError):
        return None
    if (request.reader, request.device, request.purpose) != (line.reader, line.device, line.purpose):
        raise ForgedRecord("an access line about another reader than the request's")
    return request
