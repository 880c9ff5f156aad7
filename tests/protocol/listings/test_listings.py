"""Nothing that a hub serves of a listing is believed unless the organisation signed it, newest first."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor, labels, signing
from domain.ids import Millis
from protocol.listings.answers import Entries, Found, Page
from protocol.listings.entries import Entry, Inbox, Unit, parse_entry
from protocol.listings.errors import (
    ExpiredListing,
    ForeignEntry,
    ForgedListing,
    ForkedListing,
    ListingOutOfStep,
    MalformedListing,
    OlderListing,
    WithheldEntry,
)
from protocol.listings.heads import parse_head, verify_following, verify_head
from protocol.listings.making import entry_id, next_version, publication
from protocol.listings.reading import duty, needed, verify_asked, verify_found, verify_whole
from protocol.listings.tree import EMPTY, Tree, leaf_hash, node_hash, verify_inclusion
from tests.protocol.listings.small_listing import (
    DAY,
    DEPLOYMENT,
    NOW,
    OTHER_ROOT,
    OTHERS,
    OURS,
    ROOT,
    ROOTS,
    WEEK,
    an_id,
    authority,
    entry,
    facts,
    listing,
    served,
    signed,
)


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proven_and_no_other_bytes_are(count: int, data: st.DataObject) -> None:
    entries = [bytes([n, 1]) for n in range(count)]
    tree = Tree([leaf_hash(one) for one in entries])
    assert tree.root == recursive_root([leaf_hash(one) for one in entries])
    place = data.draw(st.integers(0, count - 1))
    proof = tree.proof(place)
    verify_inclusion(entries[place], place, count, proof, tree.root)
    wrong = data.draw(st.sampled_from([(b"other", place, count, proof), (entries[place], place + 1, count, proof)]))
    with pytest.raises(ForgedListing):
        verify_inclusion(*wrong, tree.root)
    with pytest.raises(ForgedListing):
        verify_inclusion(entries[place], place, count, [*proof, EMPTY], tree.root)
    if proof:
        with pytest.raises(ForgedListing):
            verify_inclusion(entries[place], place, count, proof[:-1], tree.root)


def test_the_root_of_nothing_is_nobodys_leaf() -> None:
    assert Tree([]).root == EMPTY
    assert parse_head(signed({}).head).count == 0


@pytest.mark.parametrize("name", facts())
def test_an_entry_survives_the_wire(name: str) -> None:
    assert parse_entry(entry(name)) == Entry(OURS, an_id(name), facts()[name])


def changed_fact(name: str, key: str, value: Any) -> bytes:
    plain: Any = cbor.decode(entry(name), max_size=1 << 16)
    plain[4][key] = value
    return cbor.encode(plain)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        entry("anna") + b"\x00",
        changed_fact("anna", "names", []),
        changed_fact("anna", "names", [" Anna"]),
        changed_fact("anna", "number", "12345678901"),
        changed_fact("anna", "more", 1),
        changed_fact("anna", "principal", "AAAAAAAAAAAAAAAAAAAAAA=="),
        changed_fact("top", "number", "99999999"),
        changed_fact("top", "phone", "ring meg"),
        changed_fact("office hours", "rules", {"weekly": [[1, 600, 500]], "holidays": "usual", "exceptions": []}),
        changed_fact("office hours", "rules", {"weekly": [[True, 1, 2]], "holidays": "usual", "exceptions": []}),
        changed_fact(
            "office hours", "rules", {"weekly": [], "holidays": "usual", "exceptions": [["2026-12-24T00:00:00", []]]}
        ),
    ],
)
def test_what_is_no_entry_in_its_one_form_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedListing):
        parse_entry(data)


def test_an_honest_answer_is_believed_and_its_head_pinned() -> None:
    head = signed(listing())
    verified = verify_found(served(listing(), head, "anna", "unit"), authority())
    assert [one.name for one in verified.entries] == ["Anna Ŋuorra Åsen", "Psykiatrisk akuttmottak"]
    assert verified.heads == {OURS: head}


def test_an_entry_that_the_hub_changed_or_made_up_is_caught() -> None:
    honest = served(listing(), signed(listing()), "desk")
    other = entry("desk", Inbox(("Falsk vakt",), "", an_id("unit"), None, "acute", None, None, None, "22 22 22 22"))
    with pytest.raises(ForgedListing):
        verify_found(replace(honest, hits=(replace(honest.hits[0], entry=other),)), authority())


def test_an_entry_of_another_organisation_is_caught() -> None:
    foreign = entry("desk", organisation=OTHERS)
    entries = {an_id("desk"): foreign}
    with pytest.raises(ForeignEntry):
        verify_found(served(entries, signed(entries), "desk"), authority())
    theirs = next_version((DEPLOYMENT, OTHERS), entries, None, WEEK, OTHER_ROOT)
    with pytest.raises(ForeignEntry):
        verify_asked(served(entries, theirs, "desk"), Entries(OURS, (an_id("desk"),)), authority())


def test_another_entry_than_was_asked_for_is_caught() -> None:
    found = served(listing(), signed(listing()), "office")
    with pytest.raises(ForeignEntry):
        verify_asked(found, Entries(OURS, (an_id("desk"),)), authority())


def test_an_older_listing_is_caught_once_a_newer_one_was_seen() -> None:
    old = signed(listing())
    new = signed(listing(anna=facts()["anna"]), old)
    with pytest.raises(OlderListing):
        verify_found(served(listing(), old, "anna"), authority(pinned=new))
    verify_found(served(listing(), new, "anna"), authority(pinned=old))


def test_an_old_entry_under_the_new_head_is_caught() -> None:
    old = listing()
    new = listing(unit=Unit(("Akuttmottaket",), "Nordvik", an_id("top"), None, ""))
    head = signed(new, signed(old))
    with pytest.raises(ForgedListing):
        verify_found(served(old, head, "unit"), authority())


def test_two_listings_of_one_number_are_caught() -> None:
    one, other = signed(listing()), signed(listing(), validity=replace(WEEK, issued_at=Millis(NOW - 1)))
    with pytest.raises(ForkedListing):
        verify_found(served(listing(), other, "anna"), authority(pinned=one))
    beside = signed(listing(), other)
    with pytest.raises(ForkedListing):
        verify_found(served(listing(), beside, "anna"), authority(pinned=one))
    twice = Found((one, one), (), more=False)
    with pytest.raises(ForkedListing):
        verify_found(twice, authority())


def test_an_expired_listing_is_not_used() -> None:
    head = signed(listing())
    with pytest.raises(ExpiredListing):
        verify_found(served(listing(), head, "anna"), authority(at=Millis(NOW + 7 * DAY)))


def test_a_head_that_somebody_else_signed_or_for_another_deployment_is_caught() -> None:
    by_others = next_version((DEPLOYMENT, OURS), listing(), None, WEEK, OTHER_ROOT)
    with pytest.raises(ForgedListing):
        verify_head(by_others, DEPLOYMENT, ROOTS)  # type: ignore[arg-type]
    elsewhere = next_version((type(DEPLOYMENT)(bytes(16)), OURS), listing(), None, WEEK, ROOT)
    with pytest.raises(ForgedListing):
        verify_head(elsewhere, DEPLOYMENT, ROOTS)  # type: ignore[arg-type]
    with pytest.raises(ForgedListing):
        verify_head(signed(listing()), DEPLOYMENT, {})
    wrong = signing.sign(ROOT, labels.KEY_STATEMENT, signed({}).head)
    with pytest.raises(ForgedListing):
        verify_head(replace(signed({}), signature=wrong), DEPLOYMENT, ROOTS)  # type: ignore[arg-type]


def test_a_version_continues_the_one_before_it() -> None:
    first = signed(listing())
    second = signed(listing(), first)
    verify_following(parse_head(first.head), None)
    verify_following(parse_head(second.head), first)
    for wrong, before in ((second, None), (first, first), (second, second)):
        with pytest.raises(ListingOutOfStep):
            verify_following(parse_head(wrong.head), before)


def pages(entries: dict[Any, bytes], head: Any) -> list[Page]:
    raw = [entries[one] for one in sorted(entries)]
    return [Page(head, tuple(raw[:4]), more=True), Page(head, tuple(raw[4:]), more=False)]


def test_a_whole_listing_is_complete_or_refused() -> None:
    head = signed(listing())
    whole = pages(listing(), head)
    assert verify_whole(whole, authority())[1] == listing()
    with pytest.raises(WithheldEntry):
        verify_whole(whole[:1], authority())
    with pytest.raises(ForgedListing):
        verify_whole([whole[0], replace(whole[1], entries=whole[1].entries[::-1])], authority())
    with pytest.raises(ForkedListing):
        verify_whole([whole[0], replace(whole[1], head=signed(listing(), head))], authority())


def known(*names: str) -> dict[Any, Entry]:
    return {an_id(name): parse_entry(entry(name)) for name in names}


def test_who_is_on_duty_asks_for_everything_it_hangs_on_and_names_the_stand_in() -> None:
    have = known("office")
    while missing := needed(an_id("office"), have):
        have |= {one: parse_entry(listing()[one]) for one in missing}
    night = Millis(NOW - NOW % DAY + 22 * 60 * 60 * 1000)
    found = duty(an_id("office"), have, night)
    assert not found.staffing.staffed
    assert found.instead == an_id("desk")
    assert found.answering is not None
    assert found.answering.people == (an_id("anna"),)


def test_an_entry_that_another_points_at_cannot_be_kept_back_or_replaced_by_another_kind() -> None:
    with pytest.raises(WithheldEntry):
        duty(an_id("desk"), known("desk", "unit", "top", "anna"), NOW)
    mixed = known("top", "unit", "ward", "office", "office hours", "desk", "anna")
    mixed[an_id("nights")] = replace(parse_entry(entry("office hours")), id=an_id("nights"))
    with pytest.raises(ForeignEntry):
        duty(an_id("office"), mixed, NOW)


def test_only_what_changed_is_sent() -> None:
    after = listing(unit=Unit(("Akuttmottaket",), "Nordvik", an_id("top"), None, ""))
    del after[an_id("psychologist")]
    sent = publication(listing(), after)
    assert sent.entries == (after[an_id("unit")],)
    assert sent.removed == (an_id("psychologist"),)
    assert publication(after, after).entries == ()


def test_the_same_source_has_the_same_id_in_one_organisation_only() -> None:
    assert entry_id(OURS, "unit-1") == entry_id(OURS, "unit-1") != entry_id(OTHERS, "unit-1")
