"""The conditions about erasing. Each answers with a refusal class, or None for yes."""

from collections.abc import Callable

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.asking import Answer, Question
from domain.channel.erasing import ErasureProposal, Wish
from domain.channel.permissions import Condition


def _of_organisation_concerned(q: Question) -> Answer:
    """Each organisation answers for what was written for it, and nobody else decides about that."""
    event = q.event
    if isinstance(event, e.ErasureProposed):
        concerned = event.organisation
    else:
        matter = _matter(q)
        if matter is None:
            return no.UnknownErasure
        concerned = matter.organisation
    return None if concerned == q.act.author.organisation else no.NotTheOrganisation


def _matter(q: Question) -> ErasureProposal | Wish | None:
    """What the act is about: a proposal, or (where it is turned down) also a wish."""
    if q.thread is None:
        return None
    match q.event:
        case e.ErasureApproved(ref=ref):
            return q.thread.erasing.proposals.get(ref)
        case e.ErasureRefused(ref=ref):
            return q.thread.erasing.proposals.get(ref) or q.thread.erasing.wishes.get(ref)
        case _:
            return None


def _second_person(q: Question) -> Answer:
    """A person, not a role: whoever acts for an inbox is still one of two."""
    matter = _matter(q)
    if not isinstance(matter, ErasureProposal):
        return no.UnknownErasure
    return no.SamePersonTwice if matter.proposer == q.act.author.person else None


def _copy_to_confirm(q: Question) -> Answer:
    """The hub's own copy, or that of a vault which could read some of it."""
    assert isinstance(q.event, e.CopyErased)  # noqa: S101 - the table pairs condition and event
    decision = q.thread.erasing.decisions.get(q.event.ref) if q.thread is not None else None
    known = decision is not None and (q.event.holder is None or q.event.holder in decision.holders)
    return None if known else no.UnknownErasure


ERASING_CHECKS: dict[Condition, Callable[[Question], Answer]] = {
    Condition.OF_ORGANISATION_CONCERNED: _of_organisation_concerned,
    Condition.SECOND_PERSON: _second_person,
    Condition.COPY_TO_CONFIRM: _copy_to_confirm,
}
