"""Signs the log as it grows: takes the record by position into the tree and commits to it in checkpoints."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from crypto.checkpoints import Checkpoint, checkpoint_text, parse_checkpoint
from crypto.errors import CryptoError
from crypto.growing_log import FullTile, GrowingLog
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_entries import LogEntry
from crypto.log_tiles import MAX_TILE_LEVEL, TILE_WIDTH, TileName, tile_root
from crypto.notes import NoteKind, note_key, parse_note, sign_note, verify_note
from crypto.signing import SigningKey
from domain.ids import DeploymentId
from protocol.witnesses import log_origin
from service.errors import NotFound
from service.store import EventStore, StoreError
from service.store.log import full_tile, keep_checkpoint, log_entries, newest_checkpoint, newest_heads

_BATCH: Final = 4096
_PAUSE: Final = 0.2
"""Seconds between checkpoints at least, so that a busy hub signs five times a second and not for each message."""
_POLL: Final = 1.0
_log = structlog.get_logger(__name__)


class LogBroken(Exception):
    """What is recorded is not what this hub has signed in its log. It does not serve until that is understood."""


class Sequencer:
    """The one who makes the log of a deployment grow. `note` is the newest checkpoint that is stored."""

    def __init__(self, store: EventStore, key: SigningKey, deployment: DeploymentId) -> None:
        self.store = store
        self._key = key
        self.origin: Final = log_origin(deployment)
        self.log = GrowingLog()
        self.signed = 0
        self.note: str | None = None
        self.steady: Final = asyncio.Lock()
        """Held while the log is between two checkpoints; whoever holds it sees exactly what was signed."""
        self._unsaved: list[FullTile] = []

    @classmethod
    async def taken_up(cls, store: EventStore, key: SigningKey, deployment: DeploymentId) -> "Sequencer":
        """One who goes on where the newest checkpoint stands. Raises `LogBroken`, `StoreError`."""
        made = cls(store, key, deployment)
        await made._take_up()
        return made

    async def _take_up(self) -> None:
        note = await newest_checkpoint(self.store)
        if note is None:
            return
        try:
            parsed = parse_note(note)
            verify_note(parsed, note_key(self.origin, NoteKind.LOG, self._key.public))
            signed = parse_checkpoint(parsed.text)
        except CryptoError:
            raise LogBroken("the newest checkpoint is not this hub's") from None
        if await self.store.max_position() < signed.size:
            raise LogBroken("the record is shorter than what was signed")
        self.log = await self._grown_to(signed.size)
        if (self.log.frontier.root, self.log.heads.root) != (signed.root, signed.heads):
            raise LogBroken("the record is another than what was signed")
        self.note, self.signed = note, signed.size

    async def _grown_to(self, size: int) -> GrowingLog:
        """The log of the first `size` leaves, out of full tiles and the leaves behind them."""
        log = GrowingLog()
        for level in range(MAX_TILE_LEVEL - 1, 0, -1):
            # What stands in the unfinished tile of a level: a hash for each full tile below it.
            below = size // TILE_WIDTH**level
            for number in range(below - below % TILE_WIDTH, below):
                hashes = await full_tile(self.store, level - 1, number)
                if hashes is None:
                    raise LogBroken("a tile is missing")
                log.tails[level].append(tile_root(hashes))
        full = size - size % TILE_WIDTH
        log.size = full
        log.append(await log_entries(self.store, full, size))
        for entry in await newest_heads(self.store, size):
            log.heads.put(entry)
        return log

    async def run_for_ever(self) -> None:
        """Sign whatever is recorded, soon after it is."""
        while True:
            more = self.store.rung()
            try:
                grew = await self.advance()
            except StoreError as error:
                _log.warning("log.waiting", error=type(error).__name__)
                grew = False
            if grew:
                await asyncio.sleep(_PAUSE)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL):
                        await more.wait()

    async def advance(self) -> bool:
        """Take in what is new and sign it; tells whether there was any. Raises `StoreError`."""
        async with self.steady:
            return await self._advance()

    async def _advance(self) -> bool:
        while entries := await log_entries(self.store, self.log.size, self.log.size + _BATCH):
            self._unsaved += self.log.append(entries)
        if self.log.size == self.signed:
            return False
        size = self.log.size
        text = checkpoint_text(Checkpoint(self.origin, size, self.log.frontier.root, self.log.heads.root))
        note = sign_note(text, self.origin, self._key)
        await keep_checkpoint(self.store, self._unsaved, size, note)
        self._unsaved.clear()
        self.note, self.signed = note, size
        return True

    async def tile(self, name: TileName) -> bytes:
        """The hashes of a tile of the signed log, as many as are asked for.

        Raises:
            NotFound: there is no such tile (yet).
            StoreError: see there.

        """
        if name.level is None:
            raise NotFound
        number, hashes = self.log.tail(name.level)
        found = hashes if name.n == number else await full_tile(self.store, name.level, name.n)
        wanted = name.width * DIGEST_LENGTH
        if found is None or len(found) < wanted:
            raise NotFound
        return found[:wanted]

    async def entries(self, name: TileName) -> list[LogEntry]:
        """The leaves of an entry bundle. Raises `NotFound`, `StoreError`."""
        first = name.n * TILE_WIDTH
        if first + name.width > self.signed:
            raise NotFound
        return await log_entries(self.store, first, first + name.width)

    def newest(self, name: Digest) -> tuple[str, LogEntry | None, tuple[Digest, ...]]:
        """The newest checkpoint, and what its heads tree says of a stream. Raises `NotFound` before there is one."""
        if self.note is None or self.signed != self.log.size:
            raise NotFound
        return self.note, *self.log.heads.proof(name)
