"""Checkpoints that are out to be cosigned, and their cosignatures, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

from domain.ids import Millis
from service.store.queries import sql
from service.store.store import EventStore

CANDIDATES_KEPT: Final = 1024
_OFFER: Final = sql("log_offer")
_COSIGN: Final = sql("log_cosign")
_OFFERED: Final = sql("log_offered")
_COSIGNED: Final = sql("log_cosigned")
Line = tuple[bytes, int, str]
"""A witness' public key, the time in seconds, and the line under the note."""


async def keep_candidate(store: EventStore, size: int, note: str, at: Millis) -> None:
    """Remember which checkpoint witnesses are asked for. Raises StoreError."""
    await store.reader.fetch(_OFFER, size, note, at, CANDIDATES_KEPT)


async def keep_cosignatures(store: EventStore, size: int, lines: Sequence[Line]) -> None:
    """Keep the latest line of each key. Raises StoreError."""
    keys, seconds, texts = [one[0] for one in lines], [one[1] for one in lines], [one[2] for one in lines]
    await store.reader.fetch(_COSIGN, size, keys, seconds, texts)


async def newest_candidates(store: EventStore, most: int) -> list[tuple[int, str, Millis]]:
    """Size, note and when it was offered, the newest first. Raises StoreError."""
    return [(row[0], row[1], Millis(row[2])) for row in await store.reader.fetch(_OFFERED, most)]


async def cosignatures_from(store: EventStore, size: int) -> list[tuple[int, bytes, str]]:
    """Size, key and line of every cosignature of a checkpoint of at least `size` leaves. Raises StoreError."""
    return [(row[0], bytes(row[1]), row[3]) for row in await store.reader.fetch(_COSIGNED, size)]
