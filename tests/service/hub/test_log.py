"""The hub's log: everything recorded is in it, and a record that was tampered with is not served."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
import pytest

from crypto import cbor
from crypto.checkpoints import Checkpoint, parse_checkpoint
from crypto.growing_log import subtree_of
from crypto.hashing import Digest
from crypto.heads_tree import HeadsTree, verify_newest, verify_unknown
from crypto.log_entries import LogEntry, entry_bytes, parse_entry
from crypto.log_proofs import consistency_proof, inclusion_proof
from crypto.log_tiles import TILE_WIDTH, TileName, decode_bundle
from crypto.log_tree import leaf_hash, root_of, verify_consistency, verify_inclusion
from crypto.notes import parse_note, verify_note
from crypto.shapes import array, blob
from protocol.frames import Receipt
from protocol.witnesses import log_key
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import open_room, post, signed_in, staff

DEADLINE = 20.0


@dataclass(frozen=True)
class Stranger:
    """Somebody who has the hub's key and its address, and reads the log."""

    hub: HubProcess

    def checkpoint(self) -> Checkpoint | None:
        status, data = self.hub.get("/log/checkpoint")
        if status == 404:
            return None
        note = parse_note(data.decode())
        verify_note(note, log_key(self.hub.world.trust))
        return parse_checkpoint(note.text)

    async def checkpoint_with(self, head: bytes) -> Checkpoint:
        """The first checkpoint whose log has this head in it."""
        async with asyncio.timeout(DEADLINE):
            while True:
                found = await asyncio.to_thread(self.checkpoint)
                if found is not None and any(entry.head == head for entry in self.entries(found.size)):
                    return found
                await asyncio.sleep(0.05)

    def entries(self, size: int) -> list[LogEntry]:
        found: list[bytes] = []
        for n in range(-(-size // TILE_WIDTH)):
            found += decode_bundle(self.tile(None, n, min(TILE_WIDTH, size - n * TILE_WIDTH)))
        return [parse_entry(one) for one in found]

    def tile(self, level: int | None, n: int, width: int = TILE_WIDTH) -> bytes:
        status, data = self.hub.get(f"/log/tile/{TileName(level, n, width)}")
        assert status == 200, (level, n, width)
        return data

    def newest(self, name: Digest) -> tuple[Checkpoint, LogEntry | None, list[bytes]]:
        status, data = self.hub.get(f"/log/heads/{name.hex()}")
        assert status == 200
        note, leaf, siblings = array(cbor.decode(data, max_size=1 << 16), 3)
        assert isinstance(note, str)
        stands = None if leaf is None else parse_entry(blob(leaf))
        return parse_checkpoint(parse_note(note).text), stands, [blob(one) for one in array(siblings)]


async def said(hub: HubProcess, world: World, texts: int) -> bytes:
    """The channel's head after that many messages."""
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first, second])
        receipt: Receipt | None = None
        for number in range(texts):
            receipt = await post(socket, room, f"melding {number}")
    assert receipt is not None
    return receipt.recorded[-1][2]


async def test_whatever_was_receipted_is_in_a_signed_log_that_anybody_can_check(
    world: World, start_hub: Callable[..., HubProcess]
) -> None:
    hub = start_hub(world)
    stranger = Stranger(hub)
    head = await said(hub, world, TILE_WIDTH + 10)
    signed = await stranger.checkpoint_with(head)
    entries = stranger.entries(signed.size)
    leaves = [leaf_hash(entry_bytes(entry)) for entry in entries]
    newest = HeadsTree()
    for entry in entries:
        newest.put(entry)
    assert (signed.root, signed.heads) == (root_of(leaves), newest.root)

    def tile(level: int, n: int) -> bytes:
        covered = TILE_WIDTH ** (level + 1)
        return stranger.tile(level, n, min(TILE_WIDTH, (signed.size - n * covered) // TILE_WIDTH**level))

    index = next(n for n, entry in enumerate(entries) if entry.head == head)
    verify_inclusion(
        leaves[index], index, signed.size, inclusion_proof(index, signed.size, subtree_of(tile)), signed.root
    )
    mine = entries[index].name
    at, stands, siblings = stranger.newest(mine)
    assert stands is not None
    verify_newest(at.heads, stands, siblings)
    assert stands.n >= entries[index].n
    nobody = Digest(bytes(32))
    at, other, siblings = stranger.newest(nobody)
    verify_unknown(at.heads, nobody, other, siblings)


async def test_a_hub_that_was_killed_goes_on_with_the_same_log(
    world: World, start_hub: Callable[..., HubProcess]
) -> None:
    hub = start_hub(world)
    stranger = Stranger(hub)
    before = await stranger.checkpoint_with(await said(hub, world, 3))
    hub.kill()
    hub.start()
    after = await stranger.checkpoint_with(await said(hub, world, 3))
    leaves = [leaf_hash(entry_bytes(entry)) for entry in stranger.entries(after.size)]
    proof = consistency_proof(
        before.size, after.size, subtree_of(lambda _, n: b"".join(leaves[n * 256 : n * 256 + 256]))
    )
    verify_consistency(before.size, before.root, after.size, after.root, proof)


@pytest.mark.parametrize(
    "tampering",
    [
        pytest.param("DELETE FROM stored_events WHERE notification_id = {last}", id="the newest event is deleted"),
        pytest.param(
            "UPDATE stored_events SET head = decode(repeat('00', 32), 'hex') WHERE notification_id = {middle}",
            id="a head is edited",
        ),
        pytest.param(
            "UPDATE stored_events SET notification_id = {last} + 1 - notification_id "
            "WHERE notification_id IN (1, {last})",
            id="two events change places",
        ),
        pytest.param(
            "UPDATE streams SET name = decode(repeat('07', 32), 'hex') WHERE stream = '{stream}'", id="renamed"
        ),
    ],
)
async def test_a_record_that_a_superuser_changed_is_not_served(
    tampering: str, world: World, start_hub: Callable[..., HubProcess]
) -> None:
    hub = start_hub(world)
    await Stranger(hub).checkpoint_with(await said(hub, world, 2))
    database = await asyncpg.connect(hub.database_url("owner"))
    try:
        for table in ("stored_events", "streams"):
            await database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await database.execute("ALTER TABLE stored_events DROP CONSTRAINT stored_events_position")
        last = await database.fetchval("SELECT max(notification_id) FROM stored_events")
        stream = await database.fetchval("SELECT originator_id FROM stored_events WHERE notification_id = $1", last)
        assert hub.process is not None
        hub.kill()
        await database.execute(tampering.format(last=last, middle=last // 2, stream=stream))
    finally:
        await database.close()
    with pytest.raises(AssertionError, match="the record is"):
        hub.start()
    assert hub.stop() == 65
