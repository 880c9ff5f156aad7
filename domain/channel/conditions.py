"""What each named condition of the decision table asks. A check answers with a refusal class, or None for yes."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act, Author
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.permissions import Actor, Condition
from domain.channel.roster import active_member, organisations, user_takes_part
from domain.channel.state import Channel, Target, Thread
from domain.channel.terms import Audience, Member, Range, Standing
from domain.errors import Refusal
from domain.ids import MAIN_THREAD, Millis, OrganisationId, PrincipalId, Version

Answer = type[Refusal] | None
STAFF_STANDINGS = frozenset({Standing.STAFF, Standing.INBOX})


@dataclass(frozen=True, slots=True)
class Question:
    """One act put to the table: the state before it, its thread, the recorded time, what it points at."""

    channel: Channel
    thread: Thread | None
    act: Act
    at: Millis
    target: Target | None

    @property
    def principal(self) -> PrincipalId:
        """The principal the author acts as: the role if it acts for one, else the person."""
        principal = self.act.author.role or self.act.author.person
        assert principal is not None  # noqa: S101 - hub acts are decided before conditions are asked
        return principal

    @property
    def event(self) -> e.ChannelEvent:
        """The event the rows are about: of a proposal, the one inside it."""
        return self.act.event.joined if isinstance(self.act.event, e.Proposed) else self.act.event


def acting_tillitsperson(channel: Channel, at: Millis) -> frozenset[PrincipalId]:
    """The tillitsperson; when that membership is gone, the inboxes of the same organisation act (never empty)."""
    main = channel.threads.get(MAIN_THREAD)
    if main is None or channel.tillitsperson is None:
        return frozenset()
    if active_member(main, channel.tillitsperson, at) is not None:
        return frozenset({channel.tillitsperson})
    return frozenset(
        m.principal
        for m in main.members.values()
        if m.standing is Standing.INBOX and m.active(at) and m.organisation == channel.tillitsperson_organisation
    )


def actors(channel: Channel, author: Author, at: Millis) -> frozenset[Actor]:
    """Every capacity in which this author may act right now."""
    if author.is_hub:
        return frozenset({Actor.HUB})
    if channel.user is not None and channel.user.principal == author.person:
        return frozenset({Actor.USER})
    principal = author.role or author.person
    assert principal is not None  # noqa: S101 - is_hub was answered above
    found = {_capacity(m, author.organisation) for m in _rows(channel, principal, at)} - {None}
    if Actor.STAFF in found and principal in acting_tillitsperson(channel, at):
        found.add(Actor.TILLITSPERSON)
    main = channel.threads.get(MAIN_THREAD)
    if author.organisation is not None and (main is None or not main.members):
        found.add(Actor.OPENER)
    return frozenset(actor for actor in found if actor is not None)


def _rows(channel: Channel, principal: PrincipalId, at: Millis) -> list[Member]:
    rows = (active_member(thread, principal, at) for thread in channel.threads.values())
    return [row for row in rows if row is not None]


def _capacity(member: Member, organisation: OrganisationId | None) -> Actor | None:
    """A staff member acts for the organisation it joined for, and for no other."""
    if member.standing in STAFF_STANDINGS:
        return Actor.STAFF if member.organisation == organisation else None
    return Actor.RELATIVE


def _member(q: Question, thread: Thread | None) -> bool:
    if thread is None:
        return False
    if q.channel.user is not None and q.principal == q.channel.user.principal:
        return user_takes_part(q.channel, thread)
    member = active_member(thread, q.principal, q.at)
    if member is None:
        return False
    return member.standing is Standing.RELATIVE or member.organisation == q.act.author.organisation


def _in_thread(q: Question) -> Answer:
    return None if _member(q, q.thread) else no.NotAParticipant


def _in_main_thread(q: Question) -> Answer:
    return None if _member(q, q.channel.threads.get(MAIN_THREAD)) else no.NotAParticipant


def _with_user_thread(q: Question) -> Answer:
    with_user = q.thread is not None and q.thread.audience is Audience.WITH_USER
    return None if with_user else no.NotPermitted


def _with_user_audience(q: Question) -> Answer:
    with_user = isinstance(q.event, e.ThreadOpened) and q.event.audience is Audience.WITH_USER
    return None if with_user else no.NotPermitted


def _joined(q: Question) -> e.ParticipantJoined:
    assert isinstance(q.event, e.ParticipantJoined)  # noqa: S101 - the table pairs condition and event
    return q.event


def _joins_self_first(q: Question) -> Answer:
    first = q.thread is not None and q.thread.number == MAIN_THREAD and not q.thread.members
    return None if first and _joined(q).principal == q.principal else no.NotPermitted


def _joins_staff(q: Question) -> Answer:
    return None if _joined(q).standing in STAFF_STANDINGS else no.NotPermitted


def _joins_relative(q: Question) -> Answer:
    return None if _joined(q).standing is Standing.RELATIVE else no.NotPermitted


def _joins_own_organisation(q: Question) -> Answer:
    return None if _joined(q).organisation == q.act.author.organisation else no.NotPermitted


def _basis_without_user(q: Question) -> Answer:
    basis = LEGAL_BASES.get(_joined(q).legal_basis)
    return None if basis is not None and not basis.needs_user else no.NotPermitted


def _left(q: Question) -> tuple[PrincipalId, Member | None]:
    assert isinstance(q.event, e.ParticipantLeft)  # noqa: S101 - the table pairs condition and event
    members = q.thread.members if q.thread is not None else {}
    return q.event.principal, members.get(q.event.principal)


def _target_is_self(q: Question) -> Answer:
    return None if _left(q)[0] == q.principal else no.NotPermitted


def _target_is_staff(q: Question) -> Answer:
    member = _left(q)[1]
    return None if member is not None and member.standing in STAFF_STANDINGS else no.NotPermitted


def _target_of_own_organisation(q: Question) -> Answer:
    member = _left(q)[1]
    return None if member is not None and member.organisation == q.act.author.organisation else no.NotPermitted


def _not_tillitsperson(q: Question) -> Answer:
    return no.TillitspersonMustHandOver if _left(q)[0] == q.channel.tillitsperson else None


def _own_message(q: Question) -> Answer:
    """An unknown target is a message this reader holds only as a stub: the hub, which holds it, has checked."""
    if q.target is None or q.target.author is None:
        return None
    return None if q.target.author == q.act.author.person else no.NotTheAuthor


def _corrects_own(q: Question) -> Answer:
    assert isinstance(q.event, e.MessagePosted)  # noqa: S101 - the table pairs condition and event
    return _own_message(q) if q.event.corrects is not None else None


def _organisation_carries(q: Question) -> Answer:
    """Users and relatives name an organisation whose basis carries the thread; staff name their own."""
    if q.thread is None:
        return no.UnknownThread
    carrying = organisations(q.thread, q.at)
    return None if not carrying or q.act.author.organisation in carrying else no.OrganisationMissing


def _within_own_range(q: Question) -> Answer:
    if q.thread is None:
        return no.UnknownThread
    mine = q.thread.ranges.get(q.principal, ())
    match q.event:
        case e.HistoryGranted(ranges=wanted):
            spans = wanted
        case e.MessageMisplaced(target=target):
            spans = ((target, target),)
        case _:
            return no.NotPermitted
    return None if all(_covered(mine, start, until) for start, until in spans) else no.OutsideOwnRange


def _covered(mine: tuple[Range, ...], start: Version, until: Version) -> bool:
    """Whether the union of `mine` holds every version from `start` to `until`."""
    if start < 1 or until < start:
        return False
    at: int = start
    for span in sorted(mine, key=lambda r: r.start):
        if span.start <= at and (span.until is None or span.until >= at):
            if span.until is None or span.until >= until:
                return True
            at = span.until + 1
    return False


def _question(q: Question, *, holder: bool = False, asked: bool = False, offered: bool = False) -> Answer:
    target = getattr(q.event, "target", None)
    question = q.thread.questions.get(target) if q.thread is not None and target is not None else None
    if question is None:
        # A replay that saw stubs may have missed the question; the hub has not.
        return None if q.thread is not None and q.thread.partial else no.NotAQuestion
    if offered:
        return None if question.offered_to == q.principal else no.NotTheReceiver
    if (holder and question.holder == q.principal) or (asked and question.asked_by == q.principal):
        return None
    if not holder and question.holder in (None, q.principal):
        return None
    return no.NotTheHolder


def _deviation_of_own_organisation(q: Question) -> Answer:
    assert isinstance(q.event, e.DeviationClosed)  # noqa: S101 - the table pairs condition and event
    if q.thread is None or q.event.ref not in q.thread.deviations:
        return None if q.thread is not None and q.thread.partial else no.UnknownDeviation
    owner = q.thread.deviations[q.event.ref]
    return None if owner in (None, q.act.author.organisation) else no.NotPermitted


def _confirmer(q: Question) -> Answer:
    assert isinstance(q.event, e.TillitspersonConfirmed)  # noqa: S101 - the table pairs condition and event
    handover = q.channel.handovers.get(q.event.ref)
    if handover is None:
        return no.UnknownProposal
    is_user = q.channel.user is not None and q.principal == q.channel.user.principal
    return None if is_user or q.principal == handover.proposal.receiver else no.NotTheApprover


def _approver(q: Question) -> Answer:
    """The pair proposer + approver is judged in `decide`; here only that it is open and not the same person."""
    ref = getattr(q.event, "ref", None)
    proposal = q.channel.proposals.get(ref) if ref is not None else None
    if proposal is None or q.thread is None or proposal.thread != q.thread.number:
        return no.UnknownProposal
    return no.SamePersonTwice if proposal.proposer == q.act.author.person else None


def _proposer_or_approver(q: Question) -> Answer:
    answer = _approver(q)
    return None if answer is no.SamePersonTwice else answer


CHECKS: dict[Condition, Callable[[Question], Answer]] = {
    Condition.IN_THREAD: _in_thread,
    Condition.IN_MAIN_THREAD: _in_main_thread,
    Condition.WITH_USER_THREAD: _with_user_thread,
    Condition.WITH_USER_AUDIENCE: _with_user_audience,
    Condition.JOINS_SELF_FIRST: _joins_self_first,
    Condition.JOINS_STAFF: _joins_staff,
    Condition.JOINS_RELATIVE: _joins_relative,
    Condition.JOINS_OWN_ORGANISATION: _joins_own_organisation,
    Condition.BASIS_WITHOUT_USER: _basis_without_user,
    Condition.TARGET_IS_SELF: _target_is_self,
    Condition.TARGET_IS_STAFF: _target_is_staff,
    Condition.TARGET_OF_OWN_ORGANISATION: _target_of_own_organisation,
    Condition.NOT_TILLITSPERSON: _not_tillitsperson,
    Condition.OWN_MESSAGE: _own_message,
    Condition.CORRECTS_OWN: _corrects_own,
    Condition.ORGANISATION_CARRIES: _organisation_carries,
    Condition.WITHIN_OWN_RANGE: _within_own_range,
    Condition.QUESTION_FREE: _question,
    Condition.QUESTION_HELD: lambda q: _question(q, holder=True),
    Condition.QUESTION_OFFERED: lambda q: _question(q, offered=True),
    Condition.QUESTION_HELD_OR_ASKED: lambda q: _question(q, holder=True, asked=True),
    Condition.DEVIATION_OF_OWN_ORGANISATION: _deviation_of_own_organisation,
    Condition.CONFIRMER: _confirmer,
    Condition.APPROVER: _approver,
    Condition.PROPOSER_OR_APPROVER: _proposer_or_approver,
}
