"""Reading the copy alone: no hub, no connection, nothing but the node's folder and its passphrase."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from crypto import cbor
from domain.channel.events import MessagePosted
from domain.ids import ChannelId, Version
from protocol.acts import Place
from protocol.directory import Directory
from protocol.replay import Replay
from samsnakk.doors import Doors
from samsnakk.held import MAX_ITEM, Held
from samsnakk.kept import Kept
from samsnakk.key_finding import KeyFinder
from samsnakk.keys import ChannelKeys
from samsnakk.local_store import LocalStore
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode
from samsnakk.node.replica.files import FileList, FileShelf, Named, files_of
from samsnakk.node.replica.reader import VaultReader, vault_reader
from samsnakk.node.replica.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Archive:
    """One organisation's copy, opened for reading."""

    reader: VaultReader
    store: LocalStore
    shelf: Shelf
    directory: Directory
    files: FileShelf
    file_list: FileList

    def files_in(self, held: Held) -> list[Named]:
        """The files that the channel's messages name, as far as they are for this organisation."""
        found: list[Named] = []
        for place in held.places:
            event = None if place.act is None else place.header.event
            if isinstance(event, MessagePosted) and place.thread is not None:
                channel = held.replay.place.channel
                found += [Named(channel, place.thread, place.version, ref) for ref in event.attachments]
        return found

    def place(self, channel: ChannelId) -> Place:
        """Deployment and channel."""
        return Place(self.reader.unlocked.trust.deployment_id, channel)

    async def channel(self, channel: ChannelId, *, verify: bool = False) -> Held:
        """The channel as far as it was copied; `verify` checks every signature, key, rule and link anew.

        Raises:
            BadNode: it is not in this copy.
            BadProfile: the copy does not hold together.
            Attack: it did not verify, which cannot be by the hub: somebody has changed the node's own files.

        """
        if channel not in self.shelf.channels:
            raise BadNode(f"{channel.hex()}: not in this node's copy")
        place, vault = self.place(channel), self.reader.vault
        held = Held(Replay(place, vault, self.directory, vault), ChannelKeys(vault, {}))
        await Kept(self.store, place, vault).load(held)
        if verify:
            await self._verify(held, place)
        return held

    async def _verify(self, held: Held, place: Place) -> None:
        owner = place.deployment + place.channel + self.reader.vault
        anew = Replay(place, self.reader.vault, self.directory, self.reader.vault)
        for version, _, data in await self.store.rows("items", owner):
            if version <= held.version:
                anew.accept(cbor.decode(data, max_size=MAX_ITEM))
        for version, _, data in await self.store.rows("filled", owner):
            if version <= held.version:
                anew.fill(cbor.decode(data, max_size=MAX_ITEM))
        anew.verify_stubs(held.replay.channel.recorded_at)

    async def items(self, channel: ChannelId, until: Version) -> tuple[list[list[Any]], Held]:
        """The record up to a version, as it was served, and the channel it belongs to. Raises as `channel`."""
        held = await self.channel(channel)
        return [held.item(Version(version)) for version in range(1, min(until, held.version) + 1)], held


@asynccontextmanager
async def opened_archive(node: OpenNode, organisation: bytes | None = None) -> AsyncIterator[Archive]:
    """The copy of one of the node's organisations, by default of the only one. Raises `BadNode`."""
    served = node.configuration.organisations
    if organisation is None and len(served) > 1:
        raise BadNode("this node serves several organisations; say which one")
    mine = next((one for one in served if organisation in (None, one)), None)
    if mine is None:
        raise BadNode("not an organisation of this node")
    reader = vault_reader(node, mine)
    store = LocalStore(reader.unlocked)
    try:
        directory, shelf = Directory(node.trust), Shelf(store)
        await KeyFinder(directory, Doors(node.configuration.hub), store).load()
        await shelf.load()
        file_list = FileList(store)
        await file_list.load()
        files = FileShelf(files_of(node.path, reader.organisation))
        yield Archive(reader, store, shelf, directory, files, file_list)
    finally:
        await store.close()
