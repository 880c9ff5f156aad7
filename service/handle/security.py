"""The security log of one hub process: what doors refuse is gathered here and written, chained, once a second."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import structlog

from crypto.derivation import expand_key
from crypto.labels import SECURITY_LOG
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.ids import DeviceId, Digest, Millis
from protocol.directory import Directory
from protocol.errors import ProtocolError
from protocol.security_log import GENESIS, SOURCE, RefusedAttempts, SecurityRow, encode_row, next_head
from protocol.table import TABLE, Retry
from service import metrics
from service.handle.hub_acts import now
from service.handle.refusals import Gathering
from service.outcomes import code_of
from service.store import EventStore, StoreError
from service.store.security_log import append_rows, newest_row, prune_rows

log = structlog.get_logger()
EVERY: Final = 1.0
"""Seconds between two writes."""
_FAULTS: Final = 500
_NEVER: Final = Millis(0)
PRUNED_EVERY: Final = 60 * 60 * 1000
_DAY: Final = 24 * 60 * 60 * 1000
LEAST_DAYS: Final = 90
"""The database lets nobody take rows away earlier."""


def is_attempt(code: str) -> bool:
    """Whether a refusal says that somebody tried what they may not, and not only that others were faster."""
    row = TABLE[code]
    return row.status < _FAULTS and (row.retry in (Retry.NEVER, Retry.SIGN_IN) or code == "quota_exceeded")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody tried. `door`: in a word; `remote`: the address it came from."""

    door: str
    code: str
    remote: str | None
    device: bytes | None = None
    proven: bool = False
    channel: bytes | None = None


@dataclass(slots=True)
class SecurityLog:
    """`note` never waits and never fails; `run_for_ever` writes. `days`: how long rows are kept."""

    store: EventStore
    directory: Directory
    days: int
    key: SecretKey = field(default_factory=lambda: SecretKey(random_bytes(32)), repr=False)
    gathering: Gathering = field(default_factory=Gathering)
    _newest: tuple[int, Digest] | None = None
    _unwritten: list[RefusedAttempts] = field(default_factory=list)
    _pruned_at: Millis = _NEVER

    def note(self, attempt: Attempt) -> None:
        """Write down, soon, that it was refused."""
        at = now()
        metrics.security.labels(attempt.door, attempt.code).inc()
        source = expand_key(self.key, label=SECURITY_LOG, context=(attempt.remote or "").encode())[:SOURCE]
        organisation = self._organisation(attempt.device)
        told = (attempt.door, attempt.code, source, attempt.device, attempt.proven, organisation, attempt.channel)
        self.gathering.note(RefusedAttempts(*told, 1, at, at))

    def _organisation(self, device: bytes | None) -> bytes | None:
        """Whose device it is, or says it is."""
        if device is None:
            return None
        try:
            state = self.directory.state(self.directory.owner(DeviceId(device)))
        except ProtocolError:
            return None
        houses = (certificate.organisation for certificate in state.certificates_of(DeviceId(device)))
        return next((house for house in houses if house is not None), state.organisation)

    async def run_for_ever(self) -> None:
        """Write what is due; what cannot be written now is written later."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self._turn()
        finally:
            await asyncio.shield(self._turn(all_of_it=True))

    async def _turn(self, *, all_of_it: bool = False) -> None:
        try:
            await self.write(now(), all_of_it=all_of_it)
            await self._prune(now())
        except (StoreError, TimeoutError) as error:
            self._newest = None
            log.warning("security_log_not_written", code=code_of(error))

    async def write(self, at: Millis, *, all_of_it: bool = False) -> None:
        """Write what is due. Raises StoreError: it is kept for the next time."""
        self._unwritten += self.gathering.due(at, all_of_it=all_of_it)
        if not self._unwritten:
            return
        n, head = await self._end()
        rows: list[SecurityRow] = []
        for one in self._unwritten:
            encoded = encode_row(n + 1, one)
            row = SecurityRow(n + 1, head, encoded, next_head(head, encoded))
            rows.append(row)
            n, head = row.n, row.head
        await append_rows(self.store, rows, at)
        self._newest, self._unwritten = (n, head), []

    async def _end(self) -> tuple[int, Digest]:
        if self._newest is None:
            row = await newest_row(self.store)
            self._newest = (row.n, row.head) if row is not None else (0, GENESIS)
        return self._newest

    async def _prune(self, at: Millis) -> None:
        if at >= self._pruned_at + PRUNED_EVERY:
            self._pruned_at = at
            await prune_rows(self.store, Millis(at - max(self.days, LEAST_DAYS) * _DAY))
