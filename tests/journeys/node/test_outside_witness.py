"""A witness that is nobody's node cosigns the hub's log, over HTTP, by C2SP tlog-witness."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from crypto.log_policies import parse_policy, verify_quorum
from crypto.notes import NoteKind, note_key, parse_note
from protocol.witnesses import log_key
from samsnakk.demo.world import World
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import create_node, open_node
from samsnakk.node.running import machine_now
from samsnakk.node.witness.any_log import LOGS_SEEN, PREFIX, opened_log_witness
from samsnakk.node.witness.log_doors import routes_of
from service.handle.outside_witnesses import read_witness_file
from service.settings import BadSetting
from tests.conftest import HubProcess
from tests.crypto.fixed import signing_key
from tests.journeys.node.conftest import PASSPHRASE
from tests.strangers.served_log import record_many

DEADLINE = 60.0


def node_for_logs(world: World, folder: Path, policy: str) -> Path:
    dps = world.organisation("dps")
    create_node(folder, world.trust, "http://127.0.0.1:1", {dps.id: dps.root_seed}, PASSPHRASE, "127.0.0.1:0")
    with (folder / "node.toml").open("a", encoding="utf-8") as file:
        file.write('witness_logs = "logs.policy"\n')
    (folder / "logs.policy").write_text(policy, encoding="utf-8")
    return folder


@asynccontextmanager
async def witness_process(folder: Path, port: int = 0) -> AsyncIterator[tuple[str, int]]:
    """Its key and its port."""
    with opened_log_witness(open_node(folder, PASSPHRASE)) as witness:
        assert witness is not None
        app = web.Application()
        app.router.add_routes(routes_of(witness, machine_now))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield str(witness.vkey), runner.addresses[0][1]
        finally:
            await runner.cleanup()


async def cosigned(hub: HubProcess, policy: str, size: int) -> int:
    """Leaves of the first checkpoint, of `size` at least, that is shown and that the policy is content with."""
    async with asyncio.timeout(DEADLINE):
        while True:
            status, data = await asyncio.to_thread(hub.get, "/log/cosigned")
            if status == 200:
                found = verify_quorum(parse_note(data.decode()), parse_policy(policy.encode()), machine_now() // 1000)
                if found.checkpoint.size >= size:
                    return found.checkpoint.size
            await asyncio.sleep(0.05)


async def test_the_hub_asks_a_witness_of_others_and_shows_what_it_cosigned(
    world: World, start_hub: Callable[..., HubProcess], tmp_path: Path
) -> None:
    folder = node_for_logs(world, tmp_path / "node", f"log {log_key(world.trust)}\nquorum none\n")
    async with witness_process(folder) as (vkey, port):
        policy = f"log {log_key(world.trust)}\nwitness w {vkey} http://127.0.0.1:{port}{PREFIX}\nquorum w\n"
        (tmp_path / "witnesses.policy").write_text(policy, encoding="utf-8")
        hub = await asyncio.to_thread(start_hub, world, SAMSNAKK_WITNESS_FILE=str(tmp_path / "witnesses.policy"))
        size = await cosigned(hub, policy, 1)
        for more in (250, 1000):
            await record_many(hub, more)
            size = await cosigned(hub, policy, size + more)
    # One that has lost its memory is asked from the beginning, and one that was away later.
    (folder / LOGS_SEEN).unlink()
    await record_many(hub, 250)
    async with witness_process(folder, port):
        size = await cosigned(hub, policy, size + 250)
    hub.kill()
    async with witness_process(folder, port):
        await asyncio.to_thread(hub.start)
        await record_many(hub, 250)
        await cosigned(hub, policy, size + 250)


def test_logs_that_a_node_cannot_read_are_named(world: World, tmp_path: Path) -> None:
    folder = node_for_logs(world, tmp_path / "node", "log nobody\n")
    with pytest.raises(BadNode, match="line 1"), opened_log_witness(open_node(folder, PASSPHRASE)):
        pass
    (folder / "logs.policy").unlink()
    with pytest.raises(BadNode, match=r"logs\.policy"), opened_log_witness(open_node(folder, PASSPHRASE)):
        pass


@pytest.mark.parametrize("url", ["http://witness.example", "witness.example", "ftp://127.0.0.1/"])
def test_a_witness_is_asked_over_tls_or_on_this_machine(url: str, tmp_path: Path) -> None:
    file = tmp_path / "witnesses.policy"
    vkey = note_key("w", NoteKind.WITNESS, signing_key("w").public)
    file.write_text(f"witness w {vkey} {url}\nquorum none\n", encoding="utf-8")
    with pytest.raises(BadSetting, match="https"):
        read_witness_file(str(file))


def test_a_file_of_witnesses_that_cannot_be_read_is_named(world: World, tmp_path: Path) -> None:
    file = tmp_path / "witnesses.policy"
    with pytest.raises(BadSetting, match="No such file"):
        read_witness_file(str(file))
    file.write_text(f"witness w {log_key(world.trust)} https://w.example\nquorum none\n", encoding="utf-8")
    with pytest.raises(BadSetting, match="line 1"):
        read_witness_file(str(file))
