"""What stays closed whoever colludes: to those removed, to those not yet granted, to one key officer alone; and what a
careless or malicious member can do with the keys it hands out (docs/protocol.md §5, §6, §9)."""

from dataclasses import replace

import pytest

from crypto import cbor
from crypto.epochs import RosterEntry as Entry
from crypto.epochs import open_wrap_layer, roster_hash
from crypto.errors import CannotOpen
from crypto.grants import Grant, GrantedMessage
from crypto.hashing import Digest as Hash
from crypto.layers import Layer
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.ids import CommandId, EpochNo, PrincipalId, ThreadNo, Version
from protocol import sealing
from protocol.acts import parse_header
from protocol.contents import Text, decode_content
from protocol.errors import MalformedAct
from tests.crypto.fixed import flipped, some_bytes, some_id, some_secret
from tests.protocol.keyholders import ANNA, BERIT, IDA, ROLF, Keyholder, kem_keys
from tests.protocol.small_channel import (
    AFTER_BERIT,
    BERITS_ANSWER,
    EPOCH_OF_ALL,
    EPOCH_WITH_BERIT,
    EPOCH_WITHOUT_BERIT,
    IDAS_QUESTION,
    part,
    told,
    wraps_of,
)
from tests.protocol.stream_builder import Story, epoch_key

EMPTY = cbor.encode([b"", b"", b""])


def opens(story: Story, version: int, who: Keyholder) -> SecretKey:
    return sealing.open_epoch(*part(story, version), who.principal, who.kem())


def test_everybody_on_the_roster_gets_the_same_key() -> None:
    story = told()
    assert opens(story, EPOCH_OF_ALL, ANNA) == opens(story, EPOCH_OF_ALL, IDA) == epoch_key(0, 2)


def test_a_removed_member_cannot_open_the_next_epoch_nor_what_follows() -> None:
    story = told()
    old = opens(story, EPOCH_WITH_BERIT, BERIT)
    with pytest.raises(CannotOpen):
        opens(story, EPOCH_WITHOUT_BERIT, BERIT)
    for wrap in wraps_of(story, EPOCH_WITHOUT_BERIT):
        header, _ = part(story, EPOCH_WITHOUT_BERIT)
        with pytest.raises(CannotOpen):
            sealing.open_epoch(header, cbor.encode([wrap] * 3), ANNA.principal, BERIT.kem())
    with pytest.raises(CannotOpen):
        sealing.open_message(*part(story, AFTER_BERIT), old)


def test_a_newcomer_cannot_open_what_came_before_its_grant() -> None:
    story = told()
    with pytest.raises(CannotOpen):
        opens(story, EPOCH_OF_ALL, BERIT)
    for version in (4, IDAS_QUESTION, 13):
        with pytest.raises(CannotOpen):
            sealing.open_message(*part(story, version), opens(story, EPOCH_WITH_BERIT, BERIT))


def test_a_granted_message_key_opens_that_message_and_no_other() -> None:
    story = told()
    grant = sealing.open_grant(*part(story, 20), BERIT.kem())
    assert [granted.version for granted in grant.messages] == [IDAS_QUESTION]
    key = grant.messages[0].key
    content = decode_content(sealing.open_granted_message(*part(story, IDAS_QUESTION), key))
    assert content == Text("Bures! Where do I find you?")
    for version in (4, 13, AFTER_BERIT):
        with pytest.raises(CannotOpen):
            sealing.open_granted_message(*part(story, version), key)


def test_a_grant_opens_for_its_recipient_alone_and_beside_its_own_header() -> None:
    story = told()
    header, body = part(story, 20)
    event = header.event
    assert isinstance(event, e.HistoryGranted)
    with pytest.raises(CannotOpen):
        sealing.open_grant(header, body, ROLF.kem())
    for lie in (
        replace(header, command_id=CommandId(some_id("other"))),
        replace(header, device=IDA.device),
        replace(header, event=replace(event, recipient=ROLF.principal)),
    ):
        with pytest.raises(CannotOpen):
            sealing.open_grant(lie, body, BERIT.kem())


def test_a_granted_key_for_another_message_opens_nothing() -> None:
    story = told()
    header, _ = part(story, 20)
    wrong = Grant((), (GrantedMessage(IDAS_QUESTION, some_secret("a wrong key")),))
    header, body = sealing.seal_grant(header, wrong, story.keys.public_keys, some_secret("grant"))
    key = sealing.open_grant(header, body, BERIT.kem()).messages[0].key
    with pytest.raises(CannotOpen):
        sealing.open_granted_message(*part(story, IDAS_QUESTION), key)


