"""An organisation's node erases what was decided from its copy and signs that it has; everybody sees which have not."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from samsnakk import Terms, Text
from samsnakk.demo.searching import found_below
from samsnakk.demo.world import World
from samsnakk.node.folder import open_node
from samsnakk.node.replica.archive import opened_archive
from samsnakk.node.running import copying
from tests.client.conftest import Connect
from tests.client.conftest import opened as opened_in
from tests.journeys.node.conftest import PASSPHRASE, House
from tests.journeys.node.rounds import caught_up, rounds_until


def sealed_rows(folder: Path) -> dict[int, bytes]:
    """The middle of every row of the copy: sealed, but findable."""
    (file,) = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]
    with closing(sqlite3.connect(file)) as database:
        return {a: sealed[40:104] for a, sealed in database.execute("SELECT a, sealed FROM items")}


async def test_a_node_erases_its_copy_and_its_signed_word_stands_in_the_channel(
    house: House, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, jon, ola = await connect("Kari"), await connect("Jon"), await connect("Ola")
    channel = await kari.open_channel()
    for name in ("Jon", "Ola"):
        await channel.join(0, terms(name))
    sent = await channel.post(0, Text("dette skal bort"))
    stays = await channel.post(0, Text("dette blir"))
    theirs, olas = await opened_in(jon, channel), await opened_in(ola, channel)
    async with copying(house.node):
        copy = await caught_up(house.node, channel)
        folder = copy.reader.unlocked.folder
        before = sealed_rows(folder)
        assert found_below(folder, {"gone": before[sent.version]}) == {"gone"}
        ref = (await channel.propose_erasure(0, [sent.version], "persons-right")).version
        await theirs.reached(ref)
        decision = (await theirs.approve_erasure(ref)).version

        def clean() -> bool:
            (one,) = olas.erasures().decisions or [None]
            return one is not None and copy.reader.vault in one.decision.copies

        assert not await rounds_until(house.node, clean)
        (one,) = olas.erasures().decisions
        elsewhere = world.organisation_of(world.person("Ola"))
        assert elsewhere is not None
        assert one.ref == decision
        assert one.decision.missing == {elsewhere.vault.id}
        assert found_below(folder, {"gone": before[sent.version]}) == set()
        await caught_up(house.node, channel)
    node = open_node(house.node.issuer.node.path, PASSPHRASE)
    async with opened_archive(node) as archive:
        held = await archive.channel(channel.id, verify=True)
        assert held.places[sent.version - 1].act is None
        assert held.places[stays.version - 1].act is not None
