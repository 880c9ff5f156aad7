"""One-time tickets: how a session gets from the browser, where people sign in, to a program on the same machine."""

from hmac import compare_digest
from typing import Final

from crypto import labels
from protocol.sign_in.tokens import name_of
from service.handle.hub_acts import now
from service.identity.errors import TicketRefused
from service.identity.sessions import Session, Sessions
from service.identity.tokens import new_token
from service.store.sessions import SessionStore, TicketRow

TICKET_LIFE: Final = 60_000
"""Milliseconds."""


class Tickets:
    """Tickets of a deployment. Each works once, for a minute, and only for the program that began."""

    def __init__(self, store: SessionStore, sessions: Sessions) -> None:
        self._store: Final = store
        self._sessions: Final = sessions

    async def issue(self, session: Session, challenge: bytes) -> str:
        """A ticket for whoever knows the token that `challenge` (32 bytes) is the hash of.

        Raises:
            StepUpNeeded: the login is too old to hand a session on.
            StoreError: not (known to be) stored.

        """
        session.require_fresh()
        ticket = new_token()
        key = name_of(ticket, labels.TICKET)
        if key is None or len(challenge) != len(key):
            raise TicketRefused
        await self._store.keep_ticket(key, TicketRow(session.id, challenge, now() + TICKET_LIFE))
        return ticket

    async def redeem(self, ticket: str, verifier: str) -> Session:
        """A session of the program's own. The ticket is used up, whatever comes of it.

        Raises:
            TicketRefused: used, too old, or the program does not know the verifier.
            NoSession: the session that made it has ended.
            StoreError: the database does not answer.

        """
        key, known = name_of(ticket, labels.TICKET), name_of(verifier, labels.TICKET_CHALLENGE)
        found = None if key is None else await self._store.take_ticket(key, now())
        if found is None or known is None or not compare_digest(known, found.challenge):
            raise TicketRefused
        return await self._sessions.open_native(await self._sessions.row(found.session))
