"""Who may replace whose root, and who may not."""

import pytest

from crypto.errors import BadChain, BadSignature, CryptoError, Malformed
from crypto.key_statements import SignedStatement, parse_statement
from crypto.root_facts import RootReplaced, sign_support
from crypto.root_lines import quorum, read_links, roots_of
from crypto.signing import Signature
from tests.crypto.fixed import flipped, signing_key, some_digest
from tests.crypto.root_writing import CLINIC, DEPLOYMENT, NAV, PINS, SURGERY, TOWN, Replacing


@pytest.mark.parametrize(
    ("organisations", "needed"), [(1, 2), (2, 2), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (20, 10)]
)
def test_more_than_half_of_the_others_must_vouch_and_never_one_alone(organisations: int, needed: int) -> None:
    assert quorum(organisations) == needed


def test_the_old_root_names_its_successor() -> None:
    world = Replacing()
    world.planned(CLINIC, "new")
    world.planned(CLINIC, "newer")
    assert world.root(CLINIC) == signing_key("newer").public
    assert roots_of(PINS[CLINIC], world.links()[CLINIC]) == tuple(
        signing_key(name).public for name in ("clinic", "new", "newer")
    )


def test_others_replace_a_lost_root_together() -> None:
    world = Replacing()
    world.vouched(CLINIC, "new", [NAV, TOWN])
    assert world.root(CLINIC) == signing_key("new").public


def test_a_quorum_wins_over_what_the_thief_of_the_old_root_did_before() -> None:
    world = Replacing()
    asked = world.asked(CLINIC, "new")  # before anybody knows what the thief is doing
    words = world.support(asked, NAV, SURGERY)
    world.planned(CLINIC, "thief")
    world.planned(CLINIC, "thief again")
    world.with_words(CLINIC, "new", asked, words)
    assert world.root(CLINIC) == signing_key("new").public
    again = world.asked(CLINIC, "thief once more")
    forged = sign_support(signing_key("thief again"), again, CLINIC, again.kept.n)  # a root that counts no more
    fact = RootReplaced(again.old, again.new, again.kept.n, again.kept.head, forged, (), ())
    world.state(CLINIC, "thief once more", fact)
    with pytest.raises(BadSignature):
        world.check()


def test_a_thief_does_not_play_the_words_of_a_quorum_again() -> None:
    world = Replacing()
    asked = world.asked(CLINIC, "new")
    words = world.support(asked, NAV, TOWN)
    world.with_words(CLINIC, "new", asked, words)
    world.vouched(CLINIC, "newer", [NAV, TOWN])
    fact = RootReplaced(asked.old, signing_key("other").public, 0, asked.kept.head, None, words, ())
    world.state(CLINIC, "other", fact)
    with pytest.raises(BadChain, match="later root"):
        world.check()


def test_a_root_does_not_come_back() -> None:
    world = Replacing()
    world.planned(CLINIC, "new")
    world.planned(CLINIC, "clinic")
    with pytest.raises(BadChain, match="there before"):
        world.check()


def test_one_organisation_is_too_few() -> None:
    world = Replacing()
    world.vouched(CLINIC, "new", [NAV])
    with pytest.raises(BadChain, match="too few"):
        world.check()


def test_an_organisation_does_not_vouch_for_itself() -> None:
    world = Replacing()
    world.vouched(CLINIC, "new", [NAV, CLINIC])
    with pytest.raises(BadChain, match="too few"):
        world.check()


def test_nobody_counts_twice() -> None:
    world = Replacing()
    asked = world.asked(CLINIC, "new")
    word = world.support(asked, NAV)
    with pytest.raises(Malformed):
        world.with_words(CLINIC, "new", asked, word * 2)
    # Nor do two organisations behind one root.
    world.with_words(CLINIC, "new", asked, world.support(asked, NAV, TOWN))
    with pytest.raises(BadChain, match="too few"):
        world.check({**PINS, TOWN: PINS[NAV]})


