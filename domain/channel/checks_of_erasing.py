"""What must hold of an erasure whoever decides it: what can be destroyed, and on which ground."""

from collections.abc import Mapping
from typing import assert_never

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Author
from domain.channel.capacities import actors
from domain.channel.erasing import ErasureDecision, ErasureProposal
from domain.channel.erasure_bases import ERASURE_BASES
from domain.channel.permissions import Actor
from domain.channel.state import Channel, Target, Thread
from domain.channel.terms import KindClass
from domain.ids import Code, Millis, OrganisationId, Version

Targets = Mapping[Version, Target]


def check_erasing(channel: Channel, thread: Thread, event: e.ErasingEvent, at: Millis, targets: Targets) -> None:
    """Raise the refusal that stops it; the table has been asked already."""
    match event:
        case e.ErasureRequested(organisation=organisation, targets=wanted):
            _check_targets(thread, organisation, wanted, targets)
        case e.ErasureProposed(organisation=organisation, targets=wanted, legal_basis=basis, request=request):
            _check_targets(thread, organisation, wanted, targets)
            check_erasure_basis(channel, organisation, basis, at)
            _check_wish(thread, organisation, request)
        case e.ErasureApproved(ref=ref):
            _check_approval(channel, thread, thread.erasing.proposals[ref], at)
        case e.ErasureRefused():
            pass
        case e.CopyErased():
            _check_confirmation(thread, event)
        case _:
            assert_never(event)


def _check_targets(thread: Thread, organisation: OrganisationId, wanted: tuple[Version, ...], targets: Targets) -> None:
    if list(wanted) != sorted(set(wanted)):
        raise no.NotErasable
    for version in wanted:
        if version in thread.erasing.erased:
            raise no.AlreadyErased
        target = targets.get(version)
        if target is None:
            # A replay that holds the message only as a leaf cannot judge it; the hub always can.
            if KindClass.CONTENT in thread.unseen:
                continue
            raise no.NotErasable
        if not target.is_message or target.thread != thread.number:
            raise no.NotErasable
        if target.organisation != organisation:
            raise no.NotTheOrganisation


def check_erasure_basis(channel: Channel, organisation: OrganisationId, code: Code, at: Millis) -> None:
    """The ground is one of the list, valid now, and serves what the organisation is stated to be."""
    basis = ERASURE_BASES.get(code)
    if basis is None:
        raise no.UnknownErasureBasis
    kind = channel.kinds.get(organisation)
    if not basis.valid(at) or (kind is not None and kind not in basis.serves):
        raise no.WrongBasis


def _check_wish(thread: Thread, organisation: OrganisationId, request: Version | None) -> None:
    wish = thread.erasing.wishes.get(request) if request is not None else None
    if request is not None and (wish is None or wish.organisation != organisation):
        raise no.UnknownErasure


def _check_approval(channel: Channel, thread: Thread, proposal: ErasureProposal, at: Millis) -> None:
    """As things stand now: nothing of it is gone already, and whoever proposed it still acts for the organisation."""
    if any(version in thread.erasing.erased for version in proposal.targets):
        raise no.AlreadyErased
    check_erasure_basis(channel, proposal.organisation, proposal.legal_basis, at)
    proposer = Author(proposal.proposer, proposal.device, proposal.organisation, proposal.role)
    if not actors(channel, proposer, at) & {Actor.STAFF, Actor.TILLITSPERSON}:
        raise no.NotTheOrganisation


def _check_confirmation(thread: Thread, event: e.CopyErased) -> None:
    decision = _decision(thread, event.ref)
    if (event.holder is None) is not (event.word is None):
        raise no.UnknownErasure
    if event.holder is None and decision.hub_at is not None:
        raise no.AlreadyRecorded
    if event.holder is not None and event.holder in decision.copies:
        raise no.AlreadyRecorded


def _decision(thread: Thread, ref: Version) -> ErasureDecision:
    decision = thread.erasing.decisions.get(ref)
    if decision is None:
        raise no.UnknownErasure
    return decision
