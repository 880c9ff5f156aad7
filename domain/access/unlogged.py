"""Readings that the log must tell of and does not: everybody who acts signs how far they had read.

So a hub that leaves a reading out of the log is found by the reader's own next act, by whoever sees both.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.access.history import History
from domain.access.readings import Reading
from domain.ids import Bytes16, PrincipalId, Version


@dataclass(frozen=True, slots=True)
class Unlogged:
    """At `version` the device acted knowing everything up to `seen`; the log lets it have no more than `logged`."""

    version: Version
    person: PrincipalId
    device: Bytes16
    seen: Version
    logged: Version


def unlogged(history: History, whole_log: Iterable[Reading]) -> list[Unlogged]:
    """What the signed acts prove was read, and no line covers; one for each device, the first.

    Args:
        history: the record.
        whole_log: every reading; a log with leaves in it proves nothing here.

    """
    logged = _reached(whole_log)
    found: dict[Bytes16, Unlogged] = {}
    for place in history.places:
        author = place.recorded.act.author if place.recorded is not None else None
        if author is None or author.person is None or author.device in found:
            continue
        upto = logged.get(author.device, Version(0))
        if place.seen > upto:
            found[author.device] = Unlogged(place.version, author.person, author.device, place.seen, upto)
    return list(found.values())


def _reached(whole_log: Iterable[Reading]) -> dict[Bytes16, Version]:
    """How far each device's subscriptions reach from the first version on without a gap."""
    spans: dict[Bytes16, list[tuple[Version, Version]]] = {}
    for reading in whole_log:
        if reading.reach is None and reading.case is None:
            spans.setdefault(reading.device, []).append((reading.start, reading.until))
    return {device: _without_gap(sorted(mine)) for device, mine in spans.items()}


def _without_gap(spans: list[tuple[Version, Version]]) -> Version:
    reached = Version(0)
    for start, until in spans:
        if start <= reached + 1:
            reached = max(reached, until)
    return reached
