"""A hub that keeps a revocation back, drops it, brings an old certificate back or never enters what it serves.

The person who revoked, and whoever fetched the stream, knows better; each lie has a text of its own.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crypto.key_statements import DeviceCertified, DeviceRevoked, SignedStatement
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import MAIN_THREAD, DeviceId, Millis, PrincipalId, Version
from protocol import frames
from protocol.errors import SubstitutedKey, UnenteredKeys, WithheldKeys
from samsnakk import Channel, Client, HistoryBroken, Terms, Text
from samsnakk.cli.error_texts import ATTACKS, told
from samsnakk.demo.world import World
from samsnakk.entered import PATIENCE
from tests.client.conftest import Connect, opened
from tests.conftest import HubProcess
from tests.journeys.lying_hub.liar import Lie
from tests.journeys.lying_hub.room import DEADLINE, Room
from tests.service.hub.raw_client import now

DAY = 24 * 60 * 60 * 1000

Statements = Sequence[SignedStatement]
Becomes = Callable[[tuple[SignedStatement, ...]], Statements]


@pytest.fixture(scope="module")
def world(open_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Of its own: devices are revoked here for good."""
    return World.create(open_folder / tmp_path_factory.mktemp("world").name)


@pytest.fixture(scope="module")
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    return start_hub(world)


class Shows(Lie):
    """Of one person's key stream, what the hub wants to be seen; or nothing more of channels."""

    def __init__(self, of: PrincipalId, becomes: Becomes = tuple, *, enters: bool = True) -> None:
        self.of, self.becomes, self.enters = of, becomes, enters

    def key_stream(self, principal: PrincipalId, entries: tuple[SignedStatement, ...]) -> Statements:
        return self.becomes(entries) if principal == self.of else entries

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        return [frame] if self.enters or not isinstance(frame, frames.Events) else []


def says(error: BaseException, what: str) -> None:
    text = told(error)
    assert ATTACKS[what] in text
    assert text.startswith("STOPP: ")
    assert "sikkerhetsansvarlig" in text


def lose_a_device(world: World, name: str) -> tuple[SignedStatement, ...]:
    """Somebody had a second device, and lost it; the first one stays good. Returns the key stream."""
    person = world.person(name)
    lost = DeviceId(new_id())
    key, until = SigningKey.from_seed(random_bytes(32)), Millis(now() + DAY)
    world.state_fact(name, DeviceCertified(lost, key.public, person.organisation, until))
    return world.state_fact(name, DeviceRevoked(lost))


async def revoked(kari: Client, world: World, name: str) -> PrincipalId:
    """The same, and the hub has it."""
    person = world.person(name).id
    await kari.publish(person, lose_a_device(world, name))
    return person


async def test_a_revocation_that_is_entered_and_not_served_is_caught(
    room: Room, connect: Connect, world: World, terms: Callable[..., Terms]
) -> None:
    await room.channel.join(0, terms("Ingrid"))
    ingrid = world.person("Ingrid").id
    known = len(world.entries(ingrid))
    jons = await room.deceived("Jon", Shows(ingrid, lambda entries: entries[:known]))
    await revoked(await connect("Kari"), world, "Ingrid")
    await room.caught(jons, WithheldKeys)
    assert jons.broken is not None
    says(jons.broken, "withheld_keys")


@pytest.mark.parametrize("again", ["in the same run", "after a restart"])
async def test_a_revocation_dropped_after_it_was_served_is_caught(
    room: Room, connect: Connect, world: World, terms: Callable[..., Terms], again: str
) -> None:
    """Jon has seen that Ola's device was revoked; then the hub shows Ola as he was before."""
    kari = await connect("Kari")
    ola = await revoked(kari, world, "Ola")
    jon = await connect("Jon", room.liar.url)
    await jon._finder.learn([ola])
    seen = len(jon.directory.entries(ola))
    room.liar.lie = Shows(ola, lambda entries: entries[: seen - 1])
    if again == "after a restart":
        jon = await connect("Jon", room.liar.url)
        assert len(jon.directory.entries(ola)) == seen
    his = await opened(jon, room.channel)
    with pytest.raises(WithheldKeys) as caught:
        await his.join(0, terms("Ola"))
    says(caught.value, "withheld_keys")
    assert ola not in room.channel.state.threads[MAIN_THREAD].members


