"""What an auditor's look brings: the line that precedes it, and everything the case opens, verified from the first
record on. The hub is believed in nothing: what is kept back, too much, without a line or without a case is refused."""

from dataclasses import dataclass, field
from typing import Any

from domain.access.audited import lines_of_case
from domain.access.events import Shown
from domain.ids import Version
from protocol import frames
from protocol.audit_replay import AuditReplay
from protocol.errors import ChainBroken, UncoveredContent, UnjustifiedStub
from protocol.replay import Accepted
from samsnakk.access_log import AccessLogReplay, pushed_line
from samsnakk.audit_notices import Looked, look_in, verify_look
from samsnakk.coverage import Asked
from samsnakk.key_finding import KeyFinder


@dataclass(slots=True)
class Look:
    """One look that was asked for: `ref` of the case, and what it shall show."""

    asked: Asked
    ref: Version
    shows: Shown
    line: Looked | None = None

    async def covered_by(self, item: list[Any], finder: KeyFinder) -> Looked:
        """The line that came with a page: the hub's, about this very look, the same for all pages.

        Raises:
            UncoveredContent: it is not.

        """
        request = self.asked.request
        looked = look_in(await pushed_line(item, request.place, finder.directory, finder.learn))
        if looked is None or looked.event.request != self.asked.signed:
            raise UncoveredContent("not the line of this look")
        event = looked.event
        mine = (request.person, request.device, request.organisation, self.ref, self.shows)
        if (event.reader, event.device, event.organisation, event.case, event.shows) != mine or event.start != 1:
            raise UncoveredContent("the line of another look")
        if self.line is not None and self.line != looked:
            raise UncoveredContent("another line than before")
        self.line = looked
        return looked


@dataclass(slots=True)
class Headers:
    """Headers of a case, page by page. `places[n - 1]` is version n: a header, or a leaf."""

    replay: AuditReplay
    places: list[Accepted] = field(default_factory=list)

    async def take(self, frame: frames.Audited, finder: KeyFinder) -> None:
        """The next page. Raises `Attack`."""
        for item in frame.items:
            self.places.append(await finder.taking(self.replay.accept, item))
        if self.replay.head != frame.head:
            raise ChainBroken("the head is not the one that was announced")

    def verify(self, looked: Looked) -> None:
        """Everything the line names is here, and nothing that the case does not open. Raises `Attack`."""
        if self.replay.version != looked.event.last:
            raise ChainBroken("not as far as the line says")
        if self.replay.head_at(looked.channel_version) is None:
            raise ChainBroken("the line was written beside records that did not come")
        self.replay.verify_scope(looked.recorded_at)
        verify_look(looked, self.replay.channel)


@dataclass(slots=True)
class Lines:
    """Lines of the access log that a case opens, beside the record that the headers show."""

    log: AccessLogReplay
    headers: Headers

    async def take(self, frame: frames.Audited, finder: KeyFinder) -> None:
        """The next page. Raises `Attack`."""
        for item in frame.items:
            if (stranger := self.log.stranger(item)) is not None:
                await finder.learn([stranger])
            self.log.take(item)
        if self.log.head != frame.head:
            raise ChainBroken("the head is not the one that was announced")

    def verify(self, looked: Looked) -> None:
        """Exactly what the case opens. Raises `Attack`."""
        headers = self.headers
        case = headers.replay.channel.cases[looked.event.case]
        if len(self.log.lines) != looked.event.last:
            raise ChainBroken("not as far as the line says")
        self.log.verify_heads(headers.replay.head_at)
        verify_look(looked, headers.replay.channel)
        whole = [line for line in self.log.lines if line.event is not None]
        opened = lines_of_case(case, ((one.version, one.recorded_at, one.event) for one in whole if one.event))
        if opened != {one.version for one in whole}:
            raise UncoveredContent("lines outside the case")
        hidden = (one for one in self.log.lines if one.event is None and case.covers(one.recorded_at))
        if not case.terms.organisations and any(True for _ in hidden):
            raise UnjustifiedStub("a line of the period is kept back")