def test_a_member_of_one_thread_reads_no_other() -> None:
    story = told()
    key = opens(story, 17, ROLF)
    for version in (4, IDAS_QUESTION, 12, BERITS_ANSWER):
        with pytest.raises(CannotOpen):
            sealing.open_message(*part(story, version), key)


def test_one_key_officer_alone_opens_nothing_of_a_vault() -> None:
    story = told()
    header, body = part(story, EPOCH_OF_ALL)
    vault, (first, second) = PrincipalId(some_id("vault of clinic")), kem_keys("vault of clinic")
    assert sealing.open_epoch(header, body, vault, [first, second]) == epoch_key(0, 2)
    for keys in ([first], [second], [second, first], [first, first]):
        with pytest.raises(CannotOpen):
            sealing.open_epoch(header, body, vault, keys)


def test_a_vaults_officers_open_their_layers_one_after_the_other() -> None:
    story = told()
    header, _ = part(story, EPOCH_OF_ALL)
    assert isinstance(header.event, e.EpochOpened)
    entries = [Entry(one.principal, one.key_version, Hash(one.kem_hash)) for one in header.event.roster]
    at = [one.principal for one in entries].index(some_id("vault of clinic"))
    first, second = kem_keys("vault of clinic")
    context = sealing.epoch_context(header)
    assert context.roster_hash == roster_hash(entries)
    wrap = wraps_of(story, EPOCH_OF_ALL)[at]
    inner = open_wrap_layer(context, entries[at], Layer.OUTER, first, wrap)
    assert open_wrap_layer(context, entries[at], Layer.INNER, second, inner) == epoch_key(0, 2)


def test_sealed_content_opens_beside_its_own_header_alone() -> None:
    header, body = part(told(), IDAS_QUESTION)
    key = epoch_key(0, 2)
    assert decode_content(sealing.open_message(header, body, key)) == Text("Bures! Where do I find you?")
    for moved in (
        {"thread": ThreadNo(1)},
        {"person": ANNA.person},
        {"epoch": EpochNo(1)},
        {"command_id": CommandId(some_id("other"))},
        {"event": e.MessagePosted(asks=True, corrects=Version(4))},
    ):
        with pytest.raises(CannotOpen):
            sealing.open_message(replace(header, core=b"", **moved), body, key)


def test_whatever_stands_in_the_place_of_a_body_does_not_open() -> None:
    header, body = part(told(), IDAS_QUESTION)
    key = epoch_key(0, 2)
    for other in (
        b"",
        b"\x00",
        body[:-1],
        body + b"\x00",
        flipped(body),
        flipped(body, 0),
        EMPTY,
    ):
        for opening in (sealing.open_message, sealing.open_granted_message):
            with pytest.raises(CannotOpen):
                opening(header, other, key)
    for other in (b"", body[:-1], EMPTY):
        with pytest.raises(CannotOpen):
            sealing.message_key(header, other, key)


def test_a_key_of_a_wrong_length_opens_nothing() -> None:
    story = told()
    short = SecretKey(bytes(31))
    for opening in (sealing.open_message, sealing.open_granted_message, sealing.message_key):
        with pytest.raises(CannotOpen):
            opening(*part(story, AFTER_BERIT), short)


def test_equal_texts_look_different_and_short_ones_equally_long() -> None:
    story = told()
    header = story.header(ANNA, e.MessagePosted(), 0)
    _, one = sealing.seal_message(header, epoch_key(0, 4), some_bytes("salt 1"), b"hei")
    _, two = sealing.seal_message(header, epoch_key(0, 4), some_bytes("salt 2"), b"hei")
    _, three = sealing.seal_message(header, epoch_key(0, 4), some_bytes("salt 3"), b"hei " * 20)
    assert one != two
    assert len(one) == len(two) == len(three)


def test_only_what_it_is_made_for_is_opened() -> None:
    header, body = part(told(), IDAS_QUESTION)
    with pytest.raises(MalformedAct):
        sealing.open_epoch(header, body, IDA.principal, IDA.kem())
    with pytest.raises(MalformedAct):
        sealing.open_grant(header, body, IDA.kem())


def test_records_and_headers_show_nothing_of_the_channels_secret_nor_of_what_is_sealed() -> None:
    story = told()
    shown = repr(story.records) + repr([parse_header(record.signed.header) for record in story.records])
    assert repr(some_bytes("stream secret"))[2:-1] not in shown
    assert not any(repr(record.signed.body)[2:-1] in shown for record in story.records if record.signed.body)
