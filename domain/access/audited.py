"""Which lines of the access log a case opens to its auditor: everybody's readings of the period, or those of some."""

from collections.abc import Iterable

from domain.access.events import AccessEvent, CaseLookedUp, IntervalClosed, IntervalOpened
from domain.channel.audits import AuditCase
from domain.ids import Millis, Version

LogLine = tuple[Version, Millis, AccessEvent]


def lines_of_case(case: AuditCase, log: Iterable[LogLine]) -> frozenset[Version]:
    """The lines that are shown whole; `log` is all of them from the first one on.

    A reading that began before the period and went on into it is one of the period, with both its lines. Where the case
    names no organisations every line that was recorded in the period is shown, and a leaf in it would be an attack;
    where it does, the hub alone knows whose the others are. The case's own look-ups are always shown.
    """
    opened: dict[Version, Millis] = {}
    ended: dict[Version, Version] = {}
    shown: set[Version] = set()
    for version, at, event in log:
        if isinstance(event, IntervalClosed):
            ended[version] = event.ref
            if event.ref in opened and at < case.terms.since:
                del opened[event.ref]
        elif not _is_about(case, event):
            continue
        elif isinstance(event, IntervalOpened):
            if at < case.until:
                opened[version] = at
        elif case.covers(at) or (isinstance(event, CaseLookedUp) and event.case == case.ref):
            shown.add(version)
    shown |= opened.keys()
    return frozenset(shown | {version for version, ref in ended.items() if ref in opened})


def _is_about(case: AuditCase, event: AccessEvent) -> bool:
    if isinstance(event, IntervalClosed):
        return False
    own = isinstance(event, CaseLookedUp) and event.case == case.ref
    return own or not case.terms.organisations or event.organisation in case.terms.organisations
