"""One channel's share of the local store."""

from collections.abc import Sequence
from typing import Any

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import array, blob, digest, whole
from domain.ids import Digest, PrincipalId, ThreadNo, Version
from protocol.acts import Place
from protocol.errors import ProtocolError
from samsnakk.errors import BadProfile
from samsnakk.fresh import Fresh, Gone, Item
from samsnakk.held import MAX_ITEM, Held, item_row, key_rows, restore
from samsnakk.keys import ChannelKeys, Learned
from samsnakk.local_store import Drop, LocalStore, Purge, Put
from samsnakk.sealed_rows import Row

MAX_MARK = 1024
_CHANNEL_MARK, _ACCESS_MARK = 0, 1
_NEVER = (Version(0), Digest(bytes(32)))


class Kept:
    """What is kept of one channel for one reader."""

    def __init__(self, store: LocalStore, place: Place, reader: PrincipalId) -> None:
        self._store = store
        self._owner = place.deployment + place.channel + reader

    async def load(self, held: Held) -> None:
        """Fill `held`, which must be empty, with what was verified before. Raises `BadProfile`."""
        marks = await self._store.rows("marks", self._owner, limit=1)
        if not marks or marks[0][0] != _CHANNEL_MARK:
            return
        items, filled = await self._rows("items"), await self._rows("filled")
        keys = await self._rows("epoch_keys"), await self._rows("message_keys")
        try:
            restore(held, _read_mark(marks[0][2]), items, filled, keys)
        except (CryptoError, ProtocolError):
            raise BadProfile("the kept record does not hold together") from None

    async def mark(self) -> tuple[Version, Digest] | None:
        """Version and head of the newest record that was verified; None before the first. Raises `BadProfile`."""
        marks = await self._store.rows("marks", self._owner)
        try:
            return _read_mark(marks[0][2]) if marks else None
        except CryptoError:
            raise BadProfile("the kept record does not hold together") from None

    async def keep(self, keys: ChannelKeys, fresh: Fresh) -> None:
        """Keep new items, what they taught, and how far everything is verified: never to go back behind it."""
        if not fresh.items:
            return
        mark = cbor.encode([fresh.items[-1][0], fresh.head])
        # A leaf comes last, so that it takes the place of a record that came in the same frames.
        rows = [item_row(version, item) for version, item in fresh.items]
        rows += [item_row(gone.version, gone.leaf) for gone in fresh.erased]
        marks = self._put("marks", [(_CHANNEL_MARK, 0, mark)])
        await self._store.write(
            self._put("items", rows), marks, *self._keys(keys, fresh.learned), *self._gone(fresh.erased)
        )

    async def keep_filled(self, keys: ChannelKeys, items: Sequence[Item], learned: Sequence[Learned]) -> None:
        """Keep records that took the place of leaves."""
        rows = [item_row(version, item) for version, item in items]
        await self._store.write(self._put("filled", rows), *self._keys(keys, learned))

    async def keep_line(self, version: Version, line: list[Any]) -> None:
        """Keep an access line of this reader: its proof that it asked, and what for."""
        await self._store.write(self._put("lines", [item_row(version, line)]))

    async def lines(self) -> list[Any]:
        """The lines that this end was given, as they came."""
        return [cbor.decode(data, max_size=MAX_ITEM) for _, _, data in await self._rows("lines")]

    async def access_mark(self) -> tuple[Version, Digest]:
        """How far the access log was read, and its head there; version 0: never. Raises `BadProfile`."""
        found = [data for number, _, data in await self._rows("marks") if number == _ACCESS_MARK]
        try:
            return _read_mark(found[0]) if found else _NEVER
        except CryptoError:
            raise BadProfile("the kept mark of the access log") from None

    async def keep_access_mark(self, version: Version, head: Digest) -> None:
        """Never go back behind this."""
        await self._store.write(self._put("marks", [(_ACCESS_MARK, 0, cbor.encode([version, head]))]))

    async def units(self) -> list[tuple[int, bytes]]:
        """The outbox, oldest first."""
        return [(number, data) for number, _, data in await self._rows("outbox")]

    async def keep_units(self, units: Sequence[tuple[int, bytes]]) -> None:
        """Keep units until the hub has given its receipt."""
        await self._store.write(self._put("outbox", [(number, 0, data) for number, data in units]))

    def drop_units(self, numbers: Sequence[int]) -> None:
        """The hub has them, or never will."""
        self._store.write_soon(*(Drop("outbox", self._owner, number) for number in numbers))

    async def draft(self, thread: ThreadNo) -> str:
        """What was being written in the thread; empty if nothing."""
        found = [data for number, _, data in await self._rows("drafts") if number == thread]
        return found[0].decode() if found else ""

    async def keep_draft(self, thread: ThreadNo, text: str) -> None:
        """Keep what is being written."""
        await self._store.write(self._put("drafts", [(thread, 0, text.encode())]))

    async def arrival(self, place: int) -> bytes | None:
        """What is kept of the user's arrival in that place; None if nothing. Raises `BadProfile`."""
        found = [data for number, _, data in await self._rows("arrivals") if number == place]
        return found[0] if found else None

    async def keep_arrival(self, place: int, data: bytes) -> None:
        """Keep it, in place of what was there."""
        await self._store.write(self._put("arrivals", [(place, 0, data)]))

    def drop_arrival(self, place: int) -> None:
        """Forget it."""
        self._store.write_soon(Drop("arrivals", self._owner, place))

    def _keys(self, keys: ChannelKeys, learned: Sequence[Learned]) -> list[Put]:
        found = [key_rows(keys, one) for one in learned if one]
        tables = ("epoch_keys", "message_keys")
        return [self._put(table, rows) for pair in found for table, rows in zip(tables, pair, strict=True) if rows]

    def _gone(self, erased: Sequence[Gone]) -> list[Drop | Purge]:
        """What else lies on the disk of erased messages: records that filled leaves, keys of single messages."""
        drops = [Drop(table, self._owner, gone.version) for gone in erased for table in ("filled", "message_keys")]
        return [*drops, Purge()] if drops else []

    def _put(self, table: str, rows: list[Row]) -> Put:
        return Put(table, self._owner, rows)

    async def _rows(self, table: str) -> list[Row]:
        return await self._store.rows(table, self._owner)


def _read_mark(data: bytes) -> tuple[Version, Digest]:
    version, head = array(cbor.decode(data, max_size=MAX_MARK), 2)
    return Version(whole(version)), Digest(digest(blob(head)))