async def test_an_old_certificate_in_place_of_a_revocation_is_caught(
    room: Room, connect: Connect, world: World, terms: Callable[..., Terms]
) -> None:
    ola = await revoked(await connect("Kari"), world, "Ola")
    jon = await connect("Jon", room.liar.url)
    his = await opened(jon, room.channel)
    room.liar.lie = Shows(ola, lambda entries: (*entries[:-1], entries[2]))
    with pytest.raises(SubstitutedKey) as caught:
        await his.join(0, terms("Ola"))
    says(caught.value, "substituted_key")
    assert ola not in room.channel.state.threads[MAIN_THREAD].members


async def test_who_was_brought_in_before_reads_with_the_newest_key_and_not_with_a_lost_one(
    room: Room, connect: Connect, world: World, terms: Callable[..., Terms]
) -> None:
    """The honest side of it: an inviter asks for the newest key, however well it knows somebody."""
    ola, known = world.person("Ola").id, room.channel._parts.finder.directory
    before = known.current_key(ola)
    await (await connect("Jon")).publish(ola, world.add_key_version("Ola"))
    assert known.current_key(ola) == before
    await room.channel.join(0, terms("Ola"))
    key = room.channel.state.threads[MAIN_THREAD].members[ola].key
    assert key is not None
    assert key.version == before.version + 1


async def test_a_revocation_that_is_served_and_never_entered_is_caught_by_who_knows_of_it(
    room: Room, connect: Connect, world: World
) -> None:
    """Jon has cut his lost phone off. The hub takes that in, and lets the phone read on where he takes part."""
    jon = await connect("Jon", room.liar.url)
    his = await opened(jon, room.channel)
    room.liar.lie = Shows(world.person("Jon").id, enters=False)
    await jon.publish(world.person("Jon").id, lose_a_device(world, "Jon"))
    at = 0.0
    for elapsed in (at, at + PATIENCE - 1):
        jon._looks.verify_entered(elapsed)
        assert his.broken is None
    jon._looks.verify_entered(at + PATIENCE)
    assert isinstance(his.broken, HistoryBroken)
    assert type(his.broken.problem) is UnenteredKeys
    says(his.broken, "unentered_keys")
    with pytest.raises(HistoryBroken):
        await his.post(0, Text("no word goes to a liar"))


async def test_an_honest_hub_is_not_blamed_for_what_it_enters(room: Room, connect: Connect, world: World) -> None:
    jon = await connect("Jon", room.liar.url)
    his = await opened(jon, room.channel)
    before = his.version
    await jon.publish(world.person("Jon").id, lose_a_device(world, "Jon"))
    await his.reached(Version(before + 1))
    for elapsed in (0.0, 2.0 * PATIENCE):
        jon._looks.verify_entered(elapsed)
    assert his.broken is None


async def test_what_the_hub_never_had_is_not_held_against_it(room: Room, connect: Connect, world: World) -> None:
    """A node that signs while the hub is away, or a newer trust file, lets a client know more than the hub can."""
    jon = await connect("Jon", room.liar.url)
    his = await opened(jon, room.channel)
    jon.directory.add_all({world.person("Jon").id: lose_a_device(world, "Jon")})
    for elapsed in (0.0, 2.0 * PATIENCE):
        jon._looks.verify_entered(elapsed)
    assert his.broken is None
    await his.post(0, Text("Det går bra."))


async def test_a_hub_that_takes_back_the_own_revocation_is_caught(room: Room, connect: Connect, world: World) -> None:
    """What another device of hers stated comes to this one by the hub; then the hub drops it."""
    jon = await connect("Jon", room.liar.url)
    his: Channel = await opened(jon, room.channel)
    me = await revoked(await connect("Kari"), world, "Jon")
    await jon._looks.look_at_self()
    assert not his.broken
    room.liar.lie = Shows(me, lambda entries: entries[:-1])
    await jon._looks.look_at_self()
    async with asyncio.timeout(DEADLINE):
        await his._held.pulse.wait_for(lambda: his.broken is not None)
    assert isinstance(his.broken, HistoryBroken)
    assert type(his.broken.problem) is WithheldKeys
