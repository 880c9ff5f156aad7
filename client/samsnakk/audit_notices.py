"""What the user is told the moment an auditor looks: a line of the access log, checked against the case it names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.access.events import CaseLookedUp
from domain.channel.state import Channel
from domain.ids import Millis, Version
from protocol.errors import UncoveredContent
from samsnakk.access_log import AccessLine, pushed_line
from samsnakk.asking import Reader
from samsnakk.ends import Ends
from samsnakk.held import Held


@dataclass(frozen=True, slots=True)
class Looked:
    """An auditor looked: the line's place in the access log and time; `channel_version`: where the channel was then."""

    version: Version
    recorded_at: Millis
    event: CaseLookedUp
    channel_version: Version


def look_in(line: AccessLine) -> Looked | None:
    """The auditor's look that a line tells of; None where it tells of something else."""
    if not isinstance(line.event, CaseLookedUp):
        return None
    return Looked(line.version, line.recorded_at, line.event, line.heads[0][0])


def verify_look(looked: Looked, channel: Channel) -> None:
    """The line rests on a case that stood when it was written, and says of it what was approved.

    Raises:
        UncoveredContent: the hub let somebody look without an approved case, or the line hides what was approved.

    """
    event, case = looked.event, channel.cases.get(looked.event.case)
    if case is None or not case.stood(looked.channel_version, looked.recorded_at):
        raise UncoveredContent("an auditor looked without an approved case")
    terms = case.terms
    said = (event.reader, event.organisation, event.approver, event.number, event.purpose, event.legal_basis)
    approved = (case.auditor, case.organisation, case.approver, terms.number, terms.purpose, terms.legal_basis)
    if said != approved or (event.threads, event.since, event.until) != (terms.threads, terms.since, case.until):
        raise UncoveredContent("an auditor looked at something else than was approved")


class Notices:
    """Of one channel. Lines that came before the record had come as far wait until it has."""

    def __init__(self, held: Held, reader: Reader, ends: Ends) -> None:
        self.told: Callable[[Looked], None] = lambda _looked: None
        self._held = held
        self._reader = reader
        self._ends = ends
        self._waiting: list[Looked] = []

    async def take(self, item: list[Any]) -> None:
        """A line that the hub pushed. It is kept: the access log must hold it for ever. Raises `Attack`."""
        finder = self._ends.finder
        line = await pushed_line(item, self._reader.place, finder.directory, finder.learn)
        looked = look_in(line)
        if looked is None:
            raise UncoveredContent("a notice of something else than an auditor's look")
        await self._ends.kept.keep_line(line.version, item)
        self._waiting.append(looked)

    def settle(self) -> None:
        """Judge and tell what the record has come far enough for. Raises `UncoveredContent`."""
        ready = [one for one in self._waiting if one.channel_version <= self._held.version]
        self._waiting = [one for one in self._waiting if one.channel_version > self._held.version]
        for looked in ready:
            verify_look(looked, self._held.replay.channel)
            self.told(looked)
            self._held.pulse.beat()
