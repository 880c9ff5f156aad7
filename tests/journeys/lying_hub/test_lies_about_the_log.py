"""A hub that lies about its log is caught: by whom, with which words, and what the evidence proves to others."""

from dataclasses import replace
from pathlib import Path

import pytest

from crypto.hashing import Digest
from crypto.heads_tree import HeadsTree
from crypto.log_entries import LogEntry
from crypto.signing import SigningKey
from protocol import frames
from protocol.errors import (
    FalseLogProof,
    ForgedCheckpoint,
    ForkedLog,
    LoggedOtherwise,
    LogOmits,
    PromiseBroken,
    WithheldRecords,
)
from protocol.log_evidence import decode_evidence
from protocol.log_judging import Finding, judge
from protocol.witnesses import log_key
from samsnakk import Client, HistoryBroken, Text
from samsnakk.log.comparing import compare_for_ever
from samsnakk.log.following import LogFollower
from tests.client.conftest import Connect
from tests.conftest import HubProcess
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.log_lies import HonestLog, ShowsLog, filler, true_entries
from tests.journeys.lying_hub.log_reader import DEADLINE, Reader, without
from tests.journeys.lying_hub.room import Room
from tests.made_log import MadeLog


@pytest.fixture
async def jon(room: Room, connect: Connect, hub: HubProcess) -> Reader:
    room.liar.lie = HonestLog()
    client = await connect("Jon", room.liar.url)
    channel = await client.channel(room.channel.id)
    await channel.caught_up()
    reader = Reader(client, channel, room, hub)
    await client.log.pulse.wait_for(lambda: client.log.logged.get(reader.name), DEADLINE)
    return reader


async def test_an_honest_log_is_believed(jon: Reader) -> None:
    await jon.meets(HonestLog())
    sent = await jon.channel.post(0, Text("alt er som det skal"))
    log = jon.client.log
    await log.pulse.wait_for(lambda: log.broken or log.logged[jon.name].n >= sent.version, DEADLINE)
    assert log.broken is None
    assert not log.late


async def test_another_log_than_was_shown_before_is_caught(jon: Reader) -> None:
    """A split view: who has accepted one log is shown another, which is whole in itself."""
    entries = jon.entries
    other = [replace(entries[0], head=Digest(bytes(32))), *entries[1:]]
    size = jon.client.log.pin.checkpoint.size
    await jon.meets(ShowsLog(jon.room.world, other))
    power_of_two = size & (size - 1) == 0  # then a proof begins with the older root itself, and convicts nobody
    await jon.is_caught(ForkedLog, Finding.NOT_SHOWN if power_of_two else Finding.REWRITTEN)


async def test_two_logs_of_one_size_are_caught(jon: Reader) -> None:
    entries = jon.entries[: jon.client.log.pin.checkpoint.size]

    class Still(ShowsLog):
        def grows(self) -> list[LogEntry]:
            return []

    await jon.meets(Still(jon.room.world, [replace(entries[0], head=Digest(bytes(32))), *entries[1:]]))
    await jon.is_caught(ForkedLog, Finding.TWO_LOGS)


async def test_a_log_that_went_back_is_caught_also_after_a_restart(jon: Reader) -> None:
    short = jon.entries[: jon.client.log.pin.checkpoint.size - 3]
    await jon.meets(ShowsLog(jon.room.world, short))
    found = await jon.is_caught(ForkedLog, Finding.NOT_SHOWN)
    async with Client(jon.client._unlocked, jon.hub.url) as again:
        assert again.log.broken is not None
        assert (type(again.log.broken.problem), again.log.broken.evidence) == (ForkedLog, found.evidence)
        theirs = await again.channel(jon.channel.id)
        with pytest.raises(HistoryBroken):
            await theirs.post(0, Text("huben er ærlig nå, men hvem vet"))


async def test_a_hub_that_says_it_never_had_so_much_is_caught(jon: Reader) -> None:
    class Forgetful(HonestLog):
        def to_hub(self, frame: frames.ClientFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.AskLog):
                return [frames.Refused(frame.request_id, "history_behind", "")]
            return [frame]

    await jon.meets(Forgetful())
    await jon.is_caught(ForkedLog, Finding.NOT_SHOWN)


