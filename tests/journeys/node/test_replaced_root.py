"""A root is stolen, used, and replaced with the word of three others, at a real hub and by the commands people type."""

import asyncio
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crypto.kem import KemKey
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import (
    DeviceCertified,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    sign_statement,
)
from crypto.key_streams import begin
from crypto.random import new_id, random_bytes
from crypto.root_facts import Place, Replacement, RootReplaced, sign_support
from crypto.signing import SigningKey
from domain.ids import DeviceId, PrincipalId
from protocol.directory import Directory
from protocol.errors import SubstitutedKey
from samsnakk import Client, Identity, Profile, Refused, Secrets, Terms, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World, now_ms
from samsnakk.doors import Doors
from samsnakk.errors import SignInRefused
from samsnakk.issuing import signed_statements
from samsnakk.key_finding import learn_roots
from samsnakk.node.folder import create_node, open_node
from samsnakk.node.root_files import check_code as code_of
from samsnakk.node.root_files import parse_plea
from samsnakk.node.running import opened as opened_node
from samsnakk.node.watching import ROOT_REPLACED, SUBSTITUTED
from tests.client.conftest import KEY, Connect, make_profile, opened, texts
from tests.conftest import HubProcess
from tests.journeys.node.conftest import PASSPHRASE, write_register
from tests.journeys.who_reads.everybody import could_read, keys_of

HELPERS = ("nordvik", "sorvik", "nav")


@dataclass
class Houses:
    """The nodes of four organisations, worked with by typing commands."""

    world: World
    hub: HubProcess
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    staff: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"dps": ("Kari", "Jon")})

    def __post_init__(self) -> None:
        (self.folder / "pass").write_text(PASSPHRASE + "\n")
        (self.folder / "pass").chmod(0o600)
        for key in ("dps", *HELPERS):
            made = self.world.organisation(key)
            create_node(self.folder / key, self.world.trust, self.hub.url, {made.id: made.root_seed}, PASSPHRASE)
            people: dict[bytes, str] = {p.id: "" for p in self.world.people if p.organisation == made.id}
            write_register(open_node(self.folder / key, PASSPHRASE), made.id, people)

    async def type(self, key: str, *words: str, says: str = "") -> int:
        """`samsnakk node root` of one organisation, with what somebody types when asked."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(says + "\n"))
        step, *rest = words
        command = ["node", "root", step, str(self.folder / key), *rest]
        return await asyncio.to_thread(main, [*command, "--passphrase-file", str(self.folder / "pass")])

    async def faults(self, key: str) -> set[str]:
        async with opened_node(open_node(self.folder / key, PASSPHRASE)) as node:
            return {fault.code for fault in (await node.look()).faults}

    async def replace_with_help(self, name: str = "ny") -> int:
        plea = self.folder / f"{name}.rot"
        assert await self.type("dps", "ask", str(plea)) == 0
        code = code_of(parse_plea(plea.read_bytes()))
        answers = []
        for key in HELPERS:
            out = self.folder / f"{name}-{key}.rot"
            assert await self.type(key, "support", str(plea), str(out), says=code) == 0
            answers += ["--support", str(out)]
        return await self.type("dps", "replace", *answers, says="bytt")


@pytest.fixture
async def houses(world: World, hub: HubProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Houses:
    folder = tmp_path / "houses"
    folder.mkdir()
    return Houses(world, hub, folder, monkeypatch)


@dataclass
class Thief:
    """Has the root of Fjellheim DPS, and a hub that takes what it signs."""

    world: World
    doors: Doors
    url: str
    device: DeviceId = field(default_factory=lambda: DeviceId(new_id()))
    signing_seed: bytes = field(default_factory=lambda: random_bytes(32))
    kem_seed: bytes = field(default_factory=lambda: random_bytes(32))

    @property
    def root(self) -> SigningKey:
        return self.world.organisation("dps").root

    async def states(self, who: PrincipalId, *facts: KeyFact, to: Directory | None = None) -> None:
        entries = await self.doors.key_stream(who)
        state = (to or Directory(self.world.trust)).add(who, entries)
        for fact in facts:
            place = (self.world.deployment, who, state.n + 1, state.head)
            entries = (*entries, sign_statement(self.root, KeyStatement(*place, fact, state.owner, now_ms())))
            state = replace(state, n=state.n + 1, head=next_head(state.head, entries[-1]))
        await self.doors.publish(who, entries)

    async def becomes(self, name: str) -> None:
        """A device of somebody else's, and a key that the next messages are sealed for."""
        key = SigningKey.from_seed(self.signing_seed).public
        organisation = self.world.organisation("dps").id
        certificate = DeviceCertified(self.device, key, organisation, now_ms() + 86_400_000)
        kem = KeyVersionAdded(2, (KemKey.from_seed(self.kem_seed).public,))
        await self.states(self.world.person(name).id, certificate, kem)

    async def invents(self) -> PrincipalId:
        """Somebody who was never there."""
        who, organisation = PrincipalId(new_id()), self.world.organisation("dps").id
        deployment = self.world.deployment
        fact = PrincipalFounded(PrincipalKind.PERSON, organisation)
        first = sign_statement(
            self.root, KeyStatement(deployment, who, 1, genesis_head(deployment, who), fact, organisation, now_ms())
        )
        state = begin(deployment, who, first, {organisation: self.root.public})
        key = SigningKey.from_seed(random_bytes(32)).public
        certificate = DeviceCertified(new_id(), key, organisation, now_ms() + 86_400_000)
        await self.doors.publish(who, (first, *signed_statements(self.root, state, [certificate], now_ms())))
        return who

    async def replaces_the_root(self) -> None:
        """First, so that the organisation's own replacement comes too late."""
        organisation, deployment = PrincipalId(self.world.organisation("dps").id), self.world.deployment
        new = SigningKey.from_seed(random_bytes(32))
        place = Place(organisation, 0, genesis_head(deployment, organisation))
        wish = Replacement(deployment, place, self.root.public, new.public)
        word = sign_support(self.root, wish, organisation, 0)
        fact = RootReplaced(wish.old, wish.new, 0, place.head, word, (), ())
        statement = KeyStatement(deployment, organisation, 1, place.head, fact, organisation, now_ms())
        await self.doors.publish(organisation, [sign_statement(new, statement)])

    def client(self, name: str, folder: Path) -> Client:
        person = self.world.person(name)
        secrets = Secrets(self.signing_seed, {2: self.kem_seed}, {})
        identity = Identity(person.id, self.device, person.organisation)
        made = Profile.create(folder, self.world.trust, identity, secrets, key=KEY)
        return Client(made.unlock(key=KEY), self.url)


