"""Lies about the log: a hub with its own key in hand shows a log of its choice to whoever asks."""

from collections.abc import Iterable, Sequence
from itertools import count

from crypto.checkpoints import parse_checkpoint
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, parse_entry
from crypto.log_tiles import TILE_WIDTH, TileName, decode_bundle
from crypto.notes import parse_note
from crypto.signing import SigningKey
from protocol import frames
from protocol.witnesses import log_key
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.lying_hub.liar import Lie
from tests.made_log import MadeLog

_FILLER = count(1)


def true_entries(hub: HubProcess) -> list[LogEntry]:
    """What the hub's own log holds now."""
    status, note = hub.get("/log/checkpoint")
    assert status == 200
    size = parse_checkpoint(parse_note(note.decode()).text).size
    found: list[LogEntry] = []
    for n in range(-(-size // TILE_WIDTH)):
        status, data = hub.get(f"/log/tile/{TileName(None, n, min(TILE_WIDTH, size - n * TILE_WIDTH))}")
        assert status == 200
        found += [parse_entry(one) for one in decode_bundle(data)]
    return found


def filler() -> LogEntry:
    """A record of a stream that nobody reads."""
    name = Digest(next(_FILLER).to_bytes(32, "little"))
    return LogEntry(name, 1, name)


class HonestLog(Lie):
    """Everything is true, the log included."""

    shows_log = True


class ShowsLog(Lie):
    """Answers every question about the log out of `entries`, signed with `key`; pushes and promises nothing."""

    shows_log = True

    def __init__(self, world: World, entries: Sequence[LogEntry], key: SigningKey | None = None) -> None:
        self.origin = log_key(world.trust).name
        self.key = key or world.hub_key
        self.entries = list(entries)
        self.asked = 0

    def to_client(self, frame: frames.HubFrame) -> Iterable[frames.Frame]:
        return [] if isinstance(frame, frames.PushedCheckpoint | frames.LogProof) else [frame]

    def to_hub(self, frame: frames.ClientFrame) -> Iterable[frames.Frame]:
        if not isinstance(frame, frames.AskLog):
            return [frame]
        self.asked += 1
        self.entries += self.grows()
        # The hub is asked too, so that it promises what it receipts; its answer is kept back.
        return [frame, self.answer(frame, MadeLog(self.origin, self.entries))]

    def grows(self) -> list[LogEntry]:
        """What is new since the last question."""
        return [filler()]

    def answer(self, asked: frames.AskLog, log: MadeLog) -> frames.LogProof:
        proofs: list[list[bytes]] = [[*log.since(one)] if one <= len(log.entries) else [] for one in asked.after]
        heads = [log.head(Digest(name)) for name in asked.names]
        return frames.LogProof(asked.request_id, log.signed(self.key), proofs, heads)
