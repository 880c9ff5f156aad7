"""Finding key streams that are not known here yet: at the hub, believed only because a pinned root signed them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from crypto.key_statements import SignedStatement
from domain.channel import events as e
from domain.ids import PrincipalId
from protocol.acts import parse_header
from protocol.directory import Directory
from protocol.errors import ProtocolError, SubstitutedKey, UnknownDevice, UnknownKey, WithheldKeys
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


async def learn_roots(directory: Directory, doors: Doors) -> list[PrincipalId]:
    """Fetch the organisations' own streams, which say whose root was replaced. Returns those that went on.

    Raises:
        SubstitutedKey: the hub goes back behind a replacement that is known here, or serves one that nobody may make.
        Disconnected, Refused: it cannot be asked now.

    """
    roots = directory.roots
    served = {who: await doors.key_stream(who) for who in roots.organisations()}
    if any(len(entries) < len(roots.entries(who)) for who, entries in served.items()):
        raise SubstitutedKey("a replaced root is withheld")
    longer = [who for who, entries in served.items() if len(entries) > len(roots.entries(who))]
    roots.add(served)
    return longer


class KeyFinder:
    """The directory of key streams, filled from the hub and kept in the local store."""

    def __init__(self, directory: Directory, doors: Doors, store: LocalStore) -> None:
        self.directory = directory
        self._doors = doors
        self._store = store
        self._served: dict[PrincipalId, int] = {}
        """How many statements of a stream the hub has served, now or before a restart: it may never serve less."""

    async def load(self) -> None:
        """Take in what was kept. Raises `SubstitutedKey` where it contradicts the trust file."""
        kept = [principal for _, _, principal in await self._store.rows(_TABLE, b"principals")]
        rows = [(principal, row) for principal in kept for row in await self._store.rows(_TABLE, principal)]
        self.directory.add_all({PrincipalId(principal): decode_entries(row[2]) for principal, row in rows})
        self._served = {PrincipalId(principal): row[1] for principal, row in rows}

    def at_hub(self, principal: PrincipalId) -> int:
        """How many statements of a stream the hub is known to have: it has served them, or taken them in."""
        return self._served.get(principal, 0)

    def taken_in(self, principal: PrincipalId, n: int) -> None:
        """The hub has said that it took so many statements in."""
        self._served[principal] = max(n, self.at_hub(principal))

    async def learn(self, principals: Iterable[PrincipalId]) -> None:
        """Fetch the newest key streams of these principals.

        Raises:
            SubstitutedKey: the hub served something that no pinned root signed.
            WithheldKeys: it served less than it has served before.
            Disconnected, Refused: it cannot be had now.

        """
        for principal in principals:
            entries = await self._doors.key_stream(principal)
            if len(entries) < self._served.get(principal, 0):
                raise WithheldKeys("less of a key stream than before")
            grown = len(entries) > self._served.get(principal, 0)
            if grown or (entries and entries != self.directory.entries(principal)):
                try:
                    await self.take_in(principal, entries)
                except SubstitutedKey:
                    # Either an attack, or its organisation has a new root, which then is all it takes.
                    if not await self.learn_roots():
                        raise
                    await self.take_in(principal, entries)
                self._served[principal] = len(entries)
                await self._keep(principal)

    async def learn_roots(self) -> bool:
        """As the function of this name, kept in the local store; tells whether any root was replaced since."""
        longer = await learn_roots(self.directory, self._doors)
        for organisation in longer:
            await self._keep(organisation)
        return bool(longer)

    async def take_in(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Take in a key stream and keep it. Raises `SubstitutedKey`."""
        self.directory.add_all({principal: entries})
        await self._keep(principal)

    async def _keep(self, principal: PrincipalId) -> None:
        number = int.from_bytes(principal[:6])
        known = Put(_TABLE, b"principals", [(number, int.from_bytes(principal[6:12]), principal)])
        served = self._served.get(principal, 0)
        await self._store.write(
            known, Put(_TABLE, principal, [(0, served, encode_entries(self.directory.entries(principal)))])
        )

    async def renew(self, principals: Sequence[PrincipalId]) -> None:
        """Fetch the newest key streams, so that nothing is sealed for a key that was lost.

        Where the hub does not answer, those that are known must do: the next author catches up. Raises as `need`.
        """
        try:
            await self.learn(principals)
        except (Disconnected, Refused):
            await self.need(principals)

    async def need(self, principals: Iterable[PrincipalId]) -> None:
        """Make sure that these principals are known. Raises as `learn`, and `UnknownKey`."""
        missing = [p for p in principals if not self.directory.entries(p)]
        await self.learn(missing)
        for principal in missing:
            self.directory.state(principal)

    async def taking(self, take: Callable[[object], Accepted], item: object) -> Accepted:
        """`take(item)`, fetching whatever key streams it lacks.

        Raises:
            ProtocolError: what `take` raises.
            WithheldKeys: the hub recorded what it does not serve the keys for, although asked for a while.
            Disconnected: it could not be asked.

        """
        unanswered = False
        for seconds in PAUSES:
            try:
                return take(item)
            except (UnknownKey, UnknownDevice):
                await pause(seconds)
                try:
                    await self.learn(principals_named(item))
                    unanswered = False
                except (Disconnected, Refused):
                    unanswered = True
        try:
            return take(item)
        except (UnknownKey, UnknownDevice):
            if unanswered:
                raise Disconnected from None
            raise WithheldKeys from None


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
        case e.CopyErased(holder=holder):
            named.append(holder)
        case _:
            pass
    return [principal for principal in named if principal is not None]


def _joined(joined: e.ParticipantJoined) -> list[PrincipalId | None]:
    return [joined.principal, joined.vault.principal if joined.vault is not None else None]