async def test_a_log_that_leaves_out_the_newest_is_caught(jon: Reader) -> None:
    for watch in jon.client.log._watches.values():
        watch.patience = 0.0
    logged = jon.client.log.logged[jon.name].n
    await jon.meets(ShowsLog(jon.room.world, without(jon.entries, jon.name, logged)))
    await jon.room.channel.post(0, Text("dette kommer ikke i loggen"))
    await jon.channel.reached(jon.room.channel.version)
    await jon.is_caught(LogOmits, Finding.SEEN_OTHERWISE)


async def test_a_receipt_that_is_not_logged_is_a_broken_promise(jon: Reader) -> None:
    """The hub has signed where the record will stand; a log that reaches so far without it convicts the hub."""
    sent = await jon.channel.post(0, Text("huben lover å føre dette"))
    await jon.client.log.pulse.wait_for(lambda: jon.client.log.logged[jon.name].n >= sent.version, DEADLINE)
    lie = ShowsLog(jon.room.world, jon.entries)
    await jon.meets(lie)
    await jon.client.log.pulse.wait_for(lambda: lie.asked, DEADLINE)
    lie.grows = lambda: [filler() for _ in range(40)]  # type: ignore[method-assign]
    await jon.channel.caught_up()
    await jon.channel.post(0, Text("dette lover huben også, og fører det ikke"))
    await jon.is_caught(PromiseBroken, Finding.PROMISE_BROKEN)


async def test_another_record_in_the_log_than_was_served_is_caught(jon: Reader) -> None:
    entries = [*jon.entries, LogEntry(jon.name, jon.channel.version + 1, Digest(bytes(32)))]
    await jon.meets(ShowsLog(jon.room.world, entries))
    await jon.room.channel.post(0, Text("noe annet enn i loggen"))
    await jon.is_caught(LoggedOtherwise, Finding.SEEN_OTHERWISE)


async def test_records_that_are_logged_and_not_served_are_caught(jon: Reader) -> None:
    class Withholds(ShowsLog):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Events) and frame.items and frame.stream == "channel":
                return []
            return [*super().to_client(frame)]

        def grows(self) -> list[LogEntry]:
            return []

    lie = Withholds(jon.room.world, jon.entries)
    await jon.meets(lie)
    log = jon.client.log
    await log.pulse.wait_for(lambda: lie.asked and log._asked is None, DEADLINE)
    await jon.channel.caught_up()
    for watch in log._watches.values():
        watch.patience = 0.0
    await jon.room.channel.post(0, Text("dette får du ikke"))
    lie.entries.append(LogEntry(jon.name, jon.channel.version + 1, Digest(jon.room.channel.head)))
    jon.client.log._asked_at = 0.0
    await jon.is_caught(WithheldRecords, Finding.SEEN_OTHERWISE)


async def test_a_checkpoint_under_another_key_is_caught(jon: Reader) -> None:
    """Somebody else in the hub's place, or the hub with a key that no trust file names."""
    await jon.meets(ShowsLog(jon.room.world, jon.entries, SigningKey.from_seed(bytes([7]) * 32)))
    await jon.is_caught(ForgedCheckpoint, Finding.NOT_SIGNED)


async def test_a_changed_checkpoint_is_caught(jon: Reader) -> None:
    class Changed(HonestLog):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.LogProof):
                origin, size, rest = frame.note.split("\n", 2)
                note = "\n".join((origin, str(int(size) + 1), rest))
                return [frames.LogProof(frame.request_id, note, frame.consistency, frame.heads)]
            return [frame]

    await jon.meets(Changed())
    await jon.is_caught(ForgedCheckpoint, Finding.NOT_SIGNED)


async def test_a_forged_consistency_proof_is_caught(jon: Reader) -> None:
    class Garbage(ShowsLog):
        def answer(self, asked: frames.AskLog, log: MadeLog) -> frames.LogProof:
            true = super().answer(asked, log)
            garbage = [[bytes(32) for _ in proof] for proof in true.consistency]
            return frames.LogProof(true.request_id, true.note, garbage, true.heads)

    await jon.meets(Garbage(jon.room.world, jon.entries))
    await jon.is_caught(ForkedLog, Finding.NOT_SHOWN)


