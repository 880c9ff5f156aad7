"""Finding key streams that are not known here yet: at the hub, believed only because a pinned root signed them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from crypto.key_statements import SignedStatement
from domain.channel import events as e
from domain.ids import PrincipalId
from protocol.acts import parse_header
from protocol.directory import Directory
from protocol.errors import ProtocolError, UnknownDevice, UnknownKey
from protocol.published_keys import decode_entries, encode_entries
from protocol.records import Record, read_item
from protocol.replay import Accepted
from samsnakk.doors import Doors
from samsnakk.errors import Disconnected, Refused
from samsnakk.local_store import LocalStore, Put
from samsnakk.pauses import pause

PAUSES: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts: the hub records nothing whose keys it lacks, so it must have them."""
_TABLE: Final = "key_streams"


class KeyFinder:
    """The directory of key streams, filled from the hub and kept in the local store."""

    def __init__(self, directory: Directory, doors: Doors, store: LocalStore) -> None:
        self.directory = directory
        self._doors = doors
        self._store = store

    async def load(self) -> None:
        """Take in what was kept. Raises `SubstitutedKey` where it contradicts the trust file."""
        for _, _, principal in await self._store.rows(_TABLE, b"principals"):
            for _, _, data in await self._store.rows(_TABLE, principal):
                self.directory.add(PrincipalId(principal), decode_entries(data))

    async def learn(self, principals: Iterable[PrincipalId]) -> None:
        """Fetch the newest key streams of these principals.

        Raises:
            SubstitutedKey: the hub served something that no pinned root signed.
            Disconnected, Refused: it cannot be had now.

        """
        for principal in principals:
            entries = await self._doors.key_stream(principal)
            if entries and entries != self.directory.entries(principal):
                await self.take_in(principal, entries)

    async def take_in(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Take in a key stream and keep it. Raises `SubstitutedKey`."""
        self.directory.add(principal, entries)
        number = int.from_bytes(principal[:6])
        known = Put(_TABLE, b"principals", [(number, int.from_bytes(principal[6:12]), principal)])
        await self._store.write(
            known, Put(_TABLE, principal, [(0, 0, encode_entries(self.directory.entries(principal)))])
        )

    async def need(self, principals: Iterable[PrincipalId]) -> None:
        """Make sure that these principals are known. Raises as `learn`, and `UnknownKey`."""
        missing = [p for p in principals if not self.directory.entries(p)]
        await self.learn(missing)
        for principal in missing:
            self.directory.state(principal)

    async def taking(self, take: Callable[[object], Accepted], item: object) -> Accepted:
        """`take(item)`, fetching whatever key streams it lacks.

        Raises:
            ProtocolError: what `take` raises; `UnknownKey` and `UnknownDevice` only after trying for a while.

        """
        for seconds in PAUSES:
            try:
                return take(item)
            except (UnknownKey, UnknownDevice):
                await pause(seconds)
                try:
                    await self.learn(principals_named(item))
                except (Disconnected, Refused):
                    continue
        return take(item)


def principals_named(item: object) -> list[PrincipalId]:
    """Everybody whose keys the item's act needs: its author, and whom it brings into the channel."""
    try:
        record = read_item(item)
        if not isinstance(record, Record):
            return []
        header, _ = parse_header(record.signed.header)
    except ProtocolError:
        return []
    named: list[PrincipalId | None] = [header.person, header.role]
    match header.event:
        case e.ParticipantJoined() as joined:
            named += _joined(joined)
        case e.Proposed(joined=joined):
            named += _joined(joined)
        case e.UserArrived(user=user):
            named.append(user)
        case e.KeyMoved(principal=principal):
            named.append(principal)
        case _:
            pass
    return [principal for principal in named if principal is not None]


def _joined(joined: e.ParticipantJoined) -> list[PrincipalId | None]:
    return [joined.principal, joined.vault.principal if joined.vault is not None else None]
