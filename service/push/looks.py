"""An auditor's look on an audit case: a line first, told to the user at once, then what the case opens and no more."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.access.audited import lines_of_case
from domain.access.events import AccessEvent, CaseLookedUp, Purpose, Shown
from domain.channel.audit_cases import case_reads, is_erased, ref_of, verify_open_to
from domain.channel.audit_refusals import NotCharged
from domain.channel.audits import AuditCase, Duty
from domain.ids import ChannelId, Version
from protocol import frames
from protocol.directory import Directory
from protocol.duties import has_duty
from protocol.errors import DeviceNotValid
from protocol.requests import ReadRequest
from service import metrics
from service.handle.chained import Entry, page_of
from service.handle.channels import Opened
from service.handle.hub_acts import now
from service.push.outlet import Outlet
from service.push.pump import PAGE, PATIENCE

_FIRST = Version(0)
Tell = Callable[[ChannelId, list[Any]], None]
"""Told the line as it travels, as soon as it is durable and before anything is released."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who asks, on which case, for what."""

    opened: Opened
    request: ReadRequest
    frame: frames.Audit
    directory: Directory

    def case(self) -> AuditCase:
        """The case as it stands at this moment, by the hub's clock.

        Raises:
            Refusal: it is not open to this auditor, or not any more.

        """
        request, at = self.request, now()
        if request.purpose is not Purpose.AUDIT or request.role is not None:
            raise DeviceNotValid
        if not has_duty(self.directory, request.organisation, request.person, Duty.AUDIT, at):
            raise NotCharged
        channel = self.opened.live.channel
        return verify_open_to(channel, self.frame.case, request.person, request.organisation, at)


async def look(asked: Look, outlet: Outlet, tell: Tell) -> None:
    """Write the line, tell the user, then send page after page; each page is asked for anew.

    Raises:
        Refusal, DeviceNotValid: nothing (more) is released.
        StoreError: no line, so nothing was released.

    """
    case = asked.case()
    records = asked.frame.shows is Shown.RECORDS
    last = asked.opened.live.channel.version if records else await asked.opened.access.newest()
    line = await asked.opened.access.write(_line(asked, case, last))
    metrics.lines.inc()
    item, place, request_id = line.item(), asked.opened.live.place.channel, asked.request.request_id
    tell(place, item)
    pages = _records(asked, last) if records else _readings(asked, last)
    async for items, end in pages:
        answer = frames.Audited(place, request_id, item, items, end.head, more=end.version < last)
        await outlet.send_patiently(answer, PATIENCE)


def _line(asked: Look, case: AuditCase, last: Version) -> CaseLookedUp:
    if case.approver is None:  # an open case has one
        raise NotCharged
    return CaseLookedUp(
        reader=asked.request.person,
        device=asked.request.device,
        organisation=case.organisation,
        case=case.ref,
        number=case.terms.number,
        purpose=case.terms.purpose,
        legal_basis=case.terms.legal_basis,
        approver=case.approver,
        shows=asked.frame.shows,
        threads=case.terms.threads,
        since=case.terms.since,
        until=case.until,
        start=Version(1),
        last=last,
        request=asked.frame.request,
    )


async def _records(asked: Look, last: Version) -> AsyncIterator[tuple[list[list[Any]], Entry]]:
    after = _FIRST
    while after < last:
        entries = _upto(page_of(await asked.opened.live.entries(after, PAGE)), last)
        # The line, and every page, took a moment: by now the case may be over.
        case = asked.case()
        yield [_header(asked, case, entry) for entry in entries], entries[-1]
        after = entries[-1].version


def _header(asked: Look, case: AuditCase, entry: Entry) -> list[Any]:
    """The record without its body, or its leaf."""
    mine = ref_of(entry.header.event, entry.version) == case.ref
    opens = mine or case_reads(case, entry.thread, entry.kind_class, entry.version, entry.recorded_at)
    if not opens or is_erased(asked.opened.live.channel, entry.thread, entry.version):
        return entry.stub()
    return [entry.record.blind, entry.encoded, None]


async def _readings(asked: Look, last: Version) -> AsyncIterator[tuple[list[list[Any]], Entry]]:
    lines: list[tuple[Version, Any, AccessEvent]] = []
    async for page in _log(asked, last):
        lines += [(one.version, one.recorded_at, _event(one)) for one in page]
    shown = lines_of_case(asked.case(), lines)
    async for page in _log(asked, last):
        asked.case()
        yield [one.item() if one.version in shown else one.stub() for one in page], page[-1]


async def _log(asked: Look, last: Version) -> AsyncIterator[Sequence[Entry]]:
    after = _FIRST
    while after < last:
        page, _, _ = await asked.opened.access.lines(after, PAGE)
        page = _upto(page, last)
        yield page
        after = page[-1].version


def _event(entry: Entry) -> AccessEvent:
    event: Any = entry.header.event
    return event  # type: ignore[no-any-return]


def _upto(entries: Sequence[Entry], last: Version) -> Sequence[Entry]:
    return [entry for entry in entries if entry.version <= last]
