"""Sealed keyrings by person, and the letters between a new device and an old one. Nothing here can be opened here."""

from dataclasses import dataclass, field
from typing import Final

from service.store.queries import sql
from service.store.store import EventStore

KEPT: Final = 8
"""Generations of a person's keyring that stay."""

_KEEP: Final = sql("keyring_keep")
_NEWEST: Final = sql("keyring_newest")
_FILE: Final = sql("keyring_file")
_LOCATED: Final = sql("keyring_located")
_TRIM: Final = sql("keyring_trim")
_LETTER_KEEP: Final = sql("letter_keep")
_LETTER_FIND: Final = sql("letter_find")
_LETTERS_END: Final = sql("letters_end")


@dataclass(frozen=True, slots=True)
class KeyringRow:
    """One generation of a keyring. `replaces`: the hash of the one before, None for the first."""

    person: bytes
    generation: int
    hash: bytes
    replaces: bytes | None
    locators: tuple[bytes, ...] = field(repr=False)
    device: bytes
    stored_at: int
    file: bytes = field(repr=False)


async def keep_keyring(store: EventStore, row: KeyringRow) -> bool:
    """Store the next generation; False if the newest one is not the one it replaces. The same again is no harm.

    Raises StoreError.
    """
    await store.reader.fetch(
        _KEEP,
        row.person,
        row.generation,
        row.hash,
        row.replaces,
        list(row.locators),
        row.device,
        row.stored_at,
        row.file,
    )
    newest = await newest_keyring(store, row.person)
    kept = newest is not None and newest[:2] == (row.generation, row.hash)
    if kept:
        await store.reader.fetch(_TRIM, row.person, row.generation - KEPT)
    return kept


async def newest_keyring(store: EventStore, person: bytes) -> tuple[int, bytes, list[bytes]] | None:
    """Generation, hash and locators of the person's newest keyring, if there is any. Raises StoreError."""
    rows = await store.reader.fetch(_NEWEST, person)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


async def keyring_file(store: EventStore, person: bytes, hash_: bytes) -> bytes | None:
    """The person's keyring file with that hash, if it is among those kept. Raises StoreError."""
    rows = await store.reader.fetch(_FILE, person, hash_)
    return rows[0][0] if rows else None


async def located_person(store: EventStore, locator_hash: bytes) -> bytes | None:
    """Whose newest keyring is found by this locator. Raises StoreError."""
    rows = await store.reader.fetch(_LOCATED, locator_hash)
    return rows[0][0] if len(rows) == 1 else None


async def keep_letter(store: EventStore, mailbox: bytes, step: str, content: bytes, ends_at: int, now: int) -> bool:
    """Put a letter where none is; False if there is another. Only a first letter opens a mailbox, until `ends_at` (ms).

    Raises StoreError.
    """
    await store.reader.fetch(_LETTERS_END, b"", now)
    await store.reader.fetch(_LETTER_KEEP, mailbox, step, content, ends_at)
    return await find_letter(store, mailbox, step, now) == content


async def find_letter(store: EventStore, mailbox: bytes, step: str, now: int) -> bytes | None:
    """The letter, if it has come and its mailbox has not ended. Raises StoreError."""
    rows = await store.reader.fetch(_LETTER_FIND, mailbox, step, now)
    return rows[0][0] if rows else None


async def end_mailbox(store: EventStore, mailbox: bytes, now: int) -> None:
    """Destroy a mailbox with all its letters. Raises StoreError."""
    await store.reader.fetch(_LETTERS_END, mailbox, now)
