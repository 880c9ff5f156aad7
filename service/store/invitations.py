"""Mailboxes of invitations: three sealed messages, each there until it was taken, cancelled or has expired."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from service.store.queries import sql
from service.store.store import EventStore

REMEMBERED: Final = 30 * 24 * 60 * 60 * 1000
"""How long after its end it is still known what became of an invitation, milliseconds."""
_OPEN: Final = sql("invitation_open")
_FIND: Final = sql("invitation")
_ANSWER: Final = sql("invitation_answer")
_CONFIRM: Final = sql("invitation_confirm")
_CANCEL: Final = sql("invitation_cancel")
_SWEEP: Final = sql("invitation_sweep")


class MailboxState(StrEnum):
    """How far an invitation has come, or how it ended."""

    OPEN = "open"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One invitation. `device`: the inviter's; `expires_at` in ms; a message is None where it is not, or no more."""

    id: bytes
    channel: UUID
    device: bytes
    expires_at: int
    state: MailboxState
    opening: bytes | None = field(repr=False)
    answer: bytes | None = field(repr=False)
    answer_hash: bytes | None = field(repr=False)
    confirmation: bytes | None = field(repr=False)

    def is_answered_by(self, answer: bytes) -> bool:
        """Whether it was exactly this answer that came first."""
        return self.answer_hash == sha256(answer).digest()


async def find_mailbox(store: EventStore, invitation: bytes, at: int) -> Mailbox | None:
    """The mailbox, as it stands at `at` (ms); None where there never was one. Raises StoreError."""
    await sweep_mailboxes(store, at)
    rows = await store.reader.fetch(_FIND, invitation)
    if not rows:
        return None
    channel, device, expires_at, state, *messages = rows[0]
    return Mailbox(invitation, channel, device, expires_at, MailboxState(state), *messages)


async def open_mailbox(
    store: EventStore, invitation: bytes, channel: UUID, device: bytes, expires_at: int, opening: bytes
) -> None:
    """Make the mailbox, unless it is there already; the channel's earlier ones are cancelled. Raises StoreError."""
    await store.reader.fetch(_OPEN, invitation, channel, device, expires_at, opening)


async def put_answer(store: EventStore, invitation: bytes, answer: bytes, at: int) -> None:
    """Take the first answer; any other changes nothing. Raises StoreError."""
    await store.reader.fetch(_ANSWER, invitation, answer, sha256(answer).digest(), at)


async def put_confirmation(store: EventStore, invitation: bytes, confirmation: bytes) -> None:
    """Take the confirmation of an answer, which is gone from here on. Raises StoreError."""
    await store.reader.fetch(_CONFIRM, invitation, confirmation)


async def cancel_mailbox(store: EventStore, invitation: bytes) -> None:
    """End an invitation that is not confirmed yet. Raises StoreError."""
    await store.reader.fetch(_CANCEL, invitation)


async def sweep_mailboxes(store: EventStore, at: int) -> None:
    """Empty what has expired at `at` (ms), forget what expired long ago. Raises StoreError."""
    await store.reader.fetch(_SWEEP, at, at - REMEMBERED)
