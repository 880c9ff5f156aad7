"""A world and a hub of their own: here people's key streams go on at the hub, which the world's file does not learn."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto.random import random_bytes
from samsnakk import Client
from samsnakk.demo.issuing import DemoIssuer
from samsnakk.demo.world import World
from samsnakk.keyring_home import KeyringHome
from samsnakk.profile import Unlocked
from tests.client.conftest import KEY
from tests.conftest import HubProcess


@dataclass
class Place:
    """Opens profiles, keyrings and clients, and closes them at the end."""

    world: World
    hub: HubProcess
    folder: Path
    stack: AsyncExitStack

    def folder_for(self, name: str) -> Path:
        return self.folder / f"{name}-{random_bytes(4).hex()}"

    def profile(self, name: str) -> Unlocked:
        """The person's first device, the same one in every test."""
        profile = self.world.profile(name, self.world.folder / "devices" / name)
        return profile.unlock(key=(profile.folder / "unlock.key").read_bytes())

    async def home(self, unlocked: Unlocked) -> KeyringHome:
        issuer = DemoIssuer(self.world)
        return await self.stack.enter_async_context(KeyringHome(unlocked, self.hub.url, issuer))

    async def client(self, unlocked: Unlocked) -> Client:
        return await self.stack.enter_async_context(Client(unlocked, self.hub.url))


@pytest.fixture(scope="session")
def keyring_world(open_folder: Path) -> World:
    return World.create(open_folder / "keyring-world")


@pytest.fixture(scope="session")
def keyring_hub(start_hub: Callable[..., HubProcess], keyring_world: World) -> HubProcess:
    return start_hub(keyring_world, SAMSNAKK_PUBLISH_BURST="100000")


@pytest.fixture
async def place(keyring_world: World, keyring_hub: HubProcess, tmp_path: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        yield Place(keyring_world, keyring_hub, tmp_path, stack)


@pytest.fixture
def key() -> bytes:
    return KEY
