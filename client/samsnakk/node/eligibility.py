"""Who may answer an inbox, kept in step with the registers: whoever is out of one of them is out at once.

The node holds no seed of an inbox, so it cannot make its next key: it says that one is due, and an eligible person's
program makes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from crypto.key_statements import (
    EligibilitySet,
    KeyFact,
    KeyVersionAdded,
    PrincipalFounded,
    PrincipalKind,
    parse_statement,
)
from crypto.key_stream_states import KeyStreamState
from domain.ids import OrganisationId, PrincipalId
from protocol.inbox_keys import Due, newest_good, what_is_due
from protocol.node_requests import NodeRequest, RenewInbox
from samsnakk.node.inboxes import read_inboxes, why_not
from samsnakk.node.issuing import Issuer, NotGranted


@dataclass(frozen=True, slots=True)
class InboxDue:
    """An inbox that waits for a new key, and why; `people`: how many there are who can make it."""

    inbox: PrincipalId
    why: Due
    people: int


def tend(issuer: Issuer) -> list[PrincipalId]:
    """State what the registers say about inboxes, where it is new. Returns those inboxes.

    Raises `BadNode` for a register that cannot be read, or lacks so many people that it is more likely damaged.
    """
    issuer.departed()
    return [inbox for organisation in issuer.node.roots for inbox in _tend_one(issuer, organisation)]


def renew_inbox(issuer: Issuer, request: NodeRequest) -> PrincipalId:
    """State the key that an eligible person's device has made; returns the inbox. Raises `NotGranted`."""
    wish = request.wish
    if not isinstance(wish, RenewInbox):
        raise NotGranted("another_wish")
    asker, inbox = issuer.asker(request), issuer.state(wish.inbox)
    code = "unknown_inbox" if inbox is None or inbox.organisation != request.organisation else None
    if inbox is not None and code is None:
        code = why_not(wish, asker, inbox, issuer.people_of(inbox))
    if code is not None:
        raise NotGranted(code)
    issuer.state_of(wish.inbox, request.organisation, [KeyVersionAdded(wish.version, (wish.kem,))])
    return wish.inbox


def what_waits(issuer: Issuer) -> list[InboxDue]:
    """Every inbox of this node that needs a new key."""
    found = []
    for inbox, state in inboxes_of(issuer):
        why = what_is_due(state, issuer.people_of(state))
        if why is not None:
            found.append(InboxDue(inbox, why, len(state.eligible)))
    return found


def _tend_one(issuer: Issuer, organisation: OrganisationId) -> Iterator[PrincipalId]:
    register = read_inboxes(issuer.node.inboxes_file(organisation))
    staff = issuer.staff(organisation)
    mine = {inbox: state for inbox, state in inboxes_of(issuer) if state.organisation == organisation}
    for inbox in sorted({*register, *mine}):
        state = mine.get(inbox)
        if state is None and issuer.ledger.entries(inbox):
            continue  # something else's id: a typing error takes nothing from anybody
        wanted = register.get(inbox, frozenset() if state is None else frozenset(map(PrincipalId, state.eligible)))
        people = tuple(sorted(person for person in wanted if person in staff and _can_read(issuer, person)))
        facts: list[KeyFact] = [] if state is not None else [PrincipalFounded(PrincipalKind.ROLE, organisation)]
        if state is None or (people != state.eligible and state.ended_at is None):
            facts.append(EligibilitySet(people))
        if facts:
            issuer.state_of(inbox, organisation, facts)
            yield inbox


def _can_read(issuer: Issuer, person: PrincipalId) -> bool:
    """Whether there is a key to seal for: somebody new is eligible as soon as they have one."""
    state = issuer.state(person)
    return state is not None and state.ended_at is None and newest_good(state) is not None


def inboxes_of(issuer: Issuer) -> Iterator[tuple[PrincipalId, KeyStreamState]]:
    """The service inboxes in the ledger, and what their key streams say."""
    for principal in sorted(issuer.ledger.principals()):
        # Looked at before anything is replayed: most streams are people's.
        match parse_statement(issuer.ledger.entries(principal)[0].statement).fact:
            case PrincipalFounded(PrincipalKind.ROLE, owner) if owner in issuer.node.roots:
                state = issuer.state(principal)
                if state is not None:
                    yield principal, state
            case _:
                pass
