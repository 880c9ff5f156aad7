"""What went wrong and whether it was looked into, and who was let look: deviations and audit cases."""

from dataclasses import dataclass, replace

from domain.access.history import History, Place
from domain.channel import events as e
from domain.channel.audits import AuditCase
from domain.ids import Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from samsnakk.who_read import WhoRead

MISPLACED = "misplaced"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation. `organisation`: who looks into it; None: nobody's in particular."""

    version: Version
    thread: ThreadNo | None
    by: PrincipalId | None
    organisation: OrganisationId | None
    about: PrincipalId | None
    reason: Code
    at: Millis
    closed_at: Millis | None = None
    closed_by: PrincipalId | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One audit case with what became of it. `looks`: lines that it left; None where the log is not here."""

    case: AuditCase
    asked_at: Millis
    decided_at: Millis | None
    looks: int | None


def deviations(history: History) -> list[Deviation]:
    """Every deviation of the record that is not a leaf here, the open ones first, oldest first among them."""
    found: dict[Version, Deviation] = {}
    for place in history.places:
        act = place.recorded.act if place.recorded is not None else None
        match act.event if act is not None else None:
            case e.DeviationOpened(organisation=organisation, about=about, reason=reason):
                found[place.version] = _opened(place, organisation, about, reason)
            case e.MessageMisplaced():
                found[place.version] = _opened(place, act.author.organisation if act else None, None, MISPLACED)
            case e.DeviationClosed(ref=ref) if ref in found:
                by = act.author.person if act is not None else None
                found[ref] = replace(found[ref], closed_at=place.recorded_at, closed_by=by)
            case _:
                pass
    return sorted(found.values(), key=lambda one: (one.closed_at is not None, one.version))


def _opened(place: Place, organisation: OrganisationId | None, about: PrincipalId | None, reason: Code) -> Deviation:
    author = place.recorded.act.author.person if place.recorded is not None else None
    return Deviation(place.version, place.thread, author, organisation, about, reason, place.recorded_at)


def cases(history: History, read: WhoRead | None) -> list[Case]:
    """Every audit case that this viewer sees."""
    decided = _decisions(history)
    looks = [reading.case.case for reading in read.readings if reading.case is not None] if read is not None else None
    return [
        Case(
            case,
            history.places[ref - 1].recorded_at,
            decided.get(ref),
            None if looks is None else looks.count(ref),
        )
        for ref, case in sorted(history.channel.cases.items())
    ]


def _decisions(history: History) -> dict[Version, Millis]:
    """When somebody said yes or no to a case; the last word counts."""
    events = ((p.recorded.act.event, p.recorded_at) for p in history.places if p.recorded is not None)
    return {event.ref: at for event, at in events if isinstance(event, e.CaseApproved | e.CaseRefused)}
