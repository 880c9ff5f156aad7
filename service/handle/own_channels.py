"""Which channels somebody takes part in: read out of the record as it grows, never asked of a client."""

import asyncio
from typing import Final
from uuid import UUID

from domain.channel import events as e
from domain.channel.visibility import is_served
from domain.ids import ChannelId, PrincipalId, Version
from protocol import records
from protocol.acts import Header, parse_header
from protocol.facts import KIND_OF
from protocol.own_channels import OwnChannels
from service.handle.channels import Channels
from service.handle.hub_acts import now
from service.store import EventStore
from service.store.roster_channels import STRETCH, moved_channels, note_rosters, read_upto, roster_changes

_TOPICS: Final = tuple(KIND_OF[kind].name for kind in (e.ParticipantJoined, e.Proposed, e.UserArrived))
_PAGE: Final = 1000


class ChannelLists:
    """Answers who takes part where. Several hubs may do the same work: nothing is noted twice."""

    def __init__(self, store: EventStore, channels: Channels) -> None:
        self._store = store
        self._channels = channels
        self._lock = asyncio.Lock()

    async def moved(self, reader: PrincipalId, after: int) -> OwnChannels:
        """The reader's channels in the next stretch of the record. Raises `StoreError`."""
        last = await self._read_on()
        if after > last:
            after = 0  # another record than the one that was asked about before: begin anew
        found = await moved_channels(self._store, reader, after)
        mine: list[tuple[ChannelId, Version]] = []
        for stream, version in found.channels:
            channel = ChannelId(stream.bytes)
            # Who is on no roster any more is not told either that the others go on.
            if is_served((await self._channels.get(channel)).live.channel, reader, now()):
                mine.append((channel, Version(version)))
        return OwnChannels(tuple(mine), found.upto, more=found.upto - after >= STRETCH)

    async def _read_on(self) -> int:
        """Read what was recorded since the last time; returns the record's last position."""
        async with self._lock:
            done, last = await read_upto(self._store)
            while done < last:
                rows = await roster_changes(self._store, done, last, _TOPICS, _PAGE)
                done = rows[-1][0] if len(rows) == _PAGE else last
                found = {pair for _, state in rows for pair in _taking_part(state)}
                await note_rosters(self._store, sorted(found), done)
            return last


def _taking_part(state: bytes) -> list[tuple[bytes, UUID]]:
    """Whom a stored record brings into its channel: more may be named than really came, which is judged later."""
    header, _ = parse_header(records.parse_stored(state, None, None).signed.header)
    channel = UUID(bytes=header.place.channel)
    return [(principal, channel) for principal in _named(header)]


def _named(header: Header) -> list[PrincipalId]:
    match header.event:
        case e.ParticipantJoined() as joined:
            pass
        case e.Proposed(joined=joined):
            pass
        case e.UserArrived(user=user):
            return [user]
        case _:
            return []
    return [joined.principal, *([joined.vault.principal] if joined.vault is not None else [])]
