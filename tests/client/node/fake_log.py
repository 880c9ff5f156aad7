"""A hub's log as a witness sees it, which can be made to lie."""

from collections.abc import Sequence

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.growing_log import GrowingLog
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_tiles import TILE_WIDTH, encode_bundle
from crypto.notes import Note, parse_note, sign_note
from crypto.signing import SigningKey
from protocol.witnesses import log_origin
from samsnakk.errors import Disconnected, Refused
from tests.crypto.fixed import some_digest
from tests.protocol.keyholders import DEPLOYMENT, HUB_KEY

ORIGIN = log_origin(DEPLOYMENT)


def entry(stream: str, n: int, what: str = "") -> LogEntry:
    return LogEntry(some_digest(stream), n, some_digest(f"{stream} {n} {what}"))


def entries(count: int, streams: int = 5, start: int = 0) -> list[LogEntry]:
    return [entry(f"stream {n % streams}", n // streams + 1) for n in range(start, start + count)]


def signed(leaves: Sequence[LogEntry], key: SigningKey = HUB_KEY, heads: Digest | None = None) -> str:
    log = GrowingLog()
    log.append(leaves)
    checkpoint = Checkpoint(ORIGIN, log.size, log.frontier.root, heads or log.heads.root)
    return sign_note(checkpoint_text(checkpoint), ORIGIN, key)


class FakeLog:
    """`leaves` are served, `offered` is the note that stands at the door; `handed_in` is what came."""

    def __init__(self, leaves: Sequence[LogEntry]) -> None:
        self.leaves = list(leaves)
        self.offered: str | None = signed(leaves)
        self.handed_in: list[Note] = []
        self.bundles: list[tuple[int, int]] = []
        self.away = False

    def grow(self, leaves: Sequence[LogEntry]) -> None:
        self.leaves += leaves
        self.offered = signed(self.leaves)

    async def note(self, which: str) -> str | None:
        assert which == "candidate"
        if self.away:
            raise Disconnected
        return self.offered

    async def bundle(self, n: int, width: int) -> bytes:
        self.bundles.append((n, width))
        found = self.leaves[n * TILE_WIDTH : n * TILE_WIDTH + width]
        if len(found) < width:
            raise Refused("not_found", "")
        return encode_bundle([entry_bytes(one) for one in found])

    async def hand_in(self, note: str) -> None:
        if self.away:
            raise Disconnected
        self.handed_in.append(parse_note(note))