def test_a_stranger_does_not_vouch() -> None:
    world = Replacing()
    world.vouched(CLINIC, "new", [NAV, TOWN])
    with pytest.raises(BadChain, match="too few"):
        world.check({who: root for who, root in PINS.items() if who != TOWN})
    with pytest.raises(BadChain, match="pinned"):
        world.check({who: root for who, root in PINS.items() if who != CLINIC})


def test_a_word_for_another_root_or_place_or_by_another_key_is_worth_nothing() -> None:
    for spoil in ("new", "place", "key"):
        world = Replacing()
        asked = world.asked(CLINIC, "new")
        other = world.asked(CLINIC if spoil == "new" else TOWN, "other" if spoil == "new" else "new")
        words = world.support(other if spoil != "key" else asked, NAV, SURGERY)
        if spoil == "key":
            words = tuple(w if w.organisation == NAV else type(w)(w.organisation, 0, words[0].signature) for w in words)
        world.with_words(CLINIC, "new", asked, words)
        with pytest.raises(BadChain, match="too few"):
            world.check()


def test_a_word_under_a_root_that_was_replaced_since_counts_only_where_the_new_root_has_seen_it() -> None:
    rogue = Replacing()
    words = rogue.support(rogue.asked(CLINIC, "new"), NAV, TOWN)  # signed with what is stolen from NAV later
    rogue.vouched(NAV, "NAV's new", [TOWN, SURGERY])
    rogue.with_words(CLINIC, "new", rogue.asked(CLINIC, "new"), words)
    with pytest.raises(BadChain, match="too few"):
        rogue.check()

    honest = Replacing()
    honest.vouched(CLINIC, "new", [NAV, TOWN])
    honest.vouched(NAV, "NAV's new", [TOWN, SURGERY])  # its new root says what it has seen
    assert honest.root(CLINIC) == signing_key("new").public
    assert honest.root(NAV) == signing_key("NAV's new").public


def test_two_that_vouch_for_each_other_alone_are_not_believed() -> None:
    world = Replacing()
    world.planned(NAV, "NAV's new")
    world.vouched(CLINIC, "new", [NAV, TOWN])
    del world.streams[NAV]
    with pytest.raises(BadChain, match="too few"):
        world.check()


def test_who_pins_a_later_root_believes_it_and_what_stands_before_it() -> None:
    world = Replacing()
    world.vouched(CLINIC, "new", [NAV])  # nobody else would believe this
    world.planned(CLINIC, "newer")
    world.check({**PINS, CLINIC: signing_key("new").public})
    world.check({**PINS, CLINIC: signing_key("newer").public})
    with pytest.raises(BadChain, match="pinned"):
        world.check({**PINS, CLINIC: signing_key("somebody's").public})


@pytest.mark.parametrize("change", ["left out", "swapped", "flipped", "another stream", "another head"])
def test_a_stream_of_roots_that_was_changed_is_broken(change: str) -> None:
    world = Replacing()
    world.planned(CLINIC, "new")
    world.planned(CLINIC, "newer")
    first, second = world.streams[CLINIC]
    broken = {
        "left out": [second],
        "swapped": [second, first],
        "flipped": [SignedStatement(first.statement, Signature(flipped(first.signature, 3))), second],
        "another stream": [first, second],
        "another head": [first],
    }[change]
    place = NAV if change == "another stream" else CLINIC
    if change == "another head":
        fact = parse_statement(second.statement).fact
        assert isinstance(fact, RootReplaced)
        wrong = RootReplaced(fact.old, fact.new, 1, some_digest("wrong"), fact.by_old, (), ())
        world.streams[CLINIC] = [first]
        world.state(CLINIC, "newer", wrong)
        broken = world.streams[CLINIC]
    with pytest.raises(CryptoError):
        read_links(DEPLOYMENT, place, broken)
