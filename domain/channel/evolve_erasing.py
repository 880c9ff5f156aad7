"""How erasing changes a thread."""

from dataclasses import replace
from typing import assert_never

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.erasing import Erasing, ErasureDecision, ErasureProposal, Wish
from domain.channel.state import Thread
from domain.ids import PrincipalId, Version


def evolve_erasing(thread: Thread, event: e.ErasingEvent, r: Recorded) -> Thread:
    """The thread after what was said about destroying content."""
    now = thread.erasing
    match event:
        case e.ErasureRequested():
            return _wished(thread, event, r)
        case e.ErasureProposed():
            return _proposed(thread, event, r)
        case e.ErasureApproved(ref=ref):
            return _approved(thread, ref, r)
        case e.ErasureRefused(ref=ref):
            wishes = {version: wish for version, wish in now.wishes.items() if version != ref}
            proposals = {version: proposal for version, proposal in now.proposals.items() if version != ref}
            return replace(thread, erasing=replace(now, wishes=wishes, proposals=proposals))
        case e.CopyErased():
            return replace(thread, erasing=_confirmed(now, event, r))
        case _:
            assert_never(event)


def _wished(thread: Thread, event: e.ErasureRequested, r: Recorded) -> Thread:
    by = r.act.author.person
    if by is None:
        return thread
    wish = Wish(event.organisation, event.targets, by, r.recorded_at)
    return replace(thread, erasing=replace(thread.erasing, wishes={**thread.erasing.wishes, r.version: wish}))


def _proposed(thread: Thread, event: e.ErasureProposed, r: Recorded) -> Thread:
    author = r.act.author
    if author.person is None:
        return thread
    proposal = ErasureProposal(
        event.organisation,
        event.targets,
        event.legal_basis,
        event.request,
        author.person,
        author.device,
        author.role,
        r.recorded_at,
    )
    proposals = {**thread.erasing.proposals, r.version: proposal}
    return replace(thread, erasing=replace(thread.erasing, proposals=proposals))


def _approved(thread: Thread, ref: Version, r: Recorded) -> Thread:
    """A question that is erased waits for nobody any more; the wish that it answers is met."""
    now, approver = thread.erasing, r.act.author.person
    proposal = now.proposals.get(ref)
    if proposal is None or approver is None:
        return thread
    decision = ErasureDecision(proposal, approver, r.recorded_at, _holders(thread, proposal.targets))
    erasing = Erasing(
        wishes={version: wish for version, wish in now.wishes.items() if version != proposal.request},
        proposals={version: other for version, other in now.proposals.items() if version != ref},
        decisions={**now.decisions, r.version: decision},
        erased={**now.erased, **dict.fromkeys(proposal.targets, r.version)},
    )
    gone = set(proposal.targets)
    questions = {version: question for version, question in thread.questions.items() if version not in gone}
    return replace(thread, erasing=erasing, questions=questions)


def _holders(thread: Thread, targets: tuple[Version, ...]) -> frozenset[PrincipalId]:
    """Vaults that could read any of it at any time; they stay known when their organisation has left."""
    vaults = {ref.principal for ref in thread.vaults.values()}
    return frozenset(
        vault
        for vault in vaults
        if any(span.covers(target) for span in thread.ranges.get(vault, ()) for target in targets)
    )


def _confirmed(now: Erasing, event: e.CopyErased, r: Recorded) -> Erasing:
    decision = now.decisions.get(event.ref)
    if decision is None:
        return now
    if event.holder is None:
        decision = replace(decision, hub_at=r.recorded_at)
    else:
        decision = replace(decision, copies={**decision.copies, event.holder: r.recorded_at})
    return replace(now, decisions={**now.decisions, event.ref: decision})
