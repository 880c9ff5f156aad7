"""Invitation links: what a telephone scans, and what people copy wrong."""

from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from protocol.arrival.errors import BadLink, LinkFault
from protocol.arrival.link import Link, encode_fragment, encode_link, parse_fragment, parse_link
from tests.protocol.anything import patient
from tests.protocol.arrival.exchange_making import made

LINK = made().link
FRAGMENT = encode_fragment(LINK)
any_link = st.builds(Link, st.binary(min_size=20, max_size=20), st.binary(min_size=16, max_size=16))


@patient
@given(any_link)
def test_a_link_comes_back_as_it_was(link: Link) -> None:
    assert parse_link(encode_link("https://hub.example", link)) == ("https://hub.example", link)


def test_spaces_line_breaks_and_small_letters_do_no_harm() -> None:
    spread = "\n".join(FRAGMENT[start : start + 8].lower() for start in range(0, 64, 8))
    assert parse_link(f"  https://hub.example:8443/Velkommen/#{spread} ") == ("https://hub.example:8443", LINK)


@pytest.mark.parametrize("length", range(64))
def test_a_link_cut_short_says_so(length: int) -> None:
    with pytest.raises(BadLink) as caught:
        parse_link(f"https://hub.example/velkommen#{FRAGMENT[:length]}")
    assert caught.value.fault is LinkFault.CUT_SHORT


@pytest.mark.parametrize("at", range(64))
def test_one_wrong_sign_is_noticed(at: int) -> None:
    wrong = "B" if FRAGMENT[at] != "B" else "C"
    with pytest.raises(BadLink) as caught:
        parse_fragment(FRAGMENT[:at] + wrong + FRAGMENT[at + 1 :])
    assert caught.value.fault is LinkFault.DAMAGED


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", LinkFault.NO_LINK),
        ("hei", LinkFault.NO_LINK),
        (f"ftp://hub.example/velkommen#{FRAGMENT}", LinkFault.NO_LINK),
        (f"https://hub.example/other#{FRAGMENT}", LinkFault.NO_LINK),
        (f"https:///velkommen#{FRAGMENT}", LinkFault.NO_LINK),
        (f"https://hub.example/velkommen?{FRAGMENT}", LinkFault.CUT_SHORT),
        ("https://[::1/velkommen#A", LinkFault.NO_LINK),
        (f"https://hub.example/velkommen#{FRAGMENT}A", LinkFault.DAMAGED),
        ("https://hub.example/velkommen#" + "!" * 64, LinkFault.NO_LINK),
        ("https://hub.example/velkommen#" + "x" * 3000, LinkFault.NO_LINK),
    ],
)
def test_what_is_no_link_says_in_which_way(text: str, fault: LinkFault) -> None:
    with pytest.raises(BadLink) as caught:
        parse_link(text)
    assert caught.value.fault is fault


@patient
@given(st.text(max_size=120) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=1", min_size=60, max_size=68))
def test_any_text_is_a_link_or_refused_as_none(text: str) -> None:
    for parse, given_text in ((parse_fragment, text), (parse_link, f"https://h/velkommen#{text}"), (parse_link, text)):
        try:
            parse(given_text)
        except BadLink:
            continue


def test_neither_a_link_nor_what_is_wrong_with_it_shows_the_secret() -> None:
    with pytest.raises(BadLink) as caught:
        parse_fragment(FRAGMENT[:-1])
    assert FRAGMENT[2:20] not in repr(LINK) + str(caught.value)
    assert LINK.secret.hex() not in repr(LINK)


def test_the_id_says_nothing_of_the_secret_and_is_the_same_each_time() -> None:
    assert LINK.id == parse_fragment(FRAGMENT).id
    assert len(LINK.id) == 16
    assert made("Mari").link.id != LINK.id


def test_a_qr_code_of_a_link_is_small_enough_for_any_telephone() -> None:
    url = encode_link("https://samsnakk.example.no", LINK)
    head, _, fragment = url.partition("#")
    pieces: Any = [head + "#", fragment]  # each in the narrowest mode that fits it
    code = segno.make(pieces, micro=False, error="m", boost_error=False)
    assert code.version == 5
