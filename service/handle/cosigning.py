"""Getting the log cosigned: one checkpoint is out at a time; nodes fetch it, check the log, hand in their line."""

import asyncio
from collections.abc import Iterable
from typing import Final, TypeAlias

import structlog

from crypto.checkpoints import parse_checkpoint
from crypto.errors import BadSignature, CryptoError
from crypto.log_policies import MAX_CLOCK_AHEAD
from crypto.notes import Note, NoteKey, newest_cosignature, parse_note
from domain.ids import Millis
from protocol.directory import Directory
from protocol.errors import MalformedFrame
from protocol.trust import Trust
from protocol.witnesses import SECOND, standing_witnesses
from service.errors import NotAWitness, NotFound
from service.handle.hub_acts import now
from service.handle.sequencer import Sequencer
from service.log.cosigned import OPEN, Candidate, is_due, shown
from service.store import EventStore, StoreError
from service.store.cosignatures import (
    Line,
    cosignatures_from,
    keep_candidate,
    keep_cosignatures,
    newest_candidates,
)

_LOOK: Final = 0.25
"""Seconds between looks whether another checkpoint is due."""
Keys: TypeAlias = tuple[NoteKey, ...]
_log = structlog.get_logger(__name__)


class Cosigning:
    """The checkpoints that are out, newest last. `outside`: keys of witnesses that are no organisation's node."""

    def __init__(self, store: EventStore, trust: Trust, directory: Directory, outside: Keys = ()) -> None:
        self._store = store
        self._trust = trust
        self._directory = directory
        self._outside = outside
        self._open: dict[int, Candidate] = {}
        self._best: Candidate | None = None

    @classmethod
    async def taken_up(cls, store: EventStore, trust: Trust, directory: Directory, outside: Keys = ()) -> "Cosigning":
        """One who goes on with what is stored. Raises `StoreError`."""
        made = cls(store, trust, directory, outside)
        for size, note, at in reversed(await newest_candidates(store, OPEN)):
            made._open[size] = Candidate(size, parse_note(note).text, note, at)
        if made._open:
            for size, key, line in await cosignatures_from(store, min(made._open)):
                if size in made._open:
                    made._open[size].lines[key] = line
        made._choose(now())
        return made

    @property
    def candidate(self) -> Candidate | None:
        """What witnesses are asked to cosign."""
        return self._open[max(self._open)] if self._open else None

    @property
    def best(self) -> Candidate | None:
        """What is shown: cosigned by enough organisations, or by as many as there are."""
        return self._best

    def note_of(self, size: int, note: str) -> str:
        """The log's own note, with what came for a checkpoint of this size."""
        candidate = self._open.get(size)
        return note if candidate is None else candidate.note

    async def run_for_ever(self, sequencer: Sequencer) -> None:
        """Put the newest checkpoint out whenever the one that is out is done with."""
        while True:
            try:
                await self.look(sequencer, now())
            except StoreError as error:
                _log.warning("cosigning.waiting", error=type(error).__name__)
            await asyncio.sleep(_LOOK)

    async def look(self, sequencer: Sequencer, at: Millis) -> None:
        """Put the newest checkpoint out if it is due. Raises `StoreError`."""
        note, size = sequencer.note, sequencer.signed
        asked = [*(keys for keys in self._organisations(at) if keys), *((key,) for key in self._outside)]
        if note is None or not is_due(self.candidate, size, asked, at):
            return
        await keep_candidate(self._store, size, note, at)
        self._open[size] = Candidate(size, parse_note(note).text, note, at)
        for old in sorted(self._open)[:-OPEN]:
            del self._open[old]

    async def take(self, body: bytes, at: Millis) -> None:
        """Take in a note with cosignatures of a checkpoint that is (or was just) out.

        Raises:
            MalformedFrame: not such a note.
            NotAWitness: no line is a good one of a witness that is known here.
            NotFound: no such checkpoint is out.
            StoreError: not (known to be) stored.

        """
        note, size = _read(body)
        candidate = self._open.get(size)
        if candidate is None or candidate.text != note.text:
            raise NotFound
        lines = list(self._lines(note, at))
        if not lines:
            raise NotAWitness
        await keep_cosignatures(self._store, size, lines)
        candidate.lines.update({key: line for key, _, line in lines})
        self._choose(at)

    def _lines(self, note: Note, at: Millis) -> Iterable[Line]:
        named = {(name, raw[:4]) for name, raw in note.lines}
        for key in (*(key for keys in self._organisations(at) for key in keys), *self._outside):
            if (key.name, key.hash) not in named:
                continue
            try:
                seconds, line = newest_cosignature(note, key)
            except BadSignature:
                raise NotAWitness from None
            if seconds > at // SECOND + MAX_CLOCK_AHEAD:
                raise NotAWitness("the witness' clock is ahead")
            yield key.public, seconds, line

    def _choose(self, at: Millis) -> None:
        known = [*self._open.values(), *([self._best] if self._best is not None else [])]
        self._best = shown(known, self._organisations(at))

    def _organisations(self, at: Millis) -> list[Keys]:
        return list(standing_witnesses(self._trust, self._directory, at).values())


def _read(body: bytes) -> tuple[Note, int]:
    try:
        note = parse_note(body.decode())
        return note, parse_checkpoint(note.text).size
    except (CryptoError, UnicodeDecodeError):
        raise MalformedFrame("a note with cosignatures") from None
