"""Passkeys and the challenges they answer. Nothing here opens anything; ids of people stand as keyed hashes."""

from dataclasses import dataclass, field
from typing import Final

from service.store.queries import sql
from service.store.store import EventStore

_ADD: Final = sql("passkey_add")
_FIND: Final = sql("passkey_find")
_OF: Final = sql("passkeys_of")
_USE: Final = sql("passkey_use")
_SUSPEND: Final = sql("passkey_suspend")
_REMOVE: Final = sql("passkey_remove")
_KEEP: Final = sql("passkey_challenge_keep")
_TAKE: Final = sql("passkey_challenge_take")


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey; `unlocks`: the page said that its PRF can open a keyring. Times are UTC milliseconds."""

    id: bytes
    credential: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    provider: str
    audience: str
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str = field(repr=False)
    unlocks: bool
    created_at: int
    used_at: int
    ends_at: int
    suspended: bool


class PasskeyStore:
    """The rows. Every method raises StoreError."""

    def __init__(self, store: EventStore) -> None:
        self._reader: Final = store.reader

    async def keep_challenge(self, key: bytes, session: bytes | None, expires_at: int) -> None:
        """Keep an attempt that has begun, by the hash of its browser's token."""
        await self._reader.fetch(_KEEP, key, session, expires_at)

    async def take_challenge(self, key: bytes, at: int) -> tuple[bytes | None] | None:
        """The session the attempt was begun in, once and never again; None if there is no such attempt."""
        rows = await self._reader.fetch(_TAKE, key)
        return (rows[0][0],) if rows and rows[0][1] > at else None

    async def add(self, row: PasskeyRow, most: int) -> bool:
        """Keep a new passkey; False if the person has `most` already, or the credential is known."""
        return bool(
            await self._reader.fetch(
                _ADD,
                row.id,
                row.credential,
                row.subject,
                row.provider,
                row.audience,
                row.public_key,
                row.sign_count,
                row.name,
                row.unlocks,
                row.created_at,
                row.ends_at,
                most,
            )
        )

    async def find(self, credential: bytes, at: int) -> PasskeyRow | None:
        """The passkey with this credential id, if it has not ended."""
        rows = await self._reader.fetch(_FIND, credential, at)
        return PasskeyRow(*rows[0]) if rows else None

    async def of(self, subject: bytes) -> list[PasskeyRow]:
        """Somebody's passkeys, those that have ended too."""
        return [PasskeyRow(*row) for row in await self._reader.fetch(_OF, subject)]

    async def use(self, key: bytes, count: int, at: int) -> bool:
        """Count a use; False where the passkey is suspended or its counter did not go up. One of two at once wins."""
        return bool(await self._reader.fetch(_USE, key, count, at))

    async def suspend(self, key: bytes, at: int) -> None:
        """It comes in no more."""
        await self._reader.fetch(_SUSPEND, key, at)

    async def remove(self, key: bytes, subject: bytes, at: int) -> bytes | None:
        """Take somebody's passkey away; its credential id, None if they have none such."""
        rows = await self._reader.fetch(_REMOVE, key, subject, at)
        return rows[0][0] if rows else None
