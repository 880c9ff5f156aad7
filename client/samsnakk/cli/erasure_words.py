"""Acts about erasing, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from domain.channel import events as e
from domain.channel.erasing import ErasureDecision
from samsnakk.cli import erasure_texts as t

_FEW: Final = 8


class Named(Protocol):
    """Says what people and organisations are called."""

    def of(self, principal: bytes | None) -> str:
        """A person, inbox or vault."""

    def organisation(self, organisation: bytes | None) -> str:
        """An organisation."""


def about_erasing(facts: object, name: Callable[[bytes | None], str]) -> Mapping[str, str]:
    """What the sentences about erasing are filled in with. `name` says what somebody is called."""
    match facts:
        case e.ErasureRequested(targets=targets):
            return {"targets": messages(targets)}
        case e.ErasureProposed(targets=targets, legal_basis=basis):
            return {"targets": messages(targets), "ground": t.GROUNDS.get(basis, basis)}
        case e.ErasureApproved(ref=ref):
            return {"ref": str(ref)}
        case e.ErasureRefused(ref=ref, reason=reason):
            return {"ref": str(ref), "reason": t.REASONS.get(reason, reason)}
        case e.CopyErased(ref=ref, holder=holder):
            where = t.HUBS_COPY if holder is None else t.NODES_COPY.format(holder=name(holder))
            return {"ref": str(ref), "holder": where}
        case _:
            return {}


def messages(targets: Sequence[int]) -> str:
    """Messages by number; many of them as how many."""
    if len(targets) > _FEW:
        return t.MANY.format(number=len(targets), first=targets[0], last=targets[-1])
    return ", ".join(f"#{target}" for target in targets)


def erased_by(decision: ErasureDecision, names: Named, date: str) -> str:
    """Who decided that something is gone, when and on which ground."""
    proposal = decision.proposal
    return t.ERASED_BY.format(
        organisation=names.organisation(proposal.organisation),
        date=date,
        ground=t.GROUNDS.get(proposal.legal_basis, proposal.legal_basis),
        proposer=names.of(proposal.proposer),
        approver=names.of(decision.approver),
    )
