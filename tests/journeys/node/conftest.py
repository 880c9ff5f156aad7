"""A world and a hub of its own, because people leave it for good; and the node of one of its organisations."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crypto.random import random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId
from samsnakk.demo.world import World
from samsnakk.enrolling import Desk
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.issuing import Login, NotGranted
from samsnakk.node.running import Node, opened, serving
from tests.client.conftest import clients, connect, terms
from tests.conftest import HubProcess

__all__ = ["clients", "connect", "terms"]
PASSPHRASE = "bare til prøve"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, open_folder: Path) -> World:
    return World.create(open_folder / tmp_path_factory.mktemp("world").name)


@pytest.fixture(scope="module")
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    return start_hub(world)


def write_register(node: OpenNode, organisation: OrganisationId, people: dict[bytes, str]) -> None:
    """Everybody's login is their id in hexadecimal."""
    lines = ["person,function,hpr,identity"]
    lines += [f"{p.hex()},psykolog,{hpr},{node.identity('op', p.hex())}" for p, hpr in people.items()]
    node.staff_file(organisation).write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class House:
    """An organisation with its node at work. `signed_in`: who stands behind a ticket."""

    world: World
    node: Node
    organisation: OrganisationId
    url: str = ""
    signed_in: dict[str, Login] = field(default_factory=dict)

    def register(self, people: dict[bytes, str]) -> None:
        write_register(self.node.issuer.node, self.organisation, people)

    def ticket(self, person: bytes, hpr: str | None = None) -> str:
        ticket = random_bytes(8).hex()
        self.signed_in[ticket] = Login(self.node.issuer.node.identity("op", person.hex()), hpr, self.organisation)
        return ticket

    async def check(self, ticket: str) -> Login:
        try:
            return self.signed_in.pop(ticket)
        except KeyError:
            raise NotGranted("no_login") from None

    def desk(self, device: DeviceId, key: SigningKey) -> Desk:
        return Desk(self.url, self.world.trust, self.organisation, device, key)


@pytest.fixture
async def house(world: World, hub: HubProcess, tmp_path: Path) -> AsyncIterator[House]:
    """Fjellheim DPS, whose people are Kari and Jon."""
    dps = world.organisation("dps")
    folder = tmp_path / "node"
    create_node(folder, world.trust, hub.url, {dps.id: dps.root_seed}, PASSPHRASE, "127.0.0.1:0")
    async with opened(open_node(folder, PASSPHRASE)) as node:
        await node.adopt()  # what the node of an earlier test signed
        made = House(world, node, dps.id)
        made.register({world.person(name).id: "" for name in ("Kari", "Jon")})
        async with serving(node, made.check) as made.url:
            yield made
