"""Two of one organisation and one of another, on a hub of their own that may be broken into."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncpg
import pytest

from domain.ids import Version
from samsnakk import Channel, Client, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import Connect, clients, connect, opened, terms
from tests.conftest import HubProcess

__all__ = ["clients", "connect", "terms"]


@pytest.fixture
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    return start_hub(world)


@dataclass
class Room:
    """Kari and Jon of the same house in one channel; `text` is what is to be erased."""

    hub: HubProcess
    kari: Channel
    jon: Channel
    clients: dict[str, Client] = field(default_factory=dict)

    async def said(self, text: str) -> Version:
        """Kari writes; Jon has it."""
        sent = await self.kari.post(0, Text(text))
        await self.jon.reached(sent.version)
        return sent.version

    async def decided(self, *targets: int) -> Version:
        """Kari proposes, Jon approves."""
        ref = (await self.kari.propose_erasure(0, targets, "persons-right")).version
        await self.jon.reached(ref)
        decision = (await self.jon.approve_erasure(ref)).version
        await self.kari.reached(decision)
        return decision

    async def confirmed(self, ref: Version) -> None:
        """Wait until the hub has said that its copy is clean."""

        def done() -> bool:
            return any(one.ref == ref and one.decision.hub_at is not None for one in self.kari.erasures().decisions)

        async with asyncio.timeout(90):
            await self.kari._held.pulse.wait_for(done)

    async def row(self, version: int) -> tuple[bytes, bytes]:
        """Body and blind of a record, as a superuser sees them."""
        database = await asyncpg.connect(self.hub.database_url("superuser"))
        try:
            query = "SELECT body, blind FROM bodies WHERE originator_id = $1 AND originator_version = $2"
            found = await database.fetchrow(query, _uuid(self.kari.id), version)
        finally:
            await database.close()
        assert found is not None
        return found[0], found[1]

    async def as_superuser(self, *statements: str) -> None:
        """Run statements with every trigger of the table switched off."""
        database = await asyncpg.connect(self.hub.database_url("superuser"))
        try:
            await database.execute("ALTER TABLE bodies DISABLE TRIGGER ALL")
            for statement in statements:
                await database.execute(statement.format(channel=_uuid(self.kari.id)))
            await database.execute("ALTER TABLE bodies ENABLE ALWAYS TRIGGER never_changed")
            await database.execute("ALTER TABLE bodies ENABLE ALWAYS TRIGGER erased_when_decided")
        finally:
            await database.close()


def _uuid(channel: bytes) -> str:
    text = channel.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@pytest.fixture
async def room(hub: HubProcess, connect: Connect, terms: Callable[..., Terms]) -> Room:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    return Room(hub, channel, await opened(jon, channel), {"Kari": kari, "Jon": jon})
