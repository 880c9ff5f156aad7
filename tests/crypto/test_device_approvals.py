"""Letters between two devices and deposits: strict, each with one error, and bound to each other."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import encode
from crypto.device_approvals import (
    Answer,
    Offer,
    check_code,
    encode_answer,
    encode_offer,
    parse_answer,
    parse_offer,
)
from crypto.errors import Malformed
from crypto.keyring_deposits import locator_hashes, parse_deposit, recovery_locator
from crypto.recovery_codes import format_recovery_code, format_signs, parse_signs
from tests.crypto.fixed import KARI, signing_key, some_bytes, some_id

OFFER = encode_offer(Offer(some_id("new"), signing_key("new").public, KARI.public, some_bytes("N")))
ANSWER = encode_answer(Answer(some_id("deployment"), some_id("Kari"), signing_key("old").public, some_bytes("O")))
PARSERS = [parse_offer, parse_answer, parse_deposit]


@pytest.mark.parametrize("parse", PARSERS)
@given(data=st.binary(max_size=200) | st.sampled_from([OFFER, ANSWER]).map(lambda data: data[:-1] + b"\x00"))
def test_a_letter_that_is_none_is_malformed_and_nothing_else(parse: Callable[[bytes], object], data: bytes) -> None:
    try:
        parse(data)
    except Malformed:
        return
    assert parse in (parse_offer, parse_answer), "only the last byte of a nonce was changed"


def test_letters_come_back_as_they_were_written() -> None:
    assert encode_offer(parse_offer(OFFER)) == OFFER
    assert encode_answer(parse_answer(ANSWER)) == ANSWER


@given(at=st.integers(0, len(OFFER) + len(ANSWER) - 1), bit=st.integers(0, 7))
def test_the_code_depends_on_every_bit_that_was_exchanged(at: int, bit: int) -> None:
    both = bytearray(OFFER + ANSWER)
    both[at] ^= 1 << bit
    changed = bytes(both[: len(OFFER)]), bytes(both[len(OFFER) :])
    assert check_code(*changed) != check_code(OFFER, ANSWER)


def test_keys_of_small_order_are_no_offer() -> None:
    with pytest.raises(Malformed):
        parse_offer(encode([1, some_id("new"), bytes(32), KARI.public, some_bytes("N")]))


@given(secret=st.binary(min_size=5, max_size=5))
def test_a_short_code_is_read_as_it_was_shown(secret: bytes) -> None:
    assert parse_signs(format_signs(secret).lower(), 5) == secret


def test_a_locator_is_of_its_code_and_deployment_and_is_not_the_slots_key() -> None:
    code, other = (format_recovery_code(some_bytes(name, 20)) for name in ("one", "two"))
    place = some_id("deployment")
    found = {recovery_locator(place, code), recovery_locator(place, other), recovery_locator(some_id("x"), code)}
    assert len(found) == 3
    assert len(set(locator_hashes(place, [code, other])) | found) == 5
