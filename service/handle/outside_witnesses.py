"""Asking witnesses that others run to cosign our checkpoints (C2SP tlog-witness); the hub connects, they answer."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from crypto.errors import CryptoError, Malformed
from crypto.growing_log import subtree_of
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_policies import Witness, parse_policy
from crypto.log_proofs import consistency_proof
from crypto.log_tiles import TILE_WIDTH, TileName
from crypto.notes import MAX_NOTE, NoteKey
from crypto.witness_requests import MAX_ASKED, AddCheckpoint, encode_add_checkpoint, tree_size
from service.errors import HubError
from service.handle.cosigning import Cosigning
from service.handle.hub_acts import now
from service.handle.sequencer import Sequencer
from service.log.cosigned import Candidate
from service.settings import BadSetting
from service.store import StoreError

_LOOK: Final = 0.5
_DEADLINE: Final = 10.0
_LONGEST_PAUSE: Final = 300.0
_SIZE_LINE: Final = 64
_log = structlog.get_logger(__name__)


class _Unanswered(Exception):
    """The witness could not be reached, or did not cosign. Its text is a status at most."""


def read_witness_file(name: str | None) -> tuple[Witness, ...]:
    """The witnesses that are to be asked: those of a policy file (C2SP tlog-policy) with an address; without it none.

    Raises:
        BadSetting: no such file, no policy, or an address that is neither https nor on this machine.

    """
    if name is None:
        return ()
    path = Path(name)
    try:
        found = [one for one in parse_policy(path.read_bytes()).witnesses if one.url is not None]
    except OSError as error:
        raise BadSetting(f"SAMSNAKK_WITNESS_FILE: {path}: {error.strerror}") from None
    except Malformed as error:
        raise BadSetting(f"SAMSNAKK_WITNESS_FILE: {path}: {error}") from None
    for witness in found:
        parts = urlsplit(witness.url or "")
        inside = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.hostname is None or not (parts.scheme == "https" or (parts.scheme == "http" and inside)):
            raise BadSetting(f"SAMSNAKK_WITNESS_FILE: {path}: a witness' address begins with https://")
    return tuple(found)


def keys_of(witnesses: Sequence[Witness]) -> tuple[NoteKey, ...]:
    """Whose cosignatures the hub takes besides its organisations' nodes."""
    return tuple(witness.key for witness in witnesses)


class OutsideWitnesses:
    """Asks each of them for every checkpoint that is out, in turn with pauses that grow where one does not answer."""

    def __init__(self, witnesses: Sequence[Witness], cosigning: Cosigning, sequencer: Sequencer) -> None:
        self._witnesses = witnesses
        self._cosigning = cosigning
        self._sequencer = sequencer

    async def run_for_ever(self) -> None:
        """Ask until cancelled. One that is slow holds up no other."""
        timeout = aiohttp.ClientTimeout(total=_DEADLINE)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            for witness in self._witnesses:
                tasks.create_task(self._ask_for_ever(session, witness))

    async def _ask_for_ever(self, session: aiohttp.ClientSession, witness: Witness) -> None:
        done, known, pause = 0, 0, _LOOK
        while True:
            candidate = self._cosigning.candidate
            if candidate is not None and candidate.size > done:
                try:
                    known = await self._ask(session, witness, candidate, known)
                    done, pause = candidate.size, _LOOK
                except (_Unanswered, HubError, StoreError, aiohttp.ClientError, TimeoutError, OSError) as error:
                    _log.warning("witness.unanswered", error=type(error).__name__, why=str(error)[:80])
                    pause = min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _ask(self, session: aiohttp.ClientSession, witness: Witness, candidate: Candidate, known: int) -> int:
        """Ask, once more if the witness remembers another size; gives what it has cosigned now."""
        for _ in range(2):
            proof = await self._proof(known, candidate.size)
            status, answer = await self._exchange(session, witness, AddCheckpoint(known, proof, candidate.signed))
            if status == HTTPStatus.OK:
                await self._cosigning.take((candidate.text + "\n" + answer).encode(), now())
                return candidate.size
            if status != HTTPStatus.CONFLICT:
                raise _Unanswered(str(status))
            known = _size_in(answer)
            if known > candidate.size:
                raise _Unanswered("ahead of us")
        raise _Unanswered("its memory moves")

    async def _exchange(
        self, session: aiohttp.ClientSession, witness: Witness, asked: AddCheckpoint
    ) -> tuple[int, str]:
        url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
        async with session.post(url, data=encode_add_checkpoint(asked)) as answer:
            data = bytearray()
            async for piece in answer.content.iter_chunked(MAX_ASKED):
                data += piece
                if len(data) > MAX_NOTE:
                    raise _Unanswered("too long an answer")
            try:
                return answer.status, data.decode()
            except UnicodeDecodeError:
                raise _Unanswered("not a text") from None

    async def _proof(self, old: int, size: int) -> tuple[Digest, ...]:
        """The consistency proof: made once to see which tiles it takes, and once with them."""
        wanted: dict[tuple[int, int], int] = {}

        def note(level: int, n: int) -> bytes:
            wanted[level, n] = 0
            return bytes(TILE_WIDTH * DIGEST_LENGTH)

        consistency_proof(old, size, subtree_of(note))
        tiles: Mapping[tuple[int, int], bytes] = {
            (level, n): await self._sequencer.tile(_at(level, n, size)) for level, n in wanted
        }
        return consistency_proof(old, size, subtree_of(lambda level, n: tiles[level, n]))


def _at(level: int, n: int, size: int) -> TileName:
    """The tile as it is in a log of that size."""
    return TileName(level, n, min(TILE_WIDTH, size // TILE_WIDTH**level - n * TILE_WIDTH))


def _size_in(answer: str) -> int:
    try:
        return tree_size(answer[:_SIZE_LINE].removesuffix("\n"))
    except CryptoError:
        raise _Unanswered("not a size") from None
