"""When an inbox needs a new key, and what its readers must find, follows from key streams alone."""

from collections.abc import Sequence

import pytest

from crypto.key_statements import (
    DeviceRevoked,
    EligibilitySet,
    KeyFact,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import replay
from domain.ids import PrincipalId
from protocol.errors import UnknownKey
from protocol.inbox_keys import Due, eligible_since, needed, recipients, seen, what_is_due
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import (
    ANNA,
    ARNE,
    CERTIFIED,
    DEPLOYMENT,
    MALLORY,
    Keyholder,
    added,
    entries_of,
    root_of,
    stated,
)

DESK, HOUSE, ROOT = PrincipalId(some_id("desk")), some_id("clinic"), signing_key("root of clinic")
Stated = tuple[int, KeyFact]


def eligible(*people: Keyholder) -> EligibilitySet:
    return EligibilitySet(tuple(sorted(one.person for one in people)))


def inbox(*facts: Stated) -> KeyStreamState:
    """The desk's stream: founded, and then what was stated at which time."""
    entries: Sequence[SignedStatement] = stated(DESK, HOUSE, ROOT, [PrincipalFounded(PrincipalKind.ROLE, HOUSE)], at=0)
    for at, fact in facts:
        entries = stated(DESK, HOUSE, ROOT, [fact], after=entries, at=at)
    return replay(DEPLOYMENT, DESK, entries, {HOUSE: ROOT.public})


def person(who: Keyholder, *facts: Stated) -> tuple[PrincipalId, KeyStreamState]:
    entries = entries_of(who)
    issuer, root = root_of(who)
    for at, fact in facts:
        entries = stated(who.person, issuer, root, [fact], after=entries, at=at)
    return who.person, replay(DEPLOYMENT, who.person, entries, {issuer: root.public})


def test_an_inbox_without_a_key_needs_its_first_one() -> None:
    assert what_is_due(inbox((2000, eligible(ANNA))), dict([person(ANNA)])) is Due.FIRST_KEY
    assert what_is_due(inbox((2000, eligible(ANNA)), (2001, added("desk"))), dict([person(ANNA)])) is None


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([(4000, eligible(ANNA))], Due.SOMEBODY_LEFT),
        ([(3000, eligible(ANNA))], Due.SOMEBODY_LEFT),  # in the same millisecond
        ([(4000, eligible(ANNA)), (5000, eligible(ANNA, ARNE))], Due.SOMEBODY_LEFT),  # and came back: a device may not
        ([(4000, eligible(ANNA)), (5000, added("desk", 2))], None),
        ([(4000, eligible(ANNA, ARNE, MALLORY))], None),
        ([(4000, eligible())], Due.SOMEBODY_LEFT),
    ],
)
def test_whoever_leaves_makes_a_new_key_due_and_who_comes_does_not(changes: list[Stated], due: Due | None) -> None:
    state = inbox((2000, eligible(ANNA, ARNE)), (3000, added("desk")), *changes)
    assert what_is_due(state, dict(person(one) for one in (ANNA, ARNE, MALLORY))) is due


@pytest.mark.parametrize("fact", [DeviceRevoked(ANNA.device), added("Anna", 2), PrincipalEnded()])
@pytest.mark.parametrize(("at", "due"), [(2500, None), (3000, Due.KEYS_LOST), (4000, Due.KEYS_LOST)])
def test_a_lost_device_a_newer_key_or_an_end_makes_a_new_key_due(fact: KeyFact, at: int, due: Due | None) -> None:
    state = inbox((2000, eligible(ANNA, ARNE)), (3000, added("desk")))
    assert what_is_due(state, dict([person(ANNA, (at, fact)), person(ARNE)])) is due


def test_what_somebody_lost_before_they_came_or_somebody_else_loses_makes_none_due() -> None:
    lost = person(MALLORY, (4000, DeviceRevoked(MALLORY.device)))
    state = inbox((2000, eligible(ANNA)), (3000, added("desk")), (5000, eligible(ANNA, MALLORY)))
    assert what_is_due(state, dict([person(ANNA), lost])) is None
    assert what_is_due(inbox((2000, eligible(ANNA)), (3000, added("desk"))), dict([person(ANNA), lost])) is None


def test_a_newcomers_first_key_is_no_reason_for_a_new_one() -> None:
    state = inbox((500, eligible(ANNA)), (500, added("desk")))  # before anybody's first key was stated
    assert CERTIFIED > 500
    assert what_is_due(state, dict([person(ANNA)])) is None


def test_a_reader_needs_the_newest_seed_and_all_since_becoming_eligible() -> None:
    state = inbox(
        (2000, eligible(ANNA)),
        (2000, added("desk", 1)),
        (3000, added("desk", 2)),
        (4000, eligible(ANNA, ARNE)),
        (5000, added("desk", 3)),
        (6000, eligible(ANNA, ARNE, MALLORY)),
    )
    assert needed(state, ANNA.person) == {1, 2, 3}
    assert needed(state, ARNE.person) == {3}
    assert needed(state, MALLORY.person) == {3}
    assert needed(state, PrincipalId(some_id("nobody"))) == set()
    assert needed(inbox((2000, eligible(ANNA))), ANNA.person) == set()


def test_who_was_away_counts_from_coming_back() -> None:
    state = inbox((2000, eligible(ANNA)), (3000, eligible()), (4000, eligible(ANNA)), (5000, eligible(ANNA, ARNE)))
    since = eligible_since(state, ANNA.person)
    assert since is not None
    assert since.issued_at == 4000


def test_a_file_is_sealed_for_everybodys_newest_key_and_never_for_somebody_unknown_or_gone() -> None:
    state = inbox((2000, eligible(ANNA, ARNE)), (3000, added("desk")))
    people = dict([person(ANNA, (4000, added("Anna", 2))), person(ARNE)])
    assert {one.person: one.version for one in recipients(state, people)} == {ANNA.person: 2, ARNE.person: 1}
    assert dict(seen(state, people)) == {ANNA.person: 4, ARNE.person: 3}
    assert list(seen(state, people)) == sorted(seen(state, people))
    for poorer in (dict([person(ANNA)]), dict([person(ANNA), person(ARNE, (4000, PrincipalEnded()))])):
        with pytest.raises(UnknownKey):
            recipients(state, poorer)
    with pytest.raises(UnknownKey):
        seen(state, dict([person(ANNA)]))
