"""Fetching the files that the copied messages name, one after the other, each with its line in the access log."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from crypto import cbor
from domain.channel.events import AttachmentRef
from domain.ids import ChannelId, Millis, Version
from protocol.errors import ProtocolError
from samsnakk.coverage import verify_file
from samsnakk.errors import AttachmentTooLarge, Disconnected, Refused
from samsnakk.held import MAX_ITEM
from samsnakk.node.faults import ANOTHER_FILE, ChannelFault, Evidence
from samsnakk.node.replica.copying import Copying
from samsnakk.node.replica.files import FileList, FileShelf, Named, NoRoom, NotTheFile, named_in
from samsnakk.pauses import jittered

BATCH: Final = 100
"""Records that are looked through for files at a time."""
QUIET: Final = 2.0
"""Seconds between two looks whether there is anything new."""
LATER: Final = 30.0
"""Seconds after which it is tried again where the hub, or the disk, said no for now."""
AGAIN: Final = 60 * 60_000
"""Milliseconds between two tries for files that were not to be had."""
NO_ROOM: Final = "disken har ikke plass til flere vedlegg; hendelsene kopieres fortsatt"
_GONE: Final = frozenset({"not_found", "unknown_channel"})
"""The file is not there, or not for this organisation any more."""


class Filing:
    """One organisation's files. `problem`: why nothing more is fetched for now; empty while all is well."""

    def __init__(
        self, copying: Copying, shelf: FileShelf, files: FileList, evidence: Evidence, now: Callable[[], Millis]
    ) -> None:
        self.shelf = shelf
        self.files = files
        self.problem = ""
        self._copying = copying
        self._evidence = evidence
        self._now = now
        self._tried_at = now()
        self._faults: list[ChannelFault] = []
        self._one_at_a_time = asyncio.Lock()

    def told(self) -> list[ChannelFault]:
        """What was wrong with files since this was asked last."""
        found, self._faults = self._faults, []
        return found

    async def go_back(self, channel: ChannelId, before: Version) -> None:
        """Look at the channel again from there on."""
        await self.files.go_back(channel, before)

    async def forget(self, refs: Sequence[AttachmentRef]) -> None:
        """Destroy these files, and never fetch them again: noted first, so that no fetch on its way brings one back."""
        await self.files.erase([ref.file for ref in refs])
        for ref in refs:
            self.shelf.forget(ref.content_hash)

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            worked = await self.step()
            if self.problem:
                await asyncio.sleep(jittered(LATER))
            elif not worked:
                await asyncio.sleep(QUIET)

    async def step(self) -> bool:
        """The files of one channel's next records; whether there was anything to do."""
        async with self._one_at_a_time:
            return await self._step()

    async def _step(self) -> bool:
        channels = self._copying.shelf.channels
        channel = next((one for one in channels if channels[one].held > self.files.upto.get(one, 0)), None)
        if channel is None:
            return await self._try_again()
        upto, files = await self._named(channel, self.files.upto.get(channel, Version(0)))
        wanted = [one for one in files if one.ref.file not in self.files.erased and not self.shelf.has(one.ref)]
        missing = await self._fetch(wanted)
        if missing is None:
            return False  # told in `problem`; what is here by now is not fetched again
        await self.files.keep(channel, upto, missing)
        return True

    async def _named(self, channel: ChannelId, after: Version) -> tuple[Version, list[Named]]:
        reader, store = self._copying.reader, self._copying.store
        owner = reader.unlocked.trust.deployment_id + channel + reader.vault
        held = self._copying.shelf.of(channel).held
        rows = [row for row in await store.rows("items", owner, after, BATCH) if row[0] <= held]
        instead = {version: data for version, _, data in await store.rows("filled", owner, after, BATCH)}
        items = [cbor.decode(instead.get(version, data), max_size=MAX_ITEM) for version, _, data in rows]
        upto = Version(rows[-1][0]) if rows else held
        return upto, [one for item in items for one in named_in(channel, item)]

    async def _try_again(self) -> bool:
        if not self.files.missing or self._now() - self._tried_at < AGAIN:
            self.problem = ""
            return False
        self._tried_at = self._now()
        wanted = list(self.files.missing.values())
        missing = await self._fetch(wanted)
        for one in wanted:
            if self.shelf.has(one.ref):
                await self.files.found(one.ref.file)
        return bool(missing is not None and len(missing) < len(wanted))

    async def _fetch(self, wanted: Sequence[Named]) -> list[Named] | None:
        """Those that are not to be had; None where it is not possible to go on now."""
        missing: list[Named] = []
        self.problem = ""
        for one in wanted:
            try:
                await self._take(one)
            except NoRoom:
                self.problem = f"{self._copying.reader.name}: {NO_ROOM}"
                return None
            except Disconnected as away:
                self.problem = f"{self._copying.reader.name}: {away}"
                return None
            except Refused as refused:
                if refused.code not in _GONE:
                    self.problem = f"{self._copying.reader.name}: {refused}"
                    return None
                missing.append(one)
            except (NotTheFile, AttachmentTooLarge):
                missing.append(self._blamed(one, ANOTHER_FILE))
            except ProtocolError as lie:
                missing.append(self._blamed(one, lie.code))
        return missing

    async def _take(self, one: Named) -> None:
        reader = self._copying.reader.reader(one.channel, self._copying.clock)
        _, doors, _, _, finder = self._copying.asking()
        file = one.ref.file
        asked = reader.ask(f"attachment {file.hex()} {one.thread}")

        def take_line(line: list[Any]) -> None:
            verify_file(line, asked, one.thread, file, reader.place, finder.directory)

        with self.shelf.writing(one.ref) as incoming:
            async for piece in doors.download(one.channel, one.thread, file, asked.signed, take_line):
                await asyncio.to_thread(incoming.add, piece)
        if file in self.files.erased:
            self.shelf.forget(one.ref.content_hash)  # erased while it came

    def _blamed(self, one: Named, code: str) -> Named:
        organisation = self._copying.reader.organisation
        if one.ref.file not in self.files.missing:  # told once, however often it is tried again
            seen: list[int | bytes] = [one.version, one.ref.file, one.ref.size, one.ref.content_hash]
            self._faults.append(self._evidence.keep(ChannelFault(organisation, one.channel, code), seen, self._now()))
        return one
