"""Fjellheim DPS with a node that signs its staff in at a certified provider, beside a hub that does so too."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TypeVar

import pytest

from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId, PrincipalId
from samsnakk.demo.world import World
from samsnakk.enrolling import Desk
from samsnakk.node.folder import CONFIGURATION, create_node, open_node
from samsnakk.node.running import Node, opened, serving
from samsnakk.node.sign_in.doors import SignInDoors
from samsnakk.node.sign_in.providers import read_providers
from samsnakk.node.sign_in.sign_ins import SignIns
from samsnakk.node_login import NodeLogin
from tests.client.conftest import clients, connect, terms
from tests.conftest import HubProcess
from tests.service.identity.certified import certified_provider, key_of
from tests.service.identity.conftest import free_port, write_sign_in_file
from tests.service.identity.visitor import Visitor, visiting

__all__ = ["clients", "connect", "terms"]
PASSPHRASE = "bare til prøve"
HPR = "000000001"
_T = TypeVar("_T")
FILE = """\
public_url = "{node}"

[provider.helseid]
profile = "helseid"
label = "HelseID (prøve)"
issuer = "{issuer}"
client_id = "samsnakk-node"
key_file = "node.jwk"
"""


@dataclass(frozen=True)
class Places:
    """Where hub and node stand, and what the provider calls itself."""

    hub: HubProcess
    node: str
    issuer: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, open_folder: Path) -> World:
    return World.create(open_folder / tmp_path_factory.mktemp("world").name)


@pytest.fixture(scope="module")
def places(
    start_hub: Callable[..., HubProcess], world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("sign-in")
    hub, node = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    with certified_provider(hub, folder / "provider.log", node) as issuer:
        file = write_sign_in_file(folder, hub, issuer)
        listen = hub.removeprefix("http://")
        running = start_hub(world, SAMSNAKK_SIGN_IN_FILE=str(file), SAMSNAKK_LISTEN=listen)
        yield Places(running, node, issuer)
        running.stop()


@pytest.fixture(scope="module")
def hub(places: Places) -> HubProcess:
    return places.hub


@dataclass
class House:
    """The organisation, its node at work, and what stands in its register."""

    world: World
    places: Places
    folder: Path
    node: Node
    sign_ins: SignIns

    @property
    def organisation(self) -> OrganisationId:
        return self.world.organisation("dps").id

    def register(self, accounts: dict[str, bytes], hpr: str = HPR) -> None:
        """Whose account at the provider is whose id here."""
        lines = ["person,function,hpr,identity"]
        for account, person in accounts.items():
            lines.append(f"{person.hex()},psykolog,{hpr},{self.identity(account)}")
        # Those of the trust file stay, or the node would take it that they left.
        staying = [self.world.person(name) for name in ("Kari", "Jon")]
        node = self.node.issuer.node
        lines += [f"{p.id.hex()},psykolog,,{node.identity('op', p.key)}" for p in staying]
        node.staff_file(self.organisation).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def identity(self, account: str) -> str:
        return self.node.issuer.node.identity(self.places.issuer, account)

    def newcomer(self, account: str = "kari") -> PrincipalId:
        person = PrincipalId(new_id())
        self.register({account: person})
        return person

    def desk(self) -> Desk:
        return self.desk_of(DeviceId(new_id()), SigningKey.from_seed(random_bytes(32)))

    def desk_of(self, device: DeviceId, key: SigningKey) -> Desk:
        return Desk(self.places.node, self.world.trust, self.organisation, device, key)


def write_providers(folder: Path, node: str, issuer: str) -> None:
    key = folder / "node.jwk"
    key.write_text(json.dumps(key_of("node").as_dict(private=True)))
    key.chmod(0o600)
    (folder / "sign-in.toml").write_text(FILE.format(node=node, issuer=issuer))
    with (folder / CONFIGURATION).open("a") as file:
        file.write('sign_in = "sign-in.toml"\n')


@asynccontextmanager
async def at_work(world: World, places: Places, folder: Path, *organisations: str) -> AsyncIterator[House]:
    served = [world.organisation(key) for key in organisations or ("dps",)]
    listen = places.node.removeprefix("http://")
    create_node(folder, world.trust, places.hub.url, {o.id: o.root_seed for o in served}, PASSPHRASE, listen)
    write_providers(folder, places.node, places.issuer)
    async with opened(open_node(folder, PASSPHRASE)) as node:
        providers, sign_ins = read_providers(node.issuer.node), SignIns(node.issuer)
        assert providers is not None
        house = House(world, places, folder, node, sign_ins)
        house.register({})
        await node.adopt()
        async with sign_ins.using(providers), serving(node, sign_ins.check, SignInDoors(sign_ins).routes()):
            yield house


@pytest.fixture
async def house(world: World, places: Places, tmp_path: Path) -> AsyncIterator[House]:
    async with at_work(world, places, tmp_path / "node") as house:
        yield house


@pytest.fixture
async def visitor(places: Places) -> AsyncIterator[Visitor]:
    async with visiting(places.node) as visitor:
        yield visitor


async def came_back(visitor: Visitor, address: str, account: str) -> str:
    """From a program's link to the provider; the address it sends the browser back to."""
    page = await (await visitor.get(address)).text()
    link = re.search(r'class="button" href="([^"]+)"', page)
    assert link is not None, page
    started = await visitor.get(visitor.hub + unescape(link[1]))
    assert started.status == 303, await started.text()
    return await visitor.prove(started.headers["Location"], account)


async def asked(visitor: Visitor, address: str, account: str) -> str:
    """The page on which the codes are compared, or the one of a refusal."""
    answer = await visitor.get(await came_back(visitor, address, account))
    if answer.status != 303:
        return await answer.text()
    return await (await visitor.get(visitor.hub + answer.headers["Location"])).text()


async def allow(visitor: Visitor, **headers: str) -> str:
    """Say that the codes are alike; where the browser is sent, or the page of a refusal."""
    sent = {"Origin": visitor.hub, "Sec-Fetch-Site": "same-origin"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    async with visitor.http.post(f"{visitor.hub}/sign-in/allow", headers=sent, allow_redirects=False) as answer:
        return answer.headers["Location"] if answer.status == 303 else await answer.text()


async def signed_in(visitor: Visitor, address: str, code: str, account: str) -> None:
    """The whole way, as a person goes it, to the program's port."""
    page = await asked(visitor, address, account)
    assert code in page, page
    await visitor.get(await allow(visitor))


async def through(visitor: Visitor, node: str, account: str, use: Callable[[str], Awaitable[_T]]) -> _T:
    """What `use` makes of the ticket that a login gave."""
    async with NodeLogin(node, use) as login:
        await signed_in(visitor, login.address, login.code, account)
        return await login.outcome(30)


async def ticket_of(visitor: Visitor, node: str, account: str) -> str:
    async def keep(said: str) -> str:
        return said

    return await through(visitor, node, account, keep)
