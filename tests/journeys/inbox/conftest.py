"""A duty telephone: an inbox of Fjellheim DPS whose node says who answers it, at a real hub, with a liar in between."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import copytree

import aiohttp
import asyncpg
import pytest
from aiohttp import web

from crypto.inbox_files import inbox_file_hash
from crypto.random import new_id
from domain.ids import OrganisationId, PrincipalId
from protocol.published_keys import decode_entries, encode_entries
from samsnakk import ALL_HISTORY, Channel, Client, Profile, Standing, Terms
from samsnakk.demo.cast import PEOPLE, PersonSpec
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.inboxes import write_inboxes
from samsnakk.node.issuing import Login, NotGranted
from samsnakk.node.running import Node, opened, serving
from samsnakk.private_files import write_private
from tests.client.conftest import KEY, make_profile
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE, write_register

MORE = (
    PersonSpec("Liv", "Liv Strandbu", "sosionom (oppdiktet)", "dps"),
    PersonSpec("Nils", "Nils Haugland", "sykepleier (oppdiktet)", "dps"),  # he loses his telephone, in one test
    PersonSpec("Sunniva", "Sunniva Øygard", "lege (oppdiktet)", "dps"),  # she gets a new key, in one test
)
EVERYBODY = ("Kari", "Jon", "Liv", "Nils", "Sunniva")
PATIENCE = 100.0
"""Seconds: a loaded machine takes its time, and nothing here depends on how long."""
_PASSED_ON = ("Samsnakk-Request", "Content-Type")


@dataclass
class Liar:
    """Passes HTTP on to the hub and back; files of inboxes are what `served` makes of them."""

    hub: str
    url: str = ""
    served: Callable[[bytes | None], bytes | None] = lambda file: file
    stored: Callable[[bytes], bool] = lambda _: True
    """Whether a file that is left reaches the hub at all; if not, the client is told that it did."""
    seen: list[bytes] = field(default_factory=list)
    """Every file that was left, in order."""
    hides_newest_of: PrincipalId | None = None
    """Whose key stream is served without its newest statement."""

    async def pass_on(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        body, is_file = await request.read(), "/inbox-files/" in request.path
        if is_file and request.method == "PUT":
            self.seen.append(body)
            if not self.stored(body):
                return web.json_response({"generation": 1})
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.hub + request.path_qs, headers=headers, data=body or None) as answer,
        ):
            content: bytes | None = await answer.read()
            if is_file and request.method == "GET" and answer.status in {200, 404}:
                content = self.served(content if answer.ok else None)
                if content is None:
                    return web.json_response({"code": "not_found", "detail": ""}, status=404)
                return web.Response(body=content, content_type="application/cbor")
            if self.hides_newest_of is not None and request.path.endswith(f"/key-streams/{self.hides_newest_of.hex()}"):
                content = encode_entries(decode_entries(content or b"")[:-1])
            return web.Response(status=answer.status, body=content, content_type=answer.content_type)


@dataclass
class Telephone:
    """The inbox, the node that keeps its register, and the programs of the people who may answer it."""

    world: World
    hub: HubProcess
    node: Node
    organisation: OrganisationId
    folder: Path
    stack: AsyncExitStack
    inbox: PrincipalId
    node_url: str = ""

    async def on_duty(self, *names: str, inbox: PrincipalId | None = None) -> None:
        """The organisation says who answers the inbox from now on; the node takes it up in its next round."""
        register = {inbox or self.inbox: frozenset(self.world.person(name).id for name in names)}
        file = self.node.issuer.node.inboxes_file(self.organisation)
        file.write_text(write_inboxes(register), encoding="utf-8")
        looked = await self.node.look()
        assert (looked.problem, looked.faults) == ("", ())

    async def program(self, name: str, url: str | None = None, *, node: bool = True, tending: bool = False) -> Client:
        """The person's program. Without `node` it can renew nothing; unless `tending`, only what the test says."""
        folder = self.folder / name
        profile = Profile.open(folder) if folder.exists() else make_profile(self.world, name, folder)
        write_private(folder / UNLOCK_FILE, KEY)  # so that commands can open it, too
        unlocked = profile.unlock(key=KEY)
        where = self.node_url if node else None
        return await self.stack.enter_async_context(Client(unlocked, url or self.hub.url, node=where, tending=tending))

    async def channel_with_inbox(self, client: Client) -> Channel:
        """A channel in which the inbox takes part, with all history."""
        channel = await client.open_channel()
        await channel.join(0, Terms(self.inbox, Standing.INBOX, self.organisation, history_from=ALL_HISTORY))
        return channel

    async def answering(self, client: Client, channel: Channel) -> Channel:
        """The channel as somebody reads it who answers the inbox."""
        theirs = await client.channel(channel.id, role=self.inbox)
        await theirs.caught_up(PATIENCE)
        return theirs

    async def forget_files(self) -> None:
        """As if the hub's database had been restored from before the inbox had any file."""
        await self._at_database("DELETE FROM inbox_files WHERE inbox = $1", self.inbox)

    async def replace_file(self, data: bytes) -> None:
        """What only the hub's operator can do: put another file in the place of the newest."""
        await self._at_database(
            "UPDATE inbox_files SET file = $2, hash = $3 WHERE inbox = $1"
            " AND generation = (SELECT max(generation) FROM inbox_files WHERE inbox = $1)",
            self.inbox,
            data,
            inbox_file_hash(data),
        )

    async def files(self) -> list[bytes]:
        """Every file of the inbox that the hub has, oldest first."""
        rows = await self._at_database("SELECT file FROM inbox_files WHERE inbox = $1 ORDER BY generation", self.inbox)
        return [bytes(row[0]) for row in rows]

    async def _at_database(self, statement: str, *values: bytes) -> list[asyncpg.Record]:
        database = await asyncpg.connect(self.hub.database_url("superuser"))
        try:
            return list(await database.fetch(statement, *values))
        finally:
            await database.close()

    def versions(self) -> list[int]:
        """The versions of the inbox's key, by the node's own word."""
        state = self.node.issuer.state(self.inbox)
        return [] if state is None else [key.version for key in state.key_versions]


