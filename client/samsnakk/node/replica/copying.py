"""Following the hub: every channel the organisation takes part in, verified record by record and kept as it came.

Only some channels are in memory at a time. One that has caught up is followed on until another needs its place; so a
small organisation has one access line a channel and half day, and a large one a line for each visit.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from domain.ids import ChannelId, Digest, Millis, Version
from protocol import frames
from protocol.directory import Directory
from protocol.own_channels import decode_channels, list_action
from protocol.replay import Replay
from samsnakk.clock import HubClock
from samsnakk.connection import Connection
from samsnakk.doors import Doors
from samsnakk.ends import Ends, Signal
from samsnakk.errors import Disconnected, Refused
from samsnakk.follower import Follower
from samsnakk.kept import Kept
from samsnakk.key_finding import KeyFinder
from samsnakk.keys import ChannelKeys
from samsnakk.local_store import LocalStore
from samsnakk.node.faults import ROLLED_BACK, ChannelFault, Evidence
from samsnakk.node.replica.channel_copy import Copy, CopyKept, FileKeeper
from samsnakk.node.replica.confirming import Said, owes_word, words_owed
from samsnakk.node.replica.reader import VaultReader
from samsnakk.node.replica.shelf import Copied, Shelf, moved
from samsnakk.profile import Unlocked

TOGETHER: Final = 32
"""Channels of an organisation that are in memory at a time."""
_NO_CHANNEL: Final = bytes(16)
_GONE: Final = frozenset({"not_a_participant", "unknown_channel"})
"""Why a channel ends for the organisation; after anything else it is tried again."""


@dataclass(slots=True)
class Followed:
    """A channel in memory. `used`: how many looks ago it last had something new, at the time of that look."""

    held: Copy
    kept: CopyKept
    follower: Follower
    task: "asyncio.Task[None]"
    used: int = 0


class Copying:
    """One organisation's copy. An asynchronous context manager; `look` does a round, and never waits for a channel."""

    def __init__(self, reader: VaultReader, url: str, evidence: Evidence, together: int = TOGETHER) -> None:
        self.reader = reader
        self.directory = Directory(reader.unlocked.trust)
        self.clock = HubClock()
        self.open: dict[ChannelId, Followed] = {}
        self._evidence = evidence
        self._together = together
        self._doors = Doors(url)
        self._connection = Connection(url, reader.unlocked, self.clock, self._on_frame, self._on_change)
        self._was_connected = False
        self._rounds = 0
        self._faults: list[ChannelFault] = []
        self._said: Said = set()
        self.files: FileKeeper | None = None
        """Who keeps the attachments."""

    async def __aenter__(self) -> Self:
        self._evidence.folder.mkdir(mode=0o700, exist_ok=True)
        self.store = LocalStore(self.reader.unlocked)
        self.shelf = Shelf(self.store)
        self._finder = KeyFinder(self.directory, self._doors, self.store)
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        await self._finder.load()
        await self.shelf.load()
        self._connecting: asyncio.Task[None] | None = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.open.values():
            one.task.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            await self._doors.close()
            await self.store.close()

    def asking(self) -> tuple[Unlocked, Doors, LocalStore, Callable[[], Millis], KeyFinder]:
        """What the directory is asked with (`samsnakk.listings.Listings`)."""
        return self.reader.unlocked, self._doors, self.store, self.clock.now, self._finder

    def told(self) -> list[ChannelFault]:
        """What went wrong in channels since this was asked last."""
        found, self._faults = self._faults, []
        return found

    async def look(self, at: Millis) -> None:
        """Note what was verified since, ask which channels moved, and follow those that are behind.

        Raises:
            Disconnected, Refused, MalformedFrame: the hub cannot be asked now.

        """
        self._rounds += 1
        self._connect()
        await self._note(at)
        await self._confirm(at)
        await self._ask(at)
        await self._follow()

    @property
    def connected(self) -> bool:
        """Whether there is a connection right now."""
        return self._connection.connected

    def _connect(self) -> None:
        """Begin, or begin again where the hub refused for good what it may know by now."""
        if self._connecting is None or self._connecting.done():
            self._connection.failure = None
            self._connecting = self._tasks.create_task(self._connection.run())

    async def mark_of(self, channel: ChannelId) -> tuple[Version, Digest] | None:
        """Version and head of the newest record that is kept of a channel. Raises `BadProfile`."""
        place = self.reader.reader(channel, self.clock).place
        return await Kept(self.store, place, self.reader.vault).mark()

    async def give_up(self, channel: ChannelId, code: str) -> None:
        """Something about the channel is a lie: it is not followed any more."""
        if channel in self.open:
            self._drop(channel)
        await self.shelf.keep(replace(self.shelf.of(channel), fault=code))

    async def _note(self, at: Millis) -> None:
        """Write down how far the open channels are; those that ended or broke are followed no more."""
        changed: list[Copied] = []
        for channel, one in list(self.open.items()):
            before = self.shelf.of(channel)
            broken, ended = one.held.broken, one.held.ended
            gone = ended if ended in _GONE else ""
            code = broken.problem.code if broken is not None else ""
            verified = at if one.held.caught_up or one.kept.version > before.held else before.verified_at
            now = replace(before, held=one.kept.version, verified_at=verified, ended=gone, fault=code)
            now = replace(now, wanted=max(now.wanted, now.held))
            if now.held != before.held:
                one.used = self._rounds
            if now != before:
                changed.append(now)
            if broken is not None:
                self._faults.append(self._evidence.explain(ChannelFault(self.reader.organisation, channel, code)))
            if broken is not None or ended is not None:
                self._drop(channel)
        if changed:
            await self.shelf.keep(*changed)

    async def _confirm(self, at: Millis) -> None:
        """Hand the hub this node's word about what it has erased."""
        for channel, one in list(self.open.items()):
            for ref, word in words_owed(self.reader, one.held, one.kept.version, at, self._said):
                with suppress(Refused):  # of no use to say it again: the hub has it, or does not want it
                    await self._doors.erased_copy(word)
                self._said.add((channel, ref))

    async def _ask(self, at: Millis) -> None:
        more = True
        while more:
            after = self.shelf.cursor
            asked = self.reader.reader(_NO_CHANNEL, self.clock).ask(list_action(after))
            found = decode_channels(await self._doors.own_channels(after, asked.signed))
            if found.upto < after:
                # Positions only grow: the hub's record has become shorter than it was.
                fault = ChannelFault(self.reader.organisation, ChannelId(_NO_CHANNEL), ROLLED_BACK)
                self._faults.append(self._evidence.keep(fault, [after, found.upto], at))
            now = [moved(self.shelf.of(channel), version) for channel, version in found.channels]
            more = found.more and found.upto > after
            if now or found.upto != after:
                await self.shelf.keep(*now, cursor=found.upto)

    async def _follow(self) -> None:
        behind = [
            one
            for one in self.shelf.channels.values()
            if one.lag and not one.fault and not one.ended and one.channel not in self.open
        ]
        for one in sorted(behind, key=lambda one: one.verified_at):
            if len(self.open) >= self._together and not await self._make_room():
                return
            await self._open(one.channel)

    async def _make_room(self) -> bool:
        """Let the channel go that has been quiet for longest; whether there was one that had caught up."""
        quiet = [
            (one.used, channel)
            for channel, one in self.open.items()
            if one.held.caught_up and not owes_word(self.reader, one.held, self._said)
        ]
        if not quiet:
            return False
        _, channel = min(quiet)
        self._drop(channel)
        with suppress(Disconnected):  # with the connection every subscription ended
            await self._connection.send(frames.Unsubscribe(channel))
        return True

    def _drop(self, channel: ChannelId) -> None:
        self.open.pop(channel).task.cancel()

    async def _open(self, channel: ChannelId) -> None:
        reader = self.reader.reader(channel, self.clock)
        vault = self.reader.vault
        held = Copy(Replay(reader.place, vault, self.directory, vault), ChannelKeys(vault, {}))
        kept = CopyKept(self.store, reader.place, vault)
        kept.held, kept.files = held, self.files
        await kept.load(held)
        ends = Ends(self._connection, self._finder, kept, self._evidence.folder, _send_nothing)
        follower = Follower(held, reader, ends, following=True)
        self.open[channel] = Followed(held, kept, follower, self._tasks.create_task(follower.run()), self._rounds)
        if self.connected:
            follower.inbox.put_nowait(Signal.CONNECTED)

    # ── what the connection tells ────────────────────────────────────────────────────────────────────────────────────
    def _on_change(self) -> None:
        if self.connected != self._was_connected:
            self._was_connected = self.connected
            for one in self.open.values():
                one.follower.inbox.put_nowait(Signal.CONNECTED if self.connected else Signal.LOST)

    def _on_frame(self, frame: frames.HubFrame) -> None:
        match frame:
            case frames.Refused():
                for one in self.open.values():
                    if one.follower.mine(frame):
                        one.follower.inbox.put_nowait(frame)
                        return
            case frames.Events() | frames.Subscribed() | frames.Unsubscribed() | frames.Fetched():
                if frame.channel in self.open:
                    self.open[frame.channel].follower.inbox.put_nowait(frame)
            case _:
                pass


def _send_nothing(_plan: object) -> None:
    """A node writes nothing into channels."""