@pytest.fixture
async def doors(hub: HubProcess):  # type: ignore[no-untyped-def]  # noqa: ANN201
    doors = Doors(hub.url)
    yield doors
    await doors.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, open_folder: Path) -> World:
    return World.create(open_folder / tmp_path_factory.mktemp("world").name)


@pytest.fixture
def hub(world: World, start_hub: Callable[..., HubProcess]) -> HubProcess:
    """One for each test: a replaced root stays replaced."""
    return start_hub(world)


async def test_a_stolen_root_is_replaced_by_others_and_the_thief_gets_in_nowhere(  # noqa: PLR0915 - one story
    houses: Houses, doors: Doors, connect: Connect, terms: Callable[..., Terms], world: World, tmp_path: Path
) -> None:
    kari, jon, ingrid = await connect("Kari"), await connect("Jon"), await connect("Ingrid")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    await channel.join(0, terms("Ingrid"))
    hers, his = await opened(ingrid, channel), await opened(jon, channel)
    await channel.post(0, Text("Før tyveriet."))

    thief = Thief(world, doors, houses.hub.url)
    await thief.becomes("Kari")
    invented = await thief.invents()
    assert await houses.faults("dps") == {SUBSTITUTED}
    async with thief.client("Kari", tmp_path / "thief") as stolen:
        theirs = await opened(stolen, channel)
        posted = await hers.post(0, Text("Mens tyven er her."))
        await theirs.reached(posted.version)
        assert "Mens tyven er her." in await texts(theirs)  # a stolen root is that bad
        await thief.replaces_the_root()
        assert await houses.faults("dps") == {ROOT_REPLACED, SUBSTITUTED}
        assert await houses.type("dps", "replace", says="bytt") == 2  # alone it comes too late

        assert await houses.replace_with_help() == 0
        assert await houses.faults("dps") == set()
        posted = await hers.post(0, Text("Etter byttet."))
        await his.reached(posted.version)
        await channel.reached(posted.version)
        assert "Etter byttet." in await texts(his)
        assert "Etter byttet." in await texts(channel)
        assert "Etter byttet." not in await texts(theirs)
    async with thief.client("Kari", tmp_path / "thief again") as stolen:
        with pytest.raises(SignInRefused):
            await opened(stolen, channel)

    await channel.post(0, Text("Kari skriver som før."))
    assert could_read(channel, world.person("Kari").id, {2: (KemKey.from_seed(thief.kem_seed),)}) == [
        "Mens tyven er her."
    ]
    after = ["Før tyveriet.", "Mens tyven er her.", "Etter byttet.", "Kari skriver som før."]
    without_it = after[:1] + after[2:]
    assert could_read(channel, world.person("Kari").id, keys_of(world.person("Kari").holder)) == without_it
    people = {name: world.person(name) for name in ("Kari", "Jon", "Ingrid", "Berit")}
    # What was said meanwhile was sealed for the thief's key in her place: a colleague opens it to her.
    granted = await hers.grant_history(0, world.person("Kari").id)
    await channel.reached(granted.version)
    assert await texts(channel) == after
    assert {name: could_read(channel, one.id, keys_of(one.holder)) for name, one in people.items()} == {
        "Kari": after,
        "Jon": after,
        "Ingrid": after,
        "Berit": [],
    }
    key = KemKey.from_seed(thief.kem_seed).public
    epochs = [event.facts async for event in channel.events(follow=False) if event.kind.startswith("epoch-opened")]
    rows = [entry for entry in epochs[-1].roster if entry.principal == world.person("Kari").id]  # type: ignore[union-attr]
    assert [row.key_version for row in rows] == [1]
    assert key not in kari.directory.public_keys(world.person("Kari").id, 1)
    assert (await doors.key_stream(invented)) != ()
    assert ingrid.directory.roots.newest[world.organisation("dps").id] != thief.root.public
    with pytest.raises(Refused, match="substituted_key"):
        await thief.states(world.person("Jon").id, PrincipalEnded(), to=ingrid.directory)

    # Who comes later, with the trust file of the first day, reads the whole record, the thief's part included.
    make_profile(world, "Ingrid", tmp_path / "later")
    async with Client(Profile.open(tmp_path / "later").unlock(key=KEY), houses.hub.url) as later:
        assert (await texts(await opened(later, channel)))[-2:] == ["Etter byttet.", "Kari skriver som før."]
        assert await learn_roots(later.directory, doors) == []
    await his.post(0, Text("Jon også."))