@pytest.fixture(scope="session")
def world(open_folder: Path) -> World:
    return World.create(open_folder / "inbox-world", people=(*PEOPLE, *MORE))


@pytest.fixture(scope="session")
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    return start_hub(world, SAMSNAKK_PUBLISH_BURST="100000")


@pytest.fixture(scope="session")
def fresh_node(world: World, hub: HubProcess, tmp_path_factory: pytest.TempPathFactory) -> OpenNode:
    """A node that nobody has worked with. Opening one takes a slow hash, so each test gets a copy of this."""
    dps, folder = world.organisation("dps"), tmp_path_factory.mktemp("node")
    create_node(folder, world.trust, hub.url, {dps.id: dps.root_seed}, PASSPHRASE, "127.0.0.1:0")
    return open_node(folder, PASSPHRASE)


@pytest.fixture
async def telephone(world: World, hub: HubProcess, fresh_node: OpenNode, tmp_path: Path) -> AsyncIterator[Telephone]:
    dps, folder = world.organisation("dps"), tmp_path / "node"
    copytree(fresh_node.path, folder)
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(opened(replace(fresh_node, path=folder)))
        await node.adopt()
        write_register(node.issuer.node, dps.id, {world.person(name).id: "" for name in EVERYBODY})
        made = Telephone(world, hub, node, dps.id, tmp_path, stack, PrincipalId(new_id()))
        made.node_url = await stack.enter_async_context(serving(node, _nobody))
        yield made


@pytest.fixture
async def liar(hub: HubProcess) -> AsyncIterator[Liar]:
    made = Liar(hub.url)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/{door:.*}", made.pass_on)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def _nobody(_: str) -> Login:
    raise NotGranted("no_login")
