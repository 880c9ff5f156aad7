"""Clients of the demonstration world's people, against a real hub."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from domain.ids import Millis, Version
from samsnakk import Channel, Client, Identity, Profile, Secrets, Standing, State, Terms, Text
from samsnakk.demo.world import World
from tests.conftest import HubProcess

KEY = bytes(range(32))
"""Opens every test profile: no passphrase, so no slow hash."""


class Connect(Protocol):
    """Open a client for a person of the world; the same name gives the same profile again."""

    def __call__(self, name: str, url: str | None = None, *, inbox_of: str | None = None) -> Awaitable[Client]: ...


def make_profile(world: World, name: str, folder: Path, inbox_of: str | None = None) -> Profile:
    person = world.person(name)
    roles = {}
    if inbox_of is not None:
        inbox = world.organisation(inbox_of).inbox
        roles = {inbox.id: {version: seeds[0] for version, seeds in enumerate(inbox.seeds, 1)}}
    seeds = {version: seeds[0] for version, seeds in enumerate(person.holder.seeds, 1)}
    secrets = Secrets(person.device_seed, seeds, roles)
    return Profile.create(
        folder, world.trust, Identity(person.id, person.device, person.organisation), secrets, key=KEY
    )


@pytest.fixture
async def clients() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def connect(world: World, hub: HubProcess, tmp_path: Path, clients: AsyncExitStack) -> Connect:
    async def connect(name: str, url: str | None = None, *, inbox_of: str | None = None) -> Client:
        folder = tmp_path / name
        made = Profile.open(folder) if folder.exists() else make_profile(world, name, folder, inbox_of)
        return await clients.enter_async_context(Client(made.unlock(key=KEY), url or hub.url))

    return connect


@pytest.fixture
def terms(world: World) -> Callable[..., Terms]:
    """Terms on which a person of the world joins."""

    def terms(name: str, *, history: int | None = None, until: int | None = None, basis: str = "treatment") -> Terms:
        person = world.person(name)
        standing = Standing.STAFF if person.organisation is not None else Standing.RELATIVE
        return Terms(
            person.id,
            standing,
            person.organisation,
            legal_basis=basis,
            valid_until=None if until is None else Millis(until),
            history_from=None if history is None else Version(history),
        )

    return terms


async def opened(client: Client, channel: Channel) -> Channel:
    """The same channel in another client, up to date."""
    mine = await client.channel(channel.id)
    await mine.caught_up()
    return mine


async def texts(channel: Channel) -> list[str]:
    """The texts that are readable now, in order."""
    return [
        event.content.text
        async for event in channel.events(follow=False)
        if isinstance(event.content, Text) and event.state is State.READABLE
    ]
