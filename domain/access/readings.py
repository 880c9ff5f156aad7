"""The access log as people ask about it: readings, each from a first to a last version, by somebody, on a basis.

A line is written before anything leaves, so a reading says what could leave, never less. One that is still open, or
that a crashed hub left open, counts up to the newest version there is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.access.events import (
    AccessEvent,
    CaseLookedUp,
    DisclosureMade,
    IntervalClosed,
    IntervalOpened,
    Purpose,
    Reach,
    Shown,
    ThreadBasis,
)
from domain.access.state import UnknownInterval
from domain.ids import Bytes16, Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version

_NOTHING = Version(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, verified. `event` None: somebody else's, held as a leaf.

    `channel_version`: how far the channel was when the hub wrote it. `person`: who signed the request that the line
    embeds; None where that could not be checked.
    """

    version: Version
    recorded_at: Millis
    event: AccessEvent | None
    channel_version: Version = _NOTHING
    person: PrincipalId | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line let out: `start`..`until` of its threads, or one file. `reach` None: a subscription.

    `closed_at` None: it is still open, as far as the log says. `proven`: the reader's own signature stands in the line.
    """

    line: Version
    reader: PrincipalId
    person: PrincipalId
    device: Bytes16
    organisation: OrganisationId | None
    role: PrincipalId | None
    purpose: Purpose
    bases: tuple[ThreadBasis, ...]
    start: Version
    until: Version
    channel_version: Version
    opened_at: Millis
    closed_at: Millis | None
    ending: Code | None = None
    reach: Reach | None = None
    file: Bytes16 | None = None
    proven: bool = True
    case: CaseLookedUp | None = None
    """An auditor's look on a case: headers or lines of this log, never what a message says."""

    def basis(self, thread: ThreadNo | None) -> Code | None:
        """The legal basis on which the thread was let out; None where it was not."""
        return next((basis.legal_basis for basis in self.bases if basis.thread == thread), None)


def readings(lines: Iterable[Line], head: Version) -> list[Reading]:
    """Every reading that these lines tell of, in their order.

    Args:
        lines: the log from its first line on.
        head: the newest version of the channel that is known here; what is open counts up to it.

    Raises:
        UnknownInterval: a line closes what is not open.

    """
    found: dict[Version, Reading] = {}
    open_now: set[Version] = set()
    for line in lines:
        match line.event:
            case IntervalOpened() as opened:
                found[line.version] = _opened(line, opened, head)
                open_now.add(line.version)
            case IntervalClosed(ref=ref):
                if ref not in open_now:
                    raise UnknownInterval
                open_now.remove(ref)
                found[ref] = _closed(found[ref], line.event, line.recorded_at)
            case DisclosureMade() as made:
                found[line.version] = _made(line, made)
            case CaseLookedUp() as looked:
                found[line.version] = _looked(line, looked)
            case None:
                pass
    return [found[version] for version in sorted(found)]


def _opened(line: Line, event: IntervalOpened, head: Version) -> Reading:
    reading = _read_by(line, event, event.threads, Version(event.after + 1), max(head, event.head_version))
    return replace(reading, role=event.role, purpose=event.purpose, channel_version=event.head_version, closed_at=None)


def _closed(reading: Reading, event: IntervalClosed, at: Millis) -> Reading:
    return replace(reading, until=event.upto, closed_at=at, ending=event.reason)


def _made(line: Line, event: DisclosureMade) -> Reading:
    bases = (ThreadBasis(event.thread, event.legal_basis),)
    reading = _read_by(line, event, bases, event.start, event.until)
    return replace(reading, role=event.role, purpose=event.purpose, reach=event.reach, file=event.file)


def _looked(line: Line, event: CaseLookedUp) -> Reading:
    threads = event.threads if event.shows is Shown.RECORDS else ()
    bases = tuple(ThreadBasis(thread, event.legal_basis) for thread in threads)
    return replace(_read_by(line, event, bases, event.start, event.last), case=event)


def _read_by(
    line: Line,
    event: IntervalOpened | DisclosureMade | CaseLookedUp,
    bases: tuple[ThreadBasis, ...],
    start: Version,
    until: Version,
) -> Reading:
    """What every line says of who read: in no role, for an audit and over at once where its kind says nothing else."""
    return Reading(
        line=line.version,
        reader=event.reader,
        person=line.person or event.reader,
        device=event.device,
        organisation=event.organisation,
        role=None,
        purpose=Purpose.AUDIT,
        bases=bases,
        start=start,
        until=until,
        channel_version=line.channel_version,
        opened_at=line.recorded_at,
        closed_at=line.recorded_at,
        proven=line.person is not None,
    )
