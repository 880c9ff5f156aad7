"""Hubs that serve something else than the node issued."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crypto.key_statements import DeviceCertified, KeyStatement, SignedStatement, sign_statement
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId, Millis, PrincipalId
from samsnakk.demo.authority import VALIDITY
from samsnakk.demo.world import World, now_ms
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.issuing import Issuer
from samsnakk.node.ledger import Ledger
from samsnakk.node.watching import ADVICE, SUBSTITUTED, TEXTS, WITHHELD, Watch

Lie = Callable[[PrincipalId, tuple[SignedStatement, ...]], tuple[SignedStatement, ...]]


def honest(_: PrincipalId, entries: tuple[SignedStatement, ...]) -> tuple[SignedStatement, ...]:
    return entries


@dataclass
class Hub:
    """Takes everything in; serves what `lie` makes of it."""

    lie: Lie = honest
    taken: dict[PrincipalId, tuple[SignedStatement, ...]] = field(default_factory=dict)

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        return self.lie(principal, self.taken.get(principal, ()))

    async def publish(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        self.taken[principal] = tuple(entries)


@dataclass
class Post:
    world: World
    issuer: Issuer
    hub: Hub
    watch: Watch

    async def codes(self) -> set[str]:
        return {fault.code for fault in await self.watch.look(Millis(1))}

    def evidence(self) -> list[str]:
        return [path.read_text() for path in sorted((self.issuer.node.path / "evidence").glob("*.txt"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, OpenNode]:
    folder = tmp_path_factory.mktemp("node")
    world = World.create(folder / "world")
    dps = world.organisation("dps")
    create_node(folder / "node", world.trust, "http://localhost", {dps.id: dps.root_seed}, "prøve")
    return world, open_node(folder / "node", "prøve")


@pytest.fixture
def post(made: tuple[World, OpenNode], tmp_path: Path) -> Iterator[Post]:
    world, node = made[0], replace(made[1], path=tmp_path)
    node.staff_file(world.organisation("dps").id).write_text("person,function,hpr,identity\n")
    ledger = Ledger(tmp_path / "issued.db")
    issuer, hub = Issuer(node, ledger, now_ms), Hub()
    yield Post(world, issuer, hub, Watch(issuer, hub))
    ledger.close()


async def test_an_honest_hub_is_found_honest(post: Post) -> None:
    assert await post.codes() == set()
    assert await post.codes() == set()
    # Followed are the organisation's own streams: two people, the vault and the inbox.
    assert len(post.hub.taken) == 4


async def test_what_is_issued_while_the_hub_is_asked_is_not_missed_before_it_can_have_arrived(post: Post) -> None:
    kari = post.world.person("Kari")

    def meanwhile(who: PrincipalId, entries: tuple[SignedStatement, ...]) -> tuple[SignedStatement, ...]:
        if who == kari.id and entries:  # it was just published, and is looked at again
            post.hub.lie = honest
            post.issuer.revoke(kari.id, kari.device)
        return entries

    post.hub.lie = meanwhile
    assert await post.codes() == set()
    assert len(post.hub.taken[kari.id]) < len(post.issuer.ledger.entries(kari.id))
    assert await post.codes() == set()
    assert len(post.hub.taken[kari.id]) == len(post.issuer.ledger.entries(kari.id))


async def test_a_withheld_revocation_is_caught(post: Post) -> None:
    kari = post.world.person("Kari")
    await post.codes()
    post.issuer.revoke(kari.id, kari.device)
    post.hub.lie = lambda who, entries: entries[:-1] if who == kari.id else entries
    assert await post.codes() == {WITHHELD}
    assert post.evidence() == [f"{TEXTS[WITHHELD]}\n{ADVICE}\n"]


async def test_a_revocation_dropped_after_it_was_served_is_caught(post: Post) -> None:
    kari = post.world.person("Kari")
    post.issuer.revoke(kari.id, kari.device)
    assert await post.codes() == set()
    post.hub.lie = lambda who, entries: entries[:3] if who == kari.id else entries
    assert await post.codes() == {WITHHELD}


async def test_an_old_certificate_served_in_place_of_a_revocation_is_caught(post: Post) -> None:
    kari = post.world.person("Kari")
    await post.codes()
    post.issuer.revoke(kari.id, kari.device)
    post.hub.lie = lambda who, entries: (*entries[:-1], entries[2]) if who == kari.id else entries
    assert await post.codes() == {SUBSTITUTED}


async def test_a_swapped_key_is_caught(post: Post) -> None:
    jon, kari = post.world.person("Jon").id, post.world.person("Kari").id
    await post.codes()
    post.hub.lie = lambda who, entries: post.hub.taken[jon] if who == kari else entries
    assert await post.codes() == {SUBSTITUTED}
    assert TEXTS[SUBSTITUTED] in post.evidence()[0]


async def test_a_statement_under_the_own_root_that_this_node_never_signed_is_caught(post: Post) -> None:
    kari = post.world.person("Kari").id
    await post.codes()
    stolen = post.world.certify_new_device("Kari")  # whoever holds the root can do this
    post.hub.lie = lambda who, entries: stolen if who == kari else entries
    assert await post.codes() == {SUBSTITUTED}
    assert len(post.issuer.ledger.entries(kari)) == 3


async def test_another_organisations_certificate_in_the_stream_is_no_lie(post: Post) -> None:
    kari, nav = post.world.person("Kari"), post.world.organisation("nav")
    await post.codes()
    key = SigningKey.from_seed(random_bytes(32))
    fact = DeviceCertified(DeviceId(new_id()), key.public, nav.id, now_ms() + VALIDITY)
    longer = (*post.issuer.ledger.entries(kari.id), signed_by(post, nav.root, nav.id, kari.id, fact))
    post.hub.taken[kari.id] = longer
    assert await post.codes() == set()
    assert post.issuer.ledger.entries(kari.id) == longer


def signed_by(
    post: Post, root: SigningKey, issuer: bytes, principal: PrincipalId, fact: DeviceCertified
) -> SignedStatement:
    state = post.issuer.state(principal)
    assert state is not None
    deployment = post.world.deployment
    return sign_statement(root, KeyStatement(deployment, principal, state.n + 1, state.head, fact, issuer, now_ms()))


def test_a_register_that_lacks_most_people_revokes_nobody(post: Post) -> None:
    with pytest.raises(BadNode, match="more than half"):
        post.issuer.departed()
