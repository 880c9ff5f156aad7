"""May this act be recorded now? Pure: state + verified act + recorded time (+ what it points at) in, silence or a
refusal out. The hub asks before it records; every client asks again when the record arrives, so a hub that
records what it should have refused is caught by everybody."""

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act, Author
from domain.channel.asking import Question
from domain.channel.capacities import actors
from domain.channel.checks import check
from domain.channel.conditions import CHECKS
from domain.channel.kinds import KIND_OF
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, TABLE, Actor, Rule
from domain.channel.roster import sees_team
from domain.channel.state import Channel, Proposal, Target, Thread
from domain.errors import Refusal
from domain.ids import Millis


def decide(channel: Channel, act: Act, at: Millis, target: Target | None = None) -> None:
    """Raise the refusal that stops `act`, or return.

    Args:
        channel: the state before the act.
        act: verified: signature, certificate and body hash hold, and the author is who it says.
        at: the recorded time it would get, UTC milliseconds, never before `channel.recorded_at`.
        target: the record the act points at, if it points at one and the caller holds it.

    Raises:
        Refusal: a subclass from `domain.channel.refusals`; nothing else.

    """
    thread = _place(channel, act)
    _permit(Question(channel, thread, act, at, target))
    check(channel, thread, act, at, target)


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


def permitting_rule(channel: Channel, act: Act, at: Millis, target: Target | None = None) -> Rule:
    """The row of the decision table that allows `act`, for who wants to know why. Raises as `decide` does."""
    return _permit(Question(channel, _place(channel, act), act, at, target))


def _permit(q: Question) -> Rule:
    """Ask the decision table: some row must allow, alone or (for a proposal or approval) with a second person."""
    if q.act.author.is_hub is not isinstance(q.act.event, e.KeyMoved):
        raise no.OnlyTheHub
    capacities = actors(q.channel, q.act.author, q.at)
    if not capacities:
        raise no.NotAParticipant
    event = q.act.event
    proposing = isinstance(event, e.Proposed)
    rules = [rule for rule in TABLE[type(q.event)] if rule.actor in capacities and (rule.approvers or not proposing)]
    furthest: tuple[int, type[Refusal]] = (-1, no.NotPermitted)
    for rule in rules:
        progress, refusal = _ask(rule, q)
        if refusal is None and rule.approvers and not proposing:
            progress, refusal = progress + 1, no.NeedsApproval
        if refusal is None:
            break
        furthest = max(furthest, (progress, refusal), key=lambda found: found[0])
    else:
        raise furthest[1]
    if isinstance(event, e.Approved):
        _permit_approval(q, capacities, q.channel.proposals[event.ref])
    return rule


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
