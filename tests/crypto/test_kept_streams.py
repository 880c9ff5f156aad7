"""What a new root keeps of a stream, and what then counts for nothing: by place, whatever times are claimed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadChain, BadSignature
from crypto.key_statements import (
    DeviceRevoked,
    EligibilitySet,
    KeyFact,
    KeyringSealed,
    NodeCertified,
    PrincipalEnded,
    SignedStatement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import Roots, in_force, replay
from crypto.root_facts import StreamKept
from tests.crypto.fixed import signing_key, some_digest, some_id
from tests.crypto.stream_writing import (
    CLINIC,
    DEPLOYMENT,
    NAV,
    PERSON,
    ROLE,
    ROOTS,
    STAFF,
    VAULT,
    Said,
    certified,
    version,
    written,
)

REPLACED: Roots = {**ROOTS, NAV: tuple(signing_key(name).public for name in ("NAV", "thief", "new"))}
HONEST = [Said(STAFF), Said(version(1)), Said(certified("telephone")), Said(KeyringSealed(some_digest("good")))]
PHONE, STOLEN = some_id("telephone"), some_id("stolen")


def by(signer: str, fact: Said) -> Said:
    return replace(fact, signer=signer)


def kept(n: int, signer: str = "new") -> Said:
    return Said(StreamKept(n), signer=signer)


def state_of(*said: Said, roots: Roots = REPLACED) -> KeyStreamState:
    return replay(DEPLOYMENT, PERSON, written(*said), roots)


def test_what_was_stated_after_the_kept_place_counts_for_nothing() -> None:
    thief = [
        Said(certified("stolen")),
        Said(DeviceRevoked(PHONE)),
        Said(version(2)),
        Said(KeyringSealed(some_digest("bad"))),
        Said(PrincipalEnded()),
    ]
    state = state_of(*HONEST, *thief, kept(4))
    (phone,), (stolen,) = state.certificates_of(PHONE), state.certificates_of(STOLEN)
    assert phone.holds_at(5000)
    assert not stolen.holds_at(5000)
    assert [one.struck for one in state.key_versions] == [False, True]
    assert state.keyring_hash == some_digest("good")
    assert state.ended_at is None


def test_what_was_recorded_before_the_news_is_judged_as_it_was() -> None:
    state = state_of(*HONEST, Said(certified("stolen")), kept(4))
    (stolen,) = state.certificates_of(STOLEN)
    assert stolen.holds_at(5000, entered=5)
    assert not stolen.holds_at(5000, entered=6)


def test_no_claimed_time_brings_a_statement_back_before_the_place() -> None:
    early = replace(HONEST[0], issued_at=1)
    honest = [early, *(replace(one, issued_at=1) for one in HONEST[1:])]
    state = state_of(*honest, Said(certified("stolen"), issued_at=1), replace(kept(4), issued_at=1))
    assert not state.certificates_of(STOLEN)[0].holds_at(5000, entered=6)


def test_a_thief_who_replaces_first_gains_nothing_and_takes_nothing() -> None:
    thief = [kept(1, "thief"), by("thief", Said(certified("stolen"))), by("thief", Said(version(2)))]
    state = state_of(*HONEST, *thief, kept(4))
    assert state.certificates_of(PHONE)[0].holds_at(5000)
    assert not state.certificates_of(STOLEN)[0].holds_at(5000)
    assert [one.version for one in state.key_versions if not one.struck] == [1]
    assert in_force(state, NAV, REPLACED)


def test_an_old_root_states_nothing_after_a_newer_one() -> None:
    for signer in ("NAV", "thief"):
        with pytest.raises(BadSignature):
            state_of(*HONEST, kept(4), by(signer, Said(version(2))))


def test_a_new_root_first_says_what_counts_and_only_once() -> None:
    with pytest.raises(BadChain, match="first"):
        state_of(*HONEST, by("new", Said(version(2))))
    with pytest.raises(BadChain, match="once"):
        state_of(*HONEST, kept(4), kept(3))
    with pytest.raises(BadChain, match="once"):
        state_of(*HONEST, kept(4, "NAV"))


def test_a_stream_is_not_kept_further_than_it_goes() -> None:
    with pytest.raises(BadChain, match="further"):
        state_of(*HONEST, kept(5))


def test_whom_the_new_root_has_not_kept_is_out() -> None:
    assert not in_force(state_of(*HONEST), NAV, REPLACED)
    assert in_force(state_of(*HONEST), NAV, ROOTS)
    assert in_force(state_of(*HONEST, kept(4)), NAV, REPLACED)
    assert in_force(state_of(by("new", Said(STAFF))), NAV, REPLACED)  # a newcomer under the new root


def test_the_next_key_has_the_next_number_also_after_a_struck_one() -> None:
    state = state_of(*HONEST, Said(version(2)), kept(4), by("new", Said(version(3))))
    assert [(one.version, one.struck) for one in state.key_versions] == [(1, False), (2, True), (3, False)]


def test_eligibility_goes_back_to_the_kept_place_from_there_on() -> None:
    mine, his = EligibilitySet((some_id("Kari"),)), EligibilitySet((some_id("thief"),))
    state = state_of(Said(ROLE), Said(version(1)), Said(mine), Said(his), kept(3))
    assert state.eligible == mine.people
    assert state.eligible_at(5000, entered=4) == his.people
    assert state.eligible_at(5000, entered=5) == mine.people


def test_a_node_that_the_thief_certified_reads_no_more() -> None:
    node = NodeCertified(STOLEN, signing_key("stolen").public, 10_000)
    state = state_of(Said(VAULT), Said(version(1, "a", "b")), Said(node), kept(2))
    assert not state.nodes[0].holds_at(5000)


def test_another_organisations_certificates_are_its_own_affair() -> None:
    theirs = Said(certified("telephone", CLINIC), CLINIC)
    state = state_of(*HONEST, theirs, kept(4))
    assert [one.holds_at(5000) for one in state.certificates_of(PHONE)] == [True, True]
    roots: Roots = {**ROOTS, CLINIC: (ROOTS[CLINIC], signing_key("clinic's new").public)}
    cut = Said(StreamKept(4), CLINIC, signer="clinic's new")
    state = state_of(*HONEST, theirs, cut, roots=roots)
    assert [one.holds_at(5000) for one in state.certificates_of(PHONE)] == [True, False]
    assert [one.struck for one in state.key_versions] == [False]


def _tricks() -> st.SearchStrategy[list[Said]]:
    facts: list[KeyFact] = [
        certified("stolen"),
        certified("second"),
        DeviceRevoked(PHONE),
        KeyringSealed(some_digest("bad")),
    ]
    return st.lists(st.sampled_from([Said(fact) for fact in facts]), max_size=4)


@given(tricks=_tricks(), times=st.lists(st.integers(1000, 9000), min_size=4, max_size=4).map(sorted))
def test_whatever_a_thief_states_the_kept_stream_says_what_it_said(tricks: list[Said], times: Sequence[int]) -> None:
    tricks = [replace(one, issued_at=at) for one, at in zip(tricks, times, strict=False)]
    entries: list[SignedStatement] = written(*HONEST, *tricks, replace(kept(4), issued_at=9000))
    try:
        state = replay(DEPLOYMENT, PERSON, entries, REPLACED)
    except BadChain:
        return  # the stream's own rules refuse what this thief did
    honest = state_of(*HONEST)
    assert [one for one in state.certificates if one.revoked_at is None] == list(honest.certificates)
    assert [one for one in state.key_versions if not one.struck] == list(honest.key_versions)
    assert state.keyring_hash == honest.keyring_hash
