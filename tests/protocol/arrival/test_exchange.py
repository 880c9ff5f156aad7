"""What each end believes, and what it does not, whatever the hub and whoever stole the link put in between."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor, labels
from crypto.key_statements import (
    DeviceCertified,
    KeyFact,
    KeyVersionAdded,
    OwnRootFounded,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
)
from domain.ids import ChannelId, Millis, PrincipalId
from protocol.arrival import exchange, messages
from protocol.arrival.card import decode_card, encode_card
from protocol.arrival.errors import BadInvitation, InvitationOver, SwappedAnswer, SwappedInvitation
from protocol.arrival.messages import Answer, Opening, TeamMember
from protocol.published_keys import encode_entries
from tests.crypto.fixed import flipped, kem_key, signing_key, some_bytes, some_id
from tests.protocol.anything import any_of, is_strict, nearly, nearly_value, patient, with_odd
from tests.protocol.arrival.exchange_making import AFTER, BEFORE, Made, first_facts, made, own_entries, own_stream
from tests.protocol.stream_builder import PLACE

ELLE = made()
NONCE = some_bytes("nonce", 12)
OTHER = made("Mari")
ELSEWHERE = made(deployment=some_id("elsewhere"))


def test_an_honest_exchange_gives_both_ends_the_same() -> None:
    opening = messages.open_opening(ELLE.link, messages.seal_opening(ELLE.link, ELLE.opening, NONCE))
    invited = exchange.verify_opening(ELLE.link, opening, BEFORE)
    assert (invited.opening, invited.trust.deployment) == (ELLE.opening, PLACE.deployment)
    sealed = messages.seal_answer(ELLE.link, ELLE.hash, ELLE.answer, NONCE)
    answer = messages.open_answer(ELLE.link, ELLE.hash, sealed)
    bundle = exchange.verify_answer(ELLE.link, ELLE.card, answer)
    assert bundle.device == some_id("Elle")
    code = exchange.inviter_code(ELLE.link, ELLE.card, answer)
    sealed = messages.seal_confirmation(ELLE.link, ELLE.hash, code, NONCE)
    exchange.verify_confirmation(ELLE.link, ELLE.card, answer, messages.open_confirmation(ELLE.link, ELLE.hash, sealed))
    told = exchange.safety_code(exchange.transcript(ELLE.link, ELLE.card, answer))
    assert [len(group) for group in told.split()] == [4] * 6


SWAPPED: dict[str, Callable[[Opening], Opening]] = {
    "another card": lambda o: replace(o, card=OTHER.card[:-1] + bytes([OTHER.card[-1] ^ 1])),
    "another inviter": lambda o: replace(o, card=made(inviter="Mallory").card),
    "another device key": lambda o: replace(
        o, card=encode_card(replace(decode_card(o.card), public_key=signing_key("Mallory").public))
    ),
    "another channel": lambda o: replace(
        o, card=encode_card(replace(decode_card(o.card), channel=ChannelId(some_id("another channel"))))
    ),
    "a later end": lambda o: replace(o, card=encode_card(replace(decode_card(o.card), expires_at=Millis(AFTER + 1)))),
    "another deployment": lambda o: replace(o, card=ELSEWHERE.card, anchors=ELSEWHERE.opening.anchors),
    "other roots": lambda o: replace(o, anchors=o.anchors.replace(b'"number": "000000000"', b'"number": "000000001"')),
}


@pytest.mark.parametrize("what", SWAPPED)
def test_an_opening_that_is_not_the_links_own_is_refused(what: str) -> None:
    swapped = SWAPPED[what](ELLE.opening)
    assert swapped != ELLE.opening
    with pytest.raises(SwappedInvitation):
        exchange.verify_opening(ELLE.link, swapped, BEFORE)


def test_an_invitation_ends_when_it_says() -> None:
    with pytest.raises(InvitationOver):
        exchange.verify_opening(ELLE.link, ELLE.opening, AFTER)


BAD_BUNDLES: dict[str, list[KeyFact]] = {
    "no device": first_facts("Elle")[:2],
    "two devices": [*first_facts("Elle"), first_facts("Mari")[2]],
    "two keys": [*first_facts("Elle")[:2], KeyVersionAdded(2, (kem_key("other").public,))],
    "an end": [*first_facts("Elle")[:2], PrincipalEnded()],
    "a pinned root": [PrincipalFounded(PrincipalKind.PERSON, None), *first_facts("Elle")[1:]],
    "another root": [OwnRootFounded(signing_key("Mallory").public), *first_facts("Elle")[1:]],
    "an organisation's device": [
        *first_facts("Elle")[:2],
        DeviceCertified(some_id("x"), signing_key("x").public, some_id("clinic"), 10**13),
    ],
}


@pytest.mark.parametrize("what", BAD_BUNDLES)
def test_a_bundle_is_one_own_root_one_key_and_one_device(what: str) -> None:
    entries = own_entries("Elle", BAD_BUNDLES[what])
    with pytest.raises(BadInvitation):
        exchange.read_bundle(encode_entries(entries), PLACE.deployment)


def test_a_bundle_signed_by_another_root_or_for_another_deployment_is_refused() -> None:
    for bundle in (
        encode_entries(own_entries("Elle", signer="Mallory")),
        own_stream("Elle", deployment=some_id("elsewhere")),
    ):
        with pytest.raises(BadInvitation):
            exchange.read_bundle(bundle, PLACE.deployment)


def test_an_answer_with_swapped_keys_is_refused_even_by_who_can_seal() -> None:
    """The hub cannot seal; a thief can, but then it is the thief's own answer, with the thief's own code."""
    swapped = Answer(own_stream("Mallory"), ELLE.answer.mac)
    with pytest.raises(SwappedAnswer):
        exchange.verify_answer(ELLE.link, ELLE.card, swapped)


def test_an_answer_to_another_invitation_is_refused() -> None:
    sealed = messages.seal_answer(OTHER.link, OTHER.hash, OTHER.answer, NONCE)
    with pytest.raises(BadInvitation):
        messages.open_answer(ELLE.link, ELLE.hash, sealed)
    with pytest.raises(SwappedAnswer):
        exchange.verify_answer(ELLE.link, ELLE.card, OTHER.answer)


def test_the_codes_of_the_two_directions_do_not_stand_in_for_each_other() -> None:
    code = exchange.inviter_code(ELLE.link, ELLE.card, ELLE.answer)
    assert code != ELLE.answer.mac
    with pytest.raises(SwappedInvitation):
        exchange.verify_confirmation(ELLE.link, ELLE.card, ELLE.answer, ELLE.answer.mac)
    with pytest.raises(SwappedAnswer):
        exchange.verify_answer(ELLE.link, ELLE.card, Answer(ELLE.answer.bundle, code))


def test_a_confirmation_of_another_answer_is_refused() -> None:
    stolen = own_stream("Mallory")
    theirs = Answer(stolen, exchange.user_code(ELLE.link, ELLE.card, stolen))
    code = exchange.inviter_code(ELLE.link, ELLE.card, theirs)
    with pytest.raises(SwappedInvitation):
        exchange.verify_confirmation(ELLE.link, ELLE.card, ELLE.answer, code)


def test_a_message_of_one_kind_does_not_open_as_another() -> None:
    sealed = messages.seal_confirmation(ELLE.link, ELLE.hash, bytes(32), NONCE)
    for opening in (
        lambda: messages.open_answer(ELLE.link, ELLE.hash, sealed),
        lambda: messages.open_opening(ELLE.link, sealed),
        lambda: messages.open_confirmation(ELLE.link, ELSEWHERE.hash, sealed),
        lambda: messages.open_confirmation(OTHER.link, ELLE.hash, sealed),
    ):
        with pytest.raises(BadInvitation):
            opening()


def test_the_safety_code_depends_on_everything() -> None:
    def told(one: Made) -> str:
        return exchange.safety_code(exchange.transcript(one.link, one.card, one.answer))

    stolen = own_stream("Mallory")
    thief = replace(ELLE, answer=Answer(stolen, exchange.user_code(ELLE.link, ELLE.card, stolen)))
    assert len({told(ELLE), told(OTHER), told(thief), told(made(inviter="Ola")), told(ELSEWHERE)}) == 5


@patient
@given(nearly(st.just(ELLE.card)) | nearly_value(st.just(ELLE.card)))
def test_a_card_has_one_form(data: bytes) -> None:
    is_strict(lambda given: encode_card(decode_card(given)), (BadInvitation,), data)


@patient
@given(nearly(st.just(messages.seal_answer(ELLE.link, ELLE.hash, ELLE.answer, NONCE))))
def test_sealed_bytes_that_were_touched_do_not_open(data: bytes) -> None:
    is_strict(
        lambda given: messages.seal_answer(
            ELLE.link, ELLE.hash, messages.open_answer(ELLE.link, ELLE.hash, given), NONCE
        ),
        (BadInvitation,),
        data,
    )


@patient
@given(st.integers(0, 1 << 30), any_of(bool | int | bytes | str | None))
def test_an_opening_that_is_sealed_right_but_odd_inside_is_refused(at: int, odd: object) -> None:
    sealed = messages.seal_opening(ELLE.link, ELLE.opening, NONCE)
    content = messages._open(ELLE.link, labels.ARRIVAL_OPENING, None, sealed, messages.MAX_OPENING)
    changed = with_odd(content, at, odd)
    try:
        cbor.encode(changed)
    except Exception:  # noqa: BLE001 - not even an encoding: nothing anybody could seal
        return
    again = messages._seal(ELLE.link, labels.ARRIVAL_OPENING, None, changed, NONCE)
    try:
        opening = messages.open_opening(ELLE.link, again)
        exchange.verify_opening(ELLE.link, opening, BEFORE)
    except (BadInvitation, SwappedInvitation):
        return
    assert messages.seal_opening(ELLE.link, opening, NONCE) == again


@patient
@given(nearly(st.just(own_stream("Elle"))) | nearly_value(st.just(own_stream("Elle"))))
def test_any_bundle_is_whole_or_refused(data: bytes) -> None:
    is_strict(
        lambda given: encode_entries(exchange.read_bundle(given, PLACE.deployment).entries), (BadInvitation,), data
    )


@pytest.mark.parametrize("at", [0, 12, 40, -1])
def test_an_opening_that_the_hub_touched_does_not_open(at: int) -> None:
    sealed = messages.seal_opening(ELLE.link, ELLE.opening, NONCE)
    with pytest.raises(BadInvitation):
        messages.open_opening(ELLE.link, flipped(sealed, at))


def test_what_is_too_large_or_too_much_is_not_sealed() -> None:
    member = TeamMember(PrincipalId(some_id("x")), None, "x", is_tillitsperson=False)
    for opening in (
        replace(ELLE.opening, team=(member,) * 257),
        replace(ELLE.opening, threads=("x" * 201,)),
        replace(ELLE.opening, anchors=bytes(messages.MAX_OPENING)),
    ):
        with pytest.raises(BadInvitation):
            messages.seal_opening(ELLE.link, opening, NONCE)


def test_anchors_are_read_as_strictly_as_any_trust_file() -> None:
    odd = b"{}"
    from protocol.arrival.card import anchors_hash, card_hash  # noqa: PLC0415
    from protocol.arrival.link import new_link  # noqa: PLC0415

    card = encode_card(replace(decode_card(ELLE.card), anchors=anchors_hash(odd)))
    link = new_link(ELLE.link.secret, card_hash(card))
    with pytest.raises(BadInvitation):
        exchange.verify_opening(link, replace(ELLE.opening, card=card, anchors=odd), BEFORE)
    assert msgspec.json.decode(ELLE.opening.anchors)["format"] == 1
