"""What an end has accepted of the log, kept sealed: the newest checkpoint, each stream's newest head, and a lie found.

The first pin is made together with the profile and lies in a file of its own. From then on the local store holds the
newest one, which every start of the program copies into the file. Where the file is missing nothing is believed: an end
without memory would take any log for the right one.
"""

from collections.abc import Iterable
from typing import Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes, parse_entry
from crypto.log_promises import Promise, encode_promise, parse_promise
from crypto.notes import NoteKey
from crypto.shapes import array
from protocol.errors import ForgedCheckpoint
from protocol.global_log import SignedCheckpoint, empty_log, read_checkpoint
from protocol.trust import Trust
from protocol.witnesses import log_key
from samsnakk.errors import BadProfile, NoLogPin
from samsnakk.local_store import Drop, LocalStore, Put
from samsnakk.profile import LOG_PIN, Unlocked, keep_log_pin, open_from_profile
from samsnakk.sealed_rows import Row

KEYRING_PIN: Final = "log"
"""The name under which a shared keyring carries the newest checkpoint that one of its devices has accepted."""
MAX_BROKEN: Final = 4096
_TABLE: Final = "log"
_NEWEST, _STREAMS, _PROMISES, _BROKEN = b"newest", b"streams", b"promises", b"broken"


def _first_pin(unlocked: Unlocked) -> str:
    try:
        sealed = (unlocked.folder / LOG_PIN).read_bytes()
    except OSError:
        raise NoLogPin from None
    try:
        return open_from_profile(unlocked.keyring_key, LOG_PIN, sealed).decode()
    except (CryptoError, UnicodeDecodeError):
        raise BadProfile("the pin of the log does not open") from None


def newer_pin(unlocked: Unlocked, carried: bytes | None) -> bytes:
    """The pin that a keyring is to carry to the person's other devices: this device's, or the one it carries already.

    Raises `NoLogPin`, `BadProfile`.
    """
    mine, key = _first_pin(unlocked), log_key(unlocked.trust)
    try:
        theirs = checkpoint_of((carried or b"").decode(), unlocked.trust, key)
        is_newer = theirs.checkpoint.size > checkpoint_of(mine, unlocked.trust, key).checkpoint.size
    except (ForgedCheckpoint, UnicodeDecodeError):
        return mine.encode()
    return carried if is_newer and carried else mine.encode()


def take_pin_from_keyring(unlocked: Unlocked, carried: bytes | None) -> None:
    """A new device begins where the person's other devices stand. Raises `ForgedCheckpoint`."""
    try:
        note = (carried or b"").decode()
    except UnicodeDecodeError:
        raise ForgedCheckpoint("not a checkpoint") from None
    checkpoint_of(note, unlocked.trust, log_key(unlocked.trust))
    keep_log_pin(unlocked.folder, unlocked.keyring_key, note)


def checkpoint_of(note: str, trust: Trust, key: NoteKey) -> SignedCheckpoint:
    """A kept note again. Raises `ForgedCheckpoint` where it is not signed with the key that is pinned now."""
    return read_checkpoint(note, key) if note else empty_log(trust.deployment_id)


class LogMemory:
    """The local store's share of the log."""

    def __init__(self, store: LocalStore, unlocked: Unlocked) -> None:
        self._store = store
        self._unlocked = unlocked

    async def newest(self) -> str:
        """The note of the newest checkpoint that was accepted, empty for the log's beginning.

        Raises:
            NoLogPin: nothing is pinned here.
            BadProfile: something else is kept there.

        """
        pinned = _first_pin(self._unlocked)
        rows = await self._store.rows(_TABLE, _NEWEST)
        if not rows:
            return pinned
        newest = rows[0][2].decode()
        if newest != pinned:
            # Should the store be lost, this is as far as a hub could go back.
            keep_log_pin(self._unlocked.folder, self._unlocked.keyring_key, newest)
        return newest

    def keep_newest(self, accepted: SignedCheckpoint) -> None:
        """Never go back behind this one."""
        self._store.write_soon(Put(_TABLE, _NEWEST, [(0, 0, accepted.note.encode())]))

    async def entries(self) -> list[LogEntry]:
        """What the log last said of each stream. Raises `BadProfile`."""
        rows = await self._store.rows(_TABLE, _STREAMS)
        try:
            return [parse_entry(row[2]) for row in rows]
        except CryptoError:
            raise BadProfile("a row about the log is damaged") from None

    def keep_entries(self, entries: Iterable[LogEntry]) -> None:
        """The log says this of streams."""
        self._store.write_soon(Put(_TABLE, _STREAMS, [_row(entry) for entry in entries]))

    async def promises(self) -> list[Promise]:
        """What the hub has promised to log, and the log has not shown yet. Raises `BadProfile`."""
        rows = await self._store.rows(_TABLE, _PROMISES)
        try:
            return [parse_promise(row[2]) for row in rows]
        except CryptoError:
            raise BadProfile("a row about the log is damaged") from None

    def keep_promises(self, promises: Iterable[Promise]) -> None:
        """The hub has promised this."""
        rows = [(promise.promised.position, 0, encode_promise(promise)) for promise in promises]
        self._store.write_soon(Put(_TABLE, _PROMISES, rows))

    def drop_promises(self, kept: Iterable[Promise]) -> None:
        """The hub has kept these."""
        self._store.write_soon(*(Drop(_TABLE, _PROMISES, promise.promised.position) for promise in kept))

    async def broken(self) -> tuple[str, str, str] | None:
        """Code, detail and evidence file of the lie that ended all trust; None where none was found."""
        rows = await self._store.rows(_TABLE, _BROKEN)
        if not rows:
            return None
        try:
            match array(cbor.decode(rows[0][2], max_size=MAX_BROKEN), 3):
                case [str() as code, str() as detail, str() as file]:
                    return code, detail, file
        except CryptoError:
            pass
        raise BadProfile("a row about the log is damaged")

    async def keep_broken(self, code: str, detail: str, file: str) -> None:
        """A lie was found; the next run of the program must know."""
        await self._store.write(Put(_TABLE, _BROKEN, [(0, 0, cbor.encode([code, detail, file]))]))


def _row(entry: LogEntry) -> Row:
    return *_place(entry.name), entry_bytes(entry)


def _place(name: Digest) -> tuple[int, int]:
    return int.from_bytes(name[:6]), int.from_bytes(name[6:12])