async def test_a_forged_proof_about_a_stream_is_caught(jon: Reader) -> None:
    class Garbage(ShowsLog):
        def answer(self, asked: frames.AskLog, log: MadeLog) -> frames.LogProof:
            true = super().answer(asked, log)
            return frames.LogProof(true.request_id, true.note, true.consistency, [(None, []) for _ in true.heads])

    await jon.meets(Garbage(jon.room.world, jon.entries))
    await jon.is_caught(FalseLogProof, Finding.NOT_SHOWN)


async def test_a_log_that_takes_a_stream_back_is_caught(jon: Reader) -> None:
    class TakesBack(ShowsLog):
        """Its leaves go on from what was seen; its heads tree forgets the newest of a stream."""

        def answer(self, asked: frames.AskLog, log: MadeLog) -> frames.LogProof:
            log.heads = HeadsTree()
            for one in without(self.entries, jon.name, 2):
                log.heads.put(one)
            return super().answer(asked, log)

    await jon.meets(TakesBack(jon.room.world, jon.entries))
    await jon.is_caught(LoggedOtherwise, Finding.SEEN_OTHERWISE)


async def test_two_trees_of_heads_over_one_log_are_caught(jon: Reader) -> None:
    class OtherHeads(ShowsLog):
        def grows(self) -> list[LogEntry]:
            return []

        def answer(self, asked: frames.AskLog, log: MadeLog) -> frames.LogProof:
            log.heads.put(filler())
            return super().answer(asked, log)

    size = jon.client.log.pin.checkpoint.size
    await jon.meets(OtherHeads(jon.room.world, jon.entries[:size]))
    await jon.is_caught(ForkedLog, Finding.TWO_LOGS)


async def test_who_only_ever_saw_the_other_log_is_told_by_the_organisations_node(
    room: Room, connect: Connect, hub: HubProcess, tmp_path: Path
) -> None:
    """A hub that shows one log to the node, and another one to a client from its first day on."""
    entries = true_entries(hub)
    size = len(entries)
    room.liar.lie = ShowsLog(room.world, [replace(entries[0], head=Digest(bytes(32))), *entries[1:]])
    jon = await connect("Jon", room.liar.url)
    await jon.log.pulse.wait_for(lambda: jon.log.pin.checkpoint.size > size, DEADLINE)
    _, checked = hub.get("/log/checkpoint")
    await compare_for_ever(jon.log, tmp_path, "http://node.example", lambda _: _told(jon.log, checked.decode()))
    assert jon.log.broken is not None
    assert type(jon.log.broken.problem) is ForkedLog
    assert jon.log.broken.evidence is not None
    evidence = decode_evidence(jon.log.broken.evidence.read_bytes())
    assert judge(evidence, log_key(room.world.trust)) in (Finding.REWRITTEN, Finding.NOT_SHOWN)


async def _told(log: LogFollower, note: str) -> str:
    """What the node answers; the program is done comparing once it has found the lie."""
    log.compare(note)
    await log.pulse.wait_for(lambda: log.broken, DEADLINE)
    return ""


async def test_an_honest_hub_shows_that_its_log_goes_on_from_what_the_node_has_checked(jon: Reader) -> None:
    log = jon.client.log
    earlier = jon.hub.get("/log/checkpoint")[1].decode()
    await jon.channel.post(0, Text("mer"))
    log.compare(earlier)
    await log.pulse.wait_for(lambda: not log._others and log._asked is None, DEADLINE)
    assert log.broken is None


async def test_a_node_that_makes_something_up_is_not_taken_for_the_hub(jon: Reader) -> None:
    note = MadeLog(log_key(jon.room.world.trust).name, jon.entries[:3]).signed(SigningKey.from_seed(bytes([7]) * 32))
    with pytest.raises(ForgedCheckpoint):
        jon.client.log.compare(note)
    assert jon.client.log.broken is None


async def test_a_log_that_is_withheld_is_told_of_as_late_and_nothing_is_stopped(jon: Reader) -> None:
    log = jon.client.log
    log.patience = 0.0
    for watch in log._watches.values():
        watch.patience = 0.0
    await jon.meets(Lie())  # no question about the log gets through
    await jon.channel.caught_up()
    await jon.room.channel.post(0, Text("står dette i loggen?"))
    await log.pulse.wait_for(lambda: log.late, DEADLINE)
    await jon.channel.post(0, Text("det går an å skrive likevel"))
    assert log.broken is None
    await jon.meets(HonestLog())
    await log.pulse.wait_for(lambda: not log.late, DEADLINE)
