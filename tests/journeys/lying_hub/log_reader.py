"""A reader who has accepted the log through an honest hub, and what must hold whenever a lie about it is found."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.signing import SigningKey
from protocol.errors import ProtocolError
from protocol.log_evidence import decode_evidence
from protocol.log_judging import Finding, judge
from protocol.witnesses import log_key
from samsnakk import Channel, Client, HistoryBroken, LogBroken, Text
from samsnakk.cli.arguments import main
from samsnakk.cli.error_texts import ATTACKS, told
from samsnakk.log.streams import record_of
from tests.conftest import HubProcess
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.log_lies import true_entries
from tests.journeys.lying_hub.room import Room

DEADLINE = 30.0


@dataclass
class Reader:
    """Jon, who has read everything through an honest hub so far, and has accepted its log."""

    client: Client
    channel: Channel
    room: Room
    hub: HubProcess

    @property
    def name(self) -> Digest:
        return record_of(self.channel._held).name

    @property
    def entries(self) -> list[LogEntry]:
        return true_entries(self.hub)

    async def meets(self, lie: Lie) -> None:
        """From now on everything goes through the liar; the connection begins anew."""
        self.room.liar.lie = lie
        await self.room.liar.cut()

    async def is_caught(self, error: type[ProtocolError], finding: Finding) -> LogBroken:
        """The lie is named, nothing is written any more, and the evidence proves what it says and holds no word."""
        log = self.client.log
        await log.pulse.wait_for(lambda: log.broken, DEADLINE)
        assert log.broken is not None
        assert type(log.broken.problem) is error, log.broken.problem
        assert told(log.broken).startswith(f"STOPP: {ATTACKS[error.code]} ")
        with pytest.raises(HistoryBroken):
            await self.channel.post(0, Text("ikke ett ord til en som lyver"))
        assert log.broken.evidence is not None
        kept = log.broken.evidence.read_bytes()
        assert b"kafeen" not in kept
        trust = self.room.world.trust_file
        checked = await asyncio.to_thread(main, ["log", "check", str(log.broken.evidence), "--trust", str(trust)])
        assert checked == (0 if finding.is_proof else 1)
        evidence = decode_evidence(kept)
        assert judge(evidence, log_key(self.room.world.trust)) is finding
        # In somebody else's hands, with another key than the hub's, it is evidence of nothing.
        other = SigningKey.from_seed(bytes([9]) * 32).public
        assert not judge(evidence, replace(log_key(self.room.world.trust), public=other)).is_proof
        return log.broken


def without(entries: list[LogEntry], name: Digest, above: int) -> list[LogEntry]:
    return [one for one in entries if one.name != name or one.n <= above]
