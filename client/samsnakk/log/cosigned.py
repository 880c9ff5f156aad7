"""Whether enough organisations have cosigned the hub's log: asked for now and then, and held against what is read here.

A hub that shows different people different logs needs cosignatures for both, and witnesses give one. Too few are a
reason to warn: nodes may be away. A false one, or one for a log that the own one does not go on from, is a lie.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Final

from crypto.errors import BadSignature, CryptoError, Malformed, NoQuorum
from crypto.log_policies import MAX_POLICY, Policy, parse_policy, verify_quorum
from crypto.notes import parse_note
from domain.ids import Millis, PrincipalId
from protocol.errors import ProtocolError
from protocol.global_log import SignedCheckpoint, log_before
from protocol.trust import Trust
from protocol.witnesses import SECOND, log_key, standing_policy, standing_witnesses
from samsnakk.errors import BadProfile, Disconnected, Refused
from samsnakk.key_finding import KeyFinder
from samsnakk.log.source import Source
from samsnakk.pauses import jittered

POLICY: Final = "witnesses.policy"
"""A policy in the profile's folder (C2SP tlog-policy); without it, more than two thirds of the organisations."""
ROUND: Final = 60.0
"""Seconds between questions."""
FRESH: Final = 900
"""Seconds for which a cosignature counts: witnesses cosign an unchanged log anew every five minutes."""
PATIENCE: Final = 600.0
"""Seconds of asking without a quorum, until it is worth a warning."""


def read_policy(folder: Path) -> Policy | None:
    """The profile's own policy; None where it has none. Raises `BadProfile`, naming the line."""
    try:
        with (folder / POLICY).open("rb") as file:
            return parse_policy(file.read(MAX_POLICY + 1))
    except FileNotFoundError:
        return None
    except (OSError, Malformed) as error:
        raise BadProfile(f"{POLICY}: {error}") from None


class Cosigned:
    """What enough have cosigned lately. `newest` was held against the own log too; `few` is worth a warning."""

    def __init__(self, trust: Trust, folder: Path, source: Source, finder: KeyFinder) -> None:
        self.newest: SignedCheckpoint = log_before(log_key(trust))
        self.few = False
        self.times: Mapping[str, int] = {}
        """When each witness cosigned the newest, in seconds since 1970, by its name in the policy."""
        self._trust = trust
        self._policy = read_policy(folder)
        self._source = source
        self._finder = finder
        self._found: tuple[SignedCheckpoint, Mapping[str, int]] | None = None
        self._lie: str | None = None
        self._waited = 0.0

    # ── what the follower of the log asks ────────────────────────────────────────────────────────────────────────────
    @property
    def open(self) -> tuple[SignedCheckpoint, ...]:
        """What the log must be shown to go on from, besides the own pin."""
        return () if self._found is None else (self._found[0],)

    def settle(self, shown: tuple[SignedCheckpoint, ...]) -> None:
        """The own log goes on from these."""
        if self._found is not None and self._found[0] in shown:
            self.newest, times = self._found
            self._found = None
            self._enough(times)

    def lie(self) -> str | None:
        """A note under which the hub served a false signature of somebody known."""
        return self._lie

    # ── the work ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def run(self) -> None:
        """Look again and again."""
        while True:
            # Keys that are withheld or false are found out where they are used for people.
            with suppress(Disconnected, Refused, ProtocolError):
                await self.look(time_ns() // 1_000_000_000)
            await asyncio.sleep(jittered(ROUND))

    async def look(self, now: int) -> None:
        """Ask once; `now` in seconds by the own clock, because the hub's might be what is held back.

        Raises `Disconnected`, `Refused`, `ProtocolError` where the note, or witnesses' keys, cannot be had.
        """
        note = await self._source.note("cosigned")
        policy = self._policy or await self._standing(now)
        self._waited += ROUND
        try:
            found = None if note is None else verify_quorum(parse_note(note), policy, now, now - FRESH)
        except NoQuorum:
            found = None
        except BadSignature:
            self._lie = note
            return
        except CryptoError:
            raise Refused("malformed_frame", "a note") from None
        if found is not None and note is not None:
            self._take(SignedCheckpoint(note, found.checkpoint), found.times)
        self.few = self._waited > PATIENCE

    def _take(self, came: SignedCheckpoint, times: Mapping[str, int]) -> None:
        if came.checkpoint == self.newest.checkpoint:
            self._enough(times)  # nothing new was recorded, and they said so again
        elif came.checkpoint.size >= self.newest.checkpoint.size:
            self._found = came, times

    def _enough(self, times: Mapping[str, int]) -> None:
        self.times, self._waited, self.few = times, 0.0, False

    async def _standing(self, now: int) -> Policy:
        await self._finder.learn_roots()
        await self._finder.learn([PrincipalId(pin.vault) for pin in self._trust.organisations])
        at = Millis(now * SECOND)
        return standing_policy(self._trust, standing_witnesses(self._trust, self._finder.directory, at))