async def test_a_planned_replacement_changes_nothing_for_anybody(
    houses: Houses, doors: Doors, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, ingrid = await connect("Kari"), await connect("Ingrid")
    channel = await kari.open_channel()
    await channel.join(0, terms("Ingrid"))
    hers = await opened(ingrid, channel)
    assert await houses.type("dps", "replace", says="nei") == 2
    assert await doors.key_stream(PrincipalId(world.organisation("dps").id)) == ()
    assert await houses.type("dps", "replace", says="bytt") == 0
    posted = await hers.post(0, Text("Hei."))
    await channel.reached(posted.version)
    assert await texts(channel) == ["Hei."]
    await channel.post(0, Text("Hei du."))
    assert await houses.faults("dps") == set()
    assert await houses.type("dps", "replace", says="bytt") == 0  # and again
    await channel.post(0, Text("Og igjen."))


class Forgetful(Doors):
    """A hub that has forgotten whose root was replaced."""

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:  # noqa: ARG002
        return ()


async def test_a_hub_that_goes_back_to_the_old_root_is_caught_by_who_saw_the_new_one_and_by_the_node(
    houses: Houses, doors: Doors, world: World, hub: HubProcess
) -> None:
    assert await houses.type("dps", "replace", says="bytt") == 0
    knows = Directory(world.trust)
    assert await learn_roots(knows, doors) == [PrincipalId(world.organisation("dps").id)]
    forgetful = Forgetful(hub.url)
    try:
        with pytest.raises(SubstitutedKey, match="withheld"):
            await learn_roots(knows, forgetful)
    finally:
        await forgetful.close()
