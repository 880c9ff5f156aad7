"""May this act be recorded now? Pure: state + verified act + recorded time (+ what it points at) in, silence or a
refusal out. The hub asks before it records; every client asks again when the record arrives, so a hub that
records what it should have refused is caught by everybody."""

from dataclasses import dataclass
from types import MappingProxyType

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act, Author
from domain.channel.asking import Question, Targets
from domain.channel.capacities import actors
from domain.channel.checks import check
from domain.channel.conditions import CHECKS
from domain.channel.kinds import KIND_OF
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, TABLE, Actor, Condition, Rule
from domain.channel.roster import sees_team
from domain.channel.state import Channel, Proposal, Target, Thread
from domain.errors import Refusal
from domain.ids import Millis

NO_TARGETS: Targets = MappingProxyType({})


def decide(channel: Channel, act: Act, at: Millis, target: Target | None = None, targets: Targets = NO_TARGETS) -> None:
    """Raise the refusal that stops `act`, or return.

    Args:
        channel: the state before the act.
        act: verified: signature, certificate and body hash hold, and the author is who it says.
        at: the recorded time it would get, UTC milliseconds, never before `channel.recorded_at`.
        target: the record the act points at, if it points at one and the caller holds it.
        targets: the same where it points at several; what the caller does not hold is left out.

    Raises:
        Refusal: a subclass from `domain.channel.refusals`; nothing else.

    """
    thread = _place(channel, act)
    _permit(Question(channel, thread, act, at, target))
    check(channel, thread, act, at, target, targets)


def _place(channel: Channel, act: Act) -> Thread | None:
    """The channel is open and the thread the act names exists (or must not exist yet)."""
    event = act.event
    if isinstance(event, e.ChannelOpened):
        if channel.opened:
            raise no.ChannelAlreadyOpen
    elif not channel.opened:
        raise no.ChannelNotOpen
    if channel.closed and type(event) not in ALLOWED_WHEN_CLOSED:
        raise no.ChannelIsClosed
    if (act.thread is not None) is not KIND_OF[type(event)].in_thread:
        raise no.UnknownThread
    if act.thread is None:
        return None
    thread = channel.threads.get(act.thread)
    if isinstance(event, e.ThreadOpened):
        # A relative holds the openings of others' threads as stubs, so it cannot count.
        in_order = act.thread == len(channel.threads) or not sees_team(channel)
        if thread is not None or not in_order:
            raise no.ThreadNumberTaken
    elif thread is None:
        raise no.UnknownThread
    return thread


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the decision table says, and why: the row that allows, or the refusal of the row that came furthest and
    the condition it stopped at (None: no row for this author, or all it lacks is a second person)."""

    rule: Rule | None
    refusal: type[Refusal] | None = None
    condition: Condition | None = None


def verdict(channel: Channel, act: Act, at: Millis, target: Target | None = None) -> Verdict:
    """Why the table allows `act` or not, for who wants to explain it. Raises what `decide` raises before it asks."""
    q = Question(channel, _place(channel, act), act, at, target)
    return _judge(q, _capacities(q))


def _permit(q: Question) -> None:
    """Ask the decision table: some row must allow, alone or (for a proposal or approval) with a second person."""
    capacities = _capacities(q)
    found = _judge(q, capacities)
    if found.refusal is not None:
        raise found.refusal
    if isinstance(q.act.event, e.Approved):
        _permit_approval(q, capacities, q.channel.proposals[q.act.event.ref])


def _capacities(q: Question) -> frozenset[Actor]:
    if q.act.author.is_hub is not isinstance(q.act.event, e.HubEvent):
        raise no.OnlyTheHub
    capacities = actors(q.channel, q.act.author, q.at)
    if not capacities:
        raise no.NotAParticipant
    return capacities


def _judge(q: Question, capacities: frozenset[Actor]) -> Verdict:
    proposing = isinstance(q.act.event, e.Proposed)
    furthest, stopped = -1, Verdict(None, no.NotPermitted)
    for rule in TABLE[type(q.event)]:
        if rule.actor not in capacities or (proposing and not rule.approvers):
            continue
        progress, refusal = _ask(rule, q)
        if refusal is None and (proposing or not rule.approvers):
            return Verdict(rule)
        if refusal is None:
            progress, refusal = progress + 1, no.NeedsApproval
        if progress > furthest:
            condition = rule.conditions[progress] if progress < len(rule.conditions) else None
            furthest, stopped = progress, Verdict(None, refusal, condition)
    return stopped


def _ask(rule: Rule, q: Question) -> tuple[int, type[Refusal] | None]:
    for progress, condition in enumerate(rule.conditions):
        refusal = CHECKS[condition](q)
        if refusal is not None:
            return progress, refusal
    return len(rule.conditions), None


def _permit_approval(q: Question, capacities: frozenset[Actor], proposal: Proposal) -> None:
    """Proposer and approver together must satisfy a row, judged on the state at approval."""
    proposed = Act(
        author=Author(proposal.proposer, b"\0" * 16, proposal.organisation, proposal.role),
        thread=proposal.thread,
        event=e.Proposed(proposal.joined),
        membership_version=0,
        epoch=q.act.epoch,
    )
    asked = Question(q.channel, q.thread, proposed, q.at, None)
    proposer = actors(q.channel, proposed.author, q.at)
    for rule in TABLE[type(proposal.joined)]:
        fits = rule.actor in proposer and capacities.intersection(rule.approvers)
        if fits and _ask(rule, asked)[1] is None:
            return
    raise no.NotTheApprover
