"""The access line that must precede content: the hub's, for this channel, and for exactly what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.access.events import DisclosureMade, IntervalOpened, Reach
from domain.channel.terms import KindClass
from domain.ids import Digest, Millis, ThreadNo, Version
from protocol import records
from protocol.acts import Place, verify_act
from protocol.directory import Directory
from protocol.errors import ErasedContent, ForkedHistory, ProtocolError, UncoveredContent
from protocol.records import Record
from protocol.replay import Accepted
from protocol.requests import ReadRequest
from samsnakk.fresh import Gone

_COVERED = frozenset({KindClass.CONTENT, KindClass.KEY, KindClass.TRACE})
"""Classes of acts that are somebody's reading of a thread, so that a line must name the thread."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What this end asked for: the request, and its signed bytes as they must stand in the line."""

    request: ReadRequest
    signed: bytes = field(repr=False)


class Covered:
    """What the line of an open interval lets come, and which messages have come under it; nothing, without a line."""

    def __init__(self, interval: IntervalOpened | None = None) -> None:
        self._threads = frozenset(basis.thread for basis in interval.threads) if interval is not None else frozenset()
        self._until = interval.lease_until if interval is not None else Millis(0)
        self._head_version = interval.head_version if interval is not None else Version(0)
        self._whole: set[Version] = set()

    def verify(self, accepted: Accepted) -> None:
        """A record that came must lie in one of the threads that the line names, and be older than its end.

        Raises `UncoveredContent`.
        """
        if accepted.act is None or accepted.kind_class not in _COVERED:
            return
        if accepted.thread not in self._threads or accepted.recorded_at >= self._until:
            raise UncoveredContent(f"version {accepted.version}")
        if accepted.kind_class is KindClass.CONTENT:
            self._whole.add(accepted.version)

    def verify_erased(self, erased: Sequence[Gone]) -> None:
        """What was erased by a decision from before this end asked must not have come whole: it is nowhere any more.

        Raises `ErasedContent`.
        """
        for one in erased:
            if one.decision <= self._head_version and one.version in self._whole:
                raise ErasedContent(f"version {one.version}")


def verify_interval(line: object, asked: Asked, place: Place, directory: Directory) -> IntervalOpened:
    """The interval that `line` opens.

    Raises:
        UncoveredContent: not the hub's line about this very request.

    """
    event = _event(line, place, directory)
    if not isinstance(event, IntervalOpened):
        raise UncoveredContent("not the opening of an interval")
    _verify_reader(event, asked)
    return event


def verify_goes_on(interval: IntervalOpened, held: Version, head: Digest) -> None:
    """The interval begins where this end is, in the very history that it holds up to version `held`.

    Raises:
        UncoveredContent: it begins elsewhere.
        ForkedHistory: it names an older version than this end holds, or another head.

    """
    if interval.after != held:
        raise UncoveredContent("the interval begins elsewhere")
    if interval.head_version < held:
        raise ForkedHistory("the hub went back behind what it had shown")
    if interval.head_version == held and held and interval.head != head:
        raise ForkedHistory("another head at the same version")


def verify_history(
    line: object, asked: Asked, thread: ThreadNo, start: Version, place: Place, directory: Directory
) -> DisclosureMade:
    """The line about a look-up of older history. Raises `UncoveredContent`."""
    event = _event(line, place, directory)
    if not isinstance(event, DisclosureMade) or event.reach is not Reach.HISTORY:
        raise UncoveredContent("not the line of a look-up")
    _verify_reader(event, asked)
    if (event.thread, event.start) != (thread, start):
        raise UncoveredContent("the line of another look-up")
    return event


def verify_file(line: object, asked: Asked, thread: ThreadNo, file: bytes, place: Place, directory: Directory) -> None:
    """The line about a file. Raises `UncoveredContent`."""
    event = _event(line, place, directory)
    if not isinstance(event, DisclosureMade) or event.reach is not Reach.ATTACHMENT:
        raise UncoveredContent("not the line of a file")
    _verify_reader(event, asked)
    if (event.thread, event.file) != (thread, file):
        raise UncoveredContent("the line of another file")


def _event(line: object, place: Place, directory: Directory) -> object:
    try:
        record = records.read_item(line)
    except ProtocolError as error:
        raise UncoveredContent(error.code) from None
    # The hub's key first: whoever else signed it, it is no line.
    if not isinstance(record, Record) or record.signed.signer != directory.hub:
        raise UncoveredContent("not the hub's line")
    try:
        act = verify_act(record.signed, place, directory.signer)
        directory.verify_author(act.header, record.recorded_at)
    except ProtocolError as error:
        raise UncoveredContent(error.code) from None
    return act.header.event


def _verify_reader(event: IntervalOpened | DisclosureMade, asked: Asked) -> None:
    request = asked.request
    mine = (request.reader, request.device, request.organisation, request.role, request.purpose, asked.signed)
    if (event.reader, event.device, event.organisation, event.role, event.purpose, event.request) != mine:
        raise UncoveredContent("a line about somebody or something else")
