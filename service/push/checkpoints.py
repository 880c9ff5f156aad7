"""Checkpoints for whoever asked about the log once: the newest only, and never to who has not read the last one yet."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from crypto.hashing import Digest
from protocol import frames
from service.errors import HubError
from service.handle.log_proofs import LogProver
from service.push.outlet import websocket_frame
from service.store import StoreError


class Listening(Protocol):
    """The writing side of a connection, as far as checkpoints need it."""

    def write_if_idle(self, wire: bytes) -> None:
        """Write it, unless something is waiting to leave."""


@dataclass(slots=True)
class Checkpoints:
    """Who gets pushed checkpoints, and which was pushed last: the next one is shown to go on from it."""

    prover: LogProver
    pause: float
    listening: set[Listening] = field(default_factory=set)
    pushed: int = 0

    async def run_for_ever(self) -> None:
        """Push whatever is newer than the last one, once in each `pause` (seconds)."""
        while True:
            await asyncio.sleep(self.pause)
            with suppress(HubError, StoreError):
                await self.push()

    async def push(self) -> None:
        """Push the newest checkpoint to all who listen, if it is newer. Raises `HubError`, `StoreError`."""
        if not self.listening or self.prover.sequencer.signed == self.pushed:
            return
        shown = await self.prover.show([self.pushed])
        frame = frames.PushedCheckpoint(shown.note, self.pushed, [*shown.consistency[0]])
        self.pushed = shown.size
        wire = websocket_frame(frames.encode(frame))
        for outlet in tuple(self.listening):
            outlet.write_if_idle(wire)

    async def answer(self, asked: frames.AskLog) -> frames.LogProof:
        """What was asked about the log. Raises `HubError`, `StoreError`."""
        shown = await self.prover.show(asked.after, [Digest(name) for name in asked.names])
        heads: list[tuple[bytes | None, list[bytes]]] = [(leaf, [*siblings]) for leaf, siblings in shown.heads]
        proofs: list[list[bytes]] = [[*proof] for proof in shown.consistency]
        return frames.LogProof(asked.request_id, shown.note, proofs, heads)
