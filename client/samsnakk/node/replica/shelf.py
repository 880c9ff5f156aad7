"""What a node keeps of its organisation's channels besides their records: which there are, and how far each is.

Rows lie in the same sealed file as the records, so that the folder shows no channel's id to whoever copies it.
"""

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from domain.ids import ChannelId, Millis, Version
from samsnakk.local_store import LocalStore, Put
from samsnakk.node.configuration import BadNode

_COPIED: Final = "copied"
_EXPORTED: Final = "exported"
_CHANNELS: Final = b"channels"
_CURSOR: Final = b"cursor"
_HOOK: Final = b"hook"
_ID: Final = 16
NOTHING: Final = Version(0)
NEVER: Final = Millis(0)


@dataclass(frozen=True, slots=True)
class Copied:
    """One channel. `wanted`: the newest version that the hub named; `held`: verified and kept here, at `verified_at`.

    `ended`: why the hub serves it no longer; `fault`: what was wrong with it, which is for good.
    """

    channel: ChannelId
    wanted: Version = NOTHING
    held: Version = NOTHING
    verified_at: Millis = NEVER
    ended: str = ""
    fault: str = ""

    @property
    def lag(self) -> int:
        """Versions that are missing here."""
        return max(0, self.wanted - self.held)


@dataclass(frozen=True, slots=True)
class Hook:
    """How the record system's command fares. `failures` in a row; `problem`: what the last one was; times in ms."""

    delivered_at: Millis = NEVER
    failures: int = 0
    problem: str = ""
    failed_at: Millis = NEVER


class Shelf:
    """The list, in memory and on disk: a few hundred bytes a channel."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self.channels: dict[ChannelId, Copied] = {}
        self.cursor = 0
        """Up to which position of the hub's record its list was read."""
        self.exported: dict[ChannelId, Version] = {}
        """Up to which version the record system has taken each channel."""
        self.hook = Hook()

    async def load(self) -> None:
        """Read everything from disk. Raises `BadProfile`, `BadNode`."""
        try:
            for _, _, data in await self._store.rows(_COPIED, _CHANNELS):
                one = msgspec.msgpack.decode(data, type=Copied)
                self.channels[one.channel] = one
            for _, _, data in await self._store.rows(_COPIED, _CURSOR):
                self.cursor = int.from_bytes(data)
            for _, _, data in await self._store.rows(_EXPORTED, _CHANNELS):
                self.exported[ChannelId(data[:_ID])] = Version(int.from_bytes(data[_ID:]))
            for _, _, data in await self._store.rows(_EXPORTED, _HOOK):
                self.hook = msgspec.msgpack.decode(data, type=Hook)
        except msgspec.MsgspecError:
            raise BadNode("the replica's list of channels is damaged") from None

    async def keep(self, *changed: Copied, cursor: int | None = None) -> None:
        """Write these channels down, and how far the hub's list was read."""
        self.channels |= {one.channel: one for one in changed}
        puts = [Put(_COPIED, _CHANNELS, [(*_place(c.channel), msgspec.msgpack.encode(c)) for c in changed])]
        if cursor is not None:
            self.cursor = cursor
            puts.append(Put(_COPIED, _CURSOR, [(0, 0, cursor.to_bytes(8))]))
        await self._store.write(*puts)

    def of(self, channel: ChannelId) -> Copied:
        """The channel as it stands here."""
        return self.channels.get(channel) or Copied(channel)

    async def keep_exported(self, channel: ChannelId, upto: Version, hook: Hook) -> None:
        """Write down that the record system has the channel up to there."""
        self.exported[channel], self.hook = upto, hook
        row = (*_place(channel), channel + upto.to_bytes(8))
        await self._store.write(Put(_EXPORTED, _CHANNELS, [row]), self._hook_row())

    async def keep_hook(self, hook: Hook) -> None:
        """Write down how the record system answers."""
        self.hook = hook
        await self._store.write(self._hook_row())

    def _hook_row(self) -> Put:
        return Put(_EXPORTED, _HOOK, [(0, 0, msgspec.msgpack.encode(self.hook))])


def _place(channel: ChannelId) -> tuple[int, int]:
    """Where the row stands: two numbers that SQLite can hold; 12 of the id's bytes are as unique as 16."""
    return int.from_bytes(channel[:6]), int.from_bytes(channel[10:])


def moved(one: Copied, version: Version) -> Copied:
    """The channel moved at the hub; if it had ended, it has begun again."""
    return replace(one, wanted=max(one.wanted, version), ended="")
