"""What the hub must remember of a channel's access log: which intervals are open."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.access.events import AccessEvent, IntervalClosed, IntervalOpened
from domain.errors import Refusal
from domain.ids import Millis, Version


class UnknownInterval(Refusal):
    """The line closes an interval that is not open."""


_NOTHING = Version(0)
_NEVER = Millis(0)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """The access stream after `version` lines, the last at `recorded_at`; `open` by the version of its line."""

    version: Version = _NOTHING
    recorded_at: Millis = _NEVER
    open: Mapping[Version, IntervalOpened] = field(default_factory=dict)


def decide_line(log: AccessLog, line: AccessEvent) -> None:
    """Raise the refusal that stops the line.

    Raises:
        UnknownInterval: nothing is open at the version it closes.

    """
    if isinstance(line, IntervalClosed) and line.ref not in log.open:
        raise UnknownInterval


def evolve_line(log: AccessLog, line: AccessEvent, version: Version, at: Millis) -> AccessLog:
    """The log after the line."""
    intervals = dict(log.open)
    if isinstance(line, IntervalOpened):
        intervals[version] = line
    elif isinstance(line, IntervalClosed):
        intervals.pop(line.ref, None)
    return replace(log, version=version, recorded_at=at, open=intervals)
