"""One channel at the node: verified like everybody's, its bodies on disk only, its files beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from domain.channel.events import AttachmentRef, MessagePosted
from domain.ids import ChannelId, Version
from protocol.replay import Accepted
from samsnakk.fresh import Fresh, Item
from samsnakk.held import Held
from samsnakk.kept import Kept
from samsnakk.keys import ChannelKeys, Learned


class FileKeeper(Protocol):
    """Who keeps the files that messages name."""

    async def go_back(self, channel: ChannelId, before: Version) -> None:
        """Records come in the place of leaves from there on; they may name files."""

    async def forget(self, refs: Sequence[AttachmentRef]) -> None:
        """No message that is left names these files: destroy them, and fetch them never again."""


@dataclass(slots=True)
class Copy(Held):
    """A channel at the node. `unwanted`: files that only erased messages named, until somebody takes note."""

    unwanted: list[AttachmentRef] = field(default_factory=list)

    def append(self, accepted: Accepted) -> Learned:
        """The next place; what it carries is kept by whoever follows, and forgotten here."""
        learned = Held.append(self, accepted)
        if self.places[-1].act is not None:
            self.places[-1] = _light(self.places[-1])
        return learned

    def erase(self, decision: Accepted) -> None:
        """As everybody's, and note which files go with it."""
        before = _named(self.places)
        Held.erase(self, decision)
        left = _named(self.places)
        self.unwanted += [ref for ref in before if ref not in left]


def _named(places: Sequence[Accepted]) -> dict[AttachmentRef, None]:
    events = (place.header.event for place in places if place.act is not None)
    return dict.fromkeys(ref for event in events if isinstance(event, MessagePosted) for ref in event.attachments)


def _light(place: Accepted) -> Accepted:
    if place.act is None or place.act.signed.body is None:
        return place
    return replace(place, act=replace(place.act, signed=replace(place.act.signed, body=None)))


class CopyKept(Kept):
    """One channel's records on disk, and how many they are."""

    version = Version(0)
    held: Copy | None = None
    files: FileKeeper | None = None

    async def load(self, held: Held) -> None:
        """Read what was kept."""
        await super().load(held)
        held.places[:] = [_light(place) for place in held.places]
        self.version = held.version

    async def keep(self, keys: ChannelKeys, fresh: Fresh) -> None:
        """Keep what was verified. Files of what was erased are gone before its record is: never the other way round."""
        if self.held is not None and self.held.unwanted and self.files is not None:
            unwanted, self.held.unwanted = self.held.unwanted, []
            await self.files.forget(unwanted)
        await super().keep(keys, fresh)
        if fresh.items:
            self.version = fresh.items[-1][0]

    async def keep_filled(self, keys: ChannelKeys, items: Sequence[Item], learned: Sequence[Learned]) -> None:
        """Keep what took the place of leaves; it may name files, so that is noted first."""
        if items and self.files is not None and self.held is not None:
            channel = self.held.replay.place.channel
            await self.files.go_back(channel, min(version for version, _ in items))
        await super().keep_filled(keys, items, learned)
