"""A look at the hub's log: recompute it from its entries, compare, write down, cosign, hand in.

Cosigned is only what this witness has recomputed itself: that the log goes on from what it saw last, that each stream's
records follow one another, and that the heads tree holds the newest of them. So a hub that shows two logs needs two
sets of witnesses, and one that leaves out, repeats or reorders a record gets no cosignature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto.checkpoints import Checkpoint, parse_checkpoint
from crypto.errors import BadSignature, CryptoError
from crypto.growing_log import GrowingLog
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes, parse_entry
from crypto.log_tiles import TILE_WIDTH, decode_bundle
from crypto.notes import NoteKey, cosignature_line, parse_note, verify_note
from crypto.signing import SigningKey
from domain.ids import Millis, OrganisationId
from protocol.trust import Trust
from protocol.witnesses import SECOND, log_key, witness_name
from samsnakk.errors import Refused
from samsnakk.log.source import Source
from samsnakk.node.faults import LOG_FORKED, LOG_SHRUNK, LOG_UNSIGNED, Evidence, LogFault
from samsnakk.node.witness.book import Book, Seen

FRESH: Final = 5 * 60 * 1000
"""Milliseconds after which a checkpoint that still is the newest is cosigned anew."""
_EVIDENCE_ENTRIES: Final = 64


class _Lie(Exception):
    """What the hub serves does not hold."""

    def __init__(self, code: str, why: str, entries: tuple[LogEntry, ...] = ()) -> None:
        super().__init__(why)
        self.code = code
        self.entries = entries


@dataclass(slots=True)
class _Handed:
    """What the hub has taken in: of which organisations, and when it was signed."""

    text: str = ""
    at: int = 0
    by: frozenset[OrganisationId] = frozenset()


class Witness:
    """The witness of all organisations of one node: one log, one book, a key for each of them."""

    def __init__(self, trust: Trust, book: Book, source: Source, evidence: Evidence) -> None:
        self._key: NoteKey = log_key(trust)
        self._book = book
        self._source = source
        self._evidence = evidence
        self._log: GrowingLog | None = None
        self._handed = _Handed()
        self._told: set[tuple[str, str]] = set()
        self.note = ""
        """The newest checkpoint that holds, as the hub signed it; empty until one was looked at."""

    def newest(self, name: Digest) -> LogEntry | None:
        """The newest head of a stream in the log as far as it was checked here."""
        return self._book.head(name)

    def proof(self, name: Digest) -> tuple[bytes | None, tuple[Digest, ...]]:
        """What stands in the heads tree where the name belongs, and the siblings on the way; slow, for evidence."""
        stands, siblings = (self._log or self._book.log()).heads.proof(name)
        return None if stands is None else entry_bytes(stands), siblings

    @property
    def seen(self) -> Seen:
        """The newest checkpoint that was checked here."""
        return self._book.seen()

    async def look(self, keys: Mapping[OrganisationId, SigningKey], at: Millis) -> LogFault | None:
        """Cosign what the hub offers, if it holds. `keys`: of the organisations that may cosign now.

        Raises `Disconnected`, `Refused`, `WitnessedElsewhere`.
        """
        note = await self._source.note("candidate")
        if note is None:
            return await self._nothing(at)
        try:
            checkpoint, text = self._read(note)
            await self._follow(checkpoint, text)
        except _Lie as lie:
            # What was taken in on the way is not the log; the book is.
            self._log = None
            return self._accuse(lie, note, at)
        self.note = note
        await self._cosign(text, keys, at)
        return None

    async def _nothing(self, at: Millis) -> LogFault | None:
        if self.seen.size == 0:
            return None
        return self._accuse(_Lie(LOG_SHRUNK, "no log any more"), "", at)

    def _read(self, note: str) -> tuple[Checkpoint, str]:
        try:
            parsed = parse_note(note)
            verify_note(parsed, self._key)
            checkpoint = parse_checkpoint(parsed.text)
        except BadSignature as error:
            raise _Lie(LOG_UNSIGNED, str(error)) from None
        except CryptoError as error:
            raise Refused("malformed_frame", str(error)) from None  # a proxy's page, say: nobody signed it
        if checkpoint.origin != self._key.name:
            raise _Lie(LOG_UNSIGNED, "another log's checkpoint")
        return checkpoint, parsed.text

    async def _follow(self, checkpoint: Checkpoint, text: str) -> None:
        """See that the checkpoint holds, and write it down if it is new."""
        seen = self.seen
        if checkpoint.size < seen.size:
            raise _Lie(LOG_SHRUNK, "fewer leaves than before")
        if checkpoint.size == seen.size:
            if text != seen.text:
                raise _Lie(LOG_FORKED, "two logs of one size")
            return
        log = self._log or self._book.log()
        self._log = None
        newest: dict[Digest, LogEntry] = {}
        last: tuple[LogEntry, ...] = ()
        while log.size < checkpoint.size:
            last = await self._entries(log.size, checkpoint.size)
            for entry in last:
                before = log.heads.get(entry.name)
                if entry.n != (0 if before is None else before.n) + 1:
                    raise _Lie(LOG_FORKED, "a stream's record that does not follow the one before it", last)
                log.append([entry])
                newest[entry.name] = entry
        if (log.frontier.root, log.heads.root) != (checkpoint.root, checkpoint.heads):
            raise _Lie(LOG_FORKED, "the entries are not those that were signed", last)
        self._book.turn(seen, Seen(checkpoint.size, text), log, newest.values())
        self._log = log

    async def _entries(self, start: int, end: int) -> tuple[LogEntry, ...]:
        """The leaves from `start` to the end of their bundle, or of the log."""
        bundle, inside = divmod(start, TILE_WIDTH)
        width = min(TILE_WIDTH, end - bundle * TILE_WIDTH)
        try:
            found = decode_bundle(await self._source.bundle(bundle, width))
            if len(found) != width:
                raise _Lie(LOG_FORKED, "entries are missing")
            return tuple(parse_entry(one) for one in found[inside:])
        except CryptoError as error:
            raise _Lie(LOG_FORKED, str(error)) from None

    async def _cosign(self, text: str, keys: Mapping[OrganisationId, SigningKey], at: Millis) -> None:
        """Sign what stands in the book; again where it was not handed in, or long ago."""
        handed = self._handed
        if not keys or (handed.text == text and handed.by >= frozenset(keys) and at - handed.at < FRESH):
            return
        lines = [cosignature_line(text, witness_name(who), key, at // SECOND) for who, key in keys.items()]
        try:
            await self._source.hand_in(text + "\n" + "".join(lines))
        except Refused as refused:
            if refused.code == "not_found":
                return  # the hub has gone on to the next one meanwhile
            raise
        self._handed = _Handed(text, at, frozenset(keys))

    def _accuse(self, lie: _Lie, note: str, at: Millis) -> LogFault:
        """Tell of it each time, and write it down once."""
        fault = LogFault(lie.code)
        if (lie.code, note) not in self._told:
            self._told.add((lie.code, note))
            entries = [entry_bytes(entry) for entry in lie.entries[-_EVIDENCE_ENTRIES:]]
            self._evidence.keep_log(fault, [note, self.seen.text, str(lie), entries], at)
        return fault
