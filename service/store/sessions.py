"""Sign-ins on their way, sessions, tickets and bindings: rows that end, beside the record that stays.

Every id is a 32-byte hash of what the browser or program holds. All times are UTC milliseconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from service.store.queries import sql
from service.store.store import EventStore

_SIGN_IN_KEEP: Final = sql("sign_in_keep")
_SIGN_IN_TAKE: Final = sql("sign_in_take")
_OPEN: Final = sql("session_open")
_FIND: Final = sql("session_find")
_TOUCH: Final = sql("session_touch")
_ALIVE: Final = sql("session_alive")
_END: Final = sql("session_end")
_END_OTHERS: Final = sql("session_end_others")
_END_AT_PROVIDER: Final = sql("session_end_at_provider")
_TICKET_KEEP: Final = sql("ticket_keep")
_TICKET_TAKE: Final = sql("ticket_take")
_NOTICE_USE: Final = sql("notice_use")
_BINDING_MAKE: Final = sql("binding_make")
_BINDING_FIND: Final = sql("binding_find")
_SWEEP: Final = sql("sessions_sweep")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session. `idle`: milliseconds it may lie unused; `principal`: who it is bound to, if anybody."""

    id: bytes
    audience: str
    provider: str
    subject: bytes = field(repr=False)
    provider_session: bytes | None = field(repr=False)
    level: str
    auth_time: int
    native: bool
    created_at: int
    seen_at: int
    idle: int
    ends_at: int
    sealed: bytes | None = field(repr=False)
    principal: bytes | None = None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket that was taken: for which session, and the hash of what its taker must know."""

    session: bytes
    challenge: bytes
    expires_at: int


class SessionStore:
    """The rows. Every method raises StoreError. What is taken is gone, also where the answer was lost on the way."""

    def __init__(self, store: EventStore) -> None:
        self._reader: Final = store.reader

    async def keep_sign_in(self, key: bytes, sealed: bytes, expires_at: int) -> None:
        """Keep a sign-in that has begun."""
        await self._reader.fetch(_SIGN_IN_KEEP, key, sealed, expires_at)

    async def take_sign_in(self, key: bytes, at: int) -> bytes | None:
        """The sign-in, once and never again; None if there is none (any more)."""
        rows = await self._reader.fetch(_SIGN_IN_TAKE, key)
        return rows[0][0] if rows and rows[0][1] > at else None

    async def open(self, row: SessionRow) -> None:
        """Keep a new session; `principal` follows from its subject's binding."""
        await self._reader.fetch(
            _OPEN,
            row.id,
            row.audience,
            row.provider,
            row.subject,
            row.provider_session,
            row.level,
            row.auth_time,
            row.native,
            row.created_at,
            row.seen_at,
            row.idle,
            row.ends_at,
            row.sealed,
        )

    async def find(self, key: bytes, at: int) -> SessionRow | None:
        """The session, if it holds at `at`."""
        rows = await self._reader.fetch(_FIND, key, at)
        return SessionRow(*rows[0]) if rows else None

    async def touch(self, keys: Iterable[bytes], at: int) -> None:
        """These sessions are in use; one that has ended stays ended."""
        await self._reader.fetch(_TOUCH, list(keys), at)

    async def alive(self, keys: Iterable[bytes], at: int) -> set[bytes]:
        """Which of these sessions hold at `at`."""
        return {row[0] for row in await self._reader.fetch(_ALIVE, list(keys), at)}

    async def end(self, key: bytes) -> set[bytes]:
        """End one session; its tickets go with it. Returns what has ended."""
        return {row[0] for row in await self._reader.fetch(_END, key)}

    async def end_others(self, subject: bytes, but: bytes) -> set[bytes]:
        """End all sessions of somebody except one."""
        return {row[0] for row in await self._reader.fetch(_END_OTHERS, subject, but)}

    async def end_at_provider(self, subject: bytes | None, provider_session: bytes | None) -> set[bytes]:
        """End the sessions of a person, of a session at the provider, or where both are named of both."""
        return {row[0] for row in await self._reader.fetch(_END_AT_PROVIDER, subject, provider_session)}

    async def keep_ticket(self, key: bytes, ticket: TicketRow) -> None:
        """Keep a ticket."""
        await self._reader.fetch(_TICKET_KEEP, key, ticket.session, ticket.challenge, ticket.expires_at)

    async def take_ticket(self, key: bytes, at: int) -> TicketRow | None:
        """The ticket, once and never again."""
        rows = await self._reader.fetch(_TICKET_TAKE, key)
        return TicketRow(*rows[0]) if rows and rows[0][2] > at else None

    async def use_notice(self, key: bytes, expires_at: int) -> bool:
        """Whether the notice comes for the first time."""
        return bool(await self._reader.fetch(_NOTICE_USE, key, expires_at))

    async def bind(self, subject: bytes, principal: bytes, statement: bytes, at: int) -> bytes:
        """Bind somebody who signs in to a principal, unless they are bound already; returns whose they are."""
        await self._reader.fetch(_BINDING_MAKE, subject, principal, statement, at)
        rows = await self._reader.fetch(_BINDING_FIND, subject)
        bound: bytes = rows[0][0]
        return bound

    async def sweep(self, at: int) -> None:
        """Delete what has ended."""
        await self._reader.fetch(_SWEEP, at)
