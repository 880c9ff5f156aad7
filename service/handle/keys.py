"""Key streams at the hub: taken in verified, stored as they came, served to everybody. They are public."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from crypto.key_heads import heads_after, log_name
from crypto.key_statements import SignedStatement
from crypto.key_streams import in_force
from domain.channel.audit_cases import auditing
from domain.channel.events import KeyMoved
from domain.channel.roster import on_rosters
from domain.channel.state import Channel
from domain.ids import Digest, Millis, OrganisationId, PrincipalId
from protocol.directory import Directory, newest_key
from protocol.errors import UnknownKey
from protocol.published_keys import decode_entries, encode_entries
from protocol.trust import Trust
from service.store import EventStore, NewRecord, StreamRow, Unit, VersionConflict

TOPIC = "key-statement/1"
KIND = "keys"
_PAGE = 1000
_NO_NAME = bytes(16)


class KeyRegistry:
    """The hub's directory of key streams, kept in the store. `directory` holds nothing unverified."""

    def __init__(self, trust: Trust, store: EventStore) -> None:
        self.directory = Directory(trust)
        self._trust = trust
        self._store = store
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Take in what is stored and store what only the trust file has.

        Raises:
            StoreError: the store cannot be used now.
            SubstitutedKey: stored key streams and trust file disagree; do not start.

        """
        rows = await self._store.streams(kind=KIND)
        self.directory.add_all({PrincipalId(row.stream.bytes): await self._stored(row.stream) for row in rows})
        for principal in (*self.directory.roots.replaced(), *self.directory.principals()):
            await self.publish(principal, self.directory.entries(principal))

    async def _stored(self, stream: UUID) -> tuple[SignedStatement, ...]:
        entries: list[SignedStatement] = []
        while rows := await self._store.read(stream, len(entries), _PAGE):
            for row in rows:
                entries.extend(decode_entries(row.state))
        return tuple(entries)

    async def publish(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> bool:
        """Verify and store a key stream's new statements; tells whether there were any.

        Raises:
            SubstitutedKey: not signed by the pinned root, or another history than the known one.
            StoreError: not (known to be) stored.

        """
        async with self._lock:
            if self.directory.roots.is_organisation(principal):
                self.directory.roots.add({principal: entries})
            else:
                self.directory.add(principal, entries, newest_only=True)
            stream = UUID(bytes=principal)
            stored = (await self._store.head(stream)).version
            new = self.directory.entries(principal)[stored:]
            if not new:
                return False
            heads = heads_after(self._trust.deployment, principal, self.directory.entries(principal))[stored:]
            rows = tuple(
                NewRecord(stream, stored + n, TOPIC, encode_entries([entry]), head=head)
                for n, (entry, head) in enumerate(zip(new, heads, strict=True), 1)
            )
            row = StreamRow(stream, KIND, UUID(bytes=_NO_NAME), log_name(principal), Millis(0))
            streams = () if stored else (row,)
            try:
                await self._store.append(Unit(rows, streams))
            except VersionConflict:  # another hub stored it first
                return False
            return True

    def unkept(self, organisation: OrganisationId) -> list[PrincipalId]:
        """Whose streams hold statements of the organisation, and none by its newest root, which replaced another."""
        directory = self.directory
        return [
            principal
            for principal in sorted(directory.principals())
            if organisation in directory.state(principal).signed_under
            and not in_force(directory.state(principal), organisation, directory.roots.lines)
        ]

    def moved(self, channel: Channel) -> list[KeyMoved]:
        """The key movements the channel has not recorded yet: where a member's key stream is further than entered.

        Every member's stream is entered once after joining, so that later revocations are judged by their place in
        the channel and never make an act invalid that was recorded in good faith.
        """
        found = (self._movement(principal, channel) for principal in sorted(_members_of(channel)))
        return [movement for movement in found if movement is not None]

    def _movement(self, principal: PrincipalId, channel: Channel) -> KeyMoved | None:
        try:
            state = self.directory.state(principal)
        except UnknownKey:
            return None
        if state.n <= channel.key_streams.get(principal, 0):
            return None
        return KeyMoved(principal, state.n, Digest(state.head), newest_key(state))


def _members_of(channel: Channel) -> set[PrincipalId]:
    """Every principal on a roster of the channel, and who audits it: their devices' ends must be entered too."""
    user = {channel.user.principal} if channel.user is not None else set()
    return on_rosters(channel, channel.recorded_at) | user | auditing(channel)
