"""What an auditor reads on the screen: headers of a case, and readings, one line each."""

from collections.abc import Iterator

from domain.access.readings import readings
from domain.channel.acts import Recorded
from domain.channel.audits import AuditCase
from domain.channel.evolve import evolve, evolve_stub
from domain.channel.roster import user_takes_part
from domain.channel.state import NOTHING, Channel
from domain.ids import Millis
from protocol.replay import Accepted
from samsnakk.access_log import AccessLine
from samsnakk.audit_looks import Headers
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.cli.audit_texts import ROWS
from samsnakk.cli.audit_words import moment
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.rights_texts import BASIS_WORDS
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import Transcript

WIDE = 110


def header_rows(headers: Headers, names: Names) -> Iterator[str]:
    """Every act that the case opens, and how many places stay closed."""
    case = headers.replay.channel.cases[headers.replay.ref]
    transcript = Transcript(names, Threads(BOKMAL), WIDE)
    closed = 0
    for place in headers.places:
        if place.act is None or not _is_shown(case, place):
            closed += place.act is None
            continue
        said = transcript.fact(_event(place, headers))
        thread = "" if place.thread is None else ROWS["thread"].format(number=place.thread)
        yield ROWS["header"].format(version=place.version, at=moment(place.recorded_at), said=said, thread=thread)
    yield ROWS["complete"].format(version=headers.replay.version, closed=closed)


def _is_shown(case: AuditCase, place: Accepted) -> bool:
    """What came before the period is there to know who was a member; it is told where it is about members."""
    return case.covers(place.recorded_at) or place.version >= case.ref or place.kind_class.value == "membership"


def _event(place: Accepted, headers: Headers) -> ChannelEvent:
    header, kind = place.header, place.act.kind if place.act is not None else None
    head = headers.replay.head_at(place.version) or headers.replay.head
    return ChannelEvent(
        place.version,
        place.recorded_at,
        place.thread,
        place.kind_class,
        kind.name if kind is not None else "",
        header.person,
        header.device,
        header.organisation,
        header.role,
        header.act().event,
        None,
        State.HIDDEN,
        head,
    )


def member_rows(headers: Headers, names: Names, before: Millis) -> Iterator[str]:
    """Who was in the case's threads just before a moment, on which basis and until when."""
    case, channel = headers.replay.channel.cases[headers.replay.ref], NOTHING
    for place in headers.places:
        if place.recorded_at >= before:
            break
        channel = _evolved(channel, place)
    for number in case.terms.threads:
        thread = channel.threads.get(number)
        members = () if thread is None else thread.members.values()
        for one in sorted((m for m in members if m.active(before)), key=lambda member: member.since):
            ends = ROWS["no_end"] if one.valid_until is None else moment(one.valid_until)
            yield ROWS["member"].format(
                thread=number,
                who=names.full(one.principal),
                organisation=names.organisation(one.organisation),
                basis=BASIS_WORDS.get(one.legal_basis, one.legal_basis),
                version=one.since,
                ends=ends,
            )
        if thread is not None and channel.user is not None and user_takes_part(channel, thread):
            yield ROWS["user"].format(thread=number, who=names.full(channel.user.principal))
    yield ROWS["at"].format(version=channel.version)


def _evolved(channel: Channel, place: Accepted) -> Channel:
    if place.act is None:
        return evolve_stub(channel, place.version, place.thread, place.recorded_at, place.kind_class)
    return evolve(channel, Recorded(place.header.act(), place.version, place.recorded_at))


def reading_rows(lines: list[AccessLine], headers: Headers, names: Names) -> Iterator[str]:
    """Every reading that the case opens, and whether anything is missing."""
    whole = [line for line in lines if line.event is not None]
    for reading in readings((line.line() for line in whole), headers.replay.version):
        organisation = names.organisation(reading.organisation)
        who = names.full(reading.person) + (f" ({organisation})" if organisation else "")
        purpose = BOKMAL.purposes.get(reading.purpose.value, reading.purpose.value)
        ended = ROWS["still"] if reading.closed_at is None else moment(reading.closed_at)
        yield ROWS["looked" if reading.case is not None else "reading"].format(
            line=reading.line,
            at=moment(reading.opened_at),
            who=who,
            purpose=purpose,
            start=reading.start,
            until=reading.until,
            ended=ended,
            number=reading.case.number if reading.case is not None else "",
            approver=names.full(reading.case.approver) if reading.case is not None else "",
            proven=ROWS["proven"] if reading.proven else ROWS["unproven"],
        )
    hidden = len(lines) - len(whole)
    case = headers.replay.channel.cases[headers.replay.ref]
    yield ROWS["some" if case.terms.organisations else "all"].format(lines=len(lines), hidden=hidden)
