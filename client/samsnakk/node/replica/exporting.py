"""Handing on to the organisation's record system: what happened, who did it and when; never a text, which is sealed.

The command from `node.toml` is started for a batch of one channel's events, with one line of JSON for each on its
standard input. Ending with 0 means that it has them all; anything else, and they come again. So each event comes at
least once and in order, and a record system that is away costs nothing but time: events wait on disk, not in memory.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

from crypto import cbor
from domain.ids import ChannelId, Millis, Version
from protocol.acts import parse_header
from protocol.records import Record, read_item
from samsnakk.held import MAX_ITEM
from samsnakk.local_store import LocalStore
from samsnakk.node.replica.reader import VaultReader
from samsnakk.node.replica.shelf import NOTHING, Hook, Shelf
from samsnakk.pauses import jittered

BATCH: Final = 100
"""Events in one call of the command."""
DEADLINE: Final = 60.0
"""Seconds the command may take."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
QUIET: Final = 1.0
"""Seconds between two looks whether there is anything new."""


class HookFailed(Exception):
    """The command did not take the batch; the text says how it ended."""


class Exporter:
    """One organisation's way to its record system."""

    def __init__(
        self, command: Sequence[str], reader: VaultReader, store: LocalStore, shelf: Shelf, now: Callable[[], Millis]
    ) -> None:
        self._command = tuple(command)
        self._reader = reader
        self._store = store
        self._shelf = shelf
        self._now = now

    async def run(self) -> None:
        """Hand on until cancelled; after a failure wait, longer each time."""
        while True:
            worked = await self.step()
            failures = self._shelf.hook.failures
            if failures:
                await asyncio.sleep(jittered(min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)))
            elif not worked:
                await asyncio.sleep(QUIET)

    async def step(self) -> bool:
        """Hand on one batch of the channel that has waited behind the others; whether there was anything to do."""
        channel = next((one for one in self._shelf.channels if self._waiting(one)), None)
        if channel is None:
            return False
        after = self._shelf.exported.get(channel, NOTHING)
        lines = await self._lines(channel, after)
        try:
            await self._call("".join(line + "\n" for _, line in lines).encode())
        except HookFailed as failed:
            before = self._shelf.hook
            now = replace(before, failures=before.failures + 1, problem=str(failed), failed_at=self._now())
            await self._shelf.keep_hook(now)
            return True
        await self._shelf.keep_exported(channel, lines[-1][0], Hook(delivered_at=self._now()))
        return True

    def _waiting(self, channel: ChannelId) -> bool:
        return self._shelf.of(channel).held > self._shelf.exported.get(channel, NOTHING)

    async def _lines(self, channel: ChannelId, after: Version) -> list[tuple[Version, str]]:
        owner = self._reader.unlocked.trust.deployment_id + channel + self._reader.vault
        rows = await self._store.rows("items", owner, after, BATCH)
        instead = {version: data for version, _, data in await self._store.rows("filled", owner, after, BATCH)}
        found: list[tuple[Version, str]] = []
        for version, _, data in rows:
            event = self._event(channel, cbor.decode(instead.get(version, data), max_size=MAX_ITEM))
            found.append((Version(version), json.dumps(event, ensure_ascii=False, separators=(",", ":"))))
        return found

    def _event(self, channel: ChannelId, item: object) -> dict[str, Any]:
        entry = read_item(item)
        place = {"organisation": self._reader.organisation.hex(), "channel": channel.hex(), "version": entry.version}
        if not isinstance(entry, Record):
            # Not this organisation's to know more about.
            return place | {"recorded_at": entry.recorded_at, "thread": entry.thread, "kind": entry.kind_class.value}
        header, kind = parse_header(entry.signed.header)
        return place | {
            "recorded_at": entry.recorded_at,
            "thread": header.thread,
            "kind": kind.name,
            "person": plain(header.person),
            "device": plain(header.device),
            "for_organisation": plain(header.organisation),
            "role": plain(header.role),
            "facts": plain(header.event),
            "sealed_bytes": len(entry.signed.body or b""),
        }

    async def _call(self, lines: bytes) -> None:
        """Start the command with these lines. Raises `HookFailed`."""
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=nothing, stderr=nothing)
        except OSError as error:
            raise HookFailed(f"lar seg ikke starte: {error.strerror}") from None
        try:
            async with asyncio.timeout(DEADLINE):
                await process.communicate(lines)
        except TimeoutError:
            raise HookFailed(f"ikke ferdig etter {DEADLINE:.0f} sekunder") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise HookFailed(f"sluttet med kode {process.returncode}")


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is anything
    """What a header says, as JSON: bytes in hexadecimal, facts by their names."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(one) for one in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value
