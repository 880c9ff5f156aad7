"""A hub that serves content without its line in the access log, or another key than the certified one."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import pytest

from crypto.kem import KemKey
from crypto.key_statements import KeyVersionAdded, SignedStatement, parse_statement, sign_statement
from crypto.random import random_bytes
from crypto.signing import SigningKey
from domain.access.events import IntervalOpened, Purpose
from domain.ids import MAIN_THREAD, PrincipalId, ThreadNo, Version
from protocol import frames, records
from protocol.errors import ChainBroken, SubstitutedKey, UncoveredContent
from samsnakk import (
    AttachmentDamaged,
    Audience,
    Client,
    Files,
    HistoryBroken,
    Identity,
    Profile,
    Secrets,
    Terms,
    Text,
    Topic,
)
from samsnakk.demo.world import World
from tests.client.conftest import KEY
from tests.journeys.lying_hub.forging import Item, header_of, resigned
from tests.journeys.lying_hub.liar import Lie, LyingHub
from tests.journeys.lying_hub.room import Room


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class AnotherLine(Lie):
    """The line that precedes the content is another one than it should be; None: it does not come."""

    def __init__(self, becomes: Callable[[Item], Item | None]) -> None:
        self.becomes = becomes

    def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
        if not isinstance(frame, frames.Subscribed):
            return [frame]
        line = self.becomes(frame.line)
        return [] if line is None else [msgspec.structs.replace(frame, line=line)]


async def test_content_without_its_line_is_refused(room: Room) -> None:
    channel = await room.reader(lie=AnotherLine(lambda _: None))
    assert await room.caught(channel, UncoveredContent, "before its access line") == []


async def test_content_behind_the_line_of_an_earlier_request_is_refused(room: Room) -> None:
    earlier: list[Item] = []

    def keeping(line: Item) -> Item:
        earlier.append(line)
        return line

    channel = await room.deceived("Jon", AnotherLine(keeping))
    room.liar.lie = AnotherLine(lambda _: earlier[0])
    await room.liar.cut()
    await room.caught(channel, UncoveredContent, "somebody or something else")


@pytest.mark.parametrize("field", ["reader", "device", "purpose"])
async def test_content_behind_a_line_about_somebody_or_something_else_is_refused(room: Room, field: str) -> None:
    berit = room.world.person("Berit")
    other = {"reader": berit.id, "device": berit.device, "purpose": Purpose.EMERGENCY}[field]
    lie = AnotherLine(lambda line: resigned(line, room.world.hub_key, **{field: other}))
    assert await room.caught(await room.reader(lie=lie), UncoveredContent, "somebody or something else") == []


async def test_content_behind_a_line_that_another_key_signed_is_refused(room: Room) -> None:
    key = SigningKey.from_seed(random_bytes(32))
    channel = await room.reader(lie=AnotherLine(lambda line: resigned(line, key)))
    assert await room.caught(channel, UncoveredContent, "forged_record") == []


async def test_content_of_a_thread_that_the_line_leaves_out_is_refused(room: Room, terms: Callable[..., Terms]) -> None:
    thread = (await room.channel.open_thread(Audience.WITH_USER, Topic.HOUSING, "Bolig", [terms("Jon")])).thread
    assert thread is not None
    first = await room.channel.post(thread, Text("i den andre tråden"))

    def without_it(line: Item) -> Item:
        event = header_of(records.read_item(line)).event
        assert isinstance(event, IntervalOpened)
        bases = event.threads
        assert {basis.thread for basis in bases} == {ThreadNo(0), thread}
        return resigned(line, room.world.hub_key, threads=tuple(b for b in bases if b.thread != thread))

    shown = await room.caught(await room.reader(lie=AnotherLine(without_it)), UncoveredContent)
    assert shown[-1].version < first.version


async def test_a_line_left_out_of_the_access_log_is_missed(room: Room) -> None:
    class Shortened(Lie):
        def to_client(self, frame: frames.HubFrame) -> list[frames.Frame]:
            if isinstance(frame, frames.Events) and frame.stream == records.ACCESS:
                return [msgspec.structs.replace(frame, items=frame.items[1:])]
            return [frame]

    channel = await room.deceived("Jon", Shortened())
    with pytest.raises(HistoryBroken):
        await channel.access_log()
    await room.caught(channel, ChainBroken, "access log")


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class AnotherFile(Lie):
    def __init__(self, forge: Callable[[Item | None, bytes], tuple[Item | None, bytes]]) -> None:
        self.forge = forge

    def file(self, line: Item | None, sealed: bytes) -> tuple[Item | None, bytes]:
        return self.forge(line, sealed)


async def shared(room: Room) -> Files:
    file = await room.channel.upload(0, bytes(range(256)) * 2000, "tegning.png", "image/png")
    files = Files((file,))
    await room.channel.post(0, files)
    return files


@pytest.mark.parametrize(
    "forge", [lambda sealed: sealed[:-1], lambda sealed: sealed[:-1] + b"\0", lambda _: b"", lambda it: it + it[:16]]
)
async def test_a_changed_file_is_refused(room: Room, forge: Callable[[bytes], bytes]) -> None:
    files = await shared(room)
    channel = await room.deceived("Jon", AnotherFile(lambda line, sealed: (line, forge(sealed))))
    with pytest.raises(AttachmentDamaged):
        await channel.download(0, files.files[0])


async def test_a_file_behind_the_line_of_another_file_is_refused(room: Room) -> None:
    files = await shared(room)

    def about_another(line: Item | None, sealed: bytes) -> tuple[Item | None, bytes]:
        assert line is not None
        return resigned(line, room.world.hub_key, file=bytes(16)), sealed

    channel = await room.deceived("Jon", AnotherFile(about_another))
    with pytest.raises(HistoryBroken):
        await channel.download(0, files.files[0])
    await room.caught(channel, UncoveredContent, "another file")


async def test_a_file_without_its_line_is_not_given_out(room: Room) -> None:
    files = await shared(room)
    channel = await room.deceived("Jon", AnotherFile(lambda _, sealed: (None, sealed)))
    with pytest.raises(AttachmentDamaged):
        await channel.download(0, files.files[0])


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
Statements = Sequence[SignedStatement]


class AnotherKey(Lie):
    """Falsifies the key stream of one principal."""

    def __init__(self, of: PrincipalId, becomes: Callable[[Statements], Statements]) -> None:
        self.of, self.becomes = of, becomes

    def key_stream(self, principal: PrincipalId, entries: tuple[SignedStatement, ...]) -> Statements:
        return self.becomes(entries) if principal == self.of else entries


def with_another_kem_key(entries: Statements, signed_by: SigningKey | None = None) -> Statements:
    """The key in the second statement is the liar's own; signed by whoever lends a key, or not anew at all."""
    genuine = parse_statement(entries[1].statement)
    fact = KeyVersionAdded(1, (KemKey.from_seed(random_bytes(32)).public,))
    forged = sign_statement(signed_by or SigningKey.from_seed(random_bytes(32)), replace(genuine, fact=fact))
    if signed_by is None:
        forged = SignedStatement(forged.statement, entries[1].signature)
    return [entries[0], forged, *entries[2:]]


