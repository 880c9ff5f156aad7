"""The register of inboxes, whom the node lets in and out by it, and whose new key it states."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.inbox_files import MAX_SEATS
from crypto.kem import KemKey, KemPublic
from crypto.key_stream_states import KeyStreamState
from crypto.random import new_id, random_bytes
from domain.ids import Millis, PrincipalId
from protocol.inbox_keys import Due, Seen, seen
from protocol.node_requests import NodeRequest, RenewInbox
from samsnakk.demo.cast import PEOPLE, PersonSpec
from samsnakk.demo.world import World, now_ms
from samsnakk.node.configuration import BadNode
from samsnakk.node.eligibility import InboxDue, renew_inbox, tend, what_waits
from samsnakk.node.folder import OpenNode, create_node, open_node
from samsnakk.node.inboxes import read_inboxes, write_inboxes
from samsnakk.node.issuing import Issuer, NotGranted
from samsnakk.node.ledger import Ledger

LIV = PersonSpec("Liv", "Liv Strandbu", "sosionom (oppdiktet)", "dps")


@dataclass
class Clock:
    """Goes on by a millisecond whenever somebody looks at it."""

    at: int

    def __call__(self) -> Millis:
        self.at += 1
        return Millis(self.at)


@dataclass
class Office:
    world: World
    issuer: Issuer
    inbox: PrincipalId

    def id(self, name: str) -> PrincipalId:
        return self.world.person(name).id

    def staff(self, *names: str) -> None:
        rows = "".join(f"{self.id(name).hex()},psykolog,,{random_bytes(32).hex()}\n" for name in names)
        file = self.issuer.node.staff_file(self.world.organisation("dps").id)
        file.write_text("person,function,hpr,identity\n" + rows, encoding="utf-8")

    def answered_by(self, *names: str) -> list[PrincipalId]:
        """The register says so, and the node looks."""
        file = self.issuer.node.inboxes_file(self.world.organisation("dps").id)
        file.write_text(write_inboxes({self.inbox: frozenset(map(self.id, names))}), encoding="utf-8")
        return tend(self.issuer)

    @property
    def state(self) -> KeyStreamState:
        state = self.issuer.state(self.inbox)
        assert state is not None
        return state

    def eligible(self) -> set[str]:
        return {person.key for person in self.world.people if person.id in self.state.eligible}

    def due(self) -> Due | None:
        waiting = [one for one in what_waits(self.issuer) if one.inbox == self.inbox]
        return waiting[0].why if waiting else None

    def known(self) -> Seen:
        return seen(self.state, self.issuer.people_of(self.state))

    def renew(self, by: str, after: Seen | None = None, version: int | None = None, of: bytes = b"") -> PrincipalId:
        dps, person = self.world.organisation("dps"), self.world.person(by)
        number = len(self.state.key_versions) + 1 if version is None else version
        inbox = PrincipalId(of or self.inbox)
        wish = RenewInbox(inbox, number, _fresh(), self.known() if after is None else after)
        request = NodeRequest(self.world.deployment, dps.id, person.device, wish, new_id(), self.issuer.now())
        return renew_inbox(self.issuer, request)

    def refused(self, by: str, after: Seen | None = None, version: int | None = None, of: bytes = b"") -> str:
        with pytest.raises(NotGranted) as refused:
            self.renew(by, after, version, of)
        return refused.value.code


def _fresh() -> KemPublic:
    return KemKey.from_seed(random_bytes(32)).public


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, OpenNode]:
    folder = tmp_path_factory.mktemp("node")
    world = World.create(folder / "world", people=(*PEOPLE, LIV))
    dps = world.organisation("dps")
    create_node(folder / "node", world.trust, "http://localhost", {dps.id: dps.root_seed}, "prøve")
    return world, open_node(folder / "node", "prøve")


@pytest.fixture
def office(made: tuple[World, OpenNode], tmp_path: Path) -> Iterator[Office]:
    world, node = made[0], replace(made[1], path=tmp_path)
    ledger = Ledger(tmp_path / "issued.db")
    office = Office(world, Issuer(node, ledger, Clock(now_ms())), PrincipalId(new_id()))
    office.staff("Kari", "Jon", "Liv")
    yield office
    ledger.close()


def test_an_inbox_begins_in_the_register_and_its_first_key_is_made_by_who_answers_it(office: Office) -> None:
    assert office.answered_by("Kari", "Jon") == [office.inbox]
    assert (office.eligible(), office.due()) == ({"Kari", "Jon"}, Due.FIRST_KEY)
    assert office.renew("Jon") == office.inbox
    assert office.due() is None
    assert office.answered_by("Kari", "Jon") == []  # the same again states nothing


def test_who_leaves_the_register_is_out_at_once_and_the_key_waits_for_the_others(office: Office) -> None:
    office.answered_by("Kari", "Jon")
    office.renew("Kari")
    office.answered_by("Kari", "Liv")
    assert (office.eligible(), office.due()) == ({"Kari", "Liv"}, Due.SOMEBODY_LEFT)
    assert office.refused("Jon") == "not_eligible"
    office.renew("Liv")
    assert office.due() is None


def test_who_leaves_the_organisation_is_out_of_its_inboxes_whatever_their_register_says(office: Office) -> None:
    office.answered_by("Kari", "Jon")
    office.renew("Kari")
    office.staff("Kari", "Liv")
    assert office.inbox in tend(office.issuer)
    assert (office.eligible(), office.due()) == ({"Kari"}, Due.SOMEBODY_LEFT)
    office.issuer.end(office.id("Jon"))
    assert tend(office.issuer) == []


def test_an_inbox_that_no_register_names_keeps_its_people_and_loses_who_has_ended(office: Office) -> None:
    inbox = office.world.organisation("dps").inbox.id
    office.inbox = PrincipalId(inbox)
    assert office.eligible() == {"Kari", "Jon", "Liv"}
    assert tend(office.issuer) == []
    office.issuer.end(office.id("Jon"))
    tend(office.issuer)
    assert (office.eligible(), office.due()) == ({"Kari", "Liv"}, Due.SOMEBODY_LEFT)


def test_somebody_without_a_key_is_let_in_as_soon_as_there_is_one(office: Office) -> None:
    new = PrincipalId(new_id())
    file = office.issuer.node.inboxes_file(office.world.organisation("dps").id)
    file.write_text(write_inboxes({office.inbox: frozenset({new, office.id("Kari")})}), encoding="utf-8")
    tend(office.issuer)
    assert office.eligible() == {"Kari"}


def test_a_staff_register_that_is_damaged_takes_nobody_out_of_an_inbox(office: Office) -> None:
    office.answered_by("Kari", "Jon", "Liv")
    office.staff("Kari")
    with pytest.raises(BadNode, match="more than half"):
        tend(office.issuer)
    assert office.eligible() == {"Kari", "Jon", "Liv"}


def test_a_lost_device_makes_a_new_key_due(office: Office) -> None:
    office.answered_by("Kari", "Jon")
    office.renew("Kari")
    office.issuer.revoke(office.id("Jon"), office.world.person("Jon").device)
    assert office.due() is Due.KEYS_LOST


def test_a_key_that_was_sealed_for_others_than_the_ledger_says_is_not_stated(office: Office) -> None:
    office.answered_by("Kari", "Jon")
    before = office.known()
    office.answered_by("Kari", "Liv")  # after the seeds were sealed, and before the wish came
    assert office.refused("Kari", before) == "inbox_readers_moved"
    assert office.refused("Kari", office.known()[:1]) == "inbox_readers_moved"
    before = office.known()
    office.issuer.revoke(office.id("Liv"), office.world.person("Liv").device)
    assert office.refused("Kari", before) == "inbox_readers_moved"
    assert office.state.key_versions == ()
    office.renew("Kari")


def test_of_two_who_renew_at_once_one_wins(office: Office) -> None:
    office.answered_by("Kari", "Jon")
    office.renew("Kari", version=1)
    assert office.refused("Jon", version=1) == "inbox_key_moved"
    assert len(office.state.key_versions) == 1


def test_nobody_else_and_nothing_else_gets_a_key(office: Office) -> None:
    office.answered_by("Kari")
    assert office.refused("Liv") == "not_eligible"
    assert office.refused("Ingrid") == "device_not_valid"
    assert office.refused("Kari", of=new_id()) == "unknown_inbox"
    assert office.refused("Kari", of=office.world.organisation("dps").vault.id) == "unknown_inbox"
    assert office.refused("Kari", of=office.world.organisation("nav").inbox.id) == "unknown_inbox"
    assert office.refused("Kari", of=office.id("Kari")) == "unknown_inbox"


def test_a_typing_error_makes_no_inbox_of_somebody_elses_id(office: Office) -> None:
    file = office.issuer.node.inboxes_file(office.world.organisation("dps").id)
    file.write_text(write_inboxes({office.id("Jon"): frozenset({office.id("Kari")})}), encoding="utf-8")
    before = office.issuer.ledger.entries(office.id("Jon"))
    assert tend(office.issuer) == []
    assert office.issuer.ledger.entries(office.id("Jon")) == before


def test_an_inbox_that_nobody_answers_any_more_says_so(office: Office) -> None:
    office.answered_by("Kari")
    office.renew("Kari")
    office.answered_by()
    assert [one for one in what_waits(office.issuer) if one.inbox == office.inbox] == [
        InboxDue(office.inbox, Due.SOMEBODY_LEFT, 0)
    ]


GOOD = "inbox,person\n" + f"{'a' * 32},{'b' * 32}\n"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", ":1:"),
        ("inbox;person\n", ":1:"),
        (GOOD + "x,y\n", ":3:"),
        (GOOD + f"{'a' * 32}\n", ":3:"),
        (GOOD + f"{'a' * 31},{'b' * 32}\n", ":3:"),
        (GOOD + f"{'a' * 32},{'b' * 33}\n", ":3:"),
        (GOOD + f",{'b' * 32}\n", ":3:"),
        (GOOD + '"\n', ""),
    ],
)
def test_half_a_register_is_none_and_names_the_line(text: str, where: str, tmp_path: Path) -> None:
    file = tmp_path / "x.inboxes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadNode, match=f"{file}{where}"):
        read_inboxes(file)


def test_a_register_has_room_for_as_many_as_a_file_has_seats(tmp_path: Path) -> None:
    file, inbox = tmp_path / "x.inboxes.csv", PrincipalId(new_id())
    people = [PrincipalId(n.to_bytes(16)) for n in range(MAX_SEATS + 1)]
    file.write_text(write_inboxes({inbox: frozenset(people[1:])}), encoding="utf-8")
    assert len(read_inboxes(file)[inbox]) == MAX_SEATS
    file.write_text(write_inboxes({inbox: frozenset(people)}), encoding="utf-8")
    with pytest.raises(BadNode, match="more than"):
        read_inboxes(file)
    assert read_inboxes(tmp_path / "none") == {}


@given(st.dictionaries(st.binary(min_size=16, max_size=16), st.frozensets(st.binary(min_size=16, max_size=16))))
def test_a_register_that_is_written_reads_the_same(found: dict[PrincipalId, frozenset[PrincipalId]]) -> None:
    import tempfile  # noqa: PLC0415 - Hypothesis and a fixture's folder do not go together

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.inboxes.csv"
        file.write_text(write_inboxes(found), encoding="utf-8")
        assert read_inboxes(file) == found
