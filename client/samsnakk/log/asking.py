"""Asking the hub's log on purpose, beside the watch that `following` keeps: for what is handed on as evidence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.hashing import Digest
from crypto.random import random_bytes
from protocol import frames
from protocol.errors import ForkedLog
from protocol.global_log import SignedCheckpoint, read_checkpoint, verify_goes_on
from protocol.trust import Trust
from protocol.witnesses import log_key
from samsnakk.connection import Connection
from samsnakk.errors import NotInTime, Refused
from samsnakk.log.source import LogSource

DEADLINE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A checkpoint, verified to go on from all that were named; for each name the leaf in its place, and siblings."""

    checkpoint: SignedCheckpoint
    consistency: tuple[tuple[bytes, ...], ...]
    heads: tuple[tuple[bytes | None, tuple[bytes, ...]], ...]


class LogQuestions:
    """Questions on their way."""

    def __init__(self, connection: Connection, source: LogSource, trust: Trust) -> None:
        self._connection = connection
        self._source = source
        self._key = log_key(trust)
        self._asked: dict[bytes, asyncio.Future[frames.LogProof]] = {}

    def takes(self, frame: frames.HubFrame) -> bool:
        """Whether the frame answers a question asked here; then it is taken in."""
        match frame:
            case frames.LogProof(request_id=asked) if asked in self._asked:
                self._settled(asked).set_result(frame)
            case frames.Refused(command_id=asked) if asked in self._asked:
                self._settled(asked).set_exception(Refused(frame.code, frame.detail))
            case _:
                return False
        return True

    def _settled(self, asked: bytes) -> "asyncio.Future[frames.LogProof]":
        return self._asked.pop(asked)

    async def ask(self, before: Sequence[SignedCheckpoint], names: Sequence[Digest]) -> Answer:
        """The newest checkpoint, that it goes on from those `before` (at most 8), and the newest heads of streams.

        Raises:
            Attack: what the hub shows does not hold. The heads are not judged here.
            Disconnected, NotInTime, Refused: it cannot be had now.

        """
        request_id = random_bytes(16)
        self._asked[request_id] = asyncio.get_running_loop().create_future()
        future = self._asked[request_id]
        sizes, asked = [one.checkpoint.size for one in before], [bytes(name) for name in names]
        try:
            await self._connection.send(frames.AskLog(request_id, sizes, asked))
            frame = await asyncio.wait_for(future, DEADLINE)
        except TimeoutError:
            raise NotInTime from None
        finally:
            self._asked.pop(request_id, None)
        return self._verified(frame, before, names)

    def _verified(self, frame: frames.LogProof, before: Sequence[SignedCheckpoint], names: Sequence[Digest]) -> Answer:
        came = read_checkpoint(frame.note, self._key)
        if len(frame.consistency) != len(before) or len(frame.heads) != len(names):
            raise ForkedLog("another number of proofs than was asked for")
        for one, proof in zip(before, frame.consistency, strict=True):
            verify_goes_on(one.checkpoint, came.checkpoint, proof)
        consistency = tuple(tuple(proof) for proof in frame.consistency)
        return Answer(came, consistency, tuple((leaf, tuple(siblings)) for leaf, siblings in frame.heads))

    async def cosigned(self) -> SignedCheckpoint | None:
        """The newest checkpoint that enough organisations have cosigned, as the hub says; None before any has.

        Raises:
            ForgedCheckpoint: the hub has not signed it.
            Disconnected, Refused: it cannot be had now.

        """
        note = await self._source.note("cosigned")
        return None if note is None else read_checkpoint(note, self._key)