LIES: Final[dict[str, Callable[[Statements, World], Statements]]] = {
    "another key": lambda entries, _: with_another_kem_key(entries),
    "another key, signed by the hub": lambda entries, world: with_another_kem_key(entries, world.hub_key),
    "another key, signed by a root": lambda it, world: with_another_kem_key(it, world.organisation("nav").root),
    "the stream of somebody else": lambda _, world: world.entries(world.person("Berit").id),
    "a statement left out": lambda entries, _: [entries[0], *entries[2:]],
    "another order": lambda entries, _: [entries[0], *reversed(entries[1:])],
}


@pytest.fixture
async def who_knows_no_keys(
    world: World, liar: LyingHub, tmp_path: Path, clients: AsyncExitStack
) -> Callable[[str], Awaitable[Client]]:
    """A client that pins the roots and knows nobody's keys: all of them come from the hub."""

    async def connect(name: str) -> Client:
        person = world.person(name)
        seeds = {version: found[0] for version, found in enumerate(person.holder.seeds, 1)}
        trust = msgspec.structs.replace(world.trust, key_streams=())
        identity = Identity(person.id, person.device, person.organisation)
        folder = tmp_path / f"{name}-without-keys"
        profile = Profile.create(folder, trust, identity, Secrets(person.device_seed, seeds), key=KEY)
        return await clients.enter_async_context(Client(profile.unlock(key=KEY), liar.url))

    return connect


async def test_keys_that_are_not_known_yet_come_from_the_hub_and_are_believed_when_the_pinned_root_signed_them(
    room: Room, who_knows_no_keys: Callable[[str], Awaitable[Client]]
) -> None:
    channel = await (await who_knows_no_keys("Jon")).channel(room.channel.id)
    await channel.caught_up()
    assert channel.head == room.channel.head


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_false_key_stream_of_an_author_is_not_believed(
    room: Room,
    who_knows_no_keys: Callable[[str], Awaitable[Client]],
    lie: Callable[[Statements, World], Statements],
) -> None:
    room.liar.lie = AnotherKey(room.world.person("Kari").id, lambda entries: lie(entries, room.world))
    channel = await (await who_knows_no_keys("Jon")).channel(room.channel.id)
    assert await room.caught(channel, SubstitutedKey) == []


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_nobody_is_brought_in_with_a_false_key(
    room: Room,
    who_knows_no_keys: Callable[[str], Awaitable[Client]],
    terms: Callable[..., Terms],
    lie: Callable[[Statements, World], Statements],
) -> None:
    ola = room.world.person("Ola").id
    room.liar.lie = AnotherKey(ola, lambda entries: lie(entries, room.world))
    channel = await (await who_knows_no_keys("Jon")).channel(room.channel.id)
    await channel.caught_up()
    before = room.channel.version
    with pytest.raises(SubstitutedKey):
        await channel.join(0, terms("Ola"))
    await channel.post(0, Text("Ola kom ikke inn."))
    await room.channel.reached(Version(before + 1))
    assert ola not in room.channel.state.threads[MAIN_THREAD].members
