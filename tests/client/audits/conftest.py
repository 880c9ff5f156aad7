"""A world whose organisations have charged people with auditing, and a channel that they look into."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from domain.channel.audits import AuditKind, CaseTerms, Duty
from domain.ids import Millis, ThreadNo, Version
from protocol.case_files import CaseFile
from samsnakk import Channel, Profile, Terms, Text
from samsnakk.auditing import Auditing
from samsnakk.demo.cast import PEOPLE, PersonSpec
from samsnakk.demo.world import World, now_ms
from tests.client.conftest import KEY, Connect, make_profile, opened
from tests.conftest import HubProcess

AUDITORS = (
    PersonSpec("Agnes", "Agnes Fossli", "personvernombud (oppdiktet)", "dps"),
    PersonSpec("Astrid", "Astrid Vik", "avdelingsleder (oppdiktet)", "dps"),
    PersonSpec("Tuva", "Tuva Myr", "personvernombud (oppdiktet)", "nordvik"),
)
DAY = 24 * 60 * 60 * 1000
Audits = Callable[..., Awaitable[Auditing]]


@pytest.fixture(scope="session")
def audited_world(open_folder: Path) -> World:
    return charged(World.create(open_folder / "audited", people=(*PEOPLE, *AUDITORS)))


def charged(world: World) -> World:
    world.charge("dps", Duty.AUDIT, ["Agnes"])
    world.charge("dps", Duty.APPROVE_AUDIT, ["Astrid"])
    world.charge("nordvik", Duty.AUDIT, ["Tuva"])
    world.charge("nordvik", Duty.APPROVE_AUDIT, ["Tuva"])
    return world


@pytest.fixture
def world(audited_world: World) -> World:
    return audited_world


@pytest.fixture(scope="session")
def audited_hub(start_hub: Callable[..., HubProcess], audited_world: World) -> HubProcess:
    return start_hub(audited_world)


@pytest.fixture
def hub(audited_hub: HubProcess) -> HubProcess:
    return audited_hub


@pytest.fixture
async def audits(world: World, hub: HubProcess, tmp_path: Path, clients: AsyncExitStack) -> Audits:
    """Open the desk of an auditor or approver."""

    async def audits(name: str, url: str | None = None) -> Auditing:
        folder = tmp_path / f"desk of {name}"
        made = Profile.open(folder) if folder.exists() else make_profile(world, name, folder)
        return await clients.enter_async_context(Auditing(made.unlock(key=KEY), url or hub.url))

    return audits


@dataclass
class Talk:
    """Elle's channel: Kari's and hers, and the versions of two messages."""

    staff: Channel
    hers: Channel
    first: Version
    second: Version


@pytest.fixture
async def talk(connect: Connect, terms: Callable[..., Terms], world: World) -> Talk:
    return await talking(connect, terms, world)


async def talking(connect: Connect, terms: Callable[..., Terms], world: World, elles: str | None = None) -> Talk:
    """`elles`: through what Elle reaches the hub."""
    kari, elle = await connect("Kari"), await connect("Elle", elles)
    channel = await kari.open_channel(title="Om Elle")
    await channel.join(0, terms("Jon"))
    first = await channel.post(0, Text("Kommer du i morgen?"))
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    second = await hers.post(0, Text("Ja, klokka ett."))
    await channel.reached(second.version)
    return Talk(channel, hers, first.version, second.version)


def wanted(**changed: Any) -> CaseTerms:
    """The headers of thread 0 up to now, for a week."""
    at = now_ms()
    usual = CaseTerms(
        AuditKind.METADATA, "2026/17", "log-review", "internal-control", (ThreadNo(0),), Millis(0), None, (), at, at
    )
    return replace(usual, ends=Millis(at + 7 * DAY), **changed)


async def approved(audits: Audits, talk: Talk, terms: CaseTerms | None = None) -> tuple[Auditing, CaseFile]:
    """A case that Agnes may look on."""
    agnes, astrid = await audits("Agnes"), await audits("Astrid")
    file = await agnes.open_case(talk.staff.id, terms or wanted())
    await astrid.approve(file)
    return agnes, file
