"""The parsers of listings take one form and raise one error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from crypto.errors import Malformed
from protocol.listings import answers
from protocol.listings.answers import Entries, Listing, Page, Search
from protocol.listings.entries import Entry, Unit, encode_entry, parse_entry
from protocol.listings.errors import MalformedListing
from protocol.listings.heads import decode_signed_head, encode_signed_head, parse_head
from protocol.listings.making import publication, root_of
from protocol.listings.reading import Authority
from tests.protocol.listings.small_listing import DEPLOYMENT, NOW, OURS, ROOTS, an_id, listing, served, signed


def pages(entries: dict[Any, bytes], head: Any) -> list[Page]:
    raw = [entries[one] for one in sorted(entries)]
    return [Page(head, tuple(raw[:4]), more=True), Page(head, tuple(raw[4:]), more=False)]


def _encoded(value: Any) -> bytes:
    try:
        return cbor.encode(value)
    except Malformed:
        return b""


PARSERS = [
    parse_entry,
    parse_head,
    decode_signed_head,
    answers.decode_question,
    answers.decode_found,
    answers.decode_page,
    answers.decode_publication,
]
HEAD = signed(listing())
GOOD = [
    *listing().values(),
    HEAD.head,
    encode_signed_head(HEAD),
    answers.encode_question(Search("psykolog tynset", 10)),
    answers.encode_question(Entries(OURS, (an_id("desk"),))),
    answers.encode_question(Listing(OURS, None)),
    answers.encode_found(served(listing(), HEAD, "anna", "unit")),
    answers.encode_page(pages(listing(), HEAD)[0]),
    answers.encode_publication(publication({}, listing())),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.binary(max_size=40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=10), inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("parse", PARSERS)
@given(data=st.binary(max_size=300) | values.map(_encoded))
def test_any_bytes_are_refused_with_one_error(parse: Any, data: bytes) -> None:
    try:
        parse(data)
    except MalformedListing:
        return


@pytest.mark.parametrize("parse", PARSERS)
@given(good=st.sampled_from(GOOD), data=st.data())
def test_a_changed_byte_is_refused_or_means_something_else(parse: Any, good: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    other = good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
    try:
        told = parse(other)
    except MalformedListing:
        return
    try:
        assert parse(good) != told
    except MalformedListing:
        return


def test_what_was_made_is_what_is_read() -> None:
    question = Entries(OURS, tuple(sorted((an_id("desk"), an_id("anna")))))
    assert answers.decode_question(answers.encode_question(question)) == question
    found = served(listing(), HEAD, "anna", "unit")
    assert answers.decode_found(answers.encode_found(found)) == found
    page = pages(listing(), HEAD)[0]
    assert answers.decode_page(answers.encode_page(page)) == page
    sent = publication({}, listing())
    assert answers.decode_publication(answers.encode_publication(sent)) == sent
    assert decode_signed_head(encode_signed_head(HEAD)) == HEAD
    assert Authority(DEPLOYMENT, ROOTS, {}, NOW).verified(HEAD).root == root_of(listing()).root  # type: ignore[arg-type]
    with pytest.raises(MalformedListing):
        encode_entry(Entry(OURS, an_id("x"), Unit(("",), "", an_id("top"), None, "")))
